import type { SigningKey } from '../crypto/suite.ts'
import { encodeBase64url } from '../encoding/base64url.ts'
import { type Environment, markedClaims } from './environment.ts'
import type { DocumentTyp, ProtectedHeader } from './protected-header.ts'

/** A signing key with the certification path that goes into x5c. */
export interface Seal {
  readonly key: SigningKey
  readonly x5tS256: string
  /** The certification path as DER, end entity first, without the trust anchor. */
  readonly path: readonly Uint8Array[]
  /** The same in base64, as the header carries it. */
  readonly x5c: readonly string[]
  /** Of the PKI that the key belongs to: everything it signs is of this environment. */
  readonly environment: Environment
}

const utf8 = new TextEncoder()

/**
 * Signs a payload as compact JWS, JAdES level B-B (ETSI TS 119 182-1 §6.3). The key's environment decides
 * whether the document bears the mark of training: no caller can forget it.
 */
export async function signJws(input: {
  typ: DocumentTyp
  payload: object
  seal: Seal
  signedAt: Date
}): Promise<string> {
  const { typ, payload, seal, signedAt } = input
  const header: ProtectedHeader = {
    alg: seal.key.alg,
    typ,
    cty: 'application/json',
    iat: Math.floor(signedAt.getTime() / 1000),
    'x5t#S256': seal.x5tS256,
    x5c: seal.x5c,
  }
  const encode = (value: object) => encodeBase64url(utf8.encode(JSON.stringify(value)))
  const signingInput = `${encode(header)}.${encode(markedClaims(seal.environment, payload))}`
  const signature = await seal.key.sign(utf8.encode(signingInput))
  return `${signingInput}.${encodeBase64url(signature)}`
}
