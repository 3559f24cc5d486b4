import { ProblemError } from './problem.ts'

/** A path with parameters: `{name}` within one segment, `{name*}` at the end across segments. */
export interface PathTemplate {
  names: readonly string[]
  /** The same path in Hono's notation. */
  honoPath: string
  /** Matches a raw path, not percent-decoded; one group per name. */
  pattern: RegExp
}

/**
 * Reads a path template.
 *
 * @throws {Error} for a template that cannot be served
 */
export function parsePathTemplate(path: string): PathTemplate {
  if (!/^\/(?:[\w.~/-]|\{\w+\}|\{\w+\*\}$)*$/.test(path)) throw new Error(`Bad path ${path}`)
  const names = [...path.matchAll(/\{(\w+)\*?\}/g)].map(([, name]) => name!)
  if (new Set(names).size !== names.length) throw new Error(`${path} names a parameter twice`)
  return {
    names,
    honoPath: path.split('/').map(honoSegment).join('/'),
    pattern: new RegExp(`^${regexOf(path)}$`),
  }
}

/**
 * The parameters of a raw path, each percent-decoded exactly once; `undefined` if it does not match.
 *
 * @throws {ProblemError} invalid-parameter, for malformed percent-encoding
 */
export function readPath(
  template: PathTemplate,
  rawPath: string,
): Record<string, string> | undefined {
  const match = template.pattern.exec(rawPath)
  if (!match) return undefined
  return Object.fromEntries(
    template.names.map((name, i) => [name, decodeOnce(name, match[i + 1]!)]),
  )
}

function decodeOnce(name: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    const errors = [{ parameter: name, message: 'Malformed percent-encoding' }]
    throw new ProblemError('invalid-parameter', { extensions: { errors }, cause })
  }
}

function honoSegment(segment: string, index: number): string {
  if (!segment.includes('{')) return segment
  const whole = /^\{(\w+)\}$/.exec(segment)
  // Hono falls back to its slow router for capturing groups.
  return whole ? `:${whole[1]}` : `:segment${index}{${regexOf(segment).replace(/[()]/g, '')}}`
}

function regexOf(path: string): string {
  return path
    .replaceAll('.', '\\.')
    .replace(/\{\w+\}/g, '([^/]+)')
    .replace(/\{\w+\*\}$/, '(.+)')
}
