import { z } from 'zod'
import {
  heldDocuments,
  heldLeaves,
  heldLogs,
  MAX_DOCUMENTS,
  MAX_LEAVES,
} from '../../exchange/log/held-for-peer.ts'
import {
  HeldDocumentsBody,
  HeldLeavesBody,
  HeldLogsBody,
} from '../../exchange/log/own-log-source.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { limitUpTo } from '../feed-query.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'

const tags = ['Exchange'] as const
const callers = ['peer'] as const

const logsRoute = declareRoute({
  operationId: 'getOwnLog',
  method: 'get',
  path: '/exchange/v1/own-log',
  summary: 'What this node holds of the caller’s log',
  description:
    'For a node that lost its database, signed by RFC 9421. The mirror of the log of the caller’s own state, never of another’s. Every checkpoint is signed by that log; `cosigned` bears a fresh cosignature of this node’s witness.',
  tags,
  callers,
  provesItself: true,
  answers: {
    200: {
      description: 'One answer for each log; none, if nothing was mirrored',
      schema: HeldLogsBody,
      examples: {
        'a whole mirror': {
          logs: [
            {
              origin: 'exchange.by/log/1',
              leaves: 40213,
              newest: 'exchange.by/log/1\n40213\n…',
              whole: 'exchange.by/log/1\n40213\n…',
              cosigned: 'exchange.by/log/1\n40213\n…',
            },
          ],
        },
      },
    },
  },
  problems: [],
})

const leavesRoute = declareRoute({
  operationId: 'getOwnLogLeaves',
  method: 'get',
  path: '/exchange/v1/own-log/leaves',
  summary: 'Leaves of the caller’s log, from the mirror of this node',
  description:
    'Byte for byte as the caller’s node signed them in its checkpoints. None behind the end of the mirror.',
  tags,
  callers,
  provesItself: true,
  query: z.strictObject({
    origin: z.string().min(1).max(200),
    index: z.coerce
      .number()
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER - MAX_LEAVES)
      .meta({ description: 'Index of the first' }),
    limit: limitUpTo(MAX_LEAVES),
  }),
  answers: {
    200: {
      description: 'In their order',
      schema: HeldLeavesBody,
      examples: {
        one: {
          leaves: [
            `{"v":1,"kind":"certificate","sha256":"${'x'.repeat(43)}","to":{"UZ":17},"at":"2026-02-10T09:15:00Z"}`,
          ],
        },
      },
    },
  },
  problems: [],
})

const DIGESTS = new RegExp(`^[A-Za-z0-9_-]{43}(?:,[A-Za-z0-9_-]{43}){0,${MAX_DOCUMENTS - 1}}$`)

const documentsRoute = declareRoute({
  operationId: 'getOwnLogDocuments',
  method: 'get',
  path: '/exchange/v1/own-log/documents',
  summary: 'Documents that the caller sent here or was sent, and their receipts',
  description:
    'By digest, exact bytes. Of documents between this node and the caller, receipts of either for the other, and versions of trust lists; of any other digest the answer says nothing. `left`: held, but too much for one answer.',
  tags,
  callers,
  provesItself: true,
  query: z.strictObject({
    digests: z
      .string()
      .regex(DIGESTS)
      .transform((text) => text.split(','))
      .meta({ description: `Up to ${MAX_DOCUMENTS} digests, with commas between them` }),
  }),
  answers: {
    200: {
      description: 'What is here and may be had',
      schema: HeldDocumentsBody,
    },
  },
  problems: [],
})

/** A peer that lost its database has its own log back, and what this node has of its documents. */
export function mountOwnLog(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const logs = heldLogs(deps)
  const leaves = heldLeaves(deps)
  const documents = heldDocuments(deps)

  mount(app, logsRoute, async ({ caller }) => ({
    status: 200,
    body: {
      logs: (await logs(caller.state!)).map(({ leaves: count, whole, cosigned, ...log }) => ({
        ...log,
        leaves: Number(count),
        ...(whole !== undefined && { whole }),
        ...(cosigned !== undefined && { cosigned }),
      })),
    },
  }))

  mount(app, leavesRoute, async ({ caller, query: { origin, index, limit } }) => ({
    status: 200,
    body: { leaves: await leaves(caller.state!, origin, BigInt(index), limit) },
  }))

  mount(app, documentsRoute, async ({ caller, query }) => {
    const held = await documents(caller.state!, query.digests)
    return {
      status: 200,
      body: {
        documents: held.documents.map(({ sha256, document, seq }) => ({
          sha256,
          document,
          ...(seq !== undefined && { seq }),
        })),
        left: held.left,
      },
    }
  })
}
