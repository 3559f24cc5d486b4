import { parseDictionary, serializeDictionary } from 'structured-headers'
import { sha256 } from '../crypto/suite.ts'

/** Content-Digest with sha-256 over the raw content (RFC 9530 §2); an empty body has one too. */
export async function contentDigest(body: Uint8Array): Promise<string> {
  return serializeDigest(await sha256(body))
}

/** Recomputes the digest. Only the one value that `contentDigest` writes for these bytes matches. */
export async function checkContentDigest(
  header: string,
  body: Uint8Array,
): Promise<'match' | 'mismatch' | 'malformed'> {
  const expected = await contentDigest(body)
  if (header === expected) return 'match'
  return isSha256Digest(header) ? 'mismatch' : 'malformed'
}

function isSha256Digest(header: string): boolean {
  try {
    const value = parseDictionary(header).get('sha-256')?.[0]
    return value instanceof ArrayBuffer && serializeDigest(new Uint8Array(value)) === header
  } catch {
    return false
  }
}

function serializeDigest(digest: Uint8Array<ArrayBuffer>): string {
  return serializeDictionary(new Map([['sha-256', [digest, new Map()]]]))
}
