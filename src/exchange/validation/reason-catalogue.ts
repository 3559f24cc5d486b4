import type { Text } from '../../certificate/wording.ts'
import { PATH_RULES, UNKNOWN_RULES } from '../../x509/path-result.ts'
import { PATH_TEXTS } from '../texts/check-texts-path.ts'
import { CODE_TEXTS, type ReasonCode } from '../texts/check-texts.ts'
import type { CheckName } from './check.ts'
import type { SubIndication } from './indication.ts'

/**
 * What a code says about the signature: `none`, always the same sub-indication, or one of several by what
 * is proven: see `BY_PROOF`.
 */
type Bearing = 'none' | SubIndication | keyof typeof BY_PROOF

/** Sub-indications that a proof of time and the evidence of revocation decide between. */
export const BY_PROOF = {
  'by-revocation': { proven: 'REVOKED', ofSeal: 'REVOKED_NO_POE', ofCa: 'REVOKED_CA_NO_POE' },
  'by-expiry': {
    proven: 'EXPIRED',
    unrevoked: 'OUT_OF_BOUNDS_NOT_REVOKED',
    unknown: 'OUT_OF_BOUNDS_NO_POE',
  },
  'by-beginning': {
    proven: 'NOT_YET_VALID',
    unrevoked: 'OUT_OF_BOUNDS_NOT_REVOKED',
    unknown: 'OUT_OF_BOUNDS_NO_POE',
  },
} as const satisfies Record<string, Readonly<Record<string, SubIndication>>>

interface Place {
  readonly check: CheckName
  readonly bearing: Bearing
  /** Rule of the trust profile that the code applies. */
  readonly rule?: string
}

/** A code that a check of a report may end with; it never changes its meaning. */
export interface Reason extends Place {
  readonly code: ReasonCode
  readonly text: Text
  readonly meaning: Text
  readonly action: Text
}

type PathCode = keyof typeof PATH_TEXTS

const PATH_PLACES: Readonly<Partial<Record<PathCode, Bearing>>> = {
  'path-empty': 'NO_SIGNING_CERTIFICATE_FOUND',
  'certificate-malformed': 'FORMAT_FAILURE',
  'no-anchor': 'NO_CERTIFICATE_CHAIN_FOUND',
  'root-link-out-of-time': 'NO_CERTIFICATE_CHAIN_FOUND',
  'key-not-allowed': 'CRYPTO_CONSTRAINTS_FAILURE',
  'signature-algorithm-not-supported': 'CRYPTO_CONSTRAINTS_FAILURE',
  expired: 'by-expiry',
  'not-yet-valid': 'by-beginning',
  revoked: 'by-revocation',
}

const about = (check: CheckName, bearing: Bearing = 'none', rule?: string): Place => ({
  check,
  bearing,
  ...(rule !== undefined && { rule }),
})

/** Where every code that is not of the path stands. */
const PLACES = {
  malformed: about('form', 'FORMAT_FAILURE', 'J4'),
  'pack-version-unknown': about('form', 'SIG_CONSTRAINTS_FAILURE'),
  'algorithm-not-permitted': about('form', 'CRYPTO_CONSTRAINTS_FAILURE', 'J1'),
  'typ-not-expected': about('form', 'SIG_CONSTRAINTS_FAILURE', 'J5'),
  'training-document': about('form', 'SIG_CONSTRAINTS_FAILURE'),
  'production-document': about('form', 'SIG_CONSTRAINTS_FAILURE'),
  'thumbprint-differs': about('signing-certificate', 'NO_SIGNING_CERTIFICATE_FOUND', 'X3'),
  'signature-wrong': about('signature', 'SIG_CRYPTO_FAILURE', 'J2'),
  'key-unknown': about('registration', 'NO_CERTIFICATE_CHAIN_FOUND'),
  'key-of-other-state': about('registration', 'NO_CERTIFICATE_CHAIN_FOUND'),
  'key-usage-differs': about('registration', 'NO_CERTIFICATE_CHAIN_FOUND'),
  'key-not-yet': about('registration', 'NO_CERTIFICATE_CHAIN_FOUND'),
  'key-pending': about('registration', 'TRY_LATER'),
  'key-ended': about('registration', 'by-expiry'),
  'key-removed': about('registration', 'NO_CERTIFICATE_CHAIN_FOUND'),
  'trust-list-stale': about('registration', 'TRY_LATER'),
  'trust-list-undecided': about('registration', 'TRY_LATER'),
  'trust-list-overdue': about('registration'),
  'signed-in-future': about('signing-time', 'TIMESTAMP_ORDER_FAILURE'),
  'signed-after-receipt': about('signing-time', 'TIMESTAMP_ORDER_FAILURE'),
  'held-by-security-notice': about('security-notice'),
  'named-in-security-notice': about('security-notice'),
  'schema-unknown': about('schema', 'SIG_CONSTRAINTS_FAILURE'),
  'schema-broken': about('schema', 'SIG_CONSTRAINTS_FAILURE'),
  'number-unusable': about('schema', 'SIG_CONSTRAINTS_FAILURE'),
  'issuer-differs': about('binding', 'SIG_CONSTRAINTS_FAILURE'),
  'body-unknown': about('binding', 'SIG_CONSTRAINTS_FAILURE'),
  'body-differs': about('binding', 'SIG_CONSTRAINTS_FAILURE'),
  'out-of-scope': about('scope'),
  'scope-pending': about('scope', 'TRY_LATER'),
  'not-addressed-here': about('addressee'),
  'refused-by-recipient': about('addressee'),
  'receipt-not-believed': about('addressee'),
  'unknown-here': about('identity'),
  'not-received': about('identity'),
  'absent-from-feed': about('identity'),
  'content-differs-from-registered': about('identity'),
  'signature-in-other-form': about('identity'),
  'not-found-unknown-type': about('identity'),
  'not-found-malformed-number': about('identity'),
  'not-found-addressed-elsewhere': about('identity'),
  'not-found-unknown-state': about('identity'),
  'not-found-before-feed': about('identity'),
  'not-found-deadline-open': about('identity'),
  'not-found-peer-dark': about('identity'),
  'not-found-lost': about('identity'),
  'not-found-feed-complete': about('identity'),
  'logged-and-witnessed': about('identity'),
  'log-proof-missing': about('identity'),
  'log-proof-broken': about('identity'),
  'log-key-unknown': about('identity'),
  'witness-not-judged': about('identity'),
  'witness-quorum-missing': about('identity'),
  'witness-before-entry': about('identity'),
  'not-proven-by-then': about('identity'),
  'rules-broken': about('rules'),
  annulled: about('status'),
  replaced: about('status'),
  suspended: about('status'),
  terminated: about('status'),
  archived: about('status'),
  'changed-later': about('status'),
  'status-change-doubtful': about('status'),
  'status-change-lost': about('status'),
  'valid-by-list': about('status'),
  'withdrawn-by-list': about('status'),
  'suspended-by-list': about('status'),
  'status-not-assigned': about('status'),
  'status-list-stale': about('status'),
  'status-list-too-short': about('status'),
  'status-source-absent': about('status'),
  'valid-by-pack': about('status'),
  'rules-of-then-unknown': about('rules'),
  'rules-of-then-differ': about('rules'),
  'later-than-pack': about('status'),
  'pack-statement-missing': about('status'),
  'pack-statement-not-believed': about('status'),
  'pack-not-whole': about('status'),
  'expired-document': about('validity'),
  'not-yet-valid-document': about('validity'),
  'extended-without-end': about('validity'),
  'national-signature-not-computable': about('national-signature', 'CUSTOM'),
  'national-signature-failed': about('national-signature', 'CUSTOM'),
  'national-signature-undecided': about('national-signature', 'CUSTOM'),
  'national-attestation-expired': about('national-signature', 'CUSTOM'),
  'national-signature-missing': about('national-signature', 'CUSTOM'),
  'line-not-covered': about('declaration'),
  'line-differs': about('declaration'),
  'line-exceeds': about('declaration'),
} satisfies Record<Exclude<ReasonCode, PathCode>, Place>

function placeOf(code: ReasonCode): Place {
  if (!isPathCode(code)) return PLACES[code]
  const isUnknown = code in UNKNOWN_RULES
  const rule = { ...PATH_RULES, ...UNKNOWN_RULES }[code]
  const bearing = PATH_PLACES[code] ?? (isUnknown ? 'TRY_LATER' : 'CHAIN_CONSTRAINTS_FAILURE')
  if (code === 'path-empty') return { check: 'signing-certificate', bearing, rule }
  const ofRevocation = code === 'revoked' || /^(crl|ocsp)-/.test(code)
  return { check: ofRevocation ? 'revocation' : 'certification-path', bearing, rule }
}

function isPathCode(code: ReasonCode): code is PathCode {
  return code in PATH_TEXTS
}

/** Every reason code, in the order of their texts. */
export const REASON_CATALOGUE: readonly Reason[] = (Object.keys(CODE_TEXTS) as ReasonCode[]).map(
  (code) => ({ code, ...placeOf(code), ...CODE_TEXTS[code] }),
)

const BY_CODE: ReadonlyMap<string, Reason> = new Map(
  REASON_CATALOGUE.map((reason) => [reason.code, reason]),
)

export function findReason(code: string): Reason | undefined {
  return BY_CODE.get(code)
}

/** The sub-indications that a code can lead to; none where it says nothing about the signature. */
export function subIndicationsOf({ bearing }: Pick<Reason, 'bearing'>): readonly SubIndication[] {
  if (bearing === 'none') return []
  return isByProof(bearing) ? Object.values(BY_PROOF[bearing]) : [bearing]
}

/** Whether a code says that a key, or an authority above it, is not to be relied on any more: it was until then. */
export function isOfEnd(code: string): boolean {
  const bearing = findReason(code)?.bearing
  return bearing === 'by-expiry' || bearing === 'by-revocation' || code === 'key-removed'
}

export function isByProof(bearing: Bearing): bearing is keyof typeof BY_PROOF {
  return bearing in BY_PROOF
}
