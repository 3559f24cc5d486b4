import type { CertificateId } from './certificate-id.ts'
import type { CertificateState } from './certificate-state.ts'
import type { Day } from './day.ts'
import type { PartyId } from './party-id.ts'
import type { Policy } from './policy.ts'
import type { Text } from './wording.ts'

/** A stable rule name (rules.md §10): `ORI-NET-GT-GROSS`. */
export type RuleId = `${Uppercase<string>}-${Uppercase<string>}`

/** An error blocks issue; at customs it refuses only where the law gives a ground (rules.md §10). */
export type Severity = 'error' | 'warning' | 'info'

/** Who judges: the issuing node, the receiving node, or customs at use. */
export type Stage = 'issue' | 'receive' | 'customs'

/** A certificate as another one's rules see it. */
export interface RegisteredCertificate {
  readonly certificate: unknown
  /** Annulled or replaced. */
  readonly annulled: boolean
  readonly replacedBy?: CertificateId
}

/** The certificates that `DocumentType.references` named, fetched before judging. */
export interface RegistryView {
  find(id: CertificateId): RegisteredCertificate | undefined
}

/** An official as the register of one state lists them (§6.5 of the CIS Rules). */
export interface Official {
  /** Code of the body, as in the certificate's `issuer.code`. */
  readonly body: string
  readonly from: Day
  readonly until?: Day
}

export interface OfficialsRegister {
  /** Every period of the official, ended ones too; none for a stranger. */
  find(state: string, officialId: string): readonly Official[]
}

/** What customs has written off against one line so far, this use included. */
export interface LineUse {
  readonly line: number
  readonly measure: Measure
  readonly unit: string
  readonly value: number
}

export type Measure = 'net' | 'gross' | 'supplementary'

/** What is known beside the certificate. Rules whose facts are absent are reported as not evaluated. */
export interface Facts {
  readonly stage: Stage
  readonly policy: Policy
  /** The signing body; finds its own number format. Without it the state's format applies. */
  readonly issuer?: PartyId
  /** The time now. */
  readonly now?: Date
  /** When the certificate entered the issuing side's system. */
  readonly enteredAt?: Date
  readonly registry?: RegistryView
  /** Commodity codes in force on the day of issue. */
  readonly tariff?: ReadonlySet<string>
  readonly officials?: OfficialsRegister
  readonly usage?: readonly LineUse[]
  /** The state that the certificate's status changes led to. */
  readonly state?: CertificateState
  /** Identities of every distinct document in the message, this one included. */
  readonly message?: readonly CertificateId[]
}

/** A fact that a rule may lack. */
export type FactName = Exclude<keyof Facts, 'stage' | 'policy' | 'issuer'>

/** One place where the certificate breaks a rule: a sentence with the values it quotes. */
export interface Breach extends Text {
  /** JSON Pointer into the certificate (RFC 6901). */
  readonly path: string
  readonly values?: Readonly<Record<string, string>>
}

/** A check that met a question its facts cannot answer says so instead of passing. */
export const NOT_EVALUATED = 'not-evaluated'

export type CheckResult = readonly Breach[] | typeof NOT_EVALUATED

/** One test behind a rule; a rule has several where they need different facts. */
export interface Check<C> {
  /** Facts without which it may answer "not evaluated". */
  readonly needs: readonly FactName[]
  /** Stages at which the check makes sense; absent: all. */
  readonly stages?: readonly Stage[]
  run(certificate: C, facts: Facts): CheckResult
}

/** A rule of rules.md §10: what it says, how grave it is, what to do, and its checks. */
export interface Rule<C> {
  readonly id: RuleId
  readonly severity: Readonly<Record<Stage, Severity>>
  readonly title: Text
  readonly explanation: Text
  /** What the reader does about it: the issuer before issue, customs afterwards. */
  readonly remedy: { readonly issuer: Text; readonly customs: Text }
  readonly source: string
  /** Empty where something else than the judge enforces the rule. */
  readonly checks: readonly Check<C>[]
  readonly enforcedBy?: Enforcer
}

/** The journal refuses a second identity, the verifier a broken seal, people compare paper. */
export type Enforcer = 'journal' | 'seal-verification' | 'people'

/** A rule broken at one place, ready for a report. */
export interface Finding {
  readonly rule: RuleId
  readonly severity: Severity
  readonly path: string
  readonly values?: Readonly<Record<string, string>>
  readonly message: Text
}

/** The same severity whoever judges. */
export function always(severity: Severity): Rule<unknown>['severity'] {
  return { issue: severity, receive: severity, customs: severity }
}

/** A check that runs on any facts and itself says where it needed one of `mayNeed` and had it not. */
export function check<C>(
  run: (certificate: C, facts: Facts) => CheckResult,
  mayNeed: readonly FactName[] = [],
): Check<C> {
  return { needs: mayNeed, run }
}

/** A check that runs only where the named facts are known, and sees them as present. */
export function checkWith<C, const N extends FactName>(
  needs: readonly N[],
  run: (certificate: C, facts: Facts & Required<Pick<Facts, N>>) => CheckResult,
  stages?: readonly Stage[],
): Check<C> {
  return {
    needs,
    ...(stages && { stages }),
    run(certificate, facts) {
      if (!knows(facts, needs)) return NOT_EVALUATED
      return run(certificate, facts)
    },
  }
}

function knows<N extends FactName>(
  facts: Facts,
  needs: readonly N[],
): facts is Facts & Required<Pick<Facts, N>> {
  return needs.every((need) => facts[need] !== undefined)
}
