import type { OcspResponse } from './ocsp-response.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** OCSP responses already fetched: validation asks no network. */
export interface OcspSource {
  /** Every response at hand that may be about the certificate, in no order. */
  find(certificate: Pick<X509Certificate, 'serialNumber'>): readonly OcspResponse[]
}

/** A source over a fixed set of responses. */
export function ocspSource(responses: Iterable<OcspResponse>): OcspSource {
  const bySerial = new Map<string, OcspResponse[]>()
  for (const response of responses)
    for (const serial of new Set(response.responses.map(({ certId }) => certId.serialNumber))) {
      const held = bySerial.get(serial)
      if (held) held.push(response)
      else bySerial.set(serial, [response])
    }
  return { find: ({ serialNumber }) => bySerial.get(serialNumber) ?? [] }
}
