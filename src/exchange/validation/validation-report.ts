import type { CertificateState } from '../../certificate/certificate-state.ts'
import type { Finding } from '../../certificate/rule.ts'
import type { Text } from '../../certificate/wording.ts'
import type { ReasonCode } from '../texts/check-texts.ts'
import type { Check, CheckName } from './check.ts'
import type { LineMatch } from './declaration.ts'
import type { Judgement } from './indication.ts'
import type { PackedDecision } from '../evidence/receipts.ts'
import type { InstantJudgement } from './judge-signature.ts'
import { isOfEnd } from './reason-catalogue.ts'
import type { ReplacementChain } from '../issuing/replacement-chain.ts'

/** What the officer needs to know first. */
export type Answer = 'usable' | 'not-usable' | 'cannot-tell'

export interface ReportedCheck extends Check {
  /** Rule of the trust profile that the code applies, where it is one of the profile's. */
  readonly rule?: string
  readonly sentence: Text
}

/** Why a report lacks a check. */
export const NOT_MADE_REASONS = ['stopped', 'not-asked', 'not-available'] as const

export interface CheckNotMade {
  readonly check: CheckName
  /** An earlier check ended the validation; nobody asked; or what it needs is not to be had here. */
  readonly because: (typeof NOT_MADE_REASONS)[number]
}

/** What proves when a signature existed at the latest. */
export type ProvenBy =
  /** The log of the node that made the report: its own append. */
  | { readonly by: 'own-log'; readonly log: string }
  /** That node's own witness: it cosigned a checkpoint of a peer's log over the leaf of the document. */
  | {
      readonly by: 'peer-log'
      /** The state whose log it is, the log's origin, and the place of the leaf. */
      readonly log: string
      readonly origin: string
      readonly index: string
    }
  /** A cosignature of another state's witness under a checkpoint of a log. */
  | {
      readonly by: 'witness'
      /** The name of its key, and the state whose witness it is; empty: of none, the policy names it. */
      readonly witness: string
      readonly state: string
      /** The state whose log it is, the log's origin, and the place of the leaf. */
      readonly log: string
      readonly origin: string
      readonly index: string
    }

export type AlsoProven = ProvenBy & { readonly at: string }

/** The rules that a node had in force when it logged a document, by its log. */
export interface RulesOfThen {
  /** Of their text in the pack. */
  readonly sha256: string
  readonly program: string
  /** Place in the log of the act that put them in force. */
  readonly index: string
}

export interface ValidationReport extends Judgement {
  readonly id: string
  readonly createdAt: string
  readonly answer: Answer
  /** Codes of the checks that decided the answer. */
  readonly reasons: readonly string[]
  /** The three instants of the trust profile; `provenBy` says what proves the proven one. */
  readonly instants: {
    readonly claimed: string | undefined
    readonly proven: string | undefined
    readonly checked: string
  }
  readonly provenBy: ProvenBy | undefined
  /** What else proves that it existed, and by when; absent: nothing does. */
  readonly provenAlso?: readonly AlsoProven[] | undefined
  /** The signature at each of these instants, in this order; the one that `decides` is the report's. */
  readonly judgements: readonly InstantJudgement[]
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
  /** What was checked, in the order of `CHECKS`. */
  readonly checks: readonly ReportedCheck[]
  /** The rest of `CHECKS`, in the same order. */
  readonly notMade: readonly CheckNotMade[]
  /** The check that ended the validation of the document, where one did. */
  readonly stoppedBy: CheckName | undefined
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly string[]
  readonly lines: readonly LineMatch[]
  /** The lists the answer rests on. */
  readonly evidence: {
    readonly trustLists: readonly { state: string; version: number; nextUpdate: string }[]
    /** Only where no register knew the certificate. */
    readonly statusList?: { uri: string; issuedAt: string; expiresAt: string } | undefined
    /** Only of a validation by an evidence pack: whose it is, and as of when its word holds. */
    readonly pack?: {
      readonly state: string
      readonly day: string
      readonly asOf: string | undefined
      readonly complete: boolean
      /** What registries decided on the certificate and its changes, each by its seal. */
      readonly receipts: readonly PackedDecision[]
      /** Absent: which were in force then is not proven. */
      readonly rules?: RulesOfThen | undefined
    }
  }
}

/** Codes that speak against nobody: what is missing may come, or another may know. */
const CANNOT_TELL: ReadonlySet<string> = new Set<ReasonCode>([
  'algorithm-not-permitted',
  'key-not-allowed',
  'schema-unknown',
])

/** Whether a code speaks against a document only at a time at which it is proven to have existed. */
function isByProvenTime(code: string): boolean {
  return code === 'not-yet-valid' || isOfEnd(code)
}

/** Codes that speak against a document only under a trust list that is up to date. */
const BY_FRESH_LIST: ReadonlySet<string> = new Set<ReasonCode>(['key-unknown', 'no-anchor'])

/**
 * The business answer: not usable if anything speaks against it, cannot tell if anything is missing.
 *
 * @param known `signedAfterEnd`: by the claimed time of the document itself, which nothing contradicts
 */
export function answerOf(
  checks: readonly Check[],
  known: {
    readonly trustFresh: boolean
    readonly proven: boolean
    readonly signedAfterEnd: boolean
  },
): { answer: Answer; reasons: readonly string[] } {
  const { trustFresh, proven, signedAfterEnd } = known
  const against = checks.filter(
    ({ outcome, code }) =>
      outcome === 'failed' &&
      !CANNOT_TELL.has(code) &&
      (proven || !isByProvenTime(code) || (signedAfterEnd && isOfEnd(code))) &&
      (trustFresh || !BY_FRESH_LIST.has(code)),
  )
  if (against.length > 0) return { answer: 'not-usable', reasons: against.map(({ code }) => code) }
  const missing = checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  if (missing.length > 0) return { answer: 'cannot-tell', reasons: missing.map(({ code }) => code) }
  return { answer: 'usable', reasons: [] }
}
