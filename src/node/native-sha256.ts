import { hash } from 'node:crypto'

/** SHA-256 by OpenSSL: a document costs less than the way to another thread and back. */
export function nativeSha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', bytes, 'buffer'))
}
