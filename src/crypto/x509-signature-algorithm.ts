import { inspectDer } from '../encoding/der.ts'
import { hexToOctets, isSameOctets } from '../encoding/octets.ts'
import type { PublicKey } from './crypto-suite.ts'

export interface X509SignatureAlgorithm {
  readonly keys: readonly PublicKey['type'][]
  readonly params: { readonly name: string; readonly hash?: string; readonly saltLength?: number }
}

const ECDSA_KEYS = ['P-256', 'P-384'] as const
const HASHES = [
  { hash: 'SHA-256', saltLength: 32, ecdsa: '02', rsa: '0b', oid: '01' },
  { hash: 'SHA-384', saltLength: 48, ecdsa: '03', rsa: '0c', oid: '02' },
  { hash: 'SHA-512', saltLength: 64, ecdsa: '04', rsa: '0d', oid: '03' },
] as const

/**
 * Signature algorithms by the DER of the whole AlgorithmIdentifier, parameters included: what is not here
 * octet for octet is not supported. ECDSA RFC 5758 §3.2, RSA RFC 4055 §3.1 and §5
 * (absent parameters MUST be accepted), Ed25519 RFC 8410 §3.
 */
const TABLE: readonly { der: Uint8Array; algorithm: X509SignatureAlgorithm }[] = (
  [
    ['300506032b6570', { keys: ['Ed25519'], params: { name: 'Ed25519' } }],
    ...HASHES.flatMap(({ hash, saltLength, ecdsa, rsa, oid }) => {
      const hashId = `06096086480165030402${oid}`
      const pkcs1 = { keys: ['RSA'], params: { name: 'RSASSA-PKCS1-v1_5', hash } } as const
      const pss = { keys: ['RSA'], params: { name: 'RSA-PSS', hash, saltLength } } as const
      return [
        [`300a06082a8648ce3d0403${ecdsa}`, { keys: ECDSA_KEYS, params: { name: 'ECDSA', hash } }],
        [`300d06092a864886f70d0101${rsa}0500`, pkcs1],
        [`300b06092a864886f70d0101${rsa}`, pkcs1],
        [pssIdentifier(`300b${hashId}`, saltLength), pss],
        [pssIdentifier(`300d${hashId}0500`, saltLength), pss],
      ] as [string, X509SignatureAlgorithm][]
    }),
  ] as [string, X509SignatureAlgorithm][]
).map(([hex, algorithm]) => ({ der: hexToOctets(hex), algorithm }))

/** The OIDs of the table. */
export const X509_SIGNATURE_OIDS = [
  '1.3.101.112',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.113549.1.1.10',
] as const

/** RSASSA-PSS-params: this hash, MGF1 with the same hash, this salt length, default trailer. */
function pssIdentifier(hash: string, saltLength: number): string {
  const mgf = nest('a1', nest('30', `06092a864886f70d010108${hash}`))
  const params = nest('30', nest('a0', hash) + mgf + nest('a2', `0201${octet(saltLength)}`))
  return nest('30', `06092a864886f70d01010a${params}`)
}

function nest(tag: string, content: string): string {
  return tag + octet(content.length / 2) + content
}

function octet(value: number): string {
  return value.toString(16).padStart(2, '0')
}

export function x509SignatureAlgorithm(der: Uint8Array): X509SignatureAlgorithm | undefined {
  return TABLE.find((known) => isSameOctets(known.der, der))?.algorithm
}

/** r and s side by side, as WebCrypto wants them, from strict DER (RFC 3279 §2.2.3). */
export function ecdsaSignatureToRaw(
  der: Uint8Array,
  octets: number,
): Uint8Array<ArrayBuffer> | undefined {
  const raw = new Uint8Array(octets * 2)
  const isFilled = inspectDer(der, (reader) => {
    const pair = reader.sequence()
    const isWithin = putRight(raw, octets, pair.positiveInteger())
    const isWithinToo = putRight(raw, octets * 2, pair.positiveInteger())
    pair.end()
    return isWithin && isWithinToo
  })
  return isFilled === true ? raw : undefined
}

/** Puts an integer so that it ends before `end`; false if it is longer than half of `raw`. */
function putRight(raw: Uint8Array, end: number, integer: Uint8Array): boolean {
  if (integer.length > raw.length / 2) return false
  raw.set(integer, end - integer.length)
  return true
}
