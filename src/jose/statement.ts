import { type JwsAlgorithm, sha256Sync } from '../crypto/suite.ts'
import { encodeBase64url } from '../encoding/base64url.ts'
import { octetsToHex } from '../encoding/octets.ts'
import { utf8ForNow } from '../encoding/utf8.ts'
import { parseJws, type UnverifiedJws } from './parse.ts'

/** Orders of the base points of the curves (SP 800-186 §3.2.1). */
const ORDERS: Readonly<Partial<Record<JwsAlgorithm, bigint>>> = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
}

/**
 * The digests under which a statement may be known, that of these very bytes first. Where (r, s) is an ECDSA
 * signature, (r, n − s) is one as well (FIPS 186-5 §6.4.2), and whoever sees one makes the other without a
 * key: two documents by their bytes, and one word of their signer. What is no JWS has one digest.
 */
export function statementDigests(jws: string | UnverifiedJws): readonly [string, ...string[]] {
  const parsed = typeof jws === 'string' ? parseJws(jws) : jws
  const compact = typeof jws === 'string' ? jws : jws.compact
  const twin = 'malformed' in parsed ? undefined : twinOf(parsed)
  return twin === undefined ? [digestOf(compact)] : [digestOf(compact), digestOf(twin)]
}

/** The same statement with its other signature. */
function twinOf({ compact, header, signature }: UnverifiedJws): string | undefined {
  const order = ORDERS[header.alg]
  const half = signature.length / 2
  if (order === undefined || !Number.isInteger(half)) return undefined
  const s = BigInt(`0x${octetsToHex(signature.subarray(half))}`)
  if (s === 0n || s >= order) return undefined
  const hex = (order - s).toString(16).padStart(2 * half, '0')
  const other = signature.slice()
  for (let i = 0; i < half; i++) other[half + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return `${compact.slice(0, compact.lastIndexOf('.'))}.${encodeBase64url(other)}`
}

function digestOf(text: string): string {
  return encodeBase64url(sha256Sync(utf8ForNow(text)))
}
