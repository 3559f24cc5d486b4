import { encodeBase64url } from '../encoding/base64url.ts'
import { RecentMap } from '../encoding/recent-map.ts'
import type { CryptoSuite, PublicKey, SuiteVerdict } from './crypto-suite.ts'
import { JWS_ALGORITHMS, type JwsAlgorithm, type VerifyParams } from './jws-algorithms.ts'
import { EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION, webcryptoKey } from './webcrypto-key.ts'
import {
  ecdsaSignatureToRaw,
  X509_SIGNATURE_OIDS,
  x509SignatureAlgorithm,
} from './x509-signature-algorithm.ts'

type Bytes = Uint8Array<ArrayBuffer>
type ImportParams = { name: string; namedCurve?: string; hash?: string }

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512'

const HASHES: ReadonlyMap<string, HashName> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
])

/** The suite that is always there: what the exchange itself signs with (trust profile J1, P12). */
export const WEBCRYPTO: CryptoSuite = {
  id: 'webcrypto',
  mode: 'local',
  jwsAlgs: Object.keys(JWS_ALGORITHMS),
  spkiOids: [EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION],
  sigOids: X509_SIGNATURE_OIDS,
  hashOids: [...HASHES.keys()],
  readKey(spki) {
    const shape = webcryptoKey(spki)
    if (!shape) return undefined
    // A copy: who remembers the key must not remember all that it was cut out of.
    return { spki: new Uint8Array(spki), type: shape.type, bits: shape.bits, suite: WEBCRYPTO }
  },
  verify: (key, algorithm, tbs, signature) =>
    typeof algorithm === 'string'
      ? verifyJws(key, algorithm, tbs, signature)
      : verifyX509(key, algorithm, tbs, signature),
  async hash(oid, bytes) {
    const name = HASHES.get(oid)
    return name && digest(name, bytes)
  },
}

const UNSUPPORTED: Promise<SuiteVerdict> = Promise.resolve('unsupported')
const INVALID: Promise<SuiteVerdict> = Promise.resolve('invalid')

function verifyJws(
  key: PublicKey,
  algorithm: string,
  tbs: Uint8Array,
  signature: Uint8Array,
): Promise<SuiteVerdict> {
  if (!Object.hasOwn(JWS_ALGORITHMS, algorithm)) return UNSUPPORTED
  const { key: type, params } = JWS_ALGORITHMS[algorithm as JwsAlgorithm]
  return type === key.type ? verify(params, key, signature, tbs) : INVALID
}

function verifyX509(
  key: PublicKey,
  algorithmDer: Uint8Array,
  tbs: Uint8Array,
  signature: Uint8Array,
): Promise<SuiteVerdict> {
  const algorithm = x509SignatureAlgorithm(algorithmDer)
  if (!algorithm) return UNSUPPORTED
  if (!algorithm.keys.some((type) => type === key.type)) return INVALID
  const raw =
    algorithm.params.name === 'ECDSA' ? ecdsaSignatureToRaw(signature, key.bits / 8) : signature
  return raw ? verify(algorithm.params, key, raw, tbs) : INVALID
}

const MAX_IMPORTED_KEYS = 2048

/** Imported keys by their SPKI: importing costs more than looking up. */
const importedKeys = new RecentMap<string, CryptoKey>(MAX_IMPORTED_KEYS)

async function verify(
  params: VerifyParams,
  key: PublicKey,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<SuiteVerdict> {
  try {
    const last = lastImported.get(key)
    const imported = last?.params === params ? last.imported : await importedKey(params, key)
    if (verifyNow && key.type === 'P-256' && data.length <= MAX_SYNCHRONOUS_OCTETS)
      return verifyNow(params.hash!, imported, signature, data) ? 'valid' : 'invalid'
    const holds = await crypto.subtle.verify(params, imported, signature as Bytes, data as Bytes)
    return holds ? 'valid' : 'invalid'
  } catch {
    return 'invalid'
  }
}

/**
 * Verifies ECDSA (FIPS 186-5 §6.4.2) without a promise; the signature is r and s side by side. Throws or
 * answers false for whatever is no signature.
 */
export type VerifyEcdsaNow = (
  hash: string,
  key: CryptoKey,
  signature: Uint8Array,
  data: Uint8Array,
) => boolean

let verifyNow: VerifyEcdsaNow | undefined

/** Hashing more than this takes longer than the way to another thread and back. */
const MAX_SYNCHRONOUS_OCTETS = 64 * 1024

/**
 * Gives this program its platform's own verification for keys on P-256, for which the way to another
 * thread and back costs more than the computation. Whatever else there is, WebCrypto verifies.
 *
 * @throws when it says other than WebCrypto of a signature made here, and of that signature damaged
 */
export async function adoptEcdsaP256(verify: VerifyEcdsaNow): Promise<void> {
  const form = { name: 'ECDSA', namedCurve: 'P-256' }
  const { privateKey, publicKey } = await crypto.subtle.generateKey(form, false, ['sign', 'verify'])
  const data = new TextEncoder().encode('probe')
  for (const hash of ['SHA-256', 'SHA-384', 'SHA-512']) {
    const params = { name: 'ECDSA', hash }
    const right = new Uint8Array(await crypto.subtle.sign(params, privateKey, data))
    const wrong = right.with(40, right[40]! ^ 1)
    if (!verify(hash, publicKey, right, data) || verify(hash, publicKey, wrong, data))
      throw new Error('What should verify ECDSA answers something else')
  }
  verifyNow = verify
}

/** What a parsed key was last used as: the key of one signer verifies many documents. */
const lastImported = new WeakMap<PublicKey, { params: VerifyParams; imported: CryptoKey }>()

async function importedKey(params: VerifyParams, key: PublicKey): Promise<CryptoKey> {
  const id = `${params.name} ${params.hash ?? ''} ${encodeBase64url(key.spki)}`
  const imported = importedKeys.get(id) ?? (await importKey(id, params, key))
  lastImported.set(key, { params, imported })
  return imported
}

async function importKey(id: string, params: VerifyParams, key: PublicKey): Promise<CryptoKey> {
  const form = importParams(params, key.type)
  // Where a key is a bare point, OpenSSL reads it ten times as fast as its SubjectPublicKeyInfo.
  const [format, octets] =
    key.type === 'RSA'
      ? (['spki', key.spki] as const)
      : (['raw', key.spki.subarray(-pointLength(key))] as const)
  const imported = await crypto.subtle.importKey(format, octets, form, false, ['verify'])
  importedKeys.set(id, imported)
  return imported
}

/** Octets of the public key, the last of its SPKI: an uncompressed point (SEC 1 §2.3.3), or RFC 8032 §5.1.5. */
function pointLength({ type, bits }: PublicKey): number {
  return type === 'Ed25519' ? 32 : 1 + bits / 4
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
    case 'other':
      throw new Error('The key is of another suite')
  }
}

export async function digest(hash: HashName, bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(hash, bytes as Bytes))
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
