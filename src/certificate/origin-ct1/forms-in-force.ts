import type { Day } from '../day.ts'
import type { OriginForm, Policy } from '../policy.ts'

/**
 * The rule sets and layouts in force between two states on a day, the default first (R14, D1). For one
 * rule set a partner's own records take the place of the general ones: Turkmenistan applies the Rules
 * of 1993 on the form of 2009.
 */
export function formsInForce(
  policy: Policy,
  between: { readonly issuedIn: string; readonly forPresentationIn: string },
  day: Day,
): readonly OriginForm[] {
  const { issuedIn, forPresentationIn } = between
  const inForce = policy.originForms.filter(
    ({ from, until, partner }) =>
      from <= day &&
      (until === undefined || day <= until) &&
      (partner === undefined || partner === issuedIn || partner === forPresentationIn),
  )
  const particular = new Set(
    inForce.filter(({ partner }) => partner !== undefined).map(({ ruleSet }) => ruleSet),
  )
  return inForce.filter(({ partner, ruleSet }) => partner !== undefined || !particular.has(ruleSet))
}
