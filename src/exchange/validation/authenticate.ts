import { stateOf } from '../../certificate/party-id.ts'
import { encodeBase64url } from '../../encoding/base64url.ts'
import { sha256OfText, verifyJwsSignature } from '../../crypto/suite.ts'
import { parseJws, type UnverifiedJws } from '../../jose/parse.ts'
import type { CountedBody } from '../../trust/additions.ts'
import type { TrustKey } from '../../trust/trust-list.ts'
import {
  areSameBelieved,
  isBelieved,
  type PinnedAnchor,
  type RootLink,
} from '../../trust/anchors.ts'
import { keyObstacle } from '../../trust/trust-view.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { earliest, latest } from '../../x509/instants.ts'
import {
  type InvalidValidity,
  type PathResult,
  unknown,
  type UnknownPath,
  type ValidPath,
} from '../../x509/path-result.ts'
import type { KeyPurpose, SealPath } from '../../x509/profile.ts'
import { passed, type Check, type CheckName } from './check.ts'
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
  // Who is pinned decides before who was only certified by one that is.
  const [pinned, linked] = [trust.anchors.filter(isPinned), trust.anchors.filter(isLinked)]
  for (const believed of [...pinned, ...linked]) {
    const { state, certificate, links } = believed
    if (!isBelieved(believed, at)) continue
    const anchor = certificate.der
    const evidence = { at, now, crls: trust.crls.of(state), ocsp: trust.ocsp.of(state) }
    const question = { x5c, anchor, purpose, revocationRequired, ...evidence }
    let path = await paths.validate(question)
    if (path.result === 'valid') path = untilWithdrawn(path, believed)
    if (path.result === 'valid' && links) {
      const { key } = path
      path = await throughLinks(path, links, paths, evidence)
      if (path.result !== 'valid') {
        // Counted from the seal, as everything above it is; the key is the seal's.
        const index = path.index + x5c.length
        path = 'key' in path ? { ...path, index, key } : { ...path, index }
      }
    }
    if (path.result === 'valid') return { state, path }
    if (best.path === NO_ANCHORS || nearness(path) > nearness(best.path)) best = { state, path }
  }
  return best
}

const isLinked = ({ links }: PinnedAnchor) => links !== undefined
const isPinned = (anchor: PinnedAnchor) => !isLinked(anchor)

/** What is signed from the instant of a withdrawal on does not count. */
function untilWithdrawn(path: ValidPath, { withdrawnFrom }: PinnedAnchor | RootLink): ValidPath {
  if (withdrawnFrom === undefined) return path
  const last = new Date(Date.parse(withdrawnFrom) - 1)
  return { ...path, validUntil: earliest([path.validUntil, last]) }
}

/** A path to a root that is not pinned itself, with the path from there to one that is. */
async function throughLinks(
  path: ValidPath,
  links: readonly RootLink[],
  paths: PathCache,
  evidence: Pick<SealPath, 'at' | 'now' | 'crls' | 'ocsp'>,
): Promise<PathResult> {
  let failure: PathResult | undefined
  for (const link of links) {
    if (!isBelieved(link, evidence.at)) continue
    const { certificate, by } = link
    // A new root that certifies the old one speaks of the time before it as well.
    const isBefore = evidence.at < by.notBefore
    const upper = await paths.validate({
      x5c: [certificate.der],
      anchor: by.der,
      purpose: 'root-link',
      revocationRequired: true,
      ...evidence,
      ...(isBefore && { at: by.notBefore }),
    })
    if (upper.result === 'valid')
      return untilWithdrawn(
        {
          ...path,
          validFrom: isBefore ? path.validFrom : latest([path.validFrom, upper.validFrom]),
          validUntil: earliest([path.validUntil, isBefore ? by.notBefore : upper.validUntil]),
          currentUntil: earliest([path.currentUntil, upper.currentUntil]),
        },
        link,
      )
    const found = isOutOfTime(upper) ? linkOutOfTime(upper) : upper
    if (!failure || found.result === 'unknown') failure = found
  }
  return failure ?? NO_ANCHORS
}

function isOutOfTime(path: PathResult): path is InvalidValidity {
  return path.result === 'invalid' && (path.code === 'expired' || path.code === 'not-yet-valid')
}

/** Whoever pins the root needs no link to it: what has no link at an instant is open, it has not failed. */
function linkOutOfTime({ index, detail, key, revokes }: InvalidValidity): UnknownPath {
  const open = unknown('root-link-out-of-time', index, detail)
  return { ...open, ...(key && { key }), ...(revokes && { revokes }) }
}

/** How much it says for a root that a path which is not valid under it came so far. */
function nearness(path: PathResult): number {
  if (path.result !== 'invalid') return 4
  // Its signatures hold: of roots that bear one name it is this one's.
  if ('key' in path) return 3
  if (path.code === 'no-anchor') return 0
  return path.code === 'signature-invalid' ? 1 : 2
}

const NO_ANCHORS: PathResult = {
  result: 'invalid',
  code: 'no-anchor',
  rule: 'P2',
  index: 0,
  detail: 'no root is at hand that is pinned and believed',
}

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
