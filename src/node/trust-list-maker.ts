import { z } from 'zod'
import { thumbprint } from '../crypto/suite.ts'
import { decodeBase64url, encodeBase64 } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { noteKeyText, registryParty } from '../exchange/working-keys.ts'
import { signJws } from '../jose/sign.ts'
import { Body, type TrustKey, TrustList } from '../trust/trust-list.ts'
import { parseX509Certificate } from '../x509/x509-certificate.ts'
import { openSeal } from './keyring.ts'
import type { PkiDirectory, StoredKey } from './pki/pki-directory.ts'

/** What the authority decides on its bodies: the file that `certex pki` and `certex trust issue` read. */
export const BodiesFile = z.array(Body).min(1).max(5000)
export type BodiesFile = z.infer<typeof BodiesFile>

/** As long as the root's CRL counts: both are renewed in one ceremony. */
export const LIST_VALID_DAYS = 90

const USAGE: Readonly<Partial<Record<StoredKey['purpose'], TrustKey['usage']>>> = {
  'document-seal': 'seal',
  'registry-seal': 'registry-seal',
  'status-signer': 'status-signer',
  attestation: 'attestation',
  node: 'node',
}

/**
 * The next version of a state's trust list from its PKI and the authority's decisions. Entries of the
 * version before stay; keys in `remove` and log keys in `endLogs` end at once.
 */
export async function makeTrustList(input: {
  pki: PkiDirectory
  bodies: BodiesFile
  url: string
  now: Date
  validDays: number
  previous: { list: TrustList; sha256: string } | undefined
  remove?: readonly { x5tS256: string; reason: string }[]
  /** Verifier keys of logs and witnesses. */
  endLogs?: readonly string[]
}): Promise<TrustList> {
  const { pki, bodies, url, now, validDays, previous, remove = [], endLogs = [] } = input
  const { state } = pki.manifest
  const at = formatInstant(now)
  const keys = await Promise.all(
    pki.keys.flatMap((stored) => {
      const usage = USAGE[stored.purpose]
      return usage ? [keyOf(stored, usage, state)] : []
    }),
  )
  const before = new Map(previous?.list.keys.map((key) => [key.x5tS256, key]))
  const kept = keys.map((key) => withEnd(before.get(key.x5tS256) ?? key, key.until))
  for (const key of previous?.list.keys ?? [])
    if (!kept.some(({ x5tS256 }) => x5tS256 === key.x5tS256)) kept.push(key)
  const ended = kept.map((key) => {
    const removal = remove.find(({ x5tS256 }) => x5tS256 === key.x5tS256)
    return removal && key.removedAt === undefined
      ? { ...key, removedAt: at, reason: removal.reason }
      : key
  })
  const gone = (previous?.list.bodies ?? []).filter(
    (body) => !bodies.some(({ id }) => id === body.id),
  )
  const certificates = (purpose: StoredKey['purpose']) =>
    pki.keys.filter((key) => key.purpose === purpose).map((key) => encodeBase64(key.certificate))
  const roots = certificates('root')
  const root = roots.at(-1)
  if (root === undefined) throw new Error('The PKI has no root')
  const former = roots.slice(0, -1)
  const cas = [...certificates('state-ca'), ...certificates('body-ca')]
  const all = [...(previous?.list.cas ?? []), ...former, ...pki.links.map(encodeBase64), ...cas]
  return TrustList.parse({
    schema: 'trust-list/1',
    state,
    version: (previous?.list.version ?? 0) + 1,
    previous: previous?.sha256 ?? null,
    issuedAt: at,
    nextUpdate: formatInstant(new Date(now.getTime() + validDays * 86_400_000)),
    root,
    cas: [...new Set(all)],
    bodies: [...bodies, ...gone],
    keys: ended,
    nodes: nodesOf(ended, { state, url, at }),
    logs: logsOf(pki, at, previous?.list.logs ?? []).map((log) =>
      endLogs.includes(log.key) ? withEnd(log, at) : log,
    ),
  } satisfies TrustList)
}

/** An entry whose key ends earlier than was said before; never later, and nothing else changes. */
function withEnd<T extends { readonly until?: string | undefined }>(
  entry: T,
  until: string | undefined,
): T {
  if (until === undefined || (entry.until !== undefined && entry.until <= until)) return entry
  return { ...entry, until }
}

/** As many as a list may name. */
const MAX_NODES = 4

/**
 * The address with every node key that has not ended: while one follows another both serve. First the one
 * that signs now, which however many that are yet to begin must not push out, then the newest.
 */
export function nodesOf(
  keys: readonly TrustKey[],
  { state, url, at }: { state: string; url: string; at: string },
): TrustList['nodes'] {
  const nodes = keys
    .filter(
      ({ usage, until, removedAt }) => usage === 'node' && !removedAt && !(until && until < at),
    )
    .toSorted((a, b) => (a.from < b.from ? 1 : -1))
  const serving = nodes.findIndex(({ from }) => from <= at)
  if (serving > 0) nodes.unshift(...nodes.splice(serving, 1))
  if (nodes.length === 0) throw new Error('The PKI has no node key that has not ended')
  return nodes.slice(0, MAX_NODES).map(({ x5tS256 }) => ({ state, url, key: x5tS256 }))
}

/** Signs a list with the list signer of the day, whose key is offline. */
export async function signTrustList(
  list: TrustList,
  pki: PkiDirectory,
  passphrase: string,
): Promise<string> {
  return signByListSigner('trust-list+jwt', list, pki, passphrase)
}

/** Signs what the authority says of its state: the trust list, the register of officials. */
export async function signByListSigner(
  typ: 'trust-list+jwt' | 'officials-register+jwt',
  list: { readonly issuedAt: string },
  pki: PkiDirectory,
  passphrase: string,
): Promise<string> {
  const stored = pki.keys.findLast(
    (key) => key.purpose === 'trust-list-signer' && hasBegun(key, list.issuedAt),
  )
  if (!stored) throw new Error('The PKI has no trust list signer')
  const seal = await openSeal(pki, stored, passphrase)
  return signJws({ typ, payload: list, seal, signedAt: new Date(list.issuedAt) })
}

function hasBegun({ certificate }: StoredKey, at: string): boolean {
  const parsed = parseX509Certificate(certificate)
  return !('malformed' in parsed) && formatInstant(parsed.notBefore) <= at
}

/** Entries of the bare keys; what the version before said of one stays. */
function logsOf(pki: PkiDirectory, at: string, before: TrustList['logs']): TrustList['logs'] {
  const { state, bareKeys } = pki.manifest
  const logs = bareKeys.map(({ purpose, publicKey, from = at, until }) => {
    const octets = decodeBase64url(publicKey) ?? new Uint8Array()
    const named = noteKeyText(state, purpose, octets)
    return withEnd(before.find(({ key }) => key === named.key) ?? { ...named, from }, until)
  })
  if (logs.length === 0) throw new Error('The PKI has no log key')
  return [...before.filter(({ key }) => !logs.some((log) => log.key === key)), ...logs]
}

async function keyOf(
  stored: StoredKey,
  usage: TrustKey['usage'],
  state: string,
): Promise<TrustKey> {
  const certificate = parseX509Certificate(stored.certificate)
  if ('malformed' in certificate)
    throw new Error(`${stored.certificateFile}: ${certificate.malformed}`)
  return {
    x5tS256: await thumbprint(stored.certificate),
    der: encodeBase64(stored.certificate),
    body: stored.partyId ?? registryParty(state),
    usage,
    from: formatInstant(certificate.notBefore),
    until: earlier(formatInstant(certificate.notAfter), stored.until),
  }
}

function earlier(a: string, b: string | undefined): string {
  return b !== undefined && b < a ? b : a
}
