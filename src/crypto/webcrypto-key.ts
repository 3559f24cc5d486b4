import { DerError } from '../encoding/der-error.ts'
import { startsWith, hexToOctets } from '../encoding/octets.ts'
import { inspectDer, TAG } from '../encoding/der.ts'
import type { DerReader } from '../encoding/der.ts'

/** What the suite needs to know of a key: named curve, Ed25519 or RSA. */
export interface KeyShape {
  readonly type: 'P-256' | 'P-384' | 'Ed25519' | 'RSA'
  readonly bits: number
}

export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
export const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
export const ED25519 = '1.3.101.112'

/**
 * The SubjectPublicKeyInfo of curves up to the key: in DER there is but one for each (RFC 5480 §2.1.1 with
 * an uncompressed point, RFC 8410 §4), so that these octets say all that a reader would find out.
 */
const CURVES = [
  {
    type: 'P-256',
    bits: 256,
    before: '3059301306072a8648ce3d020106082a8648ce3d03010703420004',
    octets: 64,
  },
  {
    type: 'P-384',
    bits: 384,
    before: '3076301006072a8648ce3d020106052b8104002203620004',
    octets: 96,
  },
  { type: 'Ed25519', bits: 256, before: '302a300506032b6570032100', octets: 32 },
].map(({ before, ...curve }) => ({
  ...curve,
  before: hexToOctets(before),
})) as readonly (KeyShape & { before: Uint8Array; octets: number })[]
/** Larger moduli cost an attacker nothing and the verifier milliseconds. */
const MAX_RSA_BITS = 8192
/** OpenSSL refuses longer exponents beside large moduli. */
const MAX_RSA_EXPONENT_OCTETS = 8

/** Reads a SubjectPublicKeyInfo in strict DER; `undefined` for any key that WebCrypto cannot use. */
export function webcryptoKey(spki: Uint8Array): KeyShape | undefined {
  for (const curve of CURVES)
    if (spki.length === curve.before.length + curve.octets && startsWith(spki, curve.before))
      return curve
  const rsa = inspectDer(spki, (reader) => readRsa(reader.sequence()))
  return 'malformed' in rsa ? undefined : rsa
}

function readRsa(info: DerReader): KeyShape {
  const algorithm = info.sequence()
  if (algorithm.oid() !== RSA_ENCRYPTION)
    throw new DerError('key algorithm, curve or point outside the suite')
  if (algorithm.next(TAG.NULL).content.length !== 0) throw new DerError('NULL with content')
  algorithm.end()
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
