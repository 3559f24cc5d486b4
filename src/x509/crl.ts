import { sha256Sync } from '../crypto/suite.ts'
import { encodeBase64url } from '../encoding/base64url.ts'
import { DerError } from '../encoding/der-error.ts'
import { decodeDer, TAG } from '../encoding/der.ts'
import type { DerReader, Malformed } from '../encoding/der.ts'
import { readName } from './distinguished-name.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { readIssuingDistributionPoint } from './distribution-point.ts'
import type { IssuingDistributionPoint } from './distribution-point.ts'
import { readExtensions } from './extension.ts'
import type { Extension, ExtensionReaders } from './extension.ts'
import { octetsToHex } from '../encoding/octets.ts'
import { EXTENSION } from './oids.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** CRLReason (RFC 5280 §5.3.1); the numbers are the encoding. */
export const CRL_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const

export type CrlReason = keyof typeof CRL_REASONS

const REASON_NAMES = new Map(
  Object.entries(CRL_REASONS).map(([name, number]) => [number, name as CrlReason]),
)

export interface CrlEntry {
  readonly serialNumber: string
  readonly revokedAt: Date
  readonly reason: CrlReason
  readonly invalidityDate: Date | undefined
}

const COMPROMISE: readonly CrlReason[] = ['keyCompromise', 'cACompromise', 'aACompromise']

/**
 * From when a revocation counts: a compromise from when it may have happened (trust profile R3). A date
 * of invalidity later than the revocation itself delays nothing.
 */
export function decisiveAt({
  reason,
  revokedAt,
  invalidityDate,
}: Pick<CrlEntry, 'reason' | 'revokedAt' | 'invalidityDate'>): Date {
  const isEarlier = invalidityDate !== undefined && invalidityDate < revokedAt
  return isEarlier && COMPROMISE.includes(reason) ? invalidityDate : revokedAt
}

/** A certificate revocation list as read (RFC 5280 §5.1): well formed, nothing yet believed. */
export interface Crl {
  /** SHA-256 of the DER, base64url: the identity of this evidence. */
  readonly id: string
  readonly der: Bytes
  readonly tbs: Bytes
  readonly signatureAlgorithm: Bytes
  readonly tbsSignatureAlgorithm: Bytes
  readonly signature: Bytes
  readonly issuer: DistinguishedName
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  readonly crlNumber: bigint | undefined
  /** Its authority marked the number critical, which RFC 5280 §5.2.3 forbids. */
  readonly isNumberCritical: boolean
  readonly authorityKeyIdentifier: Bytes | undefined
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined
  /** The list keeps entries of X.509 certificates that expired at or after this (X.509 §9.5.2.8). */
  readonly expiredKeptSince: Date | undefined
  /** By serial number as `X509Certificate.serialNumber` gives it. */
  readonly entries: ReadonlyMap<string, CrlEntry>
  /** Why this list can decide nothing here: delta, indirect, unknown critical extension. */
  readonly notSupported: string | undefined
}

/** What is signed, published, fetched and read: some 20,000 entries, and a body CA revokes few seals. */
export const MAX_CRL_OCTETS = 1024 * 1024

/** Reads one CRL in strict DER. Never throws. */
export function parseCrl(der: Uint8Array): Crl | Malformed {
  if (der.length > MAX_CRL_OCTETS) return { malformed: `longer than ${MAX_CRL_OCTETS} octets` }
  return decodeDer(der, readCrl)
}

function readCrl(reader: DerReader): Crl {
  const outer = reader.next(TAG.SEQUENCE)
  const parts = reader.inside(outer)
  const tbs = parts.next(TAG.SEQUENCE)
  const signatureAlgorithm = parts.next(TAG.SEQUENCE).raw
  const signature = parts.bitString()
  parts.end()

  const fields = parts.inside(tbs)
  const isVersion2 = fields.tag === TAG.INTEGER
  if (isVersion2 && fields.smallInteger() !== 1) throw new DerError('CRL version does not exist')
  const tbsSignatureAlgorithm = fields.next(TAG.SEQUENCE).raw
  const issuer = readName(fields)
  const thisUpdate = fields.time()
  const hasNext = fields.tag === TAG.UTC_TIME || fields.tag === TAG.GENERALIZED_TIME
  const nextUpdate = hasNext ? fields.time() : undefined
  const unsupported: string[] = []
  const entries = readEntries(fields, isVersion2, unsupported)
  const found: FoundInList = { ...NOTHING_IN_LIST }
  const extensions = readExtensions(fields, 0xa0, { readers: LIST_READERS, into: found })
  if (extensions.length > 0 && !isVersion2) throw new DerError('extensions in a version 1 CRL')
  fields.end()
  noteUnsupported(extensions, CRL_EXTENSIONS, unsupported)
  if (found.issuingDistributionPoint?.isIndirect) unsupported.push('indirect CRL')

  return {
    id: encodeBase64url(sha256Sync(outer.raw)),
    der: outer.raw,
    tbs: tbs.raw,
    signatureAlgorithm,
    tbsSignatureAlgorithm,
    signature,
    issuer,
    thisUpdate,
    nextUpdate,
    crlNumber: found.crlNumber,
    isNumberCritical: extensions.some(
      ({ oid, critical }) => oid === EXTENSION.crlNumber && critical,
    ),
    authorityKeyIdentifier: found.authorityKeyIdentifier,
    issuingDistributionPoint: found.issuingDistributionPoint,
    expiredKeptSince: found.expiredKeptSince,
    entries,
    notSupported: unsupported[0],
  }
}

function readEntries(
  fields: DerReader,
  isVersion2: boolean,
  unsupported: string[],
): ReadonlyMap<string, CrlEntry> {
  const entries = new Map<string, CrlEntry>()
  if (fields.tag !== TAG.SEQUENCE) return entries
  const revoked = fields.sequenceOf((item) => {
    const entry = item.sequence()
    const serialNumber = octetsToHex(entry.integer())
    const revokedAt = entry.time()
    const found: FoundInEntry = { reason: 'unspecified', invalidityDate: undefined }
    const extensions = readExtensions(entry, undefined, { readers: ENTRY_READERS, into: found })
    entry.end()
    if (extensions.length > 0 && !isVersion2) throw new DerError('entry extensions in version 1')
    noteUnsupported(extensions, ENTRY_EXTENSIONS, unsupported)
    if (found.reason === 'removeFromCRL') unsupported.push('removeFromCRL outside a delta CRL')
    return { serialNumber, revokedAt, reason: found.reason, invalidityDate: found.invalidityDate }
  })
  for (const entry of revoked) {
    if (entries.has(entry.serialNumber)) throw new DerError(`${entry.serialNumber} stands twice`)
    entries.set(entry.serialNumber, entry)
  }
  return entries
}

const CRL_EXTENSIONS: readonly string[] = [
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.issuerAltName,
  EXTENSION.crlNumber,
  EXTENSION.issuingDistributionPoint,
  EXTENSION.expiredCertsOnCrl,
]
const ENTRY_EXTENSIONS: readonly string[] = [EXTENSION.reasonCode, EXTENSION.invalidityDate]

type FoundInList = {
  -readonly [
    K in 'crlNumber' | 'authorityKeyIdentifier' | 'issuingDistributionPoint' | 'expiredKeptSince'
  ]: Crl[K]
}

const NOTHING_IN_LIST: FoundInList = {
  crlNumber: undefined,
  authorityKeyIdentifier: undefined,
  issuingDistributionPoint: undefined,
  expiredKeptSince: undefined,
}

const LIST_READERS: ExtensionReaders<FoundInList> = new Map([
  [
    EXTENSION.crlNumber,
    (value: DerReader, into: FoundInList) => void (into.crlNumber = readCrlNumber(value)),
  ],
  [
    EXTENSION.authorityKeyIdentifier,
    (value, into) => void (into.authorityKeyIdentifier = readKeyIdentifier(value)),
  ],
  [
    EXTENSION.issuingDistributionPoint,
    (value, into) => void (into.issuingDistributionPoint = readIssuingDistributionPoint(value)),
  ],
  [
    EXTENSION.expiredCertsOnCrl,
    (value, into) => void (into.expiredKeptSince = value.generalizedTime()),
  ],
])

type FoundInEntry = { -readonly [K in 'reason' | 'invalidityDate']: CrlEntry[K] }

const ENTRY_READERS: ExtensionReaders<FoundInEntry> = new Map([
  [
    EXTENSION.reasonCode,
    (value: DerReader, into: FoundInEntry) => void (into.reason = readReason(value)),
  ],
  [EXTENSION.invalidityDate, (value, into) => void (into.invalidityDate = value.generalizedTime())],
])

function noteUnsupported(
  extensions: readonly Extension[],
  known: readonly string[],
  into: string[],
): void {
  const seen = new Set<string>()
  for (const { oid, critical } of extensions) {
    if (seen.size === seen.add(oid).size) throw new DerError(`extension ${oid} stands twice`)
    // A delta CRL that failed to mark itself critical is still no full list.
    if (oid === EXTENSION.deltaCrlIndicator) into.push('delta CRL')
    else if (critical && !known.includes(oid)) into.push(`critical extension ${oid}`)
  }
}

function readCrlNumber(reader: DerReader): bigint {
  const octets = reader.integer()
  if (octets[0]! >= 0x80 || octets.length > 21) throw new DerError('CRL number out of range')
  return BigInt(`0x${octetsToHex(octets)}`)
}

/** A CRLReason (RFC 5280 §5.3.1), as CRL entries and OCSP responses give it. */
export function readReason(reader: DerReader): CrlReason {
  const reason = REASON_NAMES.get(reader.smallInteger(TAG.ENUMERATED) as 0)
  if (!reason) throw new DerError('no such revocation reason')
  return reason
}

/** Of another authority's name and number in it nothing is read. */
function readKeyIdentifier(reader: DerReader): Bytes | undefined {
  const identifier = reader.sequence()
  const octets = identifier.optional(0x80)?.content
  while (identifier.tag !== undefined) identifier.any()
  return octets
}
