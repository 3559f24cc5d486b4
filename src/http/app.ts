import { authenticateCaller } from './authenticate-caller.ts'
import type { Caller } from './caller.ts'
import type { NodeDependencies } from './dependencies.ts'
import { openApiDocument } from './openapi.ts'
import { API } from './api-description.ts'
import {
  isProblemSlug,
  PROBLEM_PAGE_POLICY,
  problemIndexPage,
  problemPage,
} from './problem-page.ts'
import { createRoutedApp, type RoutedApp } from './routed-app.ts'
import { mountCertificates } from './routes/certificates.ts'
import { mountIssue } from './routes/issue.ts'
import { mountStatusChanges } from './routes/status-changes.ts'
import { mountExchange } from './routes/exchange.ts'
import { mountOauth } from './routes/oauth.ts'
import { mountOperations } from './routes/operations.ts'
import { mountStatusList } from './routes/status-list.ts'
import { mountTrust } from './routes/trust.ts'
import { mountValidations } from './routes/validations.ts'

/** The node's whole HTTP surface. */
export function createApp(deps: NodeDependencies): RoutedApp<Caller> {
  const app = createRoutedApp<Caller>({
    publicUrl: deps.publicUrl,
    authenticate: authenticateCaller(deps),
    anonymous: { role: 'public' },
    newRequestId: deps.newId,
    logFault: deps.logFault,
  })
  mountIssue(app, deps)
  mountCertificates(app, deps)
  mountStatusChanges(app, deps)
  mountValidations(app, deps)
  mountExchange(app, deps)
  mountTrust(app, deps)
  mountStatusList(app, deps)
  mountOauth(app, deps)
  mountOperations(app, deps)

  const description = JSON.stringify(describe(app, deps.publicUrl))
  app.hono.get('/openapi.json', (c) =>
    c.body(description, 200, { 'Content-Type': 'application/json' }),
  )
  const page = (html: string) =>
    new Response(html, {
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': PROBLEM_PAGE_POLICY,
      },
    })
  app.hono.get('/problems', () => page(problemIndexPage()))
  app.hono.get('/problems/:slug', (c) => {
    const slug = c.req.param('slug')
    return isProblemSlug(slug) ? page(problemPage(slug)) : c.notFound()
  })
  return app
}

/** The OpenAPI document of an app, as a node at this URL serves it. */
export function describe(app: RoutedApp<Caller>, url: string) {
  const servers = [{ url, description: 'This node' }] as const
  return openApiDocument(
    app.routes.map(({ route }) => route),
    { ...API, servers },
  )
}
