/** The checks of a validation, in the one order in which they are made and reported. */
export const CHECKS = [
  'form',
  'signing-certificate',
  'certification-path',
  'revocation',
  'signature',
  'registration',
  'signing-time',
  'security-notice',
  'schema',
  'binding',
  'scope',
  'addressee',
  'identity',
  'rules',
  'status',
  'validity',
  'national-signature',
  'declaration',
] as const
export type CheckName = (typeof CHECKS)[number]

export type CheckOutcome = 'passed' | 'warning' | 'failed' | 'unknown'

/** One step of a report. `code` is stable and catalogued; `detail` names the values. */
export interface Check {
  readonly check: CheckName
  readonly outcome: CheckOutcome
  readonly code: string
  readonly detail?: string
  /** Which X.509 certificate of the path it is about: 0 the seal, one past the last the root. */
  readonly index?: number
  /** Of a path or key outside its time: whether evidence shows it unrevoked all the same. */
  readonly unrevoked?: boolean
  /** Of a revocation: whether it is a hold, which may be released. */
  readonly onHold?: true
}

const PLACES: ReadonlyMap<CheckName, number> = new Map(CHECKS.map((check, i) => [check, i]))

/** Checks in their one order, however they were made; where one found something, it did not pass. */
export function inOrder(checks: readonly Check[]): readonly Check[] {
  const found = new Set(checks.filter(({ code }) => code !== 'ok').map(({ check }) => check))
  return checks
    .filter(({ check, code }) => code !== 'ok' || !found.has(check))
    .toSorted((a, b) => PLACES.get(a.check)! - PLACES.get(b.check)!)
}

/** The checks that a report lacks, in their order: one before them ended it, or nothing asked for them. */
export function notMade(checks: readonly Check[]): readonly CheckName[] {
  const made = new Set(checks.map(({ check }) => check))
  return CHECKS.filter((check) => !made.has(check))
}

export function passed(check: CheckName): Check {
  return { check, outcome: 'passed', code: 'ok' }
}
