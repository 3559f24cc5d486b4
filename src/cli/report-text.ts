import type { ValidationReport } from '../exchange/validation-report.ts'
import { CHECK_TITLES } from '../exchange/check-texts.ts'
import type { Environment } from '../jose/environment.ts'

const MARKS = { passed: '✓', warning: '!', failed: '✗', unknown: '?' } as const
const ANSWERS = {
  usable: 'USABLE / МОЖНО ИСПОЛЬЗОВАТЬ',
  'not-usable': 'NOT USABLE / НЕЛЬЗЯ ИСПОЛЬЗОВАТЬ',
  'cannot-tell': 'CANNOT TELL / УСТАНОВИТЬ НЕЛЬЗЯ',
} as const

const TRAINING = 'TRAINING DOCUMENT, NO LEGAL FORCE / УЧЕБНЫЙ ДОКУМЕНТ, НЕ ИМЕЕТ ЮРИДИЧЕСКОЙ СИЛЫ'

/** A validation report for reading, check by check; `environment`: what the document says it is of. */
export function reportText(
  report: ValidationReport,
  language: 'en' | 'ru' = 'en',
  environment: Environment = 'production',
): string {
  const { answer, indication, subIndication, checks, findings, lines } = report
  const text = [`${ANSWERS[answer]}   (${indication}${subIndication ? `, ${subIndication}` : ''})`]
  if (environment === 'training') text.unshift(TRAINING)
  for (const { check, outcome, sentence, detail } of checks) {
    const shown = detail !== undefined && outcome !== 'passed' ? ` [${detail}]` : ''
    text.push(`  ${MARKS[outcome]} ${CHECK_TITLES[check][language]}: ${sentence[language]}${shown}`)
  }
  for (const { rule, severity, message } of findings)
    text.push(`    ${severity} ${rule}: ${message[language]}`)
  for (const { line, item, differences } of lines)
    text.push(
      item === null
        ? `    declaration line ${line}: no item covers it`
        : `    declaration line ${line}: item ${item}${differences.length > 0 ? `, differs: ${differences.map(({ differs }) => differs).join(', ')}` : ', no difference'}`,
    )
  return text.join('\n')
}
