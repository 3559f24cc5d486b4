import { DEFAULT_POLICY } from '../certificate/default-policy.ts'
import type { Policy } from '../certificate/policy.ts'
import { RULE_CATALOGUE } from '../certificate/rule-catalogue.ts'
import type { EvidencePack } from '../exchange/evidence/pack.ts'
import { type PackedRules, rulesAt } from '../exchange/evidence/rules.ts'
import type {
  NotWitnessed,
  WitnessContext,
  WitnessedTime,
} from '../exchange/evidence/witnessed-time.ts'
import { PROGRAM } from '../exchange/rules-in-force.ts'
import type { Check } from '../exchange/validation/check.ts'
import type { RulesOfThen } from '../exchange/validation/validation-report.ts'

/** What content is judged by, and what is to be said of it. */
export interface JudgedBy {
  readonly policy: Policy
  readonly checks: readonly Check[]
  readonly said: RulesOfThen | undefined
}

/**
 * The rules that the node of a pack had in force when it logged the document, as far as the log proves
 * them. `time`: where it stands in the log; undefined: nobody stated that the pack is whole. Its code lists and forms count; number formats, which are programs of a stranger, and what customs
 * may allow are those of this program.
 */
export async function rulesOfThen(
  pack: EvidencePack,
  time: WitnessedTime | NotWitnessed | undefined,
  context: WitnessContext,
): Promise<JudgedBy> {
  const then = time && 'at' in time ? await rulesAt(pack, time.provenBy.index, context) : undefined
  if (!then) {
    const check: Check = {
      check: 'rules',
      outcome: 'warning',
      code: 'rules-of-then-unknown',
      detail: pack.state,
    }
    return { policy: DEFAULT_POLICY, checks: [check], said: undefined }
  }
  const { sha256, rules, index } = then
  const { numberFormats, deliveryLimitPercent } = DEFAULT_POLICY
  const differing = differencesFrom(then)
  return {
    policy: { ...rules.policy, numberFormats, deliveryLimitPercent },
    checks:
      differing.length === 0
        ? []
        : [
            {
              check: 'rules',
              outcome: 'warning',
              code: 'rules-of-then-differ',
              detail: differing.join(', '),
            },
          ],
    said: { sha256, program: rules.program, index },
  }
}

/** What of them this program judges otherwise, or cannot judge. */
function differencesFrom({ rules: { program, policy, rules } }: PackedRules): string[] {
  const words = new Map(rules.map((rule) => [rule.id, JSON.stringify(rule)]))
  const own = new Map(RULE_CATALOGUE.map((rule) => [rule.id as string, JSON.stringify(rule)]))
  const ids = [...new Set([...words.keys(), ...own.keys()])]
  const isSame = (name: 'numberFormats' | 'deliveryLimitPercent') =>
    JSON.stringify(policy[name]) === JSON.stringify(DEFAULT_POLICY[name])
  return [
    ...(program === PROGRAM ? [] : [program]),
    ...ids.filter((id) => words.get(id) !== own.get(id)).toSorted(),
    ...(['numberFormats', 'deliveryLimitPercent'] as const).filter((name) => !isSame(name)),
  ]
}
