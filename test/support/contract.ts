import { createApp, describe } from '../../src/http/app.ts'
import type { NodeDependencies } from '../../src/http/dependencies.ts'
import type { OpenApiDocument, OperationObject } from '../../src/http/openapi-document.ts'
import type { RouteDeclaration } from '../../src/http/route.ts'

const url = 'https://node.example'

// Declarations alone are read: no handler runs, so no dependency is needed.
const app = createApp({ publicUrl: url } as NodeDependencies)

/** Every route of a node. */
export const ROUTES: readonly RouteDeclaration[] = app.routes.map(({ route }) => route)

/** The contract as a node serves it. */
export const CONTRACT: OpenApiDocument = describe(app, url)

export const OPERATIONS: readonly OperationObject[] = Object.values(CONTRACT.paths).flatMap(
  (methods) => Object.values(methods),
)

/** An app that can serve its pages, which need no more. */
export function contractApp() {
  const needed: Partial<NodeDependencies> = {
    publicUrl: url,
    newId: () => 'request',
    now: () => new Date(),
    logFault: ({ error }) => {
      throw error
    },
  }
  return createApp(needed as NodeDependencies)
}

export function askForPage(path: string, headers: Record<string, string> = {}) {
  return contractApp().hono.request(url + path, { headers })
}
