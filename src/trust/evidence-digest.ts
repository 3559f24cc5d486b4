import { sha256Sync } from '../crypto/suite.ts'
import { decodeBase64, encodeBase64url } from '../encoding/base64url.ts'

/** SHA-256 (base64url) of a CRL or OCSP response that is kept as base64; what cannot be read is empty. */
export function evidenceDigest(der: string): string {
  return encodeBase64url(sha256Sync(decodeBase64(der) ?? new Uint8Array()))
}
