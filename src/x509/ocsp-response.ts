import { sha256Sync } from '../crypto/suite.ts'
import { encodeBase64url } from '../encoding/base64url.ts'
import { DerError } from '../encoding/der-error.ts'
import { decodeDer, TAG } from '../encoding/der.ts'
import type { DerReader, Malformed } from '../encoding/der.ts'
import { type CrlReason, readReason } from './crl.ts'
import { readName } from './distinguished-name.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { readExtensions } from './extension.ts'
import type { Extension, ExtensionReaders } from './extension.ts'
import { type CertId, readCertId } from './ocsp-cert-id.ts'
import { EXTENSION } from './oids.ts'
import { parseX509Certificate, type X509Certificate } from './x509-certificate.ts'

type Bytes = Uint8Array<ArrayBuffer>

export interface SingleResponse {
  readonly certId: CertId
  readonly status:
    | { readonly status: 'good' | 'unknown' }
    | {
        readonly status: 'revoked'
        readonly revokedAt: Date
        readonly reason: CrlReason
        readonly invalidityDate: Date | undefined
      }
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
  /** Why it can decide nothing here: an unknown critical extension. */
  readonly notSupported: string | undefined
}

/** A BasicOCSPResponse as read (RFC 6960 §4.2.1): well formed, nothing yet believed. */
export interface OcspResponse {
  /** SHA-256 of the DER, base64url: the identity of this evidence. */
  readonly id: string
  readonly tbs: Bytes
  readonly signatureAlgorithm: Bytes
  readonly signature: Bytes
  /** Undefined when the responder is named by a hash of its key. */
  readonly responderName: DistinguishedName | undefined
  readonly producedAt: Date
  readonly responses: readonly SingleResponse[]
  /** Certificates of responders that came with it, trusted by nobody. */
  readonly certificates: readonly X509Certificate[]
  readonly notSupported: string | undefined
}

export const MAX_OCSP_OCTETS = 64 * 1024
const MAX_RESPONSES = 100
const MAX_CERTIFICATES = 6

const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1'
const NONCE = '1.3.6.1.5.5.7.48.1.2'
const SUCCESSFUL = 0

/** Reads one OCSP response in strict DER. Never throws. */
export function parseOcspResponse(der: Uint8Array): OcspResponse | Malformed {
  if (der.length > MAX_OCSP_OCTETS) return { malformed: `longer than ${MAX_OCSP_OCTETS} octets` }
  const basic = decodeDer(der, (reader) => {
    const outer = reader.sequence()
    const status = outer.smallInteger(TAG.ENUMERATED)
    if (status !== SUCCESSFUL) throw new DerError(`the responder answers with status ${status}`)
    const explicit = outer.sequence(0xa0)
    const bytes = explicit.sequence()
    if (bytes.oid() !== BASIC_RESPONSE) throw new DerError('not a basic response')
    const octets = bytes.octetString()
    bytes.end()
    explicit.end()
    outer.end()
    return { octets }
  })
  if ('malformed' in basic) return basic
  const read = decodeDer(basic.octets, readBasicResponse)
  return 'malformed' in read ? read : { id: encodeBase64url(sha256Sync(der)), ...read }
}

function readBasicResponse(reader: DerReader): Omit<OcspResponse, 'id'> {
  const parts = reader.sequence()
  const tbs = parts.next(TAG.SEQUENCE)
  const signatureAlgorithm = parts.next(TAG.SEQUENCE).raw
  const signature = parts.bitString()
  const certificates = parts.tag === 0xa0 ? readCertificates(parts.sequence(0xa0)) : []
  parts.end()

  const fields = parts.inside(tbs)
  if (fields.tag === 0xa0) throw new DerError('version is a default encoded, or does not exist')
  const responderName = readResponder(fields)
  const producedAt = fields.generalizedTime()
  const responses = fields.sequenceOf(readSingleResponse)
  if (responses.length > MAX_RESPONSES) throw new DerError('too many responses')
  const extensions = readExtensions(fields, 0xa1)
  fields.end()
  return {
    tbs: tbs.raw,
    signatureAlgorithm,
    signature,
    responderName,
    producedAt,
    responses,
    certificates,
    notSupported: unknownCritical(extensions, [NONCE]),
  }
}

/** RFC 6960 §4.2.1 ResponderID: a hint which key to try, no more. */
function readResponder(fields: DerReader): DistinguishedName | undefined {
  if (fields.tag === 0xa1) {
    const explicit = fields.sequence(0xa1)
    const name = readName(explicit)
    explicit.end()
    return name
  }
  const explicit = fields.sequence(0xa2)
  explicit.octetString()
  explicit.end()
  return undefined
}

function readCertificates(explicit: DerReader): X509Certificate[] {
  const certificates = explicit.sequenceOf((item) => {
    const certificate = parseX509Certificate(item.next(TAG.SEQUENCE).raw)
    if ('malformed' in certificate) throw new DerError(certificate.malformed)
    return certificate
  })
  explicit.end()
  if (certificates.length > MAX_CERTIFICATES) throw new DerError('too many certificates')
  return certificates
}

function readSingleResponse(list: DerReader): SingleResponse {
  const item = list.sequence()
  const certId = readCertId(item)
  const status = readStatus(item)
  const thisUpdate = item.generalizedTime()
  let nextUpdate: Date | undefined
  if (item.tag === 0xa0) {
    const explicit = item.sequence(0xa0)
    nextUpdate = explicit.generalizedTime()
    explicit.end()
  }
  const found: FoundInSingle = { invalidityDate: undefined }
  const extensions = readExtensions(item, 0xa1, { readers: SINGLE_READERS, into: found })
  item.end()
  return {
    certId,
    status: status.status === 'revoked' ? { ...status, ...found } : status,
    thisUpdate,
    nextUpdate,
    notSupported: unknownCritical(extensions, [EXTENSION.invalidityDate]),
  }
}

function readStatus(item: DerReader): SingleResponse['status'] {
  switch (item.tag) {
    case 0x80:
      emptyNull(item, 0x80)
      return { status: 'good' }
    case 0x82:
      emptyNull(item, 0x82)
      return { status: 'unknown' }
    default: {
      const info = item.sequence(0xa1)
      const revokedAt = info.generalizedTime()
      let reason: CrlReason = 'unspecified'
      if (info.tag === 0xa0) {
        const explicit = info.sequence(0xa0)
        reason = readReason(explicit)
        explicit.end()
      }
      info.end()
      return { status: 'revoked', revokedAt, reason, invalidityDate: undefined }
    }
  }
}

function emptyNull(item: DerReader, tag: number): void {
  if (item.next(tag).content.length > 0) throw new DerError('NULL with content')
}

type FoundInSingle = { invalidityDate: Date | undefined }

/** CRL entry extensions may stand in a single response (RFC 6960 §4.4.5). */
const SINGLE_READERS: ExtensionReaders<FoundInSingle> = new Map([
  [
    EXTENSION.invalidityDate,
    (value: DerReader, into: FoundInSingle) => void (into.invalidityDate = value.generalizedTime()),
  ],
])

function unknownCritical(
  extensions: readonly Extension[],
  known: readonly string[],
): string | undefined {
  const unknown = extensions.find(({ oid, critical }) => critical && !known.includes(oid))
  return unknown && `critical extension ${unknown.oid}`
}
