import { decodeBase64 } from '../../encoding/base64url.ts'
import type { OcspStore } from '../../trust/ocsp-store.ts'
import { isSameCertId } from '../../x509/ocsp-cert-id.ts'
import { parseOcspRequest } from '../../x509/ocsp-request.ts'
import { parseOcspResponse } from '../../x509/ocsp-response.ts'

/** OCSPResponse without a body (RFC 6960 §4.2.1): only why there is none. */
const MALFORMED_REQUEST = new Uint8Array([0x30, 3, 0x0a, 1, 1])
/** Also for what was never signed beforehand (RFC 5019 §2.2.3). */
const UNAUTHORIZED = new Uint8Array([0x30, 3, 0x0a, 1, 6])

/**
 * Answers an OCSP request (RFC 6960) with the response that was signed beforehand and published here about
 * exactly this CertID. The node has no responder's key and makes no response itself.
 */
export function answerOcsp(deps: {
  readonly state: string
  readonly trustStore: Pick<OcspStore, 'ocspResponse'>
}) {
  return async (request: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
    const certId = parseOcspRequest(request)
    if ('malformed' in certId) return MALFORMED_REQUEST
    for (const { der } of await deps.trustStore.ocspResponse(deps.state, certId.serialNumber)) {
      const bytes = decodeBase64(der)
      const response = bytes && parseOcspResponse(bytes)
      if (!response || 'malformed' in response) continue
      if (response.responses.some((single) => isSameCertId(single.certId, certId)))
        return new Uint8Array(bytes)
    }
    return UNAUTHORIZED
  }
}
