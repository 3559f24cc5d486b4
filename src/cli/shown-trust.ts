import { decodeBase64 } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { undecidedTrust } from '../exchange/keep-trust/undecided-trust.ts'
import { authoritiesOf, skiOf } from '../trust/accept-crl.ts'
import type { CountedKey } from '../trust/additions.ts'
import { type ListHistory, readHistories } from '../trust/list-histories.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import { type Crl, parseCrl } from '../x509/crl.ts'
import { readX509 } from '../x509/x509-certificate.ts'

export type ShownTrust = Awaited<ReturnType<typeof shownTrust>>[number]

/** Pins, lists, keys and CRLs of every state as a node's database holds them. */
export async function shownTrust(store: TrustStore, now: Date) {
  const [pins, newest, storedCrls] = await Promise.all([store.pins(), store.newest(), store.crls()])
  const [{ pending, proposals, forks }, histories] = await Promise.all([
    undecidedTrust(store, now),
    readHistories(store, new Map()),
  ])
  const named = [...pins, ...newest, ...proposals].map(({ state }) => state)
  const states = [...new Set(named)].sort()
  return states.map((state) => {
    const pinned = pins.filter((known) => known.state === state)
    const stored = newest.find((known) => known.state === state)
    const history = histories.get(state)
    const crls = storedCrls.flatMap((row) => {
      const crl = row.state === state ? parseCrl(decodeBase64(row.der)!) : undefined
      return crl && !('malformed' in crl) ? [{ ski: row.ski, crl }] : []
    })
    return {
      state,
      roots: pinned.map(({ state: _, ...root }) => root),
      pending: pending.filter((one) => one.state === state),
      proposals: proposals.filter((one) => one.state === state),
      forks: forks.filter((one) => one.state === state),
      list: stored && history && describeList(history, { sha256: stored.sha256, crls }, now),
    }
  })
}

/** Entries of a list and of what counts of them stand in the same order. */
function describeList(
  { newest: list, counted }: ListHistory,
  known: {
    sha256: string
    crls: readonly { ski: string; crl: Crl }[]
  },
  now: Date,
) {
  const { sha256, crls } = known
  const { version, issuedAt, nextUpdate, nodes } = list
  const keys = list.keys.map((key, i) => ({
    x5tS256: key.x5tS256,
    body: key.body,
    usage: key.usage,
    from: key.from,
    until: key.until,
    standing: standingOf(counted.keys[i]!, crls, now),
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
    logs: list.logs.map((log, i) => ({
      ...log,
      standing: keyObstacle(counted.logs[i]!, now) ?? 'in-force',
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
function standingOf(key: CountedKey, crls: readonly { crl: Crl }[], now: Date) {
  const obstacle = keyObstacle(key, now)
  if (obstacle) return obstacle
  const certificate = readX509(key.der)
  if (!certificate) return 'unreadable'
  const { issuer, serialNumber } = certificate
  const isRevoked = crls.some(
    ({ crl }) => crl.issuer.key === issuer.key && crl.entries.has(serialNumber),
  )
  return isRevoked ? 'revoked' : 'in-force'
}
