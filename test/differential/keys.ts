import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { derElement } from '../../src/encoding/der-writer.ts'
import { hexToOctets } from '../unit/x509/forgery.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A kind of key, inside or outside the suite. */
export type KeyKind =
  | 'P-256'
  | 'P-384'
  | 'P-521'
  | 'secp256k1'
  | 'P-256 by its parameters'
  | 'P-256 compressed'
  | 'Ed25519'
  | 'Ed448'
  | 'RSA 1024'
  | 'RSA 2048'
  | 'RSA 3072'
  | 'RSA-PSS 3072'

/** A signature algorithm: its AlgorithmIdentifier, and how OpenSSL computes it. */
interface SignatureAlgorithm {
  readonly identifier: Bytes
  readonly hash: string | null
  readonly saltLength?: number
}

const pss = (hash: string, mgf: string, saltLength: number): Bytes =>
  derElement(
    0x30,
    hexToOctets('06092a864886f70d01010a'),
    derElement(
      0x30,
      derElement(0xa0, derElement(0x30, hexToOctets(hash), hexToOctets('0500'))),
      derElement(
        0xa1,
        derElement(
          0x30,
          hexToOctets('06092a864886f70d010108'),
          derElement(0x30, hexToOctets(mgf), hexToOctets('0500')),
        ),
      ),
      derElement(0xa2, derElement(0x02, Uint8Array.of(saltLength))),
    ),
  )
const SHA256 = '0609608648016503040201'
const SHA1 = '06052b0e03021a'

export const SIGNATURES = {
  'ECDSA SHA-256': { identifier: hexToOctets('300a06082a8648ce3d040302'), hash: 'sha256' },
  'ECDSA SHA-384': { identifier: hexToOctets('300a06082a8648ce3d040303'), hash: 'sha384' },
  'ECDSA SHA-512': { identifier: hexToOctets('300a06082a8648ce3d040304'), hash: 'sha512' },
  'ECDSA SHA-1': { identifier: hexToOctets('300906072a8648ce3d0401'), hash: 'sha1' },
  'ECDSA SHA-256 NULL': { identifier: hexToOctets('300c06082a8648ce3d0403020500'), hash: 'sha256' },
  Ed25519: { identifier: hexToOctets('300506032b6570'), hash: null },
  'Ed25519 NULL': { identifier: hexToOctets('300706032b65700500'), hash: null },
  Ed448: { identifier: hexToOctets('300506032b6571'), hash: null },
  'RSA SHA-256': { identifier: hexToOctets('300d06092a864886f70d01010b0500'), hash: 'sha256' },
  'RSA SHA-384': { identifier: hexToOctets('300d06092a864886f70d01010c0500'), hash: 'sha384' },
  'RSA SHA-512': { identifier: hexToOctets('300d06092a864886f70d01010d0500'), hash: 'sha512' },
  'RSA SHA-1': { identifier: hexToOctets('300d06092a864886f70d0101050500'), hash: 'sha1' },
  'PSS SHA-256': { identifier: pss(SHA256, SHA256, 32), hash: 'sha256', saltLength: 32 },
  'PSS salt of 20': { identifier: pss(SHA256, SHA256, 20), hash: 'sha256', saltLength: 20 },
  'PSS MGF of SHA-1': { identifier: pss(SHA256, SHA1, 32), hash: 'sha256', saltLength: 32 },
} as const satisfies Record<string, SignatureAlgorithm>
export type SignatureName = keyof typeof SIGNATURES

export interface Key {
  readonly name: string
  readonly kind: KeyKind
  readonly spki: Bytes
  readonly signature: SignatureName
  readonly privateKey: KeyObject
}

const GENERATED: Readonly<
  Record<KeyKind, readonly [SignatureName, () => { privateKey: KeyObject }]>
> = {
  'P-256': ['ECDSA SHA-256', () => ec('prime256v1')],
  'P-384': ['ECDSA SHA-384', () => ec('secp384r1')],
  'P-521': ['ECDSA SHA-512', () => ec('secp521r1')],
  secp256k1: ['ECDSA SHA-256', () => ec('secp256k1')],
  'P-256 by its parameters': ['ECDSA SHA-256', () => ec('prime256v1', 'explicit')],
  'P-256 compressed': ['ECDSA SHA-256', () => ec('prime256v1')],
  Ed25519: ['Ed25519', () => generateKeyPairSync('ed25519')],
  Ed448: ['Ed448', () => generateKeyPairSync('ed448')],
  'RSA 1024': ['RSA SHA-256', () => generateKeyPairSync('rsa', { modulusLength: 1024 })],
  'RSA 2048': ['RSA SHA-256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  'RSA 3072': ['RSA SHA-256', () => generateKeyPairSync('rsa', { modulusLength: 3072 })],
  'RSA-PSS 3072': ['PSS SHA-256', () => generateKeyPairSync('rsa-pss', { modulusLength: 3072 })],
}

const ec = (namedCurve: string, paramEncoding: 'named' | 'explicit' = 'named') =>
  generateKeyPairSync('ec', { namedCurve, paramEncoding })

const pool = new Map<string, Key>()

/** The key of this kind and number; the same in the whole run, for keys cost time and signatures do not. */
export function keyOf(kind: KeyKind, number: number): Key {
  const name = `${kind} ${number}`
  const held = pool.get(name)
  if (held) return held
  const [signature, generate] = GENERATED[kind]
  const { privateKey } = generate()
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const spki = kind === 'P-256 compressed' ? compressed(der) : new Uint8Array(der)
  const key = { name, kind, spki, signature, privateKey }
  pool.set(name, key)
  return key
}

/** The point of a P-256 key by its x and the sign of its y. */
function compressed(spki: Uint8Array): Bytes {
  const point = spki.subarray(-65)
  const short = Uint8Array.of(2 + (point[64]! & 1), ...point.subarray(1, 33))
  const algorithm = hexToOctets('301306072a8648ce3d020106082a8648ce3d030107')
  return derElement(0x30, algorithm, derElement(0x03, new Uint8Array(1), short))
}

/** The content of the BIT STRING. */
export function signatureBy(key: Key, name: SignatureName, tbs: Uint8Array): Bytes {
  const { hash, saltLength } = SIGNATURES[name] as SignatureAlgorithm
  // 6 is RSA_PKCS1_PSS_PADDING.
  const padding = saltLength === undefined ? {} : { padding: 6, saltLength }
  const options = name === 'PSS MGF of SHA-1' ? { ...padding, mgf1Hash: 'sha1' } : padding
  return new Uint8Array(sign(hash, tbs, { key: key.privateKey, ...options }))
}
