import { z } from 'zod'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { CertificatePath, Instant } from '../schemas.ts'
import { findVisible } from './certificate-address.ts'

const MAX_PAGE = 1000

const Page = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional()
    .meta({ description: '`next` of the page before' }),
})

const declaration = {
  operationId: 'listAccesses',
  method: 'get',
  summary: 'Who read a certificate',
  tags: ['Certificates'],
  callers: ['authority', 'auditor'],
  answers: {
    200: {
      description: `The oldest first, at most ${MAX_PAGE} on a page`,
      schema: z.strictObject({
        accesses: z.array(
          z.strictObject({
            at: Instant,
            client: z.string(),
            party: z.string(),
            role: z.string(),
            operation: z.string(),
            context: z.unknown().optional(),
          }),
        ),
        next: z.string().optional().meta({
          description: 'Send it as `after` for the next page; absent on the last one',
        }),
      }),
    },
  },
  problems: ['certificate-not-found'],
} as const

const byPath = declareRoute({
  ...declaration,
  path: '/v1/certificates/{state}/{type}/{number}/accesses',
  params: CertificatePath,
  query: Page,
})

const byNumber = declareRoute({
  ...declaration,
  operationId: 'listAccessesByNumber',
  summary: 'Who read a certificate (identity as parameters)',
  path: '/v1/certificates/by-number/accesses',
  query: CertificatePath.extend(Page.shape),
})

export function mountAccesses(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const list = async (
    caller: Caller,
    asked: z.infer<typeof CertificatePath>,
    { after = 0 }: z.infer<typeof Page>,
  ) => {
    const stored = await findVisible(deps, caller, asked)
    const found = await deps.accesses.of(stored.sha256, after, MAX_PAGE + 1)
    const shown = found.slice(0, MAX_PAGE)
    const next = found.length > MAX_PAGE ? shown.at(-1)?.n : undefined
    return {
      status: 200,
      body: {
        accesses: shown.map(({ at, client, party, role, operation, context }) => ({
          at,
          client,
          party,
          role,
          operation,
          context,
        })),
        ...(next !== undefined && { next: String(next) }),
      },
    } as const
  }
  mount(app, byPath, ({ params, query, caller }) => list(caller, params, query))
  mount(app, byNumber, ({ query, caller }) => list(caller, query, query))
}
