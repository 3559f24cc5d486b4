/**
 * What a suite says of a signature. `unsupported`: it does not know the algorithm and computed nothing.
 * `unknown`: it has no answer that counts, as when a remote one is late, contradicts itself or answers
 * of another time. Only `valid` is a yes and only `invalid` is a no.
 */
export type SuiteVerdict = 'valid' | 'invalid' | 'unsupported' | 'unknown'

/** A subject public key that a suite can use (RFC 5280 §4.1.2.7). The key names the suite. */
export interface PublicKey {
  readonly spki: Uint8Array<ArrayBuffer>
  /** `other`: of a suite beside WebCrypto, which no signed document of the exchange may use. */
  readonly type: 'P-256' | 'P-384' | 'Ed25519' | 'RSA' | 'other'
  /** Size of the field or modulus; 256 for Ed25519. */
  readonly bits: number
  readonly suite: CryptoSuite
}

/**
 * A family of algorithms and what computes it. Callers find it by the key (`PublicKey.suite`) or, for
 * hashes, by the OID; none of them names an algorithm of its own.
 */
export interface CryptoSuite {
  readonly id: string
  /** `remote`: asks a service, so every answer may be late, wrong or missing. */
  readonly mode: 'local' | 'remote'
  /** Names for a JWS header. Those outside the closed list (J1) are never read from a document. */
  readonly jwsAlgs: readonly string[]
  /** Algorithms of subject public keys. */
  readonly spkiOids: readonly string[]
  readonly sigOids: readonly string[]
  readonly hashOids: readonly string[]
  /** Reads a SubjectPublicKeyInfo in strict DER; undefined for any key outside the suite. */
  readKey(spki: Uint8Array): PublicKey | undefined
  /**
   * Verifies a signature. `algorithm` is the DER of an AlgorithmIdentifier, whose signatures have their
   * X.509 form, or the name of a JWS algorithm, whose signatures have JWS form. Never throws.
   */
  verify(
    key: PublicKey,
    algorithm: Uint8Array | string,
    tbs: Uint8Array,
    signature: Uint8Array,
  ): Promise<SuiteVerdict>
  /** The hash with this OID; undefined: the suite has none, or no answer that counts. Never throws. */
  hash(oid: string, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>
}
