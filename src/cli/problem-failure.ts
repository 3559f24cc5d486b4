import { CliError } from './cli-error.ts'

interface Problem {
  readonly title?: string
  readonly detail?: string
  readonly errors?: readonly { pointer?: string; message?: string }[]
}

const MAX_ERRORS = 5

/** The failure behind a problem that a node answered (RFC 9457), in its own words. */
export function problemFailure(status: number, body: unknown): CliError {
  const { title = `HTTP ${status}`, detail, errors = [] } = (body ?? {}) as Problem
  const said = detail === undefined ? title : `${title}: ${detail}`
  const details = errors
    .slice(0, MAX_ERRORS)
    .map(({ pointer = '', message = '' }) => `${pointer} ${message}`.trim())
  const text = details.length === 0 ? said : `${said} (${details.join('; ')})`
  return new CliError(status >= 500 || status === 429 ? 'failed' : 'refused', text)
}
