import type { z } from 'zod'
import type { StoredCertificate } from '../../exchange/certificate-store.ts'
import type { CertificateSummary } from '../schemas.ts'

/** What lists tell of a certificate. */
export function summaryOf(stored: StoredCertificate): z.infer<typeof CertificateSummary> {
  return {
    sha256: stored.sha256,
    state: stored.state,
    type: stored.type,
    number: stored.number,
    issuer: stored.issuer,
    recipients: [...stored.recipients],
    origin: stored.origin,
    appendedAt: stored.appendedAt,
    usableFrom: stored.usableFrom,
    ...(stored.usableUntil !== undefined && { usableUntil: stored.usableUntil }),
    status: stored.status,
    statusList: { uri: stored.statusUri, idx: stored.statusIdx },
  }
}
