import { DerError } from '../encoding/der-error.ts'
import { decodeDer, type Malformed, TAG } from '../encoding/der.ts'
import { type CertId, certIdOf, readCertId } from './ocsp-cert-id.ts'
import { derElement } from '../encoding/der-writer.ts'
import { hexToOctets } from '../encoding/octets.ts'
import { readExtensions } from './extension.ts'
import type { X509Certificate } from './x509-certificate.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** id-sha256 as an OBJECT IDENTIFIER, whole. */
const SHA_256_DER = new Uint8Array([0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01])

/** Larger ones ask about more than one X.509 certificate, or are no requests. */
export const MAX_OCSP_REQUEST_OCTETS = 2048

/**
 * An OCSPRequest about one X.509 certificate (RFC 6960 §4.1.1), without nonce: responses are kept, and may
 * be signed before anybody asks.
 */
export async function ocspRequest(
  certificate: X509Certificate,
  issuer: X509Certificate,
): Promise<Bytes> {
  const certId = await certIdDer(certificate, issuer)
  const requestList = derElement(TAG.SEQUENCE, derElement(TAG.SEQUENCE, certId))
  return derElement(TAG.SEQUENCE, derElement(TAG.SEQUENCE, requestList))
}

/** A CertID over SHA-256 (RFC 6960 §4.1.1). */
export async function certIdDer(
  certificate: X509Certificate,
  issuer: X509Certificate,
): Promise<Bytes> {
  const id = await certIdOf(certificate, issuer)
  return derElement(
    TAG.SEQUENCE,
    derElement(TAG.SEQUENCE, SHA_256_DER),
    derElement(TAG.OCTET_STRING, id.issuerNameHash),
    derElement(TAG.OCTET_STRING, id.issuerKeyHash),
    derElement(TAG.INTEGER, hexToOctets(id.serialNumber)),
  )
}

/**
 * Reads a request about one X.509 certificate (RFC 6960 §4.1.1, RFC 5019 §2.1.1). Who asks, by name or
 * signature, and a nonce count for nothing here.
 */
export function parseOcspRequest(der: Uint8Array): CertId | Malformed {
  if (der.length > MAX_OCSP_REQUEST_OCTETS)
    return { malformed: `longer than ${MAX_OCSP_REQUEST_OCTETS} octets` }
  return decodeDer(der, (reader) => {
    const outer = reader.sequence()
    const tbs = outer.sequence()
    outer.optional(0xa0)
    outer.end()
    if (tbs.tag === 0xa0) throw new DerError('version is a default encoded, or does not exist')
    tbs.optional(0xa1)
    const requests = tbs.sequenceOf((item) => {
      const request = item.sequence()
      const certId = readCertId(request)
      readExtensions(request, 0xa0)
      request.end()
      return certId
    })
    readExtensions(tbs, 0xa2)
    tbs.end()
    if (requests.length !== 1) throw new DerError('not about one certificate')
    return requests[0]!
  })
}
