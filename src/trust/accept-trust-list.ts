import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { thumbprint, verifyJwsSignature } from '../crypto/suite.ts'
import type { Environment } from '../jose/environment.ts'
import { parseJws } from '../jose/parse.ts'
import { statementDigests } from '../jose/statement.ts'
import type { CrlSource } from '../x509/crl-source.ts'
import type { PathResult } from '../x509/path-result.ts'
import { validateSealPath } from '../x509/profile.ts'
import { TrustList } from './trust-list.ts'
import type { TrustPin } from './trust-store.ts'
import { anchorsOf, isBelieved, linksToRoot, type PinnedAnchor, rootAnchor } from './anchors.ts'
import { entryDropped } from './dropped-entry.ts'

export const TRUST_LIST_REFUSALS = [
  'malformed',
  'environment-differs',
  'state-not-pinned',
  'root-not-pinned',
  'signer-not-valid',
  'signature-invalid',
  'rollback',
  'gap',
  'fork',
  'entries-dropped',
  'state-differs',
  'issued-in-future',
  'issued-before-previous',
  'cannot-tell',
] as const
export type TrustListRefusal = (typeof TRUST_LIST_REFUSALS)[number]

/** The version that a list has to follow, and every digest by which the list may name it. */
export interface PreviousList {
  readonly list: TrustList
  readonly digests: readonly string[]
}

export interface RefusedTrustList {
  readonly refused: TrustListRefusal
  readonly detail: string
}

/**
 * Judges a version of a trust list as a node does: signed under the pinned root by the list signer,
 * directly following the version it has, dropping no entry. `cannot-tell` may come right later.
 */
export async function judgeTrustList(
  jws: string,
  known: {
    pins: readonly TrustPin[]
    previous: PreviousList | undefined
    /** Every accepted version of this state; without them an older list cannot be told from a fork. */
    accepted?: readonly { version: number; sha256: string }[]
    /** Whose list it has to be, where that is known beforehand. */
    state?: string
    crls: CrlSource
    now: Date
    /** When it was appended, if it is judged again. */
    at?: Date
    environment?: Environment
  },
): Promise<TrustList | RefusedTrustList> {
  const verified = await verifyTrustList(jws, { ...known, previous: known.previous?.list })
  if ('refused' in verified) return verified
  const { state, previous, accepted = [] } = known
  if (state !== undefined && verified.state !== state)
    return refuse('state-differs', `it is the list of ${verified.state}, not of ${state}`)
  const taken = accepted.find(({ version }) => version === verified.version)
  if (taken && !statementDigests(jws).includes(taken.sha256))
    return refuse(
      'fork',
      `its signer signed another version ${verified.version} than the one accepted before`,
    )
  return refusalInSequence(verified, previous) ?? verified
}

/** Checks all but the sequence, as an offline verifier does who has no other version. */
export async function verifyTrustList(
  jws: string,
  known: {
    pins: readonly TrustPin[]
    crls: CrlSource
    now: Date
    /** By which it may not be of the future; absent: `now`, as of which its signer is judged. */
    clock?: Date
    /** When it was signed, if that is known from elsewhere: its signer may have ended since. */
    at?: Date
    /** The version that was believed before it: who may bring a new root, and sign for a former one. */
    previous?: TrustList | undefined
    /** Of whoever asks. */
    environment?: Environment
  },
): Promise<TrustList | RefusedTrustList> {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) return refuse('malformed', parsed.malformed)
  if (parsed.header.typ !== 'trust-list+jwt') return refuse('malformed', 'it is not a trust list')
  const { environment = 'production' } = known
  if (parsed.environment !== environment)
    return refuse(
      'environment-differs',
      `it is a list of the ${parsed.environment} environment, this one is ${environment}`,
    )
  const read = TrustList.safeParse(parsed.payload)
  if (!read.success) {
    const [issue] = read.error.issues
    return refuse('malformed', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  const list = read.data
  if (!known.pins.some(({ state }) => state === list.state))
    return refuse('state-not-pinned', `no root is pinned for ${list.state}`)
  const path = await validateListSigner(
    parsed.header.x5c.map((text) => decodeBase64(text)!),
    list,
    known,
  )
  if ('refused' in path) return path
  const { header, signature, signingInput } = parsed
  const key = 'key' in path ? path.key : undefined
  if (key && !(await verifyJwsSignature(header.alg, key, signature, signingInput)))
    return refuse('signature-invalid', 'the signature does not verify')
  if (path.result === 'unknown') return refuse('cannot-tell', `${path.code}: ${path.detail}`)
  if (path.result === 'invalid') return refuse('signer-not-valid', `${path.code}: ${path.detail}`)
  if ((await thumbprint(decodeBase64(header.x5c[0]!)!)) !== header['x5t#S256'])
    return refuse('signer-not-valid', 'x5t#S256 is not that of x5c[0]')
  const { clock = known.now } = known
  if (list.issuedAt > formatInstant(new Date(clock.getTime() + 60_000)))
    return refuse('issued-in-future', `it was issued at ${list.issuedAt}`)
  return list
}

type Evidence = Pick<Parameters<typeof verifyTrustList>[1], 'pins' | 'crls' | 'now' | 'at'>

/**
 * The path of who signs as the list signer of a state, for a list or beside it, under a root that may.
 * `previous`: the version before `list`, if that is still to be believed.
 */
export async function validateListSigner(
  x5c: readonly Uint8Array[],
  list: TrustList,
  known: Evidence & { readonly previous?: TrustList | undefined },
): Promise<PathResult | RefusedTrustList> {
  const { now, at = now } = known
  const anchor = rootAnchor(list, await anchorsOf(list, known.pins))
  if (!anchor) return refuse('root-not-pinned', `its root is not the one pinned for ${list.state}`)
  if (!isBelieved(anchor, at))
    return refuse('root-not-pinned', `its root is not believed since ${anchor.withdrawnFrom!}`)
  const roots = await rootsForSigner(anchor, list, known)
  return 'refused' in roots ? roots : signerPath(x5c, roots, known)
}

/**
 * Under which roots the list may be signed: its own, if it is pinned or a pinned one certifies it now,
 * and while the certificate of the former root lasts, that one. After it the former root signs no list,
 * and what it certifies anew is nothing: its key may be in other hands. So a new root is brought by the
 * root of the version before alone, and a former one signs by a certificate that was listed before.
 */
async function rootsForSigner(
  anchor: PinnedAnchor,
  list: TrustList,
  { pins, crls, now, at = now, previous }: Evidence & { previous?: TrustList | undefined },
): Promise<readonly Uint8Array[] | RefusedTrustList> {
  const own = anchor.certificate.der
  const isExchanged = previous !== undefined && previous.root !== list.root
  const links = (await linksToRoot(list, pins)).filter(
    (link) => isBelieved(link, at) && (!isExchanged || encodeBase64(link.by.der) === previous.root),
  )
  const judged = await Promise.all(
    links.map(async ({ certificate, by }) => ({
      by,
      isListed: !previous || isExchanged || previous.cas.includes(encodeBase64(certificate.der)),
      path: await validateSealPath({
        x5c: [certificate.der],
        anchor: by.der,
        at,
        now,
        purpose: 'root-link',
        crls,
        revocationRequired: true,
      }),
    })),
  )
  const valid = judged.filter(({ path }) => path.result === 'valid')
  const former = valid.filter(({ isListed }) => isListed).map(({ by }) => by.der)
  if (!anchor.links || valid.length > 0) return [own, ...former]
  const undecided = judged.find(({ path }) => path.result === 'unknown') ?? judged[0]
  if (!undecided)
    return refuse('root-not-pinned', 'its root is not pinned, nor certified by the one before it')
  const { path } = undecided
  const why = path.result === 'valid' ? '' : `${path.code}: ${path.detail}`
  return path.result === 'unknown'
    ? refuse('cannot-tell', `the certificate over the new root: ${why}`)
    : refuse('root-not-pinned', `its root is not pinned, nor certified by the pinned one: ${why}`)
}

/** The path under the root to which it leads; of several failures the one that came furthest. */
async function signerPath(
  x5c: readonly Uint8Array[],
  roots: readonly Uint8Array[],
  { crls, now, at = now }: Evidence,
): Promise<PathResult> {
  const paths = await Promise.all(
    roots.map((anchor) =>
      validateSealPath({
        x5c,
        anchor,
        at,
        now,
        purpose: 'trust-list-signer',
        crls,
        revocationRequired: true,
      }),
    ),
  )
  const led = paths.filter((path) => path.result === 'valid' || path.code !== 'no-anchor')
  return (
    paths.find(({ result }) => result === 'valid') ??
    led.find(({ result }) => result === 'unknown') ??
    led[0] ??
    paths[0]!
  )
}

function refusalInSequence(
  list: TrustList,
  previous: PreviousList | undefined,
): RefusedTrustList | undefined {
  const expected = (previous?.list.version ?? 0) + 1
  if (list.version < expected)
    return refuse('rollback', `version ${list.version} is not newer than ${expected - 1}`)
  if (list.version > expected)
    return refuse('gap', `version ${list.version} came, ${expected} is next`)
  const follows: readonly (string | null)[] = previous?.digests ?? [null]
  if (!follows.includes(list.previous))
    return refuse('fork', `it does not follow the version ${expected - 1} that this node has`)
  if (previous && list.issuedAt < previous.list.issuedAt)
    return refuse(
      'issued-before-previous',
      `it says it was issued at ${list.issuedAt}, the version before at ${previous.list.issuedAt}`,
    )
  const dropped = previous && entryDropped(previous.list, list)
  return dropped === undefined ? undefined : refuse('entries-dropped', dropped)
}

function refuse(refused: TrustListRefusal, detail: string): RefusedTrustList {
  return { refused, detail }
}
