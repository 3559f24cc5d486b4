import type { Finding } from '../certificate/rule.ts'
import type { Language } from './language.ts'

/** One finding on one line. */
export function findingText(
  { rule, severity, path, message }: Finding,
  language: Language,
): string {
  return `${severity} ${rule}${path && ` ${path}`}: ${message[language]}`
}
