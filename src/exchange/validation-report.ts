import type { CertificateState } from '../certificate/certificate-state.ts'
import type { Finding } from '../certificate/rule.ts'
import type { Text } from '../certificate/wording.ts'
import type { Check, CheckName } from './check.ts'
import type { LineMatch } from './declaration.ts'
import type { ReplacementChain } from './replacement-chain.ts'

/** Indications and sub-indications of ETSI EN 319 102-1 §5, as the trust profile assigns them. */
export type Indication = 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE'

/** What the officer needs to know first. */
export type Answer = 'usable' | 'not-usable' | 'cannot-tell'

export interface ReportedCheck extends Check {
  readonly sentence: Text
}

export interface ValidationReport {
  readonly id: string
  readonly createdAt: string
  readonly answer: Answer
  readonly indication: Indication
  readonly subIndication: string | undefined
  /** Codes of the checks that decided the answer. */
  readonly reasons: readonly string[]
  /** The three instants of the trust profile; `proven` is this node's own append time. */
  readonly instants: {
    readonly claimed: string | undefined
    readonly proven: string | undefined
    readonly checked: string
  }
  readonly certificate:
    | {
        readonly sha256: string
        readonly state: string
        readonly type: string
        readonly number: string
        readonly issuer: string
        readonly content: unknown
      }
    | undefined
  readonly status: CertificateState | undefined
  /** What it replaces and what replaces it, by this node's register; whoever shows it says to whom. */
  readonly chain?: ReplacementChain | undefined
  readonly checks: readonly ReportedCheck[]
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly string[]
  readonly lines: readonly LineMatch[]
  /** The lists the answer rests on. */
  readonly evidence: {
    readonly trustLists: readonly { state: string; version: number; nextUpdate: string }[]
    /** Only where no register knew the certificate. */
    readonly statusList?: { uri: string; issuedAt: string; expiresAt: string } | undefined
  }
}

/** The signature's indication, from the check that stopped the validation of the signature. */
export function indicationOf(
  checks: readonly Check[],
  proven: boolean,
): { indication: Indication; subIndication: string | undefined } {
  const stopped = checks.find(
    ({ check, outcome }) =>
      SIGNATURE_CHECKS.has(check) && (outcome === 'failed' || outcome === 'unknown'),
  )
  if (!stopped) return { indication: 'TOTAL-PASSED', subIndication: undefined }
  const [indication, subIndication] = outcomeOf(stopped, proven)
  return { indication, subIndication }
}

const SIGNATURE_CHECKS: ReadonlySet<CheckName> = new Set([
  'form',
  'signing-certificate',
  'certification-path',
  'revocation',
  'signature',
  'registration',
  'schema',
  'binding',
])

/** The form is right; a document of this kind or environment is only not what was asked for. */
const WELL_FORMED: ReadonlySet<string> = new Set([
  'typ-not-expected',
  'training-document',
  'production-document',
])

function outcomeOf({ check, code }: Check, proven: boolean): [Indication, string] {
  switch (check) {
    case 'form':
      if (WELL_FORMED.has(code)) return ['INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE']
      if (code === 'algorithm-not-permitted') return ['INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE']
      return ['TOTAL-FAILED', 'FORMAT_FAILURE']
    case 'signing-certificate':
      return ['INDETERMINATE', 'NO_SIGNING_CERTIFICATE_FOUND']
    case 'signature':
      return ['TOTAL-FAILED', 'SIG_CRYPTO_FAILURE']
    case 'revocation':
      if (code !== 'revoked') return ['INDETERMINATE', 'TRY_LATER']
      return proven ? ['TOTAL-FAILED', 'REVOKED'] : ['INDETERMINATE', 'REVOKED_NO_POE']
    case 'certification-path':
      return pathOutcome(code, proven)
    case 'registration':
      return ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND']
    default:
      return ['INDETERMINATE', 'SIG_CONSTRAINTS_FAILURE']
  }
}

function pathOutcome(code: string, proven: boolean): [Indication, string] {
  switch (code) {
    case 'certificate-malformed':
      return ['TOTAL-FAILED', 'FORMAT_FAILURE']
    case 'no-anchor':
      return ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND']
    case 'expired':
      return proven ? ['TOTAL-FAILED', 'EXPIRED'] : ['INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE']
    case 'not-yet-valid':
      return proven ? ['TOTAL-FAILED', 'NOT_YET_VALID'] : ['INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE']
    case 'key-not-allowed':
    case 'signature-algorithm-not-supported':
      return ['INDETERMINATE', 'CRYPTO_CONSTRAINTS_FAILURE']
    default:
      return ['INDETERMINATE', 'CHAIN_CONSTRAINTS_FAILURE']
  }
}

/** Codes that speak against nobody: what is missing may come, or another may know. */
const CANNOT_TELL: ReadonlySet<string> = new Set([
  'algorithm-not-permitted',
  'key-not-allowed',
  'expired',
  'not-yet-valid',
  'schema-unknown',
])

/** The business answer: not usable if anything speaks against it, cannot tell if anything is missing. */
export function answerOf(
  checks: readonly Check[],
  trustFresh: boolean,
): { answer: Answer; reasons: readonly string[] } {
  const against = checks.filter(
    ({ outcome, code }) =>
      outcome === 'failed' &&
      !CANNOT_TELL.has(code) &&
      (trustFresh || (code !== 'key-unknown' && code !== 'no-anchor')),
  )
  if (against.length > 0) return { answer: 'not-usable', reasons: against.map(({ code }) => code) }
  const missing = checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  if (missing.length > 0) return { answer: 'cannot-tell', reasons: missing.map(({ code }) => code) }
  return { answer: 'usable', reasons: [] }
}
