import { isBase64 } from '../encoding/base64url.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../crypto/suite.ts'

/** The JOSE `typ` of every kind of signed document of the exchange. */
export const DOCUMENT_TYPS = [
  'product-certificate+jwt',
  'status-change+jwt',
  'receipt+jwt',
  'trust-list+jwt',
  'statuslist+jwt',
  'second-signature+jwt',
  'attestation+jwt',
  'security-notice+jwt',
  'officials-register+jwt',
  'reconciliation+jwt',
  'evidence+jwt',
] as const

export type DocumentTyp = (typeof DOCUMENT_TYPS)[number]

/** JWS Protected Header of the exchange's JAdES B-B profile: exactly these Header Parameters. */
export interface ProtectedHeader {
  readonly alg: JwsAlgorithm
  readonly typ: string
  readonly cty: 'application/json'
  /** Claimed time of signing, seconds since the epoch. */
  readonly iat: number
  readonly 'x5t#S256': string
  /** Certification path, end entity first, without the trust anchor; base64 DER. */
  readonly x5c: readonly string[]
}

const NAMES = ['alg', 'cty', 'iat', 'typ', 'x5c', 'x5t#S256'].join()
const NAMES_WITHOUT_X5C = ['alg', 'cty', 'iat', 'typ', 'x5t#S256'].join()
const MAX_X5C_CERTIFICATES = 6
const MAX_X5C_BYTES = 64 * 1024
const TYP = /^[a-z0-9-]{1,60}\+jwt$/

/** Why a header is none of the profile, in one clause, and which of two special reasons it is. */
export interface MalformedHeader {
  readonly malformed: string
  /** The form is right as far as it was read, but this suite cannot compute the algorithm. */
  readonly algorithmUnknown?: true
  /** Nothing is wrong with it but that it carries no certification path. */
  readonly signingCertificateAbsent?: true
}

/** Reads a parsed header. */
export function readProtectedHeader(value: unknown): ProtectedHeader | MalformedHeader {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { malformed: 'the protected header is not an object' }
  const names = Object.keys(value).sort().join()
  if (names !== NAMES && names !== NAMES_WITHOUT_X5C)
    return {
      malformed: 'the protected header has other members than alg, typ, cty, iat, x5t#S256, x5c',
    }
  const header = value as Record<string, unknown>
  const { alg, typ, cty, iat, x5c = [] } = header
  const x5t = header['x5t#S256']
  if (typeof typ !== 'string' || !TYP.test(typ)) return { malformed: 'typ is not a document type' }
  if (cty !== 'application/json') return { malformed: 'cty is not application/json' }
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat) || iat < 0 || iat > 253402300799)
    return { malformed: 'iat is not a whole number of seconds' }
  if (typeof x5t !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(x5t))
    return { malformed: 'x5t#S256 is not a SHA-256 thumbprint' }
  if (!Array.isArray(x5c) || x5c.length > MAX_X5C_CERTIFICATES)
    return { malformed: `x5c does not hold one to ${MAX_X5C_CERTIFICATES} certificates` }
  let length = 0
  for (const text of x5c as unknown[]) {
    if (typeof text !== 'string' || text === '' || !isBase64(text))
      return { malformed: 'x5c holds something that is not base64' }
    length += text.length
  }
  if (length * 0.75 > MAX_X5C_BYTES) return { malformed: 'x5c is longer than 64 KiB' }
  if (typeof alg !== 'string' || alg === 'none') return { malformed: 'the algorithm does not sign' }
  if (!isJwsAlgorithm(alg))
    return {
      malformed: `the algorithm ${alg.slice(0, 20)} is not permitted`,
      algorithmUnknown: true,
    }
  if (x5c.length === 0) return { malformed: 'x5c is absent', signingCertificateAbsent: true }
  return { alg, typ, cty, iat, 'x5t#S256': x5t, x5c: x5c as string[] }
}
