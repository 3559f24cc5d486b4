import type { CertificateId } from '../certificate/certificate-id.ts'
import type { CertificateRecord } from './effect.ts'
import type { StatusPosition } from './status-lists/status-positions.ts'
import type { TimeProofs } from './validation/time-proofs.ts'

export interface StoredCertificate extends CertificateRecord {
  /** When this node appended it to its log. */
  readonly appendedAt: string
  /** Its place in this node's log. */
  readonly idx: number
  /** The document that stands in its place, by digest. */
  readonly replacedBy: string | undefined
}

/** Reads the projections of certificates and the documents behind them. */
export interface CertificateStore {
  find(id: CertificateId): Promise<StoredCertificate | undefined>
  findByDigest(sha256: string): Promise<StoredCertificate | undefined>
  /** The same with what proves since when the document exists, which may be known without it. */
  findProven(
    sha256: string,
  ): Promise<{ readonly stored: StoredCertificate | undefined; readonly proofs: TimeProofs }>
  /** Those of these that stand here, in no particular order. */
  findByDigests(sha256s: readonly string[]): Promise<StoredCertificate[]>
  /** The certificates in whose place one of these stands, first in the log first. */
  findReplacedBy(successors: readonly string[]): Promise<StoredCertificate[]>
  /** The certificate that holds this place in a status list, whoever issued it. */
  findByPosition(position: StatusPosition): Promise<StoredCertificate | undefined>
  /** The exact bytes of a document, by digest. */
  document(sha256: string): Promise<string | undefined>
  /** Whether a document stands in the log; bytes of refused and waiting ones are stored beside it. */
  isLogged(sha256: string): Promise<boolean>
  /** Documents by digest; absent ones are left out. */
  documents(sha256s: readonly string[]): Promise<ReadonlyMap<string, string>>
  /**
   * Status change documents of a certificate in the order of the log; `at`: when this node appended them,
   * `provenAt`: the earliest by which they are proven to exist.
   */
  statusChanges(
    target: string,
  ): Promise<{ sha256: string; jws: string; at: string; provenAt: string }[]>
}
