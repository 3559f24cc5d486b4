import { issueOcspResponse } from '../../src/node/pki/ocsp-issue.ts'
import type { CrlEntry } from '../../src/x509/crl.ts'
import { type OcspResponse, parseOcspResponse } from '../../src/x509/ocsp-response.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'

/** What the authority itself says about an X.509 certificate, for a week; without an entry: good. */
export async function ocspAbout(
  der: Uint8Array,
  by: { readonly certificate: Uint8Array; readonly pkcs8: Uint8Array },
  { entry, at }: { readonly entry?: Omit<CrlEntry, 'serialNumber'>; readonly at: Date },
): Promise<{ readonly der: Uint8Array; readonly serial: string; readonly response: OcspResponse }> {
  const [certificate, issuer] = [parseX509Certificate(der), parseX509Certificate(by.certificate)]
  if ('malformed' in certificate || 'malformed' in issuer)
    throw new Error('that is no X.509 certificate')
  const times = { thisUpdate: at, nextUpdate: new Date(at.getTime() + 7 * 86_400_000) }
  const listed = entry && { ...entry, serialNumber: certificate.serialNumber }
  const signed = await issueOcspResponse({ certificate, issuer, entry: listed, ...times }, by)
  const response = parseOcspResponse(signed)
  if ('malformed' in response) throw new Error(response.malformed)
  return { der: signed, serial: certificate.serialNumber, response }
}
