import type { CrlSource } from './crl-source.ts'
import type { Malformed } from '../encoding/der.ts'
import type { KeyUsage } from './known-extensions.ts'
import type { OcspResponse } from './ocsp-response.ts'
import type { OcspSource } from './ocsp-source.ts'
import { foreignConstraint } from './name-constraints.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { ANY_POLICY, EKU, EXCHANGE_POLICY, EXTENSION } from './oids.ts'
import { invalid } from './path-result.ts'
import type { InvalidPath, InvalidPlain, PathResult } from './path-result.ts'
import { evidenceByOcsp } from './path-revocation.ts'
import { freshUntil } from './revocation.ts'
import { type RevocationStatus, statusOf } from './revocation-evidence.ts'
import { parsePath, validatePath } from './path-validation.ts'
import { parseX509Certificate } from './x509-certificate.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** What a key is for (trust profile §1): one key, one purpose. */
export type KeyPurpose =
  'document-seal' | 'registry-seal' | 'attestation' | 'node' | 'status-signer' | 'trust-list-signer'

/** What a path may end in: a key for a purpose, or one root certified by another (RFC 4210 §4.4). */
export type PathPurpose = KeyPurpose | 'root-link'

interface PurposeRule {
  readonly eku: string
  readonly keyUsage: readonly KeyUsage[]
  /** Certificates in x5c: who issues the key fixes how far it stands from the root. */
  readonly pathLength: number
}

/**
 * Of an authority: as long as the longest hash that it may be. CRLs are found by it, and security notices
 * name authorities by it; an authority that neither could name must not be one that seals rest on.
 */
export const MAX_KEY_IDENTIFIER_OCTETS = 64

const SEAL_USAGE = ['digitalSignature', 'nonRepudiation'] as const

const PURPOSES: Readonly<Record<KeyPurpose, PurposeRule>> = {
  'document-seal': { eku: EKU.documentSigning, keyUsage: SEAL_USAGE, pathLength: 3 },
  'registry-seal': { eku: EKU.documentSigning, keyUsage: SEAL_USAGE, pathLength: 2 },
  attestation: { eku: EKU.documentSigning, keyUsage: SEAL_USAGE, pathLength: 2 },
  node: { eku: EKU.exchangeNode, keyUsage: ['digitalSignature'], pathLength: 2 },
  'status-signer': { eku: EKU.statusSigner, keyUsage: ['digitalSignature'], pathLength: 2 },
  'trust-list-signer': { eku: EKU.trustListSigner, keyUsage: ['digitalSignature'], pathLength: 1 },
}

/**
 * Oldest CRL that counts, whatever its nextUpdate says, and by the second the oldest OCSP response. The root signs its list in a ceremony, once a
 * quarter; the authorities below it once a month. Each has a reserve of a few days.
 */
const MAX_CRL_AGE_DAYS = { anchor: 100, intermediate: 35 }

/** Until when a CRL counts: what it says itself, and the window of who signed it. */
export function crlCountsUntil(
  crl: { readonly thisUpdate: Date; readonly nextUpdate: Date | undefined },
  by: 'anchor' | 'intermediate',
): Date {
  return freshUntil(crl, MAX_CRL_AGE_DAYS[by])
}

/** Until when an OCSP response counts. */
export function ocspCountsUntil(response: {
  readonly thisUpdate: Date
  readonly nextUpdate: Date
}): Date {
  return freshUntil(response, MAX_CRL_AGE_DAYS.intermediate)
}

/** What of the engine's choices is the same for every path of the exchange. */
const ENGINE_RULES = {
  policy: {
    initialPolicySet: [EXCHANGE_POLICY],
    explicit: true,
    inhibitMapping: true,
    inhibitAny: true,
  },
  issuanceRules: true,
  rsaMinBits: 3072,
}

export interface SealPath {
  /** Leaf first, each certified by the next, complete except the root. */
  readonly x5c: readonly Uint8Array[]
  /** DER of the pinned state root. */
  readonly anchor: Uint8Array
  /** The instant judged: proven time of signing, else now. */
  readonly at: Date
  readonly purpose: PathPurpose
  readonly crls: CrlSource
  /** Absent: no OCSP response is at hand. */
  readonly ocsp?: OcspSource
  /** False only where no list can exist yet; a revocation that is at hand counts all the same. */
  readonly revocationRequired: boolean
  /** The instant of the check, at which CRLs must be current; `at` unless given. */
  readonly now?: Date
}

/**
 * Validates the certification path of an exchange key (EXC-PKIX-1). Never throws, asks no network. The
 * only caller of the engine in production: what the engine lets its caller choose is fixed here.
 */
export function validateSealPath(query: SealPath): Promise<PathResult> {
  return validateReadPath(query, readSealPath(query.x5c), parseX509Certificate(query.anchor))
}

/** What `validateReadPath` wants of an `x5c`: its certificates, or why they are refused unread. */
export function readSealPath(x5c: SealPath['x5c']): ReturnType<typeof parsePath> {
  return parsePath(x5c)
}

/** `validateSealPath` for who has read the octets of path and anchor already. */
export async function validateReadPath(
  query: Omit<SealPath, 'x5c' | 'anchor'>,
  parsed: ReturnType<typeof parsePath>,
  anchor: X509Certificate | Malformed,
): Promise<PathResult> {
  if ('result' in parsed) return parsed
  const { path } = parsed
  if ('malformed' in anchor)
    return invalid('certificate-malformed', path.length, `anchor: ${anchor.malformed}`)
  const rooted = path.findIndex(({ der }) => isSameOctets(der, anchor.der))
  if (rooted >= 0) return invalid('path-shape', rooted, 'the root has no place in x5c')
  const result = await validatePath({
    path,
    anchor,
    at: query.at,
    eku: query.purpose === 'root-link' ? [] : [PURPOSES[query.purpose].eku],
    ...ENGINE_RULES,
    revocation: {
      crls: query.crls,
      ...(query.ocsp && { ocsp: { source: query.ocsp, responders: [] } }),
      now: query.now ?? query.at,
      crlSigners: [],
      maxAgeDays: MAX_CRL_AGE_DAYS,
      required: query.revocationRequired,
    },
  })
  if (result.result === 'invalid' && result.code !== 'expired' && result.code !== 'not-yet-valid')
    return result
  return checkProfile(path, anchor, query.purpose) ?? result
}

/**
 * What an OCSP response says at this moment of the first certificate of a path (R2), whatever lists say:
 * for who keeps responses. The path's own signatures are checked, its purpose is not.
 */
export async function ocspStatement(query: {
  x5c: readonly Uint8Array[]
  anchor: X509Certificate
  response: OcspResponse
  now: Date
}): Promise<RevocationStatus | InvalidPath> {
  const { anchor, response, now } = query
  const parsed = parsePath(query.x5c)
  if ('result' in parsed) return parsed
  const engine = { ...parsed, ...ENGINE_RULES, anchor, at: now, eku: [], revocation: undefined }
  const path = await validatePath(engine)
  if (path.result === 'invalid') return path
  if (path.result === 'unknown') return { status: 'unknown', code: path.code, detail: path.detail }
  const maxAgeDays = MAX_CRL_AGE_DAYS.intermediate
  const evidence = { now, responses: [response], responders: [], maxAgeDays }
  return statusOf(now, await evidenceByOcsp(engine, 0, evidence, validatePath), undefined)
}

/** The exchange's own rules over RFC 5280, marked ◆ in the trust profile. */
function checkProfile(
  path: readonly X509Certificate[],
  anchor: X509Certificate,
  purpose: PathPurpose,
): InvalidPlain | undefined {
  const pathLength = purpose === 'root-link' ? 1 : PURPOSES[purpose].pathLength
  if (path.length !== pathLength)
    return invalid('path-shape', 0, `${path.length} certificates, ${pathLength} for ${purpose}`)
  for (let index = 0; index < path.length; index++) {
    const refusal = checkBelowAnchor(path[index]!, path[index + 1] ?? anchor, index)
    if (refusal) return refusal
  }
  const leaf = path[0]!
  return (
    checkConstraints(path, anchor) ??
    (purpose === 'root-link' ? checkRoot(leaf) : checkLeaf(leaf, PURPOSES[purpose]))
  )
}

/** P7, for the root at the end of a link: an authority that signs X.509 certificates. */
function checkRoot(root: X509Certificate): InvalidPlain | undefined {
  if (root.basicConstraints?.cA !== true) return invalid('ca-missing', 0, 'no authority')
  if (!root.keyUsage?.includes('keyCertSign'))
    return invalid('key-cert-sign-missing', 0, 'it may not sign certificates')
  return undefined
}

function checkBelowAnchor(
  certificate: X509Certificate,
  issuer: X509Certificate,
  index: number,
): InvalidPlain | undefined {
  const { certificatePolicies, policyMappings, authorityKeyIdentifier } = certificate
  if (policyMappings) return invalid('policy-mapping-not-allowed', index, 'policyMappings')
  if (certificatePolicies?.includes(ANY_POLICY))
    return invalid('any-policy-not-allowed', index, 'anyPolicy')
  if (!certificatePolicies?.includes(EXCHANGE_POLICY))
    return invalid('policy-not-accepted', index, `without ${EXCHANGE_POLICY}`)
  const [own, above] = [authorityKeyIdentifier?.keyIdentifier, issuer.subjectKeyIdentifier]
  if (!certificate.subjectKeyIdentifier || !own || !above || !isSameOctets(own, above))
    return invalid('shape-not-conforming', index, 'key identifiers do not link')
  if (above.length > MAX_KEY_IDENTIFIER_OCTETS)
    return invalid('shape-not-conforming', index, 'key identifier too long')
  return undefined
}

/** P9: among the authorities only names of states are constrained. */
function checkConstraints(
  path: readonly X509Certificate[],
  anchor: X509Certificate,
): InvalidPlain | undefined {
  for (let index = 0; index <= path.length; index++) {
    const { nameConstraints } = path[index] ?? anchor
    const form = nameConstraints && foreignConstraint(nameConstraints)
    if (form) return invalid('name-form-not-supported', index, `constrains ${form}`)
  }
  return undefined
}

/** P11: no authority, one purpose, and no key usage beyond signing. */
function checkLeaf(leaf: X509Certificate, rule: PurposeRule): InvalidPlain | undefined {
  if (leaf.basicConstraints?.cA)
    return invalid('end-entity-is-ca', 0, 'an authority signs nothing else')
  const usages = leaf.keyUsage ?? []
  const isCritical = leaf.extensions.some((e) => e.oid === EXTENSION.keyUsage && e.critical)
  if (!isCritical || !usages.every((usage) => rule.keyUsage.includes(usage)))
    return invalid('key-usage-wrong', 0, usages.join(' ') || 'none')
  if (leaf.extendedKeyUsage?.length !== 1 || leaf.extendedKeyUsage[0] !== rule.eku)
    return invalid('extended-key-usage-wrong', 0, leaf.extendedKeyUsage?.join(' ') ?? 'none')
  return undefined
}
