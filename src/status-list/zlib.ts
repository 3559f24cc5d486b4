import { readBounded } from '../encoding/read-bounded.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Compresses to one zlib stream (RFC 1950). */
export function deflate(bytes: Uint8Array): Promise<Bytes> {
  return readBounded(piped(bytes, new CompressionStream('deflate')), Infinity)
}

/**
 * Inflates exactly one zlib stream (RFC 1950), never beyond `maxBytes`. `undefined`: it is damaged, cut
 * off, too long, or other bytes follow it.
 */
export async function inflate(bytes: Uint8Array, maxBytes: number): Promise<Bytes | undefined> {
  const inflated = await inflateLeniently(bytes, maxBytes)
  if (!inflated) return undefined
  // Node up to 24 ignores what follows a stream (nodejs/node#58247). Of a stream that ends with the last
  // byte, all bytes but the last are none.
  const isShorter = await inflateLeniently(bytes.subarray(0, -1), maxBytes)
  return isShorter ? undefined : inflated
}

async function inflateLeniently(bytes: Uint8Array, maxBytes: number): Promise<Bytes | undefined> {
  try {
    return await readBounded(piped(bytes, new DecompressionStream('deflate')), maxBytes)
  } catch {
    return undefined
  }
}

function piped(
  bytes: Uint8Array,
  through: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  return new Blob([bytes as Bytes]).stream().pipeThrough(through)
}
