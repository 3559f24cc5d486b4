import { z } from 'zod'
import { sha256Sync, thumbprint } from '../crypto/suite.ts'
import { decodeBase64url, encodeBase64 } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { registryParty } from '../exchange/working-keys.ts'
import { signJws } from '../jose/sign.ts'
import { Body, type TrustKey, TrustList } from '../trust/trust-list.ts'
import { octetsToHex } from '../encoding/octets.ts'
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
  node: 'node',
}

/**
 * The next version of a state's trust list from its PKI and the authority's decisions. Entries of the
 * version before stay; keys in `remove` end at once.
 */
export async function makeTrustList(input: {
  pki: PkiDirectory
  bodies: BodiesFile
  url: string
  now: Date
  validDays: number
  previous: { list: TrustList; sha256: string } | undefined
  remove?: readonly { x5tS256: string; reason: string }[]
}): Promise<TrustList> {
  const { pki, bodies, url, now, validDays, previous, remove = [] } = input
  const { state } = pki.manifest
  const at = formatInstant(now)
  const keys = await Promise.all(
    pki.keys.flatMap((stored) => {
      const usage = USAGE[stored.purpose]
      return usage ? [keyOf(stored, usage, state)] : []
    }),
  )
  const before = new Map(previous?.list.keys.map((key) => [key.x5tS256, key]))
  const kept = keys.map((key) => before.get(key.x5tS256) ?? key)
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
  const [root] = certificates('root')
  const node = keys.find(({ usage }) => usage === 'node')
  if (root === undefined || !node) throw new Error('The PKI has no root or no node key')
  const cas = [...certificates('state-ca'), ...certificates('body-ca')]
  return TrustList.parse({
    schema: 'trust-list/1',
    state,
    version: (previous?.list.version ?? 0) + 1,
    previous: previous?.sha256 ?? null,
    issuedAt: at,
    nextUpdate: formatInstant(new Date(now.getTime() + validDays * 86_400_000)),
    root,
    cas: [...new Set([...(previous?.list.cas ?? []), ...cas])],
    bodies: [...bodies, ...gone],
    keys: ended,
    nodes: [{ state, url, key: node.x5tS256 }],
    logs: previous?.list.logs ?? [logOf(pki, at)],
  } satisfies TrustList)
}

/** Signs a list with the list signer's offline key. */
export async function signTrustList(
  list: TrustList,
  pki: PkiDirectory,
  passphrase: string,
): Promise<string> {
  const stored = pki.keys.find(({ purpose }) => purpose === 'trust-list-signer')
  if (!stored) throw new Error('The PKI has no trust list signer')
  const seal = await openSeal(pki, stored, passphrase)
  return signJws({ typ: 'trust-list+jwt', payload: list, seal, signedAt: new Date(list.issuedAt) })
}

/** The log's key as a C2SP signed-note verifier key: name, key id, algorithm 1 and the Ed25519 key. */
function logOf(pki: PkiDirectory, from: string): TrustList['logs'][number] {
  const log = pki.manifest.bareKeys.find(({ purpose }) => purpose === 'log')
  const publicKey = log && decodeBase64url(log.publicKey)
  if (!publicKey) throw new Error('The PKI has no log key')
  const origin = `exchange.${pki.manifest.state.toLowerCase()}/log/1`
  const typed = Uint8Array.of(1, ...publicKey)
  const id = sha256Sync(Uint8Array.of(...new TextEncoder().encode(`${origin}\n`), ...typed)).slice(
    0,
    4,
  )
  return { origin, key: `${origin}+${octetsToHex(id)}+${encodeBase64(typed)}`, from }
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
    until: formatInstant(certificate.notAfter),
  }
}
