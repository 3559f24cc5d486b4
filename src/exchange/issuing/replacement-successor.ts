import { parseCertificateId, sameCertificate } from '../../certificate/certificate-id.ts'
import type { DocumentType } from '../../certificate/document-type.ts'
import type { LoadedCertificate } from '../registered.ts'

/** Why a certificate cannot stand in the place of another (rules.md §4.2, §8). */
export type SuccessorFault =
  | 'other-type'
  | 'other-state'
  | 'other-issuer'
  /** It does not say whose place it takes. */
  | 'remark-missing'
  /** It says that it takes the place of another one. */
  | 'remark-names-another'
  /** A replacement comes with its successor, and nothing else does. */
  | 'certificate-missing'
  | 'certificate-not-expected'

/** What of the successor contradicts the certificate that it is to replace; rules judge the rest. */
export function successorFault(
  { stored, type: before }: LoadedCertificate,
  { type, certificate }: { type: DocumentType; certificate: unknown },
): SuccessorFault | undefined {
  if (type.type !== before.type) return 'other-type'
  if (type.identity(certificate).state !== stored.state) return 'other-state'
  const named = type.replaces(certificate)
  if (!named) return 'remark-missing'
  const own = parseCertificateId(stored)
  return own && sameCertificate(named, own) ? undefined : 'remark-names-another'
}
