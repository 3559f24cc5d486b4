import { z } from 'zod'
import type { Role } from './caller.ts'
import { parsePathTemplate } from './path-template.ts'
import type { ProblemSlug } from './problem-registry.ts'
import type { LimitClass } from './rate-limit-settings.ts'
import type { RawBody } from './raw-body.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** What a route takes: JSON, a form, raw bytes of some media types, or a choice of them. */
export interface BodyDeclaration {
  json?: z.ZodType
  /** application/x-www-form-urlencoded; no name may repeat. */
  form?: z.ZodType
  /** Media types whose bytes are handed over unparsed; `ANY_MEDIA_TYPE` beside them: whatever is named, or nothing. */
  raw?: readonly string[]
  /** What every line of a raw body holds, where that is JSON by lines. */
  lines?: z.ZodType
  maxBytes: number
  /** Named examples of the JSON or form body. */
  examples?: Readonly<Record<string, unknown>>
}

interface AnswerBase {
  description: string
  /** Response headers the handler sets, with their description. */
  headers?: Readonly<Record<string, string>>
}

export interface JsonAnswer extends AnswerBase {
  schema: z.ZodType
  examples?: Readonly<Record<string, unknown>>
}

/** With several media types the caller's Accept header chooses; the first is the default. */
export interface RawAnswer extends AnswerBase {
  mediaTypes: readonly [string, ...string[]]
  /** What every line holds, where the answer is JSON by lines. */
  lines?: z.ZodType
}

export interface EmptyAnswer extends AnswerBase {
  schema?: never
  mediaTypes?: never
}

export type AnswerDeclaration = JsonAnswer | RawAnswer | EmptyAnswer

/** Everything there is to say about one operation; handler, access table and OpenAPI follow from it. */
export interface RouteDeclaration {
  /** The OpenAPI operationId, unique. */
  operationId: string
  method: Method
  /** `{name}` is one segment or part of one, `{name*}` at the end any number of them. */
  path: `/${string}`
  summary: string
  description?: string
  tags: readonly string[]
  /** Nobody else gets in. `public` admits everyone, without credentials. */
  callers: readonly [Role, ...Role[]]
  params?: z.ZodObject
  query?: z.ZodObject
  /** Request headers that mean something to the route, by their canonical names; others are ignored. */
  requestHeaders?: z.ZodObject
  body?: BodyDeclaration
  answers: Readonly<Record<number, AnswerDeclaration>>
  /** What the handler may refuse with, beside what the framework itself refuses. */
  problems: readonly ProblemSlug[]
  /** Cache-Control of the answers; `no-store` if absent. */
  cacheControl?: string
  /** How often one client may call; `default` if absent. */
  limit?: LimitClass
  /** What peers read here proves itself: the exchange is not archived. */
  provesItself?: true
  /** Answered also when the node has enough to do: busy is not dead. */
  isAlwaysTaken?: true
}

/**
 * Declares a route. Contradictions are bugs and throw at once.
 *
 * @throws {Error}
 */
export function declareRoute<const R extends RouteDeclaration>(route: R): R {
  const wrong = contradictionIn(route)
  if (wrong) throw new Error(`Route ${route.operationId}: ${wrong}`)
  return route
}

function contradictionIn(route: RouteDeclaration): string | undefined {
  const named = parsePathTemplate(route.path).names.toSorted().join()
  const checked = Object.keys(route.params?.shape ?? {})
    .toSorted()
    .join()
  if (named !== checked) return `the path names "${named}", params check "${checked}"`
  if (new Set(route.callers).size !== route.callers.length) return 'a caller is named twice'
  if (Object.keys(route.answers).length === 0) return 'it never answers'
  const { body, method } = route
  if ([route.params, route.query, body?.json].some(isOpen)) return 'it ignores unknown members'
  if (!body) return undefined
  if (method === 'get' || method === 'delete') return `a ${method} has no body`
  if (!body.json && !body.form && !body.raw?.length) return 'the body has no media type'
  return body.maxBytes > 0 ? undefined : 'the body has no size'
}

/** Whether an object schema lets unknown members pass, silently. */
function isOpen(schema: z.ZodType | undefined): boolean {
  return schema instanceof z.ZodObject && !(schema.def.catchall instanceof z.ZodNever)
}

export type ParamsOf<R extends RouteDeclaration> = OutputOf<R['params']>
export type QueryOf<R extends RouteDeclaration> = OutputOf<R['query']>
export type RequestHeadersOf<R extends RouteDeclaration> = OutputOf<R['requestHeaders']>

/** The parsed JSON or form, or the bytes of a raw media type. */
export type BodyOf<R extends RouteDeclaration> = R['body'] extends infer B extends BodyDeclaration
  ? | (B extends { json: infer S extends z.ZodType } ? z.output<S> : never)
    | (B extends { form: infer S extends z.ZodType } ? z.output<S> : never)
    | (B extends { raw: readonly string[] } ? RawBody : never)
  : undefined

/** What a handler may answer: a declared status with the body and headers declared for it. */
export type AnswerOf<R extends RouteDeclaration> = {
  [S in keyof R['answers'] & number]: { status: S } & ContentOf<R['answers'][S]> &
    HeadersOf<R['answers'][S]>
}[keyof R['answers'] & number]

/** The media types among which the caller's Accept header chose. */
export type OfferOf<R extends RouteDeclaration> = {
  [S in keyof R['answers']]: R['answers'][S] extends { mediaTypes: readonly (infer M)[] }
    ? M
    : never
}[keyof R['answers']]

type OutputOf<S> = S extends z.ZodType ? z.output<S> : undefined

type ContentOf<A> = A extends { schema: infer S extends z.ZodType }
  ? { body: z.output<S> }
  : A extends { mediaTypes: readonly (infer M)[] }
    ? { body: Uint8Array | string; mediaType: M }
    : { body?: undefined }

type HeadersOf<A> = A extends { headers: infer H }
  ? { headers?: { [N in keyof H]?: string } }
  : { headers?: undefined }
