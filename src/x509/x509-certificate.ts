import type { CryptoSuite } from '../crypto/crypto-suite.ts'
import { parsePublicKey } from '../crypto/public-key.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import { decodeBase64 } from '../encoding/base64url.ts'
import { DerError } from '../encoding/der-error.ts'
import { decodeDer, TAG } from '../encoding/der.ts'
import type { DerReader, Malformed } from '../encoding/der.ts'
import { isSameName, readName } from './distinguished-name.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import type { Extension } from './extension.ts'
import { octetsToHex } from '../encoding/octets.ts'
import { readCertificateExtensions } from './known-extensions.ts'
import type { KnownExtensions } from './known-extensions.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** An X.509 certificate as read (RFC 5280 §4.1): well formed, nothing yet believed. */
export interface X509Certificate extends KnownExtensions {
  readonly der: Bytes
  /** The signed part. */
  readonly tbs: Bytes
  readonly version: 1 | 2 | 3
  /** Content octets of the INTEGER in lower-case hexadecimal, sign octet included. */
  readonly serialNumber: string
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  readonly notBefore: Date
  readonly notAfter: Date
  readonly spki: Bytes
  /** `undefined` for a key outside the suite. */
  readonly key: PublicKey | undefined
  /** AlgorithmIdentifiers, outside and inside the signed part. */
  readonly signatureAlgorithm: Bytes
  readonly tbsSignatureAlgorithm: Bytes
  readonly signature: Bytes
  /** OIDs of extensions that stand more than once. */
  readonly repeatedExtensions: readonly string[]
  /** Subject and issuer are the same name (RFC 5280 §3.2). */
  readonly isSelfIssued: boolean
}

/** Larger certificates do not occur in a path; the limit of L1 holds for one as well. */
export const MAX_PATH_OCTETS = 65_536

/**
 * Reads one certificate in strict DER. Never throws. `others`: suites beside WebCrypto that have keys.
 * `issuerName`: a name that its issuer's probably is, which then is not read again.
 */
export function parseX509Certificate(
  der: Uint8Array,
  others: readonly CryptoSuite[] = [],
  issuerName?: DistinguishedName,
): X509Certificate | Malformed {
  if (der.length > MAX_PATH_OCTETS) return { malformed: `longer than ${MAX_PATH_OCTETS} octets` }
  return decodeDer(der, (reader) => readX509Certificate(reader, others, issuerName))
}

function readX509Certificate(
  reader: DerReader,
  others: readonly CryptoSuite[],
  issuerName: DistinguishedName | undefined,
): X509Certificate {
  const outer = reader.next(TAG.SEQUENCE)
  const parts = reader.inside(outer)
  const tbs = parts.next(TAG.SEQUENCE)
  const signatureAlgorithm = parts.next(TAG.SEQUENCE).raw
  const signature = parts.bitString()
  parts.end()

  const fields = parts.inside(tbs)
  const version = readVersion(fields)
  const serialNumber = octetsToHex(fields.integer())
  const tbsSignatureAlgorithm = fields.next(TAG.SEQUENCE).raw
  const issuer = readName(fields, issuerName)
  const validity = fields.sequence()
  const notBefore = validity.time()
  const notAfter = validity.time()
  validity.end()
  const subject = readName(fields)
  const spki = fields.next(TAG.SEQUENCE).raw
  for (const tag of UNIQUE_IDENTIFIERS)
    if (fields.optional(tag) && version === 1) throw new DerError('unique identifier in version 1')
  const known = readCertificateExtensions(fields)
  if (known.extensions.length > 0 && version !== 3)
    throw new DerError('extensions before version 3')
  fields.end()

  return {
    der: outer.raw,
    tbs: tbs.raw,
    version,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    spki,
    key: parsePublicKey(spki, others),
    signatureAlgorithm,
    tbsSignatureAlgorithm,
    signature,
    repeatedExtensions: repeated(known.extensions),
    isSelfIssued: isSameName(issuer, subject),
    extensions: known.extensions,
    basicConstraints: known.basicConstraints,
    keyUsage: known.keyUsage,
    extendedKeyUsage: known.extendedKeyUsage,
    subjectKeyIdentifier: known.subjectKeyIdentifier,
    authorityKeyIdentifier: known.authorityKeyIdentifier,
    subjectAltName: known.subjectAltName,
    nameConstraints: known.nameConstraints,
    certificatePolicies: known.certificatePolicies,
    policyMappings: known.policyMappings,
    policyConstraints: known.policyConstraints,
    inhibitAnyPolicy: known.inhibitAnyPolicy,
    crlDistributionPoints: known.crlDistributionPoints,
    hasFreshestCrl: known.hasFreshestCrl,
    ocspUrls: known.ocspUrls,
  }
}

/** As trust lists and x5c hold it, base64 (RFC 7515 §4.1.6); undefined: it cannot be read. */
export function readX509(text: string): X509Certificate | undefined {
  const certificate = parseX509Certificate(decodeBase64(text) ?? new Uint8Array())
  return 'malformed' in certificate ? undefined : certificate
}

const UNIQUE_IDENTIFIERS = [0x81, 0x82]

function readVersion(fields: DerReader): 1 | 2 | 3 {
  if (fields.tag !== 0xa0) return 1
  const explicit = fields.sequence(0xa0)
  const version = explicit.smallInteger()
  explicit.end()
  // Version 1 is the default, which DER does not encode.
  if (version === 1) return 2
  if (version === 2) return 3
  throw new DerError('version is a default encoded, or does not exist')
}

function repeated(extensions: readonly Extension[]): readonly string[] {
  const seen = new Set<string>()
  for (const { oid } of extensions) seen.add(oid)
  if (seen.size === extensions.length) return NONE
  return extensions
    .filter(({ oid }, i) => extensions.findIndex((first) => first.oid === oid) < i)
    .map(({ oid }) => oid)
}

const NONE: readonly string[] = []
