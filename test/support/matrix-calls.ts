import { z } from 'zod'
import type { RouteDeclaration } from '../../src/http/route.ts'

/** Names of parameters, and values of a living node among which each route finds one that fits it. */
export type Samples = Readonly<Record<string, readonly string[]>>

/** A call that the framework lets through to the handler. */
export interface ValidCall {
  readonly route: RouteDeclaration
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: ValidBody | undefined
}

export interface ValidBody {
  readonly mediaType: string
  readonly text: string
  /** What the text is the JSON or the form of; raw bodies have none. */
  readonly value: unknown
}

/**
 * Makes a valid call of any route, out of its declaration.
 *
 * @throws {Error} says what to add, and where, so that the matrix covers the route
 */
export function validCall(
  route: RouteDeclaration,
  samples: Samples,
  routes: readonly RouteDeclaration[],
): ValidCall {
  return {
    route,
    params: parametersFor(route, 'params', samples),
    query: parametersFor(route, 'query', samples),
    body: bodyFor(route, routes),
  }
}

function parametersFor(
  route: RouteDeclaration,
  part: 'params' | 'query',
  samples: Samples,
): Record<string, string> {
  const schema = route[part]
  if (!schema) return {}
  const chosen: Record<string, string> = {}
  const optional: Record<string, string> = {}
  for (const [name, member] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    const fits = (samples[name] ?? []).find((sample) => member.safeParse(sample).success)
    if (member.safeParse(undefined).success) {
      if (fits !== undefined) optional[name] = fits
      continue
    }
    if (fits === undefined)
      throw uncovered(route, `no sample fits the ${part} member "${name}": add one to SAMPLES`)
    chosen[name] = fits
  }
  if (schema.safeParse(chosen).success) return chosen
  // Something optional that must not be missing altogether.
  for (const [name, value] of Object.entries(optional))
    if (schema.safeParse({ ...chosen, [name]: value }).success) return { ...chosen, [name]: value }
  throw uncovered(route, `its ${part} refuse ${JSON.stringify({ ...chosen, ...optional })}`)
}

function bodyFor(
  route: RouteDeclaration,
  routes: readonly RouteDeclaration[],
): ValidBody | undefined {
  const { body } = route
  if (!body) return undefined
  const examples = Object.values(body.examples ?? {})
  const { json, form } = body
  const schema = json ?? form
  if (schema) {
    const value = examples.find((example) => schema.safeParse(example).success)
    if (value === undefined)
      throw uncovered(route, 'no example of its body follows its schema: declare one that does')
    return json
      ? { mediaType: 'application/json', text: JSON.stringify(value), value }
      : {
          mediaType: 'application/x-www-form-urlencoded',
          text: new URLSearchParams(value as Record<string, string>).toString(),
          value,
        }
  }
  const mediaType = body.raw?.[0]
  if (mediaType === undefined) throw uncovered(route, 'its body has no media type')
  if (body.lines) {
    // A line of many is what a call of its own takes elsewhere.
    const all = routes.flatMap((other) => Object.values(other.body?.examples ?? {}))
    const value = all.find((example) => body.lines!.safeParse(example).success)
    if (value === undefined) throw uncovered(route, 'no example of any route is a line of its body')
    return { mediaType, text: JSON.stringify(value), value }
  }
  const text = examples.find((example) => typeof example === 'string')
  return { mediaType, text: text ?? 'x', value: undefined }
}

function uncovered({ operationId }: RouteDeclaration, why: string): Error {
  return new Error(`The matrix cannot make a valid call of ${operationId}: ${why}`)
}

/** The path with its parameters, each of which may be anything that is already encoded. */
export function pathOf(
  { path }: RouteDeclaration,
  params: Readonly<Record<string, string>>,
  raw: Readonly<Record<string, string>> = {},
): string {
  return path.replace(
    /\{(\w+)(\*?)\}/g,
    (_, name: string, rest: string) =>
      raw[name] ??
      (params[name] ?? '')
        .split('/')
        .map(encodeURIComponent)
        .join(rest ? '/' : '%2F'),
  )
}

export function queryOf(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  )
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}
