import { type Context, Hono } from 'hono'
import type { Authenticate } from './authentication.ts'
import type { Caller } from './caller.ts'
import type { PathTemplate } from './path-template.ts'
import { languageOf, type ProblemContext, ProblemError, problemResponse } from './problem.ts'
import { PROBLEMS } from './problem-registry.ts'
import { NO_GUARD, type RequestGuard } from './rate-limit-guard.ts'
import type { RouteDeclaration } from './route.ts'

export interface HttpDependencies<C extends Caller> {
  publicUrl: string
  authenticate: Authenticate<C>
  /** The caller of public routes. */
  anonymous: C & { role: 'public' }
  /** A random UUID. */
  newRequestId(): string
  logFault(fault: HttpFault): void
  /** Without it nothing limits how much is taken on. */
  guard?: RequestGuard
}

/** A bug or an outage: the caller is told the request id only. */
export interface HttpFault {
  requestId: string
  operationId: string | undefined
  error: unknown
}

interface HttpVariables {
  requestId: string
}

/** What the platform tells of a request beside the request. */
export interface Platform {
  /** Of whoever connected; never read from a header that anybody can send. */
  readonly remoteAddress?: string | undefined
}

interface HttpEnvironment {
  Variables: HttpVariables
  Bindings: Platform
}

export type HttpContext = Context<HttpEnvironment>

export interface MountedRoute {
  route: RouteDeclaration
  template: PathTemplate
}

/** A Hono app that serves declared routes; see `mount`. */
export interface RoutedApp<C extends Caller> {
  hono: Hono<HttpEnvironment>
  guard: RequestGuard
  dependencies: HttpDependencies<C>
  routes: MountedRoute[]
}

/** Headers of every answer that does not set its own. */
const DEFAULT_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const

/** An app without routes: it knows how to say 404, 405, what it allows, and that it failed. */
export function createRoutedApp<C extends Caller>(dependencies: HttpDependencies<C>): RoutedApp<C> {
  // Routing works on the raw path: Hono's own getPath decodes part of it, parameters would then be
  // decoded twice.
  const hono = new Hono<HttpEnvironment>({ getPath: pathOf })
  const app: RoutedApp<C> = {
    hono,
    dependencies,
    guard: dependencies.guard ?? NO_GUARD,
    routes: [],
  }
  hono.use(async (c, next) => {
    c.set('requestId', dependencies.newRequestId())
    await next()
    const { headers } = c.res
    headers.set('Request-Id', c.get('requestId'))
    for (const [name, value] of Object.entries(DEFAULT_HEADERS))
      if (!headers.has(name)) headers.set(name, value)
  })
  hono.notFound((c) => answerUnrouted(app, c))
  hono.onError((error, c) => answerError(app, c, error, undefined))
  return app
}

/** The path as it came, still percent-encoded. */
export function pathOf(request: Request): string {
  return new URL(request.url).pathname
}

export function problemContext<C extends Caller>(
  { dependencies }: RoutedApp<C>,
  c: HttpContext,
): ProblemContext {
  return {
    publicUrl: dependencies.publicUrl,
    language: languageOf(c.req.header('accept-language')),
    requestId: c.get('requestId'),
  }
}

/** Answers a refusal as the problem it names, anything else as `internal`, logged and not told. */
export function answerError<C extends Caller>(
  app: RoutedApp<C>,
  c: HttpContext,
  error: unknown,
  operationId: string | undefined,
): Response {
  const context = problemContext(app, c)
  const refusal = error instanceof ProblemError ? error : new ProblemError('internal')
  const { status } = PROBLEMS[refusal.slug]
  // 501 is neither a bug nor an outage: the caller asks for what this node never does.
  if (refusal !== error || (status >= 500 && status !== 501))
    app.dependencies.logFault({ requestId: context.requestId, operationId, error })
  return problemResponse(context, refusal.slug, refusal.options)
}

/** OPTIONS, 405 with Allow where the path exists (RFC 9110 §15.5.6), else 404. */
function answerUnrouted<C extends Caller>(app: RoutedApp<C>, c: HttpContext): Response {
  const path = pathOf(c.req.raw)
  const methods = new Set<string>()
  for (const { route, template } of app.routes)
    if (template.pattern.test(path)) methods.add(route.method.toUpperCase())
  if (methods.size === 0) return problemResponse(problemContext(app, c), 'not-found')
  if (methods.has('GET')) methods.add('HEAD')
  const headers = { Allow: [...methods.add('OPTIONS')].toSorted().join(', ') }
  if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers })
  return problemResponse(problemContext(app, c), 'method-not-allowed', { headers })
}
