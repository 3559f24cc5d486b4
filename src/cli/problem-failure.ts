import { PROBLEMS } from '../http/problem-registry.ts'
import { CliError } from './cli-error.ts'
import type { Language } from './language.ts'

interface Problem {
  readonly type?: string
  readonly title?: string
  readonly detail?: string
  readonly errors?: readonly { pointer?: string; parameter?: string; message?: string }[]
  readonly [extension: string]: unknown
}

const MAX_ERRORS = 5
const MAX_MEMBERS = 8
const MAX_VALUE_LENGTH = 400

/** Said already, or of no use to people; findings are for the command to print. */
const NOT_LISTED: ReadonlySet<string> = new Set([
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'errors',
  'findings',
])

/**
 * The failure behind a problem that a node answered (RFC 9457), in its own words: what happened, the members
 * that only this kind of problem has, such as its `reason`, what to do, and the page that says the same.
 */
export function problemFailure(status: number, body: unknown, language: Language): CliError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Problem
  const { type, title = `HTTP ${status}`, detail, errors = [] } = problem
  const said = detail === undefined ? title : `${title}: ${detail}`
  const details = errors.slice(0, MAX_ERRORS).map(errorText)
  const lines = [
    details.length === 0 ? said : `${said} (${details.join('; ')})`,
    ...memberLines(problem),
    ...adviceLines(type, language),
  ]
  return new CliError(status >= 500 || status === 429 ? 'failed' : 'refused', lines.join('\n  '))
}

function errorText({ pointer, parameter, message = '' }: NonNullable<Problem['errors']>[number]) {
  if (parameter !== undefined) return `${parameter}: ${message}`
  return `${pointer ?? ''} ${message}`.trim()
}

function memberLines(problem: Problem): string[] {
  return Object.entries(problem)
    .filter(([name]) => !NOT_LISTED.has(name))
    .slice(0, MAX_MEMBERS)
    .map(([name, value]) => {
      const told = typeof value === 'string' ? value : JSON.stringify(value)
      return `${name}: ${told.length > MAX_VALUE_LENGTH ? `${told.slice(0, MAX_VALUE_LENGTH)}…` : told}`
    })
}

/** A node of another version may have problems that are unknown here: their page is there all the same. */
function adviceLines(type: string | undefined, language: Language): string[] {
  if (type === undefined) return []
  const slug = type.slice(type.lastIndexOf('/') + 1)
  const kind = Object.hasOwn(PROBLEMS, slug) ? PROBLEMS[slug as keyof typeof PROBLEMS] : undefined
  return kind ? [kind.explanation[language], type] : [type]
}
