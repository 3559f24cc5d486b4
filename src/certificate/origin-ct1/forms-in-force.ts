import type { Day } from '../day.ts'
import type { OriginForm, Policy } from '../policy.ts'

/**
 * The rule sets and layouts in force between two states on a day, the default first (R14, D1). For a
 * rule set of which a partner has records of its own only those count, also when they have ended:
 * Turkmenistan applies the Rules of 1993 on the form of 2009.
 */
export function formsInForce(
  policy: Policy,
  between: { readonly issuedIn: string; readonly forPresentationIn: string },
  day: Day,
): readonly OriginForm[] {
  const { issuedIn, forPresentationIn } = between
  const applicable = policy.originForms.filter(
    ({ partner }) => partner === undefined || partner === issuedIn || partner === forPresentationIn,
  )
  const particular = new Set(
    applicable.filter(({ partner }) => partner !== undefined).map(({ ruleSet }) => ruleSet),
  )
  return applicable.filter(
    ({ partner, ruleSet, from, until }) =>
      (partner !== undefined || !particular.has(ruleSet)) &&
      from <= day &&
      (until === undefined || day <= until),
  )
}
