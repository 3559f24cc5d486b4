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

export interface AttestationRecord extends StatementRecord {
  /** The state whose service signed it. */
  readonly issuer: string
  /** When the service verified, by its own word. */
  readonly verifiedAt: string
}

/** National signatures beside certificates, and what trust services say of them. */
export interface SecondSignatureStore {
  /** The second signatures of a certificate in the order of the log. */
  of(certificate: string): Promise<StoredStatement[]>
  /** The attestations of a second signature in the order of the log. */
  attestations(secondSignature: string): Promise<StoredStatement[]>
  /**
   * The last of one state first, by when it verified: by its word, but not after this node logged it, so
   * that a date yet to come puts none before all others.
   */
  lastAttestations(
    secondSignature: string,
    issuer: string,
    limit: number,
  ): Promise<StoredStatement[]>
  /** How many attestations of a second signature there are, and how many of them of one state. */
  countAttestations(
    secondSignature: string,
    issuer: string,
  ): Promise<{ readonly all: number; readonly ofIssuer: number }>
  /** The certificate that a second signature of the log stands beside, by digest. */
  certificateOf(secondSignature: string): Promise<string | undefined>
}
