import { targetUriOf } from '../http-signature/target-uri.ts'
import { type Answer, toResponse } from './answer.ts'
import type { Authentication, ReceivedHead, ReceivedRequest } from './authentication.ts'
import { parseBody, readBytes } from './body.ts'
import type { Caller } from './caller.ts'
import { decodeForm } from './form-encoding.ts'
import { invalidParameter } from './invalid-input.ts'
import { preferredMediaType } from './media-type.ts'
import { parsePathTemplate, type PathTemplate, readPath } from './path-template.ts'
import { ProblemError } from './problem.ts'
import { answerError, type HttpContext, pathOf, type RoutedApp } from './routed-app.ts'
import type { Visit } from './rate-limit-guard.ts'
import { offersOf, problemsOf } from './route-problems.ts'
import type {
  AnswerOf,
  BodyOf,
  OfferOf,
  ParamsOf,
  QueryOf,
  RequestHeadersOf,
  RouteDeclaration,
} from './route.ts'

/** What a handler is called with, typed from the declaration. */
export interface Call<R extends RouteDeclaration, C extends Caller = Caller> {
  params: ParamsOf<R>
  query: QueryOf<R>
  requestHeaders: RequestHeadersOf<R>
  body: BodyOf<R>
  /** Has one of the roles that the route names. */
  caller: C & { role: R['callers'][number] }
  /** The media type to answer with, where an answer offers several. */
  mediaType: OfferOf<R>
  /** The request as it came: raw bytes for digests and evidence. */
  received: ReceivedRequest
  requestId: string
  c: HttpContext
}

export type Handler<R extends RouteDeclaration, C extends Caller = Caller> = (
  call: Call<R, C>,
) => Promise<AnswerOf<R>> | AnswerOf<R>

/**
 * Serves a declared route. Nothing reaches the handler that the declaration does not admit.
 *
 * `H` only makes the compiler keep the literal types of what the handler answers.
 */
export function mount<R extends RouteDeclaration, C extends Caller, H extends Handler<R, C>>(
  app: RoutedApp<C>,
  route: R,
  handler: H,
): void {
  const clash = app.routes.find(
    ({ route: other }) =>
      other.operationId === route.operationId ||
      (other.method === route.method && other.path === route.path),
  )
  if (clash) throw new Error(`${route.operationId} is mounted twice`)
  const template = parsePathTemplate(route.path)
  const mounted: Mounted<C> = {
    app,
    route,
    template,
    offers: offersOf(route),
    problems: new Set(problemsOf(route)),
    handler,
  }
  app.routes.push({ route, template })
  app.hono.on(route.method.toUpperCase(), template.honoPath, (c) => serve(mounted, c))
}

interface Mounted<C extends Caller> {
  app: RoutedApp<C>
  route: RouteDeclaration
  template: PathTemplate
  offers: readonly string[]
  problems: ReadonlySet<string>
  handler(call: never): Answer | Promise<Answer>
}

/**
 * The order of every call: limits, authentication, limits of the caller, role, size, parameters, media
 * type, syntax, schema, handler; of a signed one the size comes first, because the body is signed. Who may
 * not call learns nothing about what would have been wrong with the rest, and sends it to nobody.
 */
async function serve<C extends Caller>(mounted: Mounted<C>, c: HttpContext): Promise<Response> {
  const { app, route } = mounted
  let visit: Visit | undefined
  let authentication: Authentication<C> | undefined
  let response: Response
  try {
    visit = app.guard.arrive(route, { address: c.env?.remoteAddress, headers: c.req.raw.headers })
    const head = headOf(mounted, c)
    const whole = receiveOnce(mounted, c, head, visit)
    authentication = await authenticate(mounted, head, whole)
    visit.authenticated(authentication.caller)
    const caller = authorize(mounted, authentication.caller)
    const answer = await mounted.handler(readCall(mounted, c, await whole(), caller) as never)
    response = toResponse(route, answer)
  } catch (error) {
    response = answerError(app, c, error, route.operationId)
    if (error instanceof ProblemError) {
      visit?.refused(error)
      if (!mounted.problems.has(error.slug)) logUndeclared(mounted, c, error)
    }
  } finally {
    visit?.leave()
  }
  return authentication?.signAnswer ? sign(response, authentication.signAnswer) : response
}

function headOf<C extends Caller>({ app }: Mounted<C>, { req }: HttpContext): ReceivedHead {
  return {
    method: req.method,
    targetUri: targetUriOf(app.dependencies.publicUrl, req.url),
    headers: req.raw.headers,
  }
}

/** Reads the body when it is first asked for. */
function receiveOnce<C extends Caller>(
  { route }: Mounted<C>,
  { req }: HttpContext,
  head: ReceivedHead,
  visit: Visit,
): () => Promise<ReceivedRequest> {
  const receive = async () => {
    const body = await readBytes(req.raw, route.body?.maxBytes ?? 0, visit.took)
    visit.received()
    return { ...head, body }
  }
  let received: Promise<ReceivedRequest> | undefined
  return () => (received ??= receive())
}

async function authenticate<C extends Caller>(
  { app, route }: Mounted<C>,
  head: ReceivedHead,
  whole: () => Promise<ReceivedRequest>,
): Promise<Authentication<C>> {
  const { authenticate, anonymous } = app.dependencies
  if (route.callers.every((role) => role === 'public')) return { caller: anonymous }
  return authenticate(head, route, whole)
}

/** Default deny: only a role that the route names gets in, under that role. */
function authorize<C extends Caller>({ app, route }: Mounted<C>, caller: C): C {
  const { callers } = route
  if (callers.includes(caller.role)) return caller
  if (callers.includes('public')) return app.dependencies.anonymous
  if (caller.role !== 'public') throw new ProblemError('forbidden')
  const signed = callers.every((role) => role === 'peer')
  throw new ProblemError(signed ? 'signature-required' : 'unauthenticated')
}

function readCall<C extends Caller>(
  { route, template, offers }: Mounted<C>,
  c: HttpContext,
  received: ReceivedRequest,
  caller: C,
) {
  const path = readPath(template, pathOf(c.req.raw))
  if (!path) throw new Error('Hono matched a path that the template does not')
  const query = decodeForm(new URL(c.req.url).search.slice(1), 'invalid-parameter')
  return {
    params: checkParameters(route.params, path),
    query: checkParameters(route.query, query),
    requestHeaders: checkHeaders(route.requestHeaders, received.headers),
    mediaType: negotiate(offers, received.headers),
    body: parseBody(route.body, received.headers, received.body),
    caller,
    received,
    requestId: c.get('requestId'),
    c,
  }
}

function checkParameters(
  schema: RouteDeclaration['query'],
  values: Readonly<Record<string, string>>,
): unknown {
  if (schema) {
    const result = schema.safeParse(values)
    if (!result.success) throw invalidParameter(result.error)
    return result.data
  }
  const errors = Object.keys(values).map((parameter) => ({
    parameter,
    message: 'Unknown parameter',
  }))
  if (errors.length > 0) throw new ProblemError('invalid-parameter', { extensions: { errors } })
  return undefined
}

function checkHeaders(schema: RouteDeclaration['requestHeaders'], headers: Headers): unknown {
  if (!schema) return undefined
  const present = Object.keys(schema.shape).flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return checkParameters(schema, Object.fromEntries(present))
}

function negotiate(offers: readonly string[], headers: Headers): string | undefined {
  if (offers.length < 2) return offers[0]
  const preferred = preferredMediaType(headers.get('accept'), offers)
  if (preferred === undefined)
    throw new ProblemError('not-acceptable', { extensions: { offered: offers } })
  return preferred
}

/** A refusal missing from the declaration is missing from the contract with our callers. */
function logUndeclared<C extends Caller>(
  { app, route }: Mounted<C>,
  c: HttpContext,
  refusal: ProblemError,
): void {
  const { operationId } = route
  const error = new Error(`${operationId} does not declare ${refusal.slug}`, { cause: refusal })
  app.dependencies.logFault({ requestId: c.get('requestId'), operationId, error })
}

async function sign(
  response: Response,
  signAnswer: NonNullable<Authentication<Caller>['signAnswer']>,
): Promise<Response> {
  const body = new Uint8Array(await response.clone().arrayBuffer())
  const added = await signAnswer({ status: response.status, headers: response.headers, body })
  for (const [name, value] of Object.entries(added)) response.headers.set(name, value)
  return response
}
