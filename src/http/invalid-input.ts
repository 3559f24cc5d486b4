import type { z } from 'zod'
import { ProblemError } from './problem.ts'

const MAX_ERRORS = 50
const MAX_MESSAGE_CHARACTERS = 300

/** One thing wrong with a body: where (RFC 6901) and what. */
interface BodyError {
  pointer: string
  message: string
}

export function invalidBody(error: z.ZodError): ProblemError {
  return new ProblemError('invalid-body', { extensions: { errors: bodyErrorsOf(error) } })
}

export function invalidParameter(error: z.ZodError): ProblemError {
  const errors = bodyErrorsOf(error).map(({ pointer, message }) => ({
    parameter: unescape(pointer.split('/')[1] ?? ''),
    message,
  }))
  return new ProblemError('invalid-parameter', { extensions: { errors } })
}

/** The issues of a failed parse with JSON pointers, at most 50. */
export function bodyErrorsOf(error: z.ZodError): BodyError[] {
  return flatten(error.issues, []).slice(0, MAX_ERRORS)
}

function flatten(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[]): BodyError[] {
  return issues.flatMap((issue): BodyError[] => {
    const path = [...base, ...issue.path]
    if (issue.code === 'unrecognized_keys')
      return issue.keys
        .slice(0, MAX_ERRORS)
        .map((key) => ({ pointer: pointerTo([...path, key]), message: 'Unknown member' }))
    // Of a union the alternative with the fewest complaints is the one that was probably meant.
    const meant =
      issue.code === 'invalid_union' && issue.errors.toSorted((a, b) => a.length - b.length)[0]
    if (meant && meant.length > 0) return flatten(meant, path)
    return [{ pointer: pointerTo(path), message: issue.message.slice(0, MAX_MESSAGE_CHARACTERS) }]
  })
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((step) => `/${String(step).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}

function unescape(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
