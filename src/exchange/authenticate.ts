import { stateOf } from '../certificate/party-id.ts'
import { decodeBase64, encodeBase64url } from '../encoding/base64url.ts'
import { sha256, thumbprint, verifyJwsSignature } from '../crypto/suite.ts'
import { parseJws, type UnverifiedJws } from '../jose/parse.ts'
import type { Body, TrustKey } from '../trust/trust-list.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import type { PathResult } from '../x509/path-result.ts'
import type { KeyPurpose } from '../x509/profile.ts'
import { passed, type Check, type CheckName } from './check.ts'
import { environmentObstacle } from './environment.ts'

/** A document whose signature holds and whose signer the trust list names. */
export interface AuthenticDocument {
  readonly typ: string
  readonly payload: unknown
  /** Claimed time of signing, seconds since the epoch. */
  readonly iat: number
  readonly state: string
  readonly signer: string
  readonly body: Body | undefined
}

export interface Authentication {
  /** The checks that were made, in order; the last one decided if there is no document. */
  readonly checks: readonly Check[]
  readonly document: AuthenticDocument | undefined
}

/** The purposes of keys that sign documents, and their usage in the trust list. */
const USAGES = {
  'document-seal': 'seal',
  'registry-seal': 'registry-seal',
  'status-signer': 'status-signer',
} as const satisfies Partial<Record<KeyPurpose, TrustKey['usage']>>
type DocumentPurpose = keyof typeof USAGES

const utf8 = new TextEncoder()

/** The identity of a document: SHA-256 of its exact bytes, base64url. */
export async function digestOf(jws: string): Promise<string> {
  return encodeBase64url(await sha256(utf8.encode(jws)))
}

/**
 * Who signed this document, and may they be believed? Form, certification path, revocation, signature
 * and registration, judged at one instant. Says nothing about the content.
 */
export async function authenticate(
  jws: string,
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
  const { trust, paths, purpose, at, now, typs } = context
  const checks: Check[] = []
  const stop = (check: Check): Authentication => ({
    checks: [...checks, check],
    document: undefined,
  })

  const parsed = parseJws(jws)
  if ('malformed' in parsed) {
    const code = parsed.algorithmUnknown ? 'algorithm-not-permitted' : 'malformed'
    return stop(failed('form', code, parsed.malformed))
  }
  const stranger = environmentObstacle(parsed.environment, trust.environment)
  if (stranger) return stop(stranger)
  const { header } = parsed
  if (!typs.includes(header.typ)) return stop(failed('form', 'typ-not-expected', header.typ))
  checks.push(passed('form'))

  const x5c = header.x5c.map((text) => decodeBase64(text)!)
  if ((await thumbprint(x5c[0]!)) !== header['x5t#S256'])
    return stop(failed('signing-certificate', 'thumbprint-differs'))
  checks.push(passed('signing-certificate'))

  const { state, path } = await validatePath(x5c, { trust, paths, purpose, at, now })
  if (path.result !== 'valid') {
    const stopped = checkOfPath(path)
    if (stopped.check === 'revocation') checks.push(passed('certification-path'))
    return stop(stopped)
  }
  checks.push(passed('certification-path'), passed('revocation'))

  if (!(await verifyJwsSignature(header.alg, path.key, parsed.signature, parsed.signingInput)))
    return stop(failed('signature', 'signature-wrong'))
  checks.push(passed('signature'))

  const registration = registrationOf(parsed, state, trust, purpose, at)
  if ('check' in registration) return stop(registration)
  checks.push(passed('registration'))
  return {
    checks,
    document: { typ: header.typ, payload: parsed.payload, iat: header.iat, state, ...registration },
  }
}

/**
 * Validates against every pinned root; the one that the path leads to decides. A root that only bears the
 * same name, as another state might give its own, must not speak for it.
 */
export async function validatePath(
  x5c: readonly Uint8Array[],
  context: {
    trust: Trust
    paths: PathCache
    purpose: KeyPurpose
    at: Date
    now: Date
    revocationRequired?: boolean
  },
): Promise<{ state: string; path: PathResult }> {
  const { trust, paths, purpose, at, now, revocationRequired = true } = context
  let best: { state: string; path: PathResult } = { state: '', path: NO_ANCHORS }
  for (const { state, certificate } of trust.anchors) {
    const path = await paths.validate({
      x5c,
      anchor: certificate.der,
      at,
      now,
      purpose,
      crls: trust.crls,
      revocationRequired,
    })
    if (path.result === 'valid') return { state, path }
    if (nearness(path) > nearness(best.path)) best = { state, path }
  }
  return best
}

/** How much it says for a root that a path which is not valid under it came so far. */
function nearness(path: PathResult): number {
  if (path.result !== 'invalid') return 3
  if (path.code === 'no-anchor') return 0
  return path.code === 'signature-invalid' ? 1 : 2
}

const NO_ANCHORS: PathResult = {
  result: 'invalid',
  code: 'no-anchor',
  rule: 'P2',
  index: 0,
  detail: 'no root is pinned',
}

function checkOfPath(path: Exclude<PathResult, { result: 'valid' }>): Check {
  const check: CheckName =
    path.code === 'revoked' || /^(crl|ocsp)-/.test(path.code) ? 'revocation' : 'certification-path'
  const outcome = path.result === 'unknown' ? 'unknown' : 'failed'
  return { check, outcome, code: path.code, detail: path.detail }
}

function registrationOf(
  { header }: UnverifiedJws,
  state: string,
  trust: Trust,
  purpose: DocumentPurpose,
  at: Date,
): Check | { signer: string; body: Body | undefined } {
  const known = trust.view.key(header['x5t#S256'], state)
  if (!known) return failed('registration', 'key-unknown', header['x5t#S256'])
  if (known.state !== state || stateOf(known.key.body) !== state)
    return failed('registration', 'key-of-other-state', known.key.body)
  if (known.key.usage !== USAGES[purpose])
    return failed('registration', 'key-usage-differs', known.key.usage)
  const obstacle = keyObstacle(known.key, at)
  if (obstacle) return failed('registration', `key-${obstacle}`, known.key.body)
  return { signer: known.key.body, body: known.body }
}

function failed(check: CheckName, code: string, detail?: string): Check {
  return { check, outcome: 'failed', code, ...(detail !== undefined && { detail }) }
}
