import type { CryptoSuite } from '../crypto/crypto-suite.ts'
import { verifyX509Signature } from '../crypto/suite.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { checkCertificate } from './certificate-rules.ts'
import { checkShape } from './certificate-shape.ts'
import { formatName, isSameName } from './distinguished-name.ts'
import { earliest, isBefore, latest } from './instants.ts'
import { isSignatureKnown, knownAuthority, rememberSignature } from './known-authorities.ts'
import { addNameConstraints, checkNames, noNameConstraints } from './name-constraints.ts'
import { checkRevocation } from './path-revocation.ts'
import type { RevocationDemand } from './path-revocation.ts'
import { invalid, PATH_RULES, unknown } from './path-result.ts'
import type { InvalidPlain, InvalidValidity, PathResult, UnknownPath } from './path-result.ts'
import { PolicyProcessing } from './policy-graph.ts'
import type { PolicyInputs } from './policy-graph.ts'
import { MAX_PATH_OCTETS, parseX509Certificate } from './x509-certificate.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** What the engine is asked. The exchange fixes everything but path, anchor and instants. */
export interface PathQuery {
  /** Parsed by `parsePath`: leaf first, each certified by the next, without the anchor. */
  readonly path: readonly X509Certificate[]
  readonly anchor: X509Certificate
  /** The instant at which path and revocation are judged. */
  readonly at: Date
  /** Purposes that the leaf and every EKU above it must allow; none is no demand. */
  readonly eku: readonly string[]
  readonly policy: PolicyInputs
  /** Most intermediate certificates that are not self-issued. */
  readonly maxDepth?: number
  /** Also the rules for conforming authorities (P13). */
  readonly issuanceRules: boolean
  readonly rsaMinBits: number
  readonly revocation: RevocationDemand | undefined
}

const MAX_CERTIFICATES = 6

/**
 * Parses a path and applies the limits that come before all else (L1, L2). Never throws. `others`: suites
 * beside WebCrypto whose keys count; each key brings its suite, nothing after this asks for one.
 */
export function parsePath(
  path: readonly Uint8Array[],
  others: readonly CryptoSuite[] = [],
): { path: readonly X509Certificate[] } | InvalidPlain {
  if (path.length === 0) return invalid('path-empty', 0, 'no certificate')
  if (path.length > MAX_CERTIFICATES)
    return invalid('path-too-long', path.length, `${path.length} certificates`)
  const octets = path.reduce((sum, der) => sum + der.length, 0)
  if (octets > MAX_PATH_OCTETS) return invalid('path-too-large', 0, `${octets} octets`)
  const parsed: X509Certificate[] = []
  let refusal: InvalidPlain | undefined
  // From the top: whoever issues has the name that what is issued bears, and is read before it.
  for (let index = path.length - 1; index >= 0; index--) {
    const certificate =
      knownAuthority(path[index]!) ?? parseX509Certificate(path[index]!, others, parsed[0]?.subject)
    if ('malformed' in certificate)
      refusal = invalid('certificate-malformed', index, certificate.malformed)
    else parsed.unshift(certificate)
  }
  if (refusal) return refusal
  return { path: parsed }
}

/**
 * Validates one certification path (RFC 5280 §6.1). Pure: evidence and instants are inputs. What is
 * cheap is checked before signatures, signatures before revocation, and validity is reported only if
 * nothing worse was found.
 */
export async function validatePath(query: PathQuery): Promise<PathResult> {
  const { path, anchor } = query
  const refusal = checkAnchor(query) ?? checkStructure(query)
  if (refusal) return refusal
  const signatures = await verifySignatures(path, anchor)
  if (signatures) return signatures
  const key = path[0]!.key!
  const revocation = await checkRevocation(query, validatePath)
  if ('result' in revocation && revocation.result === 'invalid') return { ...revocation, key }
  const outside = checkValidity(query, 'result' in revocation ? 'unknown' : revocation.state)
  const revokes = 'revokes' in revocation && revocation.revokes
  if (outside) return { ...outside, key, ...(revokes && { revokes }) }
  if ('result' in revocation) return { ...revocation, key }
  const all = [...path, anchor]
  return {
    result: 'valid',
    validFrom: latest([...all.map(({ notBefore }) => notBefore), revocation.from]),
    validUntil: earliest([...all.map(({ notAfter }) => notAfter), revocation.until]),
    currentUntil: revocation.currentUntil,
    key,
  }
}

/** RFC 5280 §6.1.1 (d) with RFC 5937: the anchor is pinned, yet its own limits apply. */
function checkAnchor({
  path,
  anchor,
  issuanceRules,
  rsaMinBits,
}: PathQuery): InvalidPlain | undefined {
  const index = path.length
  const top = path.at(-1)
  if (!top || !isSameName(top.issuer, anchor.subject))
    return invalid('no-anchor', index, `not issued by ${formatName(anchor.subject)}`)
  return (
    checkCertificate(anchor, index, rsaMinBits) ??
    (issuanceRules ? checkShape(anchor, index) : undefined)
  )
}

/** RFC 5280 §6.1.3–§6.1.5 without signatures, times and revocation, from the anchor to the leaf. */
function checkStructure(query: PathQuery): InvalidPlain | undefined {
  const { path, anchor } = query
  const policies = new PolicyProcessing(query.policy, path.length)
  let names = addNameConstraints(noNameConstraints(), anchor.nameConstraints)
  let pathLength = Math.min(
    query.maxDepth ?? path.length,
    anchor.basicConstraints?.pathLenConstraint ?? path.length,
  )
  const anchorEku = checkUsage(anchor, query.eku, path.length)
  if (anchorEku) return anchorEku

  for (let index = path.length - 1; index >= 0; index--) {
    const certificate = path[index]!
    const issuer = path[index + 1] ?? anchor
    const isLeaf = index === 0
    const refusal =
      checkCertificate(certificate, index, query.rsaMinBits) ??
      checkIssued(certificate, issuer, index) ??
      (isLeaf ? undefined : checkAuthority(certificate, index, query.issuanceRules)) ??
      (query.issuanceRules
        ? (checkShape(certificate, index) ?? checkLinked(certificate, issuer, index))
        : undefined) ??
      checkUsage(certificate, query.eku, index)
    if (refusal) return refusal
    if (isLeaf || !certificate.isSelfIssued) {
      const verdict = checkNames(names, certificate)
      if (verdict !== 'permitted') return invalid(verdict, index, formatName(certificate.subject))
    }
    const policy = policies.process(certificate, isLeaf)
    if (policy !== 'accepted') return invalid(policy, index, 'no acceptable policy')
    if (isLeaf) break

    const mapping = policies.prepare(certificate)
    if (mapping !== 'accepted') return invalid(mapping, index, 'anyPolicy mapped')
    names = addNameConstraints(names, certificate.nameConstraints)
    if (!certificate.isSelfIssued && pathLength-- <= 0)
      return invalid('path-length-exceeded', index, 'an authority above allows no further ones')
    pathLength = Math.min(pathLength, certificate.basicConstraints?.pathLenConstraint ?? pathLength)
  }
  const verdict = policies.wrapUp(path[0]!)
  return verdict === 'accepted' ? undefined : invalid(verdict, 0, 'no acceptable policy')
}

/** Whoever names purposes allows those that are asked for. */
function checkUsage(
  { extendedKeyUsage }: X509Certificate,
  eku: readonly string[],
  index: number,
): InvalidPlain | undefined {
  if (!extendedKeyUsage || eku.every((oid) => extendedKeyUsage.includes(oid))) return undefined
  return invalid('extended-key-usage-wrong', index, extendedKeyUsage.join(' '))
}

function checkIssued(
  certificate: X509Certificate,
  issuer: X509Certificate,
  index: number,
): InvalidPlain | undefined {
  if (isSameName(certificate.issuer, issuer.subject)) return undefined
  const detail = `issued by ${formatName(certificate.issuer)}, next is ${formatName(issuer.subject)}`
  return invalid('issuer-mismatch', index, detail)
}

/** RFC 5280 §4.2.1.2: what an authority issues names the key that the authority's own calls itself. */
function checkLinked(
  { authorityKeyIdentifier }: X509Certificate,
  { subjectKeyIdentifier }: X509Certificate,
  index: number,
): InvalidPlain | undefined {
  const named = authorityKeyIdentifier?.keyIdentifier
  if (!named || !subjectKeyIdentifier || isSameOctets(named, subjectKeyIdentifier)) return undefined
  return invalid('shape-not-conforming', index, 'key identifiers do not link')
}

/** RFC 5280 §6.1.4 (k), (n); by the rules for authorities the key usage is stated. */
function checkAuthority(
  certificate: X509Certificate,
  index: number,
  issuanceRules: boolean,
): InvalidPlain | undefined {
  if (certificate.basicConstraints?.cA !== true)
    return invalid('ca-missing', index, 'the issuer is no authority')
  if (!(certificate.keyUsage?.includes('keyCertSign') ?? !issuanceRules))
    return invalid('key-cert-sign-missing', index, 'the issuer may not sign certificates')
  return undefined
}

const KNOWN = Promise.resolve('valid' as const)

async function verifySignatures(
  path: readonly X509Certificate[],
  anchor: X509Certificate,
): Promise<InvalidPlain | UnknownPath | undefined> {
  const issuerKeys = path.map((_, index) => (path[index + 1] ?? anchor).key!)
  const verdicts = await Promise.all(
    path.map((certificate, index) => {
      const key = issuerKeys[index]!
      if (isSignatureKnown(certificate, key)) return KNOWN
      const { signatureAlgorithm, signature, tbs } = certificate
      return verifyX509Signature(signatureAlgorithm, key, signature, tbs)
    }),
  )
  const forged = verdicts.lastIndexOf('invalid')
  if (forged >= 0) return invalid('signature-invalid', forged, formatName(path[forged]!.subject))
  const strange = verdicts.findLastIndex((verdict) => verdict !== 'valid')
  if (strange < 0) {
    path.forEach((certificate, index) => rememberSignature(certificate, issuerKeys[index]!))
    return undefined
  }
  const why =
    verdicts[strange] === 'unsupported' ? 'not in the closed list' : 'no answer that counts'
  return unknown('signature-algorithm-not-supported', strange, why)
}

/** P4, both ends included. */
function checkValidity(
  { path, anchor, at }: PathQuery,
  revocation: 'good' | 'unknown' | 'not-checked',
): InvalidValidity | undefined {
  const all = [...path, anchor]
  const index = all.findIndex(
    ({ notBefore, notAfter }) => isBefore(at, notBefore) || isBefore(notAfter, at),
  )
  const outside = all[index]
  if (!outside) return undefined
  const { notBefore, notAfter } = outside
  const code = isBefore(notAfter, at) ? 'expired' : 'not-yet-valid'
  const detail = `valid from ${notBefore.toISOString()} until ${notAfter.toISOString()}`
  const finding = { code, rule: PATH_RULES[code], index, detail } as const
  return { result: 'invalid', ...finding, notBefore, notAfter, revocation }
}
