import * as z from 'zod'
import { Country, line, Sha256 } from '../../certificate/fields.ts'
import { PartyId } from '../../certificate/party-id.ts'
import { decodeBase64 } from '../../encoding/base64url.ts'

export const SECOND_SIGNATURE_SCHEMA = 'second-signature/1'

/** Longest national signature, in octets; a CMS with its certificates is some kilobytes. */
const MAX_VALUE_OCTETS = 64 * 1024
const MAX_KEY_OCTETS = 2 * 1024

/** How many one certificate has at most, whoever attaches them. */
export const MAX_SECOND_SIGNATURES = 20

/** Dotted decimals of at least two arcs, the first of which are bounded (X.660 §7.6). */
export const Oid = z
  .string()
  .max(128)
  .regex(/^(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.(?:0|[1-9][0-9]{0,15}))(?:\.(?:0|[1-9][0-9]{0,38}))*$/)

/** Octets in base64 as RFC 4648 §4 writes them, in one way only. */
function base64(maxOctets: number) {
  return z
    .string()
    .min(4)
    .max(Math.ceil(maxOctets / 3) * 4)
    .refine((text) => {
      const octets = decodeBase64(text)
      return octets !== undefined && octets.length <= maxOctets
    }, 'not base64, or too long')
}

/** What is said of a national signature, whoever writes it down. */
export const nationalSignature = {
  /** Over the exact bytes of the compact JWS, or of its decoded payload. */
  over: z.enum(['document', 'payload']),
  /**
   * What `value` is: 1.2.840.113549.1.7.2 a CMS SignedData, or any other; for a bare signature value the
   * OID of its algorithm.
   */
  container: Oid,
  algorithm: z.exactOptional(Oid),
  /** The national bytes as their maker wrote them. */
  value: base64(MAX_VALUE_OCTETS),
  /** SubjectPublicKeyInfo of the signing key, where the container has no certificate that tells it. */
  key: z.exactOptional(base64(MAX_KEY_OCTETS)),
  /** Who signed, as the national certificate writes it. */
  signer: z.exactOptional(line(500).min(1)),
} as const

/** The payload of a `second-signature+jwt`, closed: a national signature beside a certificate. */
export const SecondSignature = z.strictObject({
  schema: z.literal(SECOND_SIGNATURE_SCHEMA),
  iss: PartyId,
  aud: z.array(Country).min(1).max(32),
  /** The certificate, by the digest of its exact bytes. */
  target: Sha256,
  ...nationalSignature,
})
export type SecondSignature = z.infer<typeof SecondSignature>
export type NationalSignature = Pick<SecondSignature, keyof typeof nationalSignature>

/** Longest certification path of a second signature or attestation, in octets: a validation reads many. */
const MAX_PATH_OCTETS = 16 * 1024
export const PATH_TOO_LONG = { path: ['x5c'], message: 'longer than 16 KiB' } as const

export function isPathTooLong({ x5c }: { readonly x5c: readonly string[] }): boolean {
  return x5c.reduce((length, text) => length + text.length, 0) * 0.75 > MAX_PATH_OCTETS
}

/** The national bytes. */
export function nationalBytes({ value }: Pick<SecondSignature, 'value'>): Uint8Array<ArrayBuffer> {
  return decodeBase64(value)!
}
