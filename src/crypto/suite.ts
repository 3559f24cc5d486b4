import { encodeBase64url } from '../encoding/base64url.ts'
import type { PublicKey, SuiteVerdict } from './crypto-suite.ts'
import { isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithmsOf } from './jws-algorithms.ts'
import { parsePublicKey } from './public-key.ts'
import { adoptSha256, sha256, sha256OfText, sha256Sync } from './sha256.ts'
import {
  adoptEcdsaP256,
  digest,
  generateKeyPair,
  type HashName,
  importPrivateKey,
  type SigningKey,
  signingKey,
  WEBCRYPTO,
} from './webcrypto.ts'

// What callers ask for. The key names its suite, and the suite computes.

export { isJwsAlgorithm, jwsAlgorithmsOf, parsePublicKey }
export { adoptEcdsaP256, adoptSha256, digest, generateKeyPair, importPrivateKey }
export { sha256, sha256OfText, sha256Sync, signingKey }
export type { HashName, JwsAlgorithm, PublicKey, SigningKey }

/** Verifies a JWS signature (RFC 7515 §5.2); false for a foreign key, a damaged value, any error. */
export async function verifyJwsSignature(
  alg: JwsAlgorithm,
  key: PublicKey,
  signature: Uint8Array,
  signingInput: Uint8Array,
): Promise<boolean> {
  return (await key.suite.verify(key, alg, signingInput, signature)) === 'valid'
}

/** Verifies a bare Ed25519 signature (RFC 8032 §5.1.7) with a 32-octet key, as log keys are given. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32) return false
  const spki = new Uint8Array([...ED25519_SPKI_PREFIX, ...publicKey])
  const key: PublicKey = { spki, type: 'Ed25519', bits: 256, suite: WEBCRYPTO }
  return verifyJwsSignature('Ed25519', key, signature, data)
}

const ED25519_SPKI_PREFIX = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

/**
 * Verifies the signature of an X.509 certificate or CRL (RFC 5280 §4.1.1.2, §5.1.1.2). Only `valid` is a
 * yes; what else may be answered is `SuiteVerdict`.
 */
export function verifyX509Signature(
  signatureAlgorithmDer: Uint8Array,
  key: PublicKey,
  signature: Uint8Array,
  tbs: Uint8Array,
): Promise<SuiteVerdict> {
  return key.suite.verify(key, signatureAlgorithmDer, tbs, signature)
}

/** `x5t#S256` (RFC 7515 §4.1.8): base64url of the SHA-256 of the DER. */
export async function thumbprint(der: Uint8Array): Promise<string> {
  return encodeBase64url(await sha256(der))
}
