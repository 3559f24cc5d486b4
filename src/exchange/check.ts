/** The checks of a validation, in the one order in which they are made and reported. */
export const CHECKS = [
  'form',
  'signing-certificate',
  'certification-path',
  'revocation',
  'signature',
  'registration',
  'schema',
  'binding',
  'scope',
  'addressee',
  'identity',
  'rules',
  'status',
  'validity',
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
}

export function passed(check: CheckName): Check {
  return { check, outcome: 'passed', code: 'ok' }
}
