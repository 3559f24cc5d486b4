import { z } from 'zod'
import { WARNING_KINDS } from '../../exchange/warnings/warning.ts'
import { currentWarnings } from '../../exchange/warnings/warnings.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Instant, LeafIndex, Text } from '../schemas.ts'

const MAX_ACTS = 1000

const warningsRoute = declareRoute({
  operationId: 'listWarnings',
  method: 'get',
  path: '/v1/warnings',
  summary: 'What will go wrong unless somebody does something',
  description:
    'Computed at the call: peers that lag or are silent, clocks that differ, keys, lists and CRLs that end. The log of the node has each when it appears and once a day.',
  tags: ['Operations'],
  callers: ['authority', 'auditor'],
  answers: {
    200: {
      description: 'None, if all is well',
      schema: z.strictObject({
        warnings: z.array(
          z.strictObject({
            kind: z.enum(WARNING_KINDS),
            subject: z.string().meta({ description: 'A state, a key by its x5t#S256, a name' }),
            overdue: z.boolean().meta({ description: 'It has happened already' }),
            at: Instant.optional().meta({ description: 'When it happens, or since when it is so' }),
            message: Text,
          }),
        ),
      }),
    },
  },
  problems: [],
})

const adminActsRoute = declareRoute({
  operationId: 'listAdminActs',
  method: 'get',
  path: '/v1/admin-acts',
  summary: 'Who changed the node itself, when and how',
  description: `Clients, pins, trust lists, CRLs, keys, restores, migrations; never changed. At most ${MAX_ACTS}, oldest first: go on with the last \`n\` as \`after\`.`,
  tags: ['Administration'],
  callers: ['authority', 'auditor'],
  query: z.strictObject({
    after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  }),
  answers: {
    200: {
      description: 'Acts in the order in which they were done',
      schema: z.strictObject({
        acts: z.array(
          z.strictObject({
            n: z.int(),
            at: Instant,
            actor: z.string().meta({
              description: '`user:NAME` at the command line, `client:ID` of a client system',
            }),
            act: z.string(),
            subject: z.string(),
            detail: z.string().optional(),
            idx: LeafIndex,
          }),
        ),
      }),
    },
  },
  problems: [],
})

/** What those look at who watch over the node. */
export function mountOversight(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const warnings = currentWarnings(deps)

  mount(app, warningsRoute, async () => ({ status: 200, body: { warnings: await warnings() } }))

  mount(app, adminActsRoute, async ({ query }) => ({
    status: 200,
    body: { acts: await deps.adminActs.list(query.after ?? 0, MAX_ACTS) },
  }))
}
