import { ProblemError } from './problem.ts'

const MAX_PAIRS = 100

/**
 * Decodes application/x-www-form-urlencoded text, as queries and forms carry it, refusing what
 * `URLSearchParams` glosses over: malformed percent-encoding and names that stand twice.
 *
 * @throws {ProblemError} with `refusal`
 */
export function decodeForm(
  text: string,
  refusal: 'invalid-parameter' | 'invalid-body',
): Record<string, string> {
  const pairs = text === '' ? [] : text.split('&')
  if (pairs.length > MAX_PAIRS) refuse(refusal, '', `More than ${MAX_PAIRS} parameters`)
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const rawName = equals < 0 ? pair : pair.slice(0, equals)
    const name = decode(rawName)
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    if (name === undefined || value === undefined)
      refuse(refusal, rawName.slice(0, 64), 'Malformed percent-encoding')
    if (values.has(name)) refuse(refusal, name, 'The parameter is repeated')
    values.set(name, value)
  }
  return Object.fromEntries(values)
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function refuse(
  refusal: 'invalid-parameter' | 'invalid-body',
  parameter: string,
  message: string,
): never {
  const where = refusal === 'invalid-body' ? { pointer: `/${parameter}` } : { parameter }
  throw new ProblemError(refusal, { extensions: { errors: [{ ...where, message }] } })
}
