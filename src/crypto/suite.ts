import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from '../encoding/base64url.ts'
import { parsePublicKey } from './public-key.ts'
import type { PublicKey } from './public-key.ts'
import { ecdsaSignatureToRaw, x509SignatureAlgorithm } from './x509-signature-algorithm.ts'

export { parsePublicKey, type PublicKey }

type Bytes = Uint8Array<ArrayBuffer>
type ImportParams = { name: string; namedCurve?: string; hash?: string }
type VerifyParams = { name: string; hash?: string; saltLength?: number }

/** The closed list of "alg" values (RFC 7518 §3.1, RFC 9864 §2.2); EdDSA is Ed25519's older name. */
const JWS_ALGORITHMS = {
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

/** Verifies a JWS signature (RFC 7515 §5.2); false for a foreign key, a damaged value, any error. */
export async function verifyJwsSignature(
  alg: JwsAlgorithm,
  key: PublicKey,
  signature: Uint8Array,
  signingInput: Uint8Array,
): Promise<boolean> {
  const { key: type, params } = JWS_ALGORITHMS[alg]
  return type === key.type && verify(params, key, signature, signingInput)
}

/** Verifies a bare Ed25519 signature (RFC 8032 §5.1.7) with a 32-octet key, as log keys are given. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32) return false
  const spki = new Uint8Array([...ED25519_SPKI_PREFIX, ...publicKey])
  return verify({ name: 'Ed25519' }, { spki, type: 'Ed25519', bits: 256 }, signature, data)
}

const ED25519_SPKI_PREFIX = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

/**
 * Verifies the signature of an X.509 certificate or CRL (RFC 5280 §4.1.1.2, §5.1.1.2).
 *
 * `unsupported`: the AlgorithmIdentifier is not in the closed table, nothing was computed.
 */
export async function verifyX509Signature(
  signatureAlgorithmDer: Uint8Array,
  key: PublicKey,
  signature: Uint8Array,
  tbs: Uint8Array,
): Promise<'valid' | 'invalid' | 'unsupported'> {
  const algorithm = x509SignatureAlgorithm(signatureAlgorithmDer)
  if (!algorithm) return 'unsupported'
  if (!algorithm.keys.includes(key.type)) return 'invalid'
  const raw =
    algorithm.params.name === 'ECDSA' ? ecdsaSignatureToRaw(signature, key.bits / 8) : signature
  return raw && (await verify(algorithm.params, key, raw, tbs)) ? 'valid' : 'invalid'
}

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512'

export async function digest(hash: HashName, bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(hash, bytes as Bytes))
}

export function sha256(bytes: Uint8Array): Promise<Bytes> {
  return digest('SHA-256', bytes)
}

/** SHA-256 without a promise, for trees and cache keys. */
export function sha256Sync(bytes: Uint8Array): Bytes {
  return nobleSha256(bytes)
}

/** `x5t#S256` (RFC 7515 §4.1.8): base64url of the SHA-256 of the DER. */
export async function thumbprint(der: Uint8Array): Promise<string> {
  return encodeBase64url(await sha256(der))
}

export interface SigningKey {
  readonly alg: JwsAlgorithm
  sign(data: Uint8Array): Promise<Bytes>
}

/** A signer over a private key of the suite. Signatures have JWS form. */
export async function signingKey(
  privateKey: CryptoKey | Uint8Array,
  alg: JwsAlgorithm,
): Promise<SigningKey> {
  const { params } = JWS_ALGORITHMS[alg]
  const key =
    privateKey instanceof Uint8Array ? await importPrivateKey(privateKey, alg) : privateKey
  return {
    alg,
    sign: async (data) => new Uint8Array(await crypto.subtle.sign(params, key, data as Bytes)),
  }
}

/**
 * Imports an unencrypted PKCS#8 private key (RFC 5958) for signing only.
 *
 * @throws when the key is not one for `alg`
 */
export function importPrivateKey(pkcs8: Uint8Array, alg: JwsAlgorithm): Promise<CryptoKey> {
  const { key, params } = JWS_ALGORITHMS[alg]
  return crypto.subtle.importKey('pkcs8', pkcs8 as Bytes, importParams(params, key), false, [
    'sign',
  ])
}

/** A fresh key pair as DER: PKCS#8 and SubjectPublicKeyInfo. */
export async function generateKeyPair(
  alg: Exclude<JwsAlgorithm, 'PS256'>,
): Promise<{ pkcs8: Bytes; spki: Bytes }> {
  const { key, params } = JWS_ALGORITHMS[alg]
  const pair = (await crypto.subtle.generateKey(importParams(params, key), true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  return {
    pkcs8: new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
    spki: new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)),
  }
}

/** Imported keys by their SPKI, least recently used first. Importing costs more than looking up. */
const importedKeys = new Map<string, CryptoKey>()
const MAX_IMPORTED_KEYS = 2048

async function verify(
  params: VerifyParams,
  key: PublicKey,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  try {
    const imported = await importedKey(params, key)
    return await crypto.subtle.verify(params, imported, signature as Bytes, data as Bytes)
  } catch {
    return false
  }
}

async function importedKey(params: VerifyParams, key: PublicKey): Promise<CryptoKey> {
  const id = `${params.name} ${params.hash ?? ''} ${encodeBase64url(key.spki)}`
  const held = importedKeys.get(id)
  if (held) {
    importedKeys.delete(id)
    importedKeys.set(id, held)
    return held
  }
  const imported = await crypto.subtle.importKey(
    'spki',
    key.spki,
    importParams(params, key.type),
    false,
    ['verify'],
  )
  importedKeys.set(id, imported)
  if (importedKeys.size > MAX_IMPORTED_KEYS) importedKeys.delete(importedKeys.keys().next().value!)
  return imported
}

function importParams(params: VerifyParams, type: PublicKey['type']): ImportParams {
  switch (type) {
    case 'P-256':
    case 'P-384':
      return { name: 'ECDSA', namedCurve: type }
    case 'Ed25519':
      return { name: 'Ed25519' }
    case 'RSA':
      return { name: params.name, hash: params.hash! }
  }
}
