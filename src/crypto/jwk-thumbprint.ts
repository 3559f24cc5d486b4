import { encodeBase64url } from '../encoding/base64url.ts'
import { sha256OfText } from './sha256.ts'

/** Members that make a public key, in the order of their names (RFC 7638 §3.2, RFC 8037 §2). */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
}

/** The JWK thumbprint (RFC 7638) with SHA-256, base64url; undefined for what is no EC or OKP key. */
export async function jwkThumbprint(
  jwk: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const names = REQUIRED[String(jwk['kty'])]
  if (!names || names.some((name) => typeof jwk[name] !== 'string')) return undefined
  const members = Object.fromEntries(names.map((name) => [name, jwk[name]]))
  return encodeBase64url(await sha256OfText(JSON.stringify(members)))
}
