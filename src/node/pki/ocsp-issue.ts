import { signingKey } from '../../crypto/suite.ts'
import { derElement, derInteger } from '../../encoding/der-writer.ts'
import { octetsToHex } from '../../encoding/octets.ts'
import { CRL_REASONS, type CrlEntry } from '../../x509/crl.ts'
import { certIdDer } from '../../x509/ocsp-request.ts'
import { parseX509Certificate, type X509Certificate } from '../../x509/x509-certificate.ts'
import { derGeneralizedTime } from './der-writer.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What a response says about one X.509 certificate. */
export interface OcspStatement {
  readonly certificate: X509Certificate
  readonly issuer: X509Certificate
  /** The authority's entry about it; none: it is good. */
  readonly entry: CrlEntry | undefined
  readonly thisUpdate: Date
  readonly nextUpdate: Date
}

/** Signs an OCSP response (RFC 6960 §4.2.1) with the ES256 key of a responder and encloses its certificate. */
export async function issueOcspResponse(
  statement: OcspStatement,
  responder: { readonly certificate: Uint8Array; readonly pkcs8: Uint8Array },
): Promise<Bytes> {
  const by = parseX509Certificate(responder.certificate)
  if ('malformed' in by) throw new Error(`The responder's certificate: ${by.malformed}`)
  const tbs = derElement(
    0x30,
    derElement(0xa1, by.subject.der),
    derGeneralizedTime(statement.thisUpdate),
    derElement(0x30, await singleResponse(statement)),
  )
  const basic = derElement(
    0x30,
    tbs,
    derElement(0x30, ECDSA_WITH_SHA256),
    await signature(tbs, responder.pkcs8),
    derElement(0xa0, derElement(0x30, responder.certificate)),
  )
  const bytes = derElement(0x30, ID_PKIX_OCSP_BASIC, derElement(0x04, basic))
  const successful = derElement(0x0a, new Uint8Array([0]))
  return derElement(0x30, successful, derElement(0xa0, bytes))
}

async function singleResponse(statement: OcspStatement): Promise<Bytes> {
  const { certificate, issuer, entry, thisUpdate, nextUpdate } = statement
  const extensions = entry?.invalidityDate ? [invalidityDate(entry.invalidityDate)] : []
  return derElement(
    0x30,
    await certIdDer(certificate, issuer),
    entry ? revokedInfo(entry) : derElement(0x80),
    derGeneralizedTime(thisUpdate),
    derElement(0xa0, derGeneralizedTime(nextUpdate)),
    ...extensions,
  )
}

function revokedInfo({ revokedAt, reason }: CrlEntry): Bytes {
  const at = derGeneralizedTime(revokedAt)
  // What is unspecified is left out (RFC 5280 §5.3.1).
  if (reason === 'unspecified') return derElement(0xa1, at)
  const code = derElement(0x0a, new Uint8Array([CRL_REASONS[reason]]))
  return derElement(0xa1, at, derElement(0xa0, code))
}

/** The CRL entry extension, which a single response may have as well (RFC 6960 §4.4.5). */
function invalidityDate(at: Date): Bytes {
  const value = derElement(0x04, derGeneralizedTime(at))
  return derElement(0xa1, derElement(0x30, derElement(0x30, INVALIDITY_DATE, value)))
}

/** An ECDSA signature as X.509 wants it: the BIT STRING over two INTEGERs (RFC 3279 §2.2.3). */
async function signature(tbs: Uint8Array, pkcs8: Uint8Array): Promise<Bytes> {
  const raw = await (await signingKey(pkcs8, 'ES256')).sign(tbs)
  const half = (octets: Uint8Array) => derInteger(BigInt(`0x${octetsToHex(octets)}`))
  const pair = derElement(0x30, half(raw.subarray(0, 32)), half(raw.subarray(32)))
  return derElement(0x03, new Uint8Array([0]), pair)
}

/** OBJECT IDENTIFIERs, whole: ecdsa-with-SHA256, id-pkix-ocsp-basic, id-ce-invalidityDate. */
const ECDSA_WITH_SHA256 = new Uint8Array([0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])
const ID_PKIX_OCSP_BASIC = new Uint8Array([0x06, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1])
const INVALIDITY_DATE = new Uint8Array([0x06, 3, 0x55, 0x1d, 24])
