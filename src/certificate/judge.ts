import type { DocumentType } from './document-type.ts'
import { type Facts, type Finding, NOT_EVALUATED, type RuleId } from './rule.ts'

export interface Judgement {
  readonly findings: readonly Finding[]
  /** Rules whose facts are missing, in whole or in part: never read them as passed. */
  readonly notEvaluated: readonly RuleId[]
}

/** Checks a certificate against every rule of its type (rules.md §10), in their order. */
export function judge<C>(type: DocumentType<C>, certificate: C, facts: Facts): Judgement {
  const findings: Finding[] = []
  const notEvaluated: RuleId[] = []
  const reader = facts.stage === 'issue' ? 'issuer' : 'customs'
  for (const rule of type.rules) {
    let complete = true
    const remedy = rule.remedy[reader]
    for (const check of rule.checks) {
      if (check.stages && !check.stages.includes(facts.stage)) continue
      const result = check.run(certificate, facts)
      if (result === NOT_EVALUATED) {
        complete = false
        continue
      }
      for (const { path, values, ru, en } of result) {
        findings.push({
          rule: rule.id,
          severity: rule.severity[facts.stage],
          path,
          ...(values && { values }),
          message: { ru: `${ru} ${remedy.ru}`, en: `${en} ${remedy.en}` },
        })
      }
    }
    if (!complete) notEvaluated.push(rule.id)
  }
  return { findings, notEvaluated }
}

/** Whether a finding blocks issue: an error does (rules.md §10). */
export function blocksIssue(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error')
}
