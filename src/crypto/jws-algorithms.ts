import type { PublicKey } from './crypto-suite.ts'

export interface VerifyParams {
  readonly name: string
  readonly hash?: string
  readonly saltLength?: number
}

/** The closed list of "alg" values (RFC 7518 §3.1, RFC 9864 §2.2); EdDSA is Ed25519's older name. */
export const JWS_ALGORITHMS = {
  ES256: { key: 'P-256', params: { name: 'ECDSA', hash: 'SHA-256' } },
  ES384: { key: 'P-384', params: { name: 'ECDSA', hash: 'SHA-384' } },
  Ed25519: { key: 'Ed25519', params: { name: 'Ed25519' } },
  EdDSA: { key: 'Ed25519', params: { name: 'Ed25519' } },
  PS256: { key: 'RSA', params: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 } },
} as const satisfies Record<string, { key: PublicKey['type']; params: VerifyParams }>

export type JwsAlgorithm = keyof typeof JWS_ALGORITHMS

export function isJwsAlgorithm(text: string): text is JwsAlgorithm {
  return Object.hasOwn(JWS_ALGORITHMS, text)
}

/** The algorithms a key may be used with: the key names the algorithm, never the header. */
export function jwsAlgorithmsOf(key: PublicKey): readonly JwsAlgorithm[] {
  return (Object.keys(JWS_ALGORITHMS) as JwsAlgorithm[]).filter(
    (alg) => JWS_ALGORITHMS[alg].key === key.type,
  )
}
