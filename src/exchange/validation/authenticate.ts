import { stateOf } from '../../certificate/party-id.ts'
import { encodeBase64url } from '../../encoding/base64url.ts'
import { sha256OfText, verifyJwsSignature } from '../../crypto/suite.ts'
import { parseJws, type UnverifiedJws } from '../../jose/parse.ts'
import type { CountedBody } from '../../trust/additions.ts'
import type { TrustKey } from '../../trust/trust-list.ts'
import { areSameBelieved } from '../../trust/anchors.ts'
import { keyObstacle } from '../../trust/trust-view.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import type { PathResult } from '../../x509/path-result.ts'
import type { KeyPurpose } from '../../x509/profile.ts'
import { isReleasable } from '../../x509/revocation-evidence.ts'
import { passed, type Check, type CheckName } from './check.ts'
import { validatePath } from './path-to-root.ts'
import { environmentObstacle } from '../environment.ts'

/** A document whose signature holds and whose signer the trust list names. */
export interface AuthenticDocument {
  readonly typ: string
  readonly payload: unknown
  /** Claimed time of signing, seconds since the epoch. */
  readonly iat: number
  readonly state: string
  readonly signer: string
  readonly body: CountedBody | undefined
  /** Thumbprint of the signing certificate, and the path that came with it; base64 DER. */
  readonly x5tS256: string
  readonly x5c: readonly string[]
}

export interface Authentication {
  /** The checks that were made, in order; the last one decided if there is no document. */
  readonly checks: readonly Check[]
  readonly document: AuthenticDocument | undefined
  /** The claimed time of signing, once the form was read; nobody has proven it. */
  readonly claimedAt?: Date
  /** Whose root certified the signer, registered or not; absent: nobody's at hand. */
  readonly state?: string
  /**
   * The same for another instant. The signature value is verified once at most, and the path
   * again only where its answer may differ. Absent: what was found holds at every instant.
   */
  readonly at?: (instant: Date) => Promise<Pick<Authentication, 'checks' | 'document'>>
}

/** The purposes of keys that sign documents, and their usage in the trust list. */
const USAGES = {
  'document-seal': 'seal',
  'registry-seal': 'registry-seal',
  'status-signer': 'status-signer',
  attestation: 'attestation',
} as const satisfies Partial<Record<KeyPurpose, TrustKey['usage']>>
type DocumentPurpose = keyof typeof USAGES

/** The identity of a document: SHA-256 of its exact bytes, base64url. */
export async function digestOf(jws: string): Promise<string> {
  return encodeBase64url(await sha256OfText(jws))
}

/**
 * Who signed this document, and may they be believed? Form, certification path, revocation, signature
 * and registration, judged at one instant. Says nothing about the content. Who has parsed the document
 * already gives what it was parsed to.
 */
export async function authenticate(
  jws: string | ReturnType<typeof parseJws>,
  context: {
    trust: Trust
    paths: PathCache
    purpose: DocumentPurpose
    /** The proven time of the signature, else the present. */
    at: Date
    now: Date
    /** The `typ` values that may stand here. */
    typs: readonly string[]
  },
): Promise<Authentication> {
  const { trust, at, typs } = context
  const checks: Check[] = []
  const parsed = typeof jws === 'string' ? parseJws(jws) : jws
  if ('malformed' in parsed) {
    if (parsed.signingCertificateAbsent) {
      checks.push(passed('form'))
      return stopped(checks, failed('signing-certificate', 'path-empty'))
    }
    const code = parsed.algorithmUnknown ? 'algorithm-not-permitted' : 'malformed'
    return stopped(checks, failed('form', code, parsed.malformed))
  }
  const stranger = environmentObstacle(parsed.environment, trust.environment)
  if (stranger) return stopped(checks, stranger)
  const { header } = parsed
  if (!typs.includes(header.typ))
    return stopped(checks, failed('form', 'typ-not-expected', header.typ))
  checks.push(passed('form'))

  const claimedAt = new Date(header.iat * 1000)
  const x5c = await context.paths.decode(header.x5c, header['x5t#S256'])
  if (x5c.thumbprint !== header['x5t#S256'])
    return { ...stopped(checks, failed('signing-certificate', 'thumbprint-differs')), claimedAt }
  checks.push(passed('signing-certificate'))

  const judge = signerJudge(parsed, x5c.ders, context)
  const { checks: found, ...result } = await judge(at)
  return {
    ...result,
    checks: [...checks, ...found],
    claimedAt,
    at: async (instant) => {
      const again = await judge(instant)
      return { ...again, checks: [...checks, ...again.checks] }
    },
  }
}

function stopped(
  checks: readonly Check[],
  check: Check,
): { readonly checks: readonly Check[]; readonly document: undefined } {
  return { checks: [...checks, check], document: undefined }
}

/** Path, revocation, signature and registration at one instant after another. */
function signerJudge(
  parsed: UnverifiedJws,
  x5c: readonly Uint8Array[],
  context: { trust: Trust; paths: PathCache; purpose: DocumentPurpose; now: Date },
): (at: Date) => Promise<Pick<Authentication, 'checks' | 'document' | 'state'>> {
  const { header, payload, signature, signingInput } = parsed
  let known: (Awaited<ReturnType<typeof validatePath>> & { readonly judgedAt: Date }) | undefined
  // The path is one and the same, and so is the key at its end.
  let holds: boolean | undefined
  return async (at) => {
    const checks: Check[] = []
    if (!known || !isSameAt(known, at, context.trust))
      known = { ...(await validatePath(x5c, { ...context, at })), judgedAt: at }
    const { state, path } = known
    const obstacle = path.result === 'valid' ? undefined : checkOfPath(path)
    if (obstacle?.check !== 'certification-path') checks.push(passed('certification-path'))
    if (!obstacle) checks.push(passed('revocation'))

    // Whether this key signed does not depend on what is open or has ended: altered is altered.
    const key = 'key' in path ? path.key : undefined
    if (key) {
      holds ??= await verifyJwsSignature(header.alg, key, signature, signingInput)
      if (!holds && obstacle) checks.push(obstacle)
      if (!holds) return stopped(checks, failed('signature', 'signature-wrong'))
      checks.push(passed('signature'))
    }
    if (obstacle) return stopped(checks, obstacle)

    const registration = registrationOf(parsed, state, context, at)
    if ('check' in registration) return { ...stopped(checks, registration), state }
    checks.push(passed('registration'))
    const { typ, iat, x5c: path64, 'x5t#S256': x5tS256 } = header
    const signed = { typ, payload, iat, state, x5tS256, x5c: path64 }
    return { checks, document: { ...signed, ...registration } }
  }
}

/** Whether the answer about a path, found for one instant, is the answer for another. */
function isSameAt(
  { path, judgedAt }: { readonly path: PathResult; readonly judgedAt: Date },
  at: Date,
  { anchors }: Trust,
): boolean {
  if (path.result === 'valid') return at >= path.validFrom && at <= path.validUntil
  if (path.result === 'unknown' || IN_TIME.has(path.code)) return false
  return areSameBelieved(anchors, judgedAt, at)
}

/** Of the codes of an invalid path those that another instant may turn round. */
const IN_TIME: ReadonlySet<string> = new Set(['expired', 'not-yet-valid', 'revoked'])

function checkOfPath(path: Exclude<PathResult, { result: 'valid' }>): Check {
  const check: CheckName =
    path.code === 'revoked' || /^(crl|ocsp)-/.test(path.code) ? 'revocation' : 'certification-path'
  const outcome = path.result === 'unknown' ? 'unknown' : 'failed'
  return {
    check,
    outcome,
    code: path.code,
    detail: path.detail,
    index: path.index,
    ...('revocation' in path && { unrevoked: path.revocation === 'good' }),
    ...('reason' in path && isReleasable(path) && { onHold: true }),
  }
}

function registrationOf(
  { header }: UnverifiedJws,
  state: string,
  { trust, purpose, now }: { trust: Trust; purpose: DocumentPurpose; now: Date },
  at: Date,
): Check | { signer: string; body: CountedBody | undefined } {
  const known = trust.view.key(header['x5t#S256'], state)
  if (!known && !trust.view.list(state)) return listUndecided(state)
  if (!known) return failed('registration', 'key-unknown', header['x5t#S256'])
  if (known.state !== state || stateOf(known.key.body) !== state)
    return failed('registration', 'key-of-other-state', known.key.body)
  if (known.key.usage !== USAGES[purpose])
    return failed('registration', 'key-usage-differs', known.key.usage)
  const obstacle = keyObstacle(known.key, at, now)
  if (obstacle === 'pending')
    return {
      check: 'registration',
      outcome: 'unknown',
      code: 'key-pending',
      detail: known.key.body,
    }
  if (obstacle) {
    const check = failed('registration', `key-${obstacle}`, known.key.body)
    return obstacle === 'ended' ? { ...check, unrevoked: true } : check
  }
  return { signer: known.key.body, body: known.body }
}

/** The root of a state is pinned, and whether its list may be believed cannot be told. */
export function listUndecided(state: string): Check {
  return {
    check: 'registration',
    outcome: 'unknown',
    code: 'trust-list-undecided',
    detail: state,
  }
}

function failed(check: CheckName, code: string, detail?: string): Check {
  return { check, outcome: 'failed', code, ...(detail !== undefined && { detail }) }
}
