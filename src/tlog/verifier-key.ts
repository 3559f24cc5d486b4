import { sha256Sync } from '../crypto/suite.ts'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import type { Malformed } from '../encoding/der.ts'

/** The signature types in use and their identifier bytes (C2SP signed-note). Both keys are Ed25519. */
const TYPE_BYTES = { ed25519: 0x01, 'cosignature/v1': 0x04 } as const

export type SignatureType = keyof typeof TYPE_BYTES

/** A key that notes are verified with. The type is part of it: one key, one purpose. */
export interface VerifierKey<T extends SignatureType> {
  readonly name: string
  readonly type: T
  readonly publicKey: Uint8Array
  readonly keyId: number
}

const PUBLIC_KEY_LENGTH = 32

/**
 * Names a public key and computes its id (C2SP signed-note, signatures).
 *
 * @throws {RangeError} no key name, or no Ed25519 key
 */
export function verifierKey<T extends SignatureType>(
  name: string,
  type: T,
  publicKey: Uint8Array,
): VerifierKey<T> {
  if (!isKeyName(name)) throw new RangeError(`${JSON.stringify(name)} is not a key name`)
  if (publicKey.length !== PUBLIC_KEY_LENGTH)
    throw new RangeError(`An Ed25519 public key has 32 bytes, not ${publicKey.length}`)
  const named = new TextEncoder().encode(`${name}\n`)
  const digest = sha256Sync(new Uint8Array([...named, TYPE_BYTES[type], ...publicKey]))
  return {
    name,
    type,
    publicKey,
    keyId: new DataView(digest.buffer, digest.byteOffset).getUint32(0),
  }
}

/** Key names have no Unicode spaces and no plus; as parts of a note, no control characters either. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Surrogate}+\x00-\x1f]+$/u.test(name)
}

/** The key as text: `<name>+<id>+<key>` (C2SP signed-note, verifier keys). */
export function formatVerifierKey(key: VerifierKey<SignatureType>): string {
  const material = new Uint8Array([TYPE_BYTES[key.type], ...key.publicKey])
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
  if (octets[0] !== TYPE_BYTES[type]) return { malformed: `not a key of type ${type}` }
  const publicKey = octets.subarray(1)
  if (publicKey.length !== PUBLIC_KEY_LENGTH) return { malformed: 'the key has not 32 bytes' }
  const key = verifierKey(name, type, publicKey)
  return keyIdText(key.keyId) === id ? key : { malformed: 'the id is not that of the key' }
}

function keyIdText(keyId: number): string {
  return keyId.toString(16).padStart(8, '0')
}
