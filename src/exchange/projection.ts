import { parseCertificateId } from '../certificate/certificate-id.ts'
import type { DocumentType } from '../certificate/document-type.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import type { CertificateRecord } from './effect.ts'

/** The row of a certificate: a function of its document alone. */
export function certificateRecord(input: {
  sha256: string
  payload: CertificatePayload
  type: DocumentType
  origin: 'issued' | 'received'
}): CertificateRecord {
  const { sha256, payload, type, origin } = input
  const { state, number } = type.identity(payload.certificate)
  const id = parseCertificateId({ state, number, type: type.type })
  if (!id) throw new Error(`Document ${sha256} has no usable number`)
  const { from, until } = type.validity(payload.certificate)
  return {
    sha256,
    state,
    type: type.type,
    foldedNumber: id.number,
    number,
    issuer: payload.iss,
    recipients: payload.aud,
    origin,
    usableFrom: from,
    usableUntil: until,
    status: type.initialState(payload.certificate).status,
    statusUri: payload.status.status_list.uri,
    statusIdx: payload.status.status_list.idx,
  }
}
