import {
  constants,
  createHmac,
  createPublicKey,
  type JsonWebKeyInput,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import * as z from 'zod'
import { isJwsAlgorithm, parsePublicKey, verifyJwsSignature } from '../../src/crypto/suite.ts'
import { decodeBase64url } from '../../src/encoding/base64url.ts'
import { JsonError, parseStrictJson } from '../../src/encoding/strict-json.ts'

/*
 * The product takes keys from X.509 certificates and headers of six members, which no vector has: driven
 * through parseJws all would be rejected and nothing shown. So the parts it is made of are driven:
 * base64url (J4), JSON, the closed list (J1), the key that names its algorithm (J2) and the signature.
 * `alg`, `use` and `key_ops` of a JWK (J2, J3) are read here, the product reads none; algorithms of a
 * wide list that the product lacks are computed here.
 */

export interface Jwk {
  readonly kty: string
  readonly k?: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
}

export function isJwk(value: unknown): value is Jwk {
  const { kty, alg } = Object(value) as { readonly kty?: unknown; readonly alg?: unknown }
  return typeof kty === 'string' && (alg === undefined || typeof alg === 'string')
}

const COMPUTED_HERE = /^(HS|RS|PS|ES)(256|384|512)$/

/** A list of permitted algorithms; one that nothing here computes is refused, not taken for a verdict. */
export const JwsAlgorithms = z.array(
  z.string().refine((alg) => isJwsAlgorithm(alg) || COMPUTED_HERE.test(alg), 'not computed here'),
)

export interface JwsCase {
  /** Compact Serialization, or one signature in flattened JSON Serialization. */
  readonly jws: unknown
  readonly jwk: Jwk
  readonly algs: readonly string[]
}

export async function verifyJws(c: JwsCase): Promise<{ ok: boolean; reason: string }> {
  const rejected = (reason: string) => ({ ok: false, reason })
  const parts = partsOf(c.jws)
  if (!parts) return rejected('no JWS')
  const [header, payload, signature] = parts.map(decodeBase64url)
  if (!header || !payload || !signature) return rejected('not canonical base64url')
  const alg = algorithmOf(header)
  if (alg === undefined) return rejected('no algorithm in a readable protected header')
  if (!c.algs.includes(alg)) return rejected(`algorithm ${alg} not permitted`)
  const { jwk } = c
  if (jwk.alg !== alg) return rejected('the key is for another algorithm')
  if ((jwk.use ?? 'sig') !== 'sig' || jwk.key_ops?.includes('verify') === false)
    return rejected('the key is not for verifying')
  const ok = await verifies(alg, jwk, signature, Buffer.from(`${parts[0]}.${parts[1]}`))
  return { ok, reason: 'signature' }
}

function partsOf(jws: unknown): readonly [string, string, string] | undefined {
  if (typeof jws === 'string') {
    const parts = jws.split('.')
    return parts.length === 3 ? (parts as [string, string, string]) : undefined
  }
  if (typeof jws !== 'object' || jws === null) return undefined
  const { protected: header, payload, signature } = jws as Record<string, unknown>
  return typeof header === 'string' && typeof payload === 'string' && typeof signature === 'string'
    ? [header, payload, signature]
    : undefined
}

/** What the protected header names, if it can be read without leniency. */
export function protectedAlgorithm(jws: unknown): string | undefined {
  const header = partsOf(jws)?.[0]
  const read = header === undefined ? undefined : decodeBase64url(header)
  return read && algorithmOf(read)
}

function algorithmOf(header: Uint8Array): string | undefined {
  try {
    const value = parseStrictJson(header) as { alg?: unknown; crit?: unknown } | null
    if (typeof value?.alg !== 'string' || value.crit !== undefined) return undefined
    return value.alg
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

/** The bare value of a compact JWS under a key of the algorithm that its header names. */
export function signatureIsValid(jws: string, jwk: Jwk): Promise<boolean> {
  const [header, payload, signature] = jws.split('.') as [string, string, string]
  const input = Buffer.from(`${header}.${payload}`)
  return verifies(jwk.alg!, jwk, Buffer.from(signature, 'base64url'), input)
}

async function verifies(
  alg: string,
  jwk: Jwk,
  signature: Uint8Array,
  signingInput: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const [, family, bits] = COMPUTED_HERE.exec(alg) ?? []
  if (family === 'HS' || jwk.kty === 'oct')
    return family === 'HS' && isMac(jwk, bits!, signature, signingInput)
  const key = publicKeyOf(jwk)
  if (!key) return false
  if (isJwsAlgorithm(alg)) {
    const spki = parsePublicKey(new Uint8Array(key.export({ format: 'der', type: 'spki' })))
    return spki !== undefined && verifyJwsSignature(alg, spki, signature, signingInput)
  }
  const type = key.asymmetricKeyType
  if (type !== (family === 'ES' ? 'ec' : 'rsa')) return false
  return verify(
    `sha${bits}`,
    signingInput,
    {
      key,
      ...(family === 'ES' && { dsaEncoding: 'ieee-p1363' as const }),
      ...(family === 'PS' && {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: Number(bits) / 8,
      }),
    },
    signature,
  )
}

function publicKeyOf(key: Jwk): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' } as JsonWebKeyInput)
  } catch {
    return undefined
  }
}

function isMac(jwk: Jwk, bits: string, mac: Uint8Array, data: Uint8Array): boolean {
  const key = jwk.kty === 'oct' ? decodeBase64url(jwk.k ?? '') : undefined
  if (!key) return false
  const expected = createHmac(`sha${bits}`, key).update(data).digest()
  return expected.length === mac.length && timingSafeEqual(expected, mac)
}
