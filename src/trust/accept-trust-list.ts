import { CLOCK_SKEW_MS } from '../encoding/clock-skew.ts'
import { decodeBase64 } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { thumbprint, verifyJwsSignature } from '../crypto/suite.ts'
import type { Environment } from '../jose/environment.ts'
import { parseJws, type UnverifiedJws } from '../jose/parse.ts'
import { statementDigests } from '../jose/statement.ts'
import type { CrlSource } from '../x509/crl-source.ts'
import type { OcspSource } from '../x509/ocsp-source.ts'
import type { PathResult } from '../x509/path-result.ts'
import { TrustList } from './trust-list.ts'
import type { TrustPin } from './trust-store.ts'
import { entryDropped, entryRepeated } from './dropped-entry.ts'
import { countsTooLong, isOneTooMany, MAX_LIST_DAYS, MAX_VERSIONS_A_DAY } from './list-bounds.ts'
import { validateListSigner } from './list-signer.ts'

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
  'validity-too-long',
  'too-many-versions',
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
  /** Why the path of its signer is not valid, where that is why. */
  readonly code?: Exclude<PathResult, { result: 'valid' }>['code']
  /** Of `cannot-tell`: its signer did sign it, certified below its root; what is open is revocation alone. */
  readonly isSigned?: true
}

/** Whether a list is refused for who signed it alone: what continues it may vouch for it. */
export function isOfSigner({ refused }: RefusedTrustList): boolean {
  return OF_SIGNER.has(refused)
}
const OF_SIGNER: ReadonlySet<TrustListRefusal> = new Set([
  'signer-not-valid',
  'root-not-pinned',
  'cannot-tell',
])

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
    /** When an accepted version of this state was issued; without it their number is not limited. */
    issuedAt?: (version: number) => Promise<string | undefined>
    /** Whose list it has to be, where that is known beforehand. */
    state?: string
    crls: CrlSource
    ocsp: OcspSource
    now: Date
    /** When it was appended, if it is judged again. */
    at?: Date
    isVouched?: boolean
    environment?: Environment
  },
): Promise<TrustList | RefusedTrustList> {
  const verified = await verifyTrustList(jws, { ...known, previous: known.previous?.list })
  if ('refused' in verified) return verified
  const { state, previous, accepted = [], issuedAt } = known
  if (state !== undefined && verified.state !== state)
    return refuse('state-differs', `it is the list of ${verified.state}, not of ${state}`)
  const taken = accepted.find(({ version }) => version === verified.version)
  if (taken && !statementDigests(jws).includes(taken.sha256))
    return refuse(
      'fork',
      `its signer signed another version ${verified.version} than the one accepted before`,
    )
  const refusal = refusalInSequence(verified, previous)
  if (refusal) return refusal
  // A list that a node has accepted stays so: it may have, by a version of this program that did not ask.
  const repeated = known.at ? undefined : entryRepeated(verified)
  if (repeated !== undefined) return refuse('entries-dropped', `${repeated} stands there twice`)
  if (previous && issuedAt && (await isOneTooMany(verified, previous.list, issuedAt)))
    return refuse(
      'too-many-versions',
      `${MAX_VERSIONS_A_DAY} versions were issued in the 24 hours before ${verified.issuedAt}`,
    )
  return verified
}

/** Checks all but the sequence, as an offline verifier does who has no other version. */
export async function verifyTrustList(
  jws: string,
  known: {
    pins: readonly TrustPin[]
    /** Of both kinds of evidence what counts for the state of the list is asked, and no other. */
    crls: CrlSource
    ocsp: OcspSource
    now: Date
    /** By which it may not be of the future; absent: `now`, as of which its signer is judged. */
    clock?: Date
    /** When it was signed, if that is known from elsewhere: its signer may have ended since. */
    at?: Date
    /** The version that was believed before it: who may bring a new root, and sign for a former one. */
    previous?: TrustList | undefined
    /** A later version by a signer who is believed names its digest: who signed it does not matter. */
    isVouched?: boolean
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
  const refusal = known.isVouched ? undefined : await refusalOfSigner(parsed, list, known)
  if (refusal) return refusal
  const { clock = known.now } = known
  if (list.issuedAt > formatInstant(new Date(clock.getTime() + CLOCK_SKEW_MS)))
    return refuse('issued-in-future', `it was issued at ${list.issuedAt}`)
  if (countsTooLong(list))
    return refuse(
      'validity-too-long',
      `it was issued at ${list.issuedAt} and counts until ${list.nextUpdate}, ${MAX_LIST_DAYS} days at most are allowed`,
    )
  return list
}

/** Why it was not the list signer who signed it, by a root that may be believed. */
async function refusalOfSigner(
  { header, signature, signingInput }: UnverifiedJws,
  list: TrustList,
  known: Parameters<typeof validateListSigner>[2],
): Promise<RefusedTrustList | undefined> {
  const x5c = header.x5c.map((text) => decodeBase64(text)!)
  const judged = await validateListSigner(x5c, list, known)
  const path = 'refused' in judged ? judged.path : judged
  const key = path && 'key' in path ? path.key : undefined
  const holds = key && (await verifyJwsSignature(header.alg, key, signature, signingInput))
  const signed = holds && path?.result !== 'invalid' ? { isSigned: true as const } : {}
  if ('refused' in judged) return { ...refuse(judged.refused, judged.detail), ...signed }
  if (holds === false) return refuse('signature-invalid', 'the signature does not verify')
  if (judged.result !== 'valid') {
    const refused = judged.result === 'unknown' ? 'cannot-tell' : 'signer-not-valid'
    const { code, detail } = judged
    return { ...refuse(refused, `${code}: ${detail}`), code, ...signed }
  }
  if ((await thumbprint(x5c[0]!)) !== header['x5t#S256'])
    return refuse('signer-not-valid', 'x5t#S256 is not that of x5c[0]')
  return undefined
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
