import type { DocType } from './certificate-id.ts'
import { DOCUMENT_TYPES } from './document-types.ts'
import type { Enforcer, FactName, Rule, RuleId } from './rule.ts'

/** A rule as published to users of the exchange (rules.md §10): its texts, not its code. */
export interface CatalogueEntry extends Omit<Rule<unknown>, 'checks' | 'enforcedBy'> {
  readonly types: readonly DocType[]
  /** Facts beside the certificate that some part of it needs. */
  readonly needs: readonly FactName[]
  readonly enforcedBy: Enforcer | 'judge'
}

/** Every rule of the registered types once, in the order in which they are judged. */
export const RULE_CATALOGUE: readonly CatalogueEntry[] = collect()

function collect(): CatalogueEntry[] {
  const entries = new Map<RuleId, CatalogueEntry>()
  for (const { type, rules } of DOCUMENT_TYPES)
    for (const { checks, enforcedBy = 'judge', ...description } of rules) {
      const known = entries.get(description.id)
      const needs = [...new Set(checks.flatMap((check) => check.needs))]
      entries.set(description.id, {
        ...description,
        types: [...(known?.types ?? []), type],
        needs,
        enforcedBy,
      })
    }
  return [...entries.values()]
}
