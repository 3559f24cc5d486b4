import { decodeBase64 } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { type PendingAdditions, undecidedTrust } from '../exchange/keep-trust/undecided-trust.ts'
import { authoritiesOf, skiOf } from '../trust/accept-crl.ts'
import type { TrustKey, TrustList } from '../trust/trust-list.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import { type Crl, parseCrl } from '../x509/crl.ts'
import { readX509 } from '../x509/x509-certificate.ts'
import { claimedList } from './claimed-list.ts'

export type ShownTrust = Awaited<ReturnType<typeof shownTrust>>[number]

/** Pins, lists, keys and CRLs of every state as a node's database holds them. */
export async function shownTrust(store: TrustStore, now: Date) {
  const [pins, newest, storedCrls] = await Promise.all([store.pins(), store.newest(), store.crls()])
  const { pending, proposals, forks } = await undecidedTrust(store, now)
  const named = [...pins, ...newest, ...proposals].map(({ state }) => state)
  const states = [...new Set(named)].sort()
  return states.map((state) => {
    const pinned = pins.filter((known) => known.state === state)
    const stored = newest.find((known) => known.state === state)
    const list = stored && claimedList(stored.jws, `the stored list of ${state}`)
    const crls = storedCrls.flatMap((row) => {
      const crl = row.state === state ? parseCrl(decodeBase64(row.der)!) : undefined
      return crl && !('malformed' in crl) ? [{ ski: row.ski, crl }] : []
    })
    const waiting = pending.filter((one) => one.state === state)
    return {
      state,
      roots: pinned.map(({ state: _, ...root }) => root),
      pending: waiting,
      proposals: proposals.filter((one) => one.state === state),
      forks: forks.filter((one) => one.state === state),
      list: list && describeList(list, { sha256: stored.sha256, crls, pending: waiting }, now),
    }
  })
}

function describeList(
  list: TrustList,
  known: {
    sha256: string
    crls: readonly { ski: string; crl: Crl }[]
    pending: readonly PendingAdditions[]
  },
  now: Date,
) {
  const { sha256, crls, pending } = known
  const added = pending.flatMap(({ additions }) => additions.map(({ subject }) => subject))
  const { version, issuedAt, nextUpdate, nodes } = list
  const keys = list.keys.map((key) => ({
    x5tS256: key.x5tS256,
    body: key.body,
    usage: key.usage,
    from: key.from,
    until: key.until,
    standing: standingOf(key, crls, added, now),
    removedAt: key.removedAt,
    reason: key.reason,
  }))
  return {
    version,
    sha256,
    issuedAt,
    nextUpdate,
    stale: formatInstant(now) > nextUpdate,
    url: nodes[0]?.url,
    bodies: list.bodies,
    keys,
    logs: list.logs.map((log) => ({
      ...log,
      standing: keyObstacle(log, now) ?? (added.includes(log.origin) ? 'pending' : 'in-force'),
    })),
    authorities: authoritiesOf(list).map((authority) => {
      const ski = skiOf(authority)
      const crl = crls.find((known) => known.ski === ski)?.crl
      const next = crl?.nextUpdate
      return {
        name: authority.subject.attributes.at(-1)?.value ?? ski,
        ski,
        crlNextUpdate: next && formatInstant(next),
        crl: !crl ? ('missing' as const) : next && next < now ? ('overdue' as const) : 'current',
        revoked: crl?.entries.size,
      }
    }),
  }
}

/** Whether the key may sign now; what the lists and the CRLs at hand say against it. */
function standingOf(
  key: TrustKey,
  crls: readonly { crl: Crl }[],
  added: readonly string[],
  now: Date,
) {
  const obstacle = keyObstacle(key, now)
  if (obstacle) return obstacle
  if (added.includes(key.x5tS256)) return 'pending'
  const certificate = readX509(key.der)
  if (!certificate) return 'unreadable'
  const { issuer, serialNumber } = certificate
  const isRevoked = crls.some(
    ({ crl }) => crl.issuer.key === issuer.key && crl.entries.has(serialNumber),
  )
  return isRevoked ? 'revoked' : 'in-force'
}
