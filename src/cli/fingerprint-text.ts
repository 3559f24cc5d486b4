import { decodeBase64url } from '../encoding/base64url.ts'
import { octetsToHex } from '../encoding/octets.ts'

/** A SHA-256 in the form that people read to each other and that openssl shows: `AB:CD:…`. */
export function fingerprintText(sha256: string): string {
  const octets = decodeBase64url(sha256) ?? new Uint8Array()
  return octetsToHex(octets).toUpperCase().match(/../g)?.join(':') ?? ''
}
