import { DerError } from '../encoding/der-error.ts'
import type { DerReader } from '../encoding/der.ts'
import { readDistributionPoints } from './distribution-point.ts'
import type { DistributionPoint } from './distribution-point.ts'
import { readExtensions } from './extension.ts'
import type { Extension, ExtensionReaders } from './extension.ts'
import { readGeneralName, readGeneralNames } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { ACCESS_METHOD, EXTENSION } from './oids.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** KeyUsage bits (RFC 5280 §4.2.1.3) in the order of their numbers. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsage = (typeof KEY_USAGES)[number]

export interface NameConstraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

/** The extensions of RFC 5280 §4.2 that path validation reads, decoded; absent ones are undefined. */
export interface KnownExtensions {
  /** All there are, those unknown here as well. */
  readonly extensions: readonly Extension[]
  readonly basicConstraints: { cA: boolean; pathLenConstraint: number | undefined } | undefined
  readonly keyUsage: readonly KeyUsage[] | undefined
  readonly extendedKeyUsage: readonly string[] | undefined
  readonly subjectKeyIdentifier: Bytes | undefined
  readonly authorityKeyIdentifier: { keyIdentifier: Bytes | undefined } | undefined
  readonly subjectAltName: readonly GeneralName[] | undefined
  readonly nameConstraints: NameConstraints | undefined
  readonly certificatePolicies: readonly string[] | undefined
  readonly policyMappings: readonly { issuer: string; subject: string }[] | undefined
  readonly policyConstraints: PolicyConstraints | undefined
  readonly inhibitAnyPolicy: number | undefined
  readonly crlDistributionPoints: readonly DistributionPoint[] | undefined
  readonly hasFreshestCrl: boolean
  /** URLs of OCSP responders that the issuer names (RFC 5280 §4.2.2.1, id-ad-ocsp). */
  readonly ocspUrls: readonly string[]
}

interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined
  readonly inhibitPolicyMapping: number | undefined
}

type Found = { -readonly [K in keyof KnownExtensions]: KnownExtensions[K] }

const READERS: ExtensionReaders<Found> = new Map<string, (value: DerReader, into: Found) => void>([
  [EXTENSION.issuerAltName, (value) => void readGeneralNames(value)],
  [
    EXTENSION.basicConstraints,
    (value, into) => void (into.basicConstraints = readBasicConstraints(value)),
  ],
  [EXTENSION.keyUsage, (value, into) => void (into.keyUsage = readKeyUsage(value))],
  [EXTENSION.extendedKeyUsage, (value, into) => void (into.extendedKeyUsage = readOids(value))],
  [
    EXTENSION.subjectKeyIdentifier,
    (value, into) => void (into.subjectKeyIdentifier = value.octetString()),
  ],
  [
    EXTENSION.authorityKeyIdentifier,
    (value, into) => void (into.authorityKeyIdentifier = readAuthorityKeyIdentifier(value)),
  ],
  [EXTENSION.subjectAltName, (value, into) => void (into.subjectAltName = readGeneralNames(value))],
  [
    EXTENSION.nameConstraints,
    (value, into) => void (into.nameConstraints = readNameConstraints(value)),
  ],
  [
    EXTENSION.certificatePolicies,
    (value, into) => void (into.certificatePolicies = readPolicies(value)),
  ],
  [
    EXTENSION.policyMappings,
    (value, into) => void (into.policyMappings = value.sequenceOf(readPolicyMapping)),
  ],
  [
    EXTENSION.policyConstraints,
    (value, into) => void (into.policyConstraints = readPolicyConstraints(value)),
  ],
  [
    EXTENSION.inhibitAnyPolicy,
    (value, into) => void (into.inhibitAnyPolicy = value.smallInteger()),
  ],
  [
    EXTENSION.crlDistributionPoints,
    (value, into) => void (into.crlDistributionPoints = readDistributionPoints(value)),
  ],
  [
    EXTENSION.freshestCrl,
    (value, into) => void (into.hasFreshestCrl = readDistributionPoints(value).length > 0),
  ],
  [EXTENSION.authorityInfoAccess, (value, into) => void (into.ocspUrls = readOcspUrls(value))],
])

/**
 * Reads the extensions of an X.509 certificate and decodes those known here; a known one that is malformed
 * spoils the certificate.
 */
export function readCertificateExtensions(fields: DerReader): KnownExtensions {
  const known: Found = {
    extensions: [],
    basicConstraints: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    subjectAltName: undefined,
    nameConstraints: undefined,
    certificatePolicies: undefined,
    policyMappings: undefined,
    policyConstraints: undefined,
    inhibitAnyPolicy: undefined,
    crlDistributionPoints: undefined,
    hasFreshestCrl: false,
    ocspUrls: [],
  }
  known.extensions = readExtensions(fields, 0xa3, { readers: READERS, into: known })
  return known
}

function readBasicConstraints(reader: DerReader): KnownExtensions['basicConstraints'] {
  const fields = reader.sequence()
  const cA = fields.defaultFalse()
  const pathLenConstraint = fields.tag === undefined ? undefined : fields.smallInteger()
  fields.end()
  return { cA, pathLenConstraint }
}

function readKeyUsage(reader: DerReader): readonly KeyUsage[] {
  const usages: KeyUsage[] = []
  for (const bit of reader.namedBits()) {
    const usage = KEY_USAGES[bit]
    if (!usage) throw new DerError('no such key usage')
    usages.push(usage)
  }
  if (usages.length === 0) throw new DerError('no such key usage')
  return usages
}

const readOids = (reader: DerReader) => reader.sequenceOf((item) => item.oid())

function readAuthorityKeyIdentifier(reader: DerReader): { keyIdentifier: Bytes | undefined } {
  const fields = reader.sequence()
  const keyIdentifier = fields.optional(0x80)?.content
  const hasIssuer = fields.tag === 0xa1 && readGeneralNames(fields, 0xa1).length > 0
  const hasSerial = fields.tag === 0x82 && fields.integer(0x82).length > 0
  fields.end()
  if (hasIssuer !== hasSerial) throw new DerError('issuer and serial number belong together')
  return { keyIdentifier }
}

function readNameConstraints(reader: DerReader): NameConstraints {
  const fields = reader.sequence()
  const permitted = fields.tag === 0xa0 ? fields.sequenceOf(readSubtree, 0xa0) : []
  const excluded = fields.tag === 0xa1 ? fields.sequenceOf(readSubtree, 0xa1) : []
  fields.end()
  if (permitted.length + excluded.length === 0) throw new DerError('constrains nothing')
  return { permitted, excluded }
}

/** GeneralSubtree; minimum is always its default and maximum absent (RFC 5280 §4.2.1.10). */
function readSubtree(item: DerReader): GeneralName {
  const subtree = item.sequence()
  const base = readGeneralName(subtree)
  subtree.end()
  return base
}

function readPolicies(reader: DerReader): string[] {
  const policies = reader.sequenceOf((item) => {
    const information = item.sequence()
    const policy = information.oid()
    if (information.tag !== undefined)
      information.sequenceOf((qualifiers) => {
        const qualifier = qualifiers.sequence()
        qualifier.oid()
        qualifier.any()
        qualifier.end()
      })
    information.end()
    return policy
  })
  if (policies.length > 1 && new Set(policies).size !== policies.length)
    throw new DerError('policy stands twice')
  return policies
}

function readPolicyMapping(item: DerReader): { issuer: string; subject: string } {
  const mapping = item.sequence()
  const pair = { issuer: mapping.oid(), subject: mapping.oid() }
  mapping.end()
  return pair
}

function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  const fields = reader.sequence()
  const requireExplicitPolicy = fields.tag === 0x80 ? fields.smallInteger(0x80) : undefined
  const inhibitPolicyMapping = fields.tag === 0x81 ? fields.smallInteger(0x81) : undefined
  fields.end()
  if (requireExplicitPolicy === undefined && inhibitPolicyMapping === undefined)
    throw new DerError('constrains nothing')
  return { requireExplicitPolicy, inhibitPolicyMapping }
}

function readOcspUrls(reader: DerReader): string[] {
  const urls = reader.sequenceOf((item) => {
    const description = item.sequence()
    const method = description.oid()
    const location = readGeneralName(description)
    description.end()
    const isUrl = method === ACCESS_METHOD.ocsp && location.form === 'uniformResourceIdentifier'
    return isUrl ? location.text : undefined
  })
  return urls.filter((url) => url !== undefined)
}
