import { sha256Sync } from '../crypto/suite.ts'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import type { Malformed } from '../encoding/der.ts'

/** Signature types, their identifier bytes (C2SP signed-note) and the lengths of their public keys. */
const TYPES = {
  ed25519: { byte: 0x01, keyLength: 32 },
  'cosignature/v1': { byte: 0x04, keyLength: 32 },
  /** Cosignatures that are named, kept and not verified here: no runtime in use can. */
  'ml-dsa-44': { byte: 0x06, keyLength: 1312 },
} as const

export type SignatureType = keyof typeof TYPES

/** A key that notes are verified with. The type is part of it: one key, one purpose. */
export interface VerifierKey<T extends SignatureType> {
  readonly name: string
  readonly type: T
  readonly publicKey: Uint8Array
  readonly keyId: number
}

/**
 * Names a public key and computes its id (C2SP signed-note, signatures).
 *
 * @throws {RangeError} no key name, or no key of this type
 */
export function verifierKey<T extends SignatureType>(
  name: string,
  type: T,
  publicKey: Uint8Array,
): VerifierKey<T> {
  if (!isKeyName(name)) throw new RangeError(`${JSON.stringify(name)} is not a key name`)
  const { byte, keyLength } = TYPES[type]
  if (publicKey.length !== keyLength)
    throw new RangeError(`A key of type ${type} has ${keyLength} bytes, not ${publicKey.length}`)
  const named = new TextEncoder().encode(`${name}\n`)
  const digest = sha256Sync(new Uint8Array([...named, byte, ...publicKey]))
  return {
    name,
    type,
    publicKey,
    keyId: new DataView(digest.buffer, digest.byteOffset).getUint32(0),
  }
}

/** Key names have no Unicode spaces and no plus; as parts of a note, no control characters either. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Surrogate}+\x00-\x1f\x7f]+$/u.test(name)
}

/** The key as text: `<name>+<id>+<key>` (C2SP signed-note, verifier keys). */
export function formatVerifierKey(key: VerifierKey<SignatureType>): string {
  const material = new Uint8Array([TYPES[key.type].byte, ...key.publicKey])
  return `${key.name}+${keyIdText(key.keyId)}+${encodeBase64(material)}`
}

/** Reads a key of the one type that serves the caller's purpose. */
export function parseVerifierKey<T extends SignatureType>(
  text: string,
  type: T,
): VerifierKey<T> | Malformed {
  const [, name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? []
  if (name === undefined || !isKeyName(name)) return { malformed: 'not <name>+<id>+<key>' }
  const octets = decodeBase64(material!)
  if (!octets) return { malformed: 'the key is not base64' }
  const { byte, keyLength } = TYPES[type]
  if (octets[0] !== byte) return { malformed: `not a key of type ${type}` }
  const publicKey = octets.subarray(1)
  if (publicKey.length !== keyLength) return { malformed: `the key has not ${keyLength} bytes` }
  const key = verifierKey(name, type, publicKey)
  return keyIdText(key.keyId) === id ? key : { malformed: 'the id is not that of the key' }
}

function keyIdText(keyId: number): string {
  return keyId.toString(16).padStart(8, '0')
}
