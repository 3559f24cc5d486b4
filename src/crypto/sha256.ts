import { sha256 as inScript } from '@noble/hashes/sha2.js'
import { utf8ForNow } from '../encoding/utf8.ts'
import { digest } from './webcrypto.ts'

type Bytes = Uint8Array<ArrayBuffer>
type Sha256 = (bytes: Uint8Array) => Bytes

let onPlatform: Sha256 | undefined

/**
 * Gives this program its platform's own SHA-256 (FIPS 180-4) that answers without a promise. Where there
 * is none, as on Workers, WebCrypto serves whoever can wait and a script everyone else.
 *
 * @throws when it is no SHA-256
 */
export function adoptSha256(sha256: Sha256): void {
  for (const length of [0, 3, 64, 1000]) {
    const probe = new Uint8Array(length).fill(0x61)
    const [computed, expected] = [sha256(probe), inScript(probe)]
    if (computed.length !== 32 || expected.some((octet, i) => octet !== computed[i]))
      throw new Error('What should be SHA-256 computes something else')
  }
  onPlatform = sha256
}

/** Beyond this a digest is computed beside the JavaScript thread. */
const MAX_SYNCHRONOUS_OCTETS = 64 * 1024

/** SHA-256 for whoever can wait. */
export async function sha256(bytes: Uint8Array): Promise<Bytes> {
  if (onPlatform && bytes.length <= MAX_SYNCHRONOUS_OCTETS) return onPlatform(bytes)
  return digest('SHA-256', bytes)
}

/** SHA-256 of the UTF-8 of a text. */
export async function sha256OfText(text: string): Promise<Bytes> {
  const octets = utf8ForNow(text)
  if (onPlatform && octets.length <= MAX_SYNCHRONOUS_OCTETS) return onPlatform(octets)
  return digest('SHA-256', octets.slice())
}

/** SHA-256 without a promise, for trees and cache keys. */
export function sha256Sync(bytes: Uint8Array): Bytes {
  return onPlatform ? onPlatform(bytes) : inScript(bytes)
}
