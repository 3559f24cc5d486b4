import type { JwsAlgorithm, PublicKey } from '../crypto/suite.ts'

/**
 * The signature algorithms of EXC-HTTPSIG-1 H1 (RFC 9421 §3.3). Their signature values have the form
 * of the JWS algorithm beside them: r and s concatenated, or the Ed25519 signature.
 */
export const HTTP_ALGORITHMS = {
  'P-256': { name: 'ecdsa-p256-sha256', jws: 'ES256' },
  'P-384': { name: 'ecdsa-p384-sha384', jws: 'ES384' },
  Ed25519: { name: 'ed25519', jws: 'Ed25519' },
  RSA: undefined,
  other: undefined,
} as const satisfies Record<PublicKey['type'], { name: string; jws: JwsAlgorithm } | undefined>

/** What a key that signs with `alg` may do here; keys of other algorithms sign no HTTP messages. */
export const SIGNS_HTTP: Record<JwsAlgorithm, boolean> = {
  ES256: true,
  ES384: true,
  Ed25519: true,
  EdDSA: true,
  PS256: false,
}
