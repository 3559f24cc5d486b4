export interface StoredStatement {
  readonly sha256: string
  readonly jws: string
  /** When this node appended it to its log. */
  readonly at: string
}

/** A second signature or an attestation in its place: the n-th that was logged of its target. */
export interface StatementRecord {
  /** Of a second signature the certificate, of an attestation the second signature; by digest. */
  readonly target: string
  readonly n: number
  readonly sha256: string
}

/** National signatures beside certificates, and what trust services say of them. */
export interface SecondSignatureStore {
  /** The second signatures of a certificate in the order of the log. */
  of(certificate: string): Promise<StoredStatement[]>
  /** The attestations of a second signature in the order of the log. */
  attestations(secondSignature: string): Promise<StoredStatement[]>
  /** The certificate that a second signature of the log stands beside, by digest. */
  certificateOf(secondSignature: string): Promise<string | undefined>
}
