import { inspectDer, DerError, TAG } from '../encoding/der.ts'
import type { DerReader } from '../encoding/der.ts'

/** What the suite needs to know of a key: named curve, Ed25519 or RSA. */
export interface KeyShape {
  readonly type: 'P-256' | 'P-384' | 'Ed25519' | 'RSA'
  readonly bits: number
}

export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
export const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
export const ED25519 = '1.3.101.112'
const CURVES = new Map([
  ['1.2.840.10045.3.1.7', { type: 'P-256', bits: 256 }],
  ['1.3.132.0.34', { type: 'P-384', bits: 384 }],
] as const)
/** Larger moduli cost an attacker nothing and the verifier milliseconds. */
const MAX_RSA_BITS = 8192
/** OpenSSL refuses longer exponents beside large moduli. */
const MAX_RSA_EXPONENT_OCTETS = 8

/** Reads a SubjectPublicKeyInfo in strict DER; `undefined` for any key that WebCrypto cannot use. */
export function webcryptoKey(spki: Uint8Array): KeyShape | undefined {
  const read = inspectDer(spki, (reader) => readKey(reader.sequence()))
  return 'malformed' in read ? undefined : read
}

function readKey(info: DerReader): KeyShape {
  const algorithm = info.sequence()
  const oid = algorithm.oid()
  if (oid === RSA_ENCRYPTION) {
    if (algorithm.next(TAG.NULL).content.length !== 0) throw new DerError('NULL with content')
    algorithm.end()
    return readRsa(info)
  }
  const curve = oid === EC_PUBLIC_KEY ? CURVES.get(algorithm.oid() as '1.3.132.0.34') : undefined
  algorithm.end()
  const point = info.bitString()
  info.end()
  if (curve && point.length === 1 + curve.bits / 4 && point[0] === 4) return curve
  if (oid === ED25519 && point.length === 32) return { type: 'Ed25519', bits: 256 }
  throw new DerError('key algorithm, curve or point outside the suite')
}

function readRsa(info: DerReader): KeyShape {
  const key = inspectDer(info.bitString(), (reader) => {
    const sequence = reader.sequence()
    const modulus = sequence.positiveInteger()
    const exponent = sequence.positiveInteger()
    sequence.end()
    return { modulus, exponent }
  })
  info.end()
  if ('malformed' in key) throw new DerError(key.malformed)
  const { modulus, exponent } = key
  const bits = modulus.length * 8 - Math.clz32(modulus[0]!) + 24
  const isUsual = (exponent.at(-1)! & 1) === 1 && (exponent.length > 1 || exponent[0]! > 1)
  if (!isUsual || exponent.length > MAX_RSA_EXPONENT_OCTETS || bits > MAX_RSA_BITS)
    throw new DerError('RSA key outside the suite')
  return { type: 'RSA', bits }
}
