import type { PublicKey } from '../crypto/public-key.ts'
import type { CrlReason } from './crl.ts'

/** Reason codes of a path that is not valid, with the rule of the trust profile each one applies. */
export const PATH_RULES = {
  'path-empty': 'L1',
  'path-too-long': 'L1',
  'path-too-large': 'L1',
  'certificate-malformed': 'L2',
  'name-constraints-too-costly': 'L4',
  'policies-too-costly': 'L4',
  'path-shape': 'P1',
  'no-anchor': 'P2',
  'signature-algorithm-mismatch': 'P3',
  'signature-invalid': 'P3',
  expired: 'P4',
  'not-yet-valid': 'P4',
  'issuer-mismatch': 'P5',
  'name-empty': 'P5',
  'extension-repeated': 'P6',
  'extension-unknown-critical': 'P6',
  'ca-missing': 'P7',
  'key-cert-sign-missing': 'P7',
  'path-length-exceeded': 'P8',
  'name-not-permitted': 'P9',
  'name-excluded': 'P9',
  'name-malformed': 'P9',
  'name-form-not-supported': 'P9',
  'policy-not-accepted': 'P10',
  'policy-mapping-not-allowed': 'P10',
  'any-policy-not-allowed': 'P10',
  'end-entity-is-ca': 'P11',
  'key-usage-wrong': 'P11',
  'extended-key-usage-wrong': 'P11',
  'key-not-allowed': 'P12',
  'shape-not-conforming': 'P13',
  'version-not-supported': 'R6',
  revoked: 'R3',
} as const

/** Codes of a path nothing speaks against, which yet must not be called valid. */
export const UNKNOWN_RULES = {
  'signature-algorithm-not-supported': 'P3',
  'root-link-out-of-time': 'P2',
  'crl-missing': 'R5',
  'crl-malformed': 'R5',
  'crl-signature-invalid': 'R1',
  'crl-too-early': 'R5',
  'crl-stale': 'R5',
  'crl-too-late': 'R5',
  'crl-out-of-scope': 'R1',
  'crl-not-supported': 'R6',
  'ocsp-missing': 'R5',
  'ocsp-not-supported': 'R2',
  'ocsp-signature-invalid': 'R2',
  'ocsp-too-early': 'R5',
  'ocsp-stale': 'R5',
  'ocsp-unknown': 'R2',
} as const

export type InvalidCode = keyof typeof PATH_RULES
export type UnknownCode = keyof typeof UNKNOWN_RULES
type PlainInvalidCode = Exclude<InvalidCode, 'revoked' | 'expired' | 'not-yet-valid'>

interface Finding<Code> {
  readonly code: Code
  readonly rule: string
  /** Position in the path, leaf 0; the trust anchor stands one past the last. */
  readonly index: number
  readonly detail: string
}

/** The key of a path whose signatures hold: whether it made a signature can be told in any case. */
interface WithKey {
  readonly key?: PublicKey
}

export interface InvalidPlain extends Finding<PlainInvalidCode> {
  readonly result: 'invalid'
}

/** Every other rule held; `revocation` says whether evidence also shows the path unrevoked. */
export interface InvalidValidity extends Finding<'expired' | 'not-yet-valid'>, WithKey {
  readonly result: 'invalid'
  readonly notBefore: Date
  readonly notAfter: Date
  readonly revocation: 'good' | 'unknown' | 'not-checked'
  /** Genuine evidence that is past its time revokes as well. */
  readonly revokes?: true
}

export interface InvalidRevoked extends Finding<'revoked'>, WithKey {
  readonly result: 'invalid'
  readonly revokedAt: Date
  readonly invalidityDate?: Date
  readonly reason: CrlReason
}

export interface UnknownPath extends Finding<UnknownCode>, WithKey {
  readonly result: 'unknown'
  /** Genuine evidence that is past its time revokes: nothing makes the path good again. */
  readonly revokes?: true
}

export interface ValidPath {
  readonly result: 'valid'
  /** The answer holds for every `at` from here to `validUntil`, both included. */
  readonly validFrom: Date
  readonly validUntil: Date
  /** The check after which this answer must not be reused: its evidence is stale then. */
  readonly currentUntil: Date
  readonly key: PublicKey
}

export type InvalidPath = InvalidPlain | InvalidValidity | InvalidRevoked
export type PathResult = ValidPath | InvalidPath | UnknownPath

export function invalid(code: PlainInvalidCode, index: number, detail: string): InvalidPlain {
  return { result: 'invalid', code, rule: PATH_RULES[code], index, detail }
}

export function unknown(code: UnknownCode, index: number, detail: string): UnknownPath {
  return { result: 'unknown', code, rule: UNKNOWN_RULES[code], index, detail }
}
