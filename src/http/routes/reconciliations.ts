import { z } from 'zod'
import { Reconciliation, RECONCILED_VIEWS } from '../../exchange/reconciliation/payload.ts'
import { answerRange, RangeBody } from '../../exchange/reconciliation/range.ts'
import {
  type Difference,
  type StoredVerdict,
  VERDICT_OUTCOMES,
  VERDICT_REASONS,
} from '../../exchange/reconciliation/store.ts'
import { reconciliationState } from '../../exchange/reconciliation/state.ts'
import { payloadOf } from '../../exchange/registered.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest, Instant, State } from '../schemas.ts'

const MAX_KEY = Number.MAX_SAFE_INTEGER
const PAGE = 20

const rangeRoute = declareRoute({
  operationId: 'getReconciliationRange',
  method: 'get',
  path: '/exchange/v1/reconciliation',
  summary: 'What this node has of the exchange with the caller, in a range',
  description:
    'From peer nodes, signed by RFC 9421. Count and root over the messages with a number above `after` and up to `upTo`, or over the decisions of these seconds; of many rows the same of smaller ranges, of few the rows themselves. Whoever compares a reconciliation document finds so what differs.',
  tags: ['Exchange'],
  callers: ['peer'],
  limit: 'expensive',
  query: z.strictObject({
    of: z.enum(RECONCILED_VIEWS),
    after: z.coerce.number().int().min(-1).max(MAX_KEY),
    upTo: z.coerce.number().int().min(0).max(MAX_KEY),
  }),
  answers: {
    200: {
      description: 'The range, or as much of it from its beginning as fits',
      schema: RangeBody,
      examples: {
        'two messages': {
          of: 'sent',
          after: 16,
          upTo: 18,
          count: 2,
          root: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
          entries: [
            { key: 17, sha256: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg' },
            { key: 18, sha256: 'YCFYrZvFzyMhtm9HIcdI6RIbdNYLpYWg3Hw8IBwWuRE', open: true },
          ],
        },
      },
    },
  },
  problems: [],
})

const Row = z.strictObject({ sha256: Digest, receipt: Digest.optional() })

const Verdict = z.strictObject({
  view: z.enum(RECONCILED_VIEWS).meta({ description: 'As the maker of the document calls it' }),
  outcome: z.enum(VERDICT_OUTCOMES),
  reason: z.enum(VERDICT_REASONS),
  at: Instant.meta({ description: 'Since when it is so' }),
  differences: z.array(
    z.strictObject({
      key: z.int().meta({ description: 'The number of a message, the second of a decision' }),
      here: Row.optional(),
      there: Row.optional(),
    }),
  ),
  complete: z.boolean().meta({ description: 'False: there is more than is listed' }),
})

const SHA256 = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'
const EXAMPLE = {
  state: 'differs',
  documents: [
    {
      sha256: 'YCFYrZvFzyMhtm9HIcdI6RIbdNYLpYWg3Hw8IBwWuRE',
      maker: 'BY',
      document: {
        schema: 'reconciliation/1',
        iss: 'BY.REGISTRY',
        aud: ['UZ'],
        epoch: 'c0FsdHk1',
        previous: SHA256,
        since: '2026-03-01T00:00:00Z',
        until: '2026-03-02T00:00:00Z',
        checkpoint: { origin: 'exchange.by/log/1', size: 40213, root: SHA256 },
        sent: {
          after: 17000,
          upTo: 17104,
          count: 104,
          total: 17104,
          root: SHA256,
          kinds: { 'product-certificate': 101, reconciliation: 1, 'status-change': 2 },
        },
        received: {
          after: 9000,
          upTo: 9041,
          count: 41,
          total: 9041,
          root: SHA256,
          kinds: { 'product-certificate': 40, reconciliation: 1 },
        },
        decided: { count: 41, total: 9041, root: SHA256, outcomes: { accepted: 41 } },
        answered: {
          count: 104,
          total: 17104,
          root: SHA256,
          outcomes: { accepted: 103, 'accepted-with-findings': 1 },
        },
      },
      verdicts: [
        {
          view: 'sent',
          outcome: 'differs',
          reason: 'rows-differ',
          at: '2026-03-02T00:30:00Z',
          differences: [{ key: 17003, there: { sha256: SHA256 } }],
          complete: true,
        },
        {
          view: 'received',
          outcome: 'agrees',
          reason: 'as-stated',
          at: '2026-03-02T00:15:00Z',
          differences: [],
          complete: true,
        },
      ],
    },
  ],
} as const

const listRoute = declareRoute({
  operationId: 'listReconciliations',
  method: 'get',
  path: '/v1/peers/{peer}/reconciliations',
  summary: 'What this node and a peer say of each other’s messages and decisions, day by day',
  description: `Signed documents of both, the newest first, ${PAGE} a page: go on with \`next\` as \`after\`. Those of the peer bear what comparing them with this node came to: \`agrees\`, \`differs\` with the rows that do, or \`cannot-tell\` (yet); a view without a verdict has not been compared yet.`,
  tags: ['Log'],
  callers: ['authority', 'auditor'],
  limit: 'expensive',
  params: z.strictObject({ peer: State }),
  query: z.strictObject({ after: Digest.optional() }),
  answers: {
    200: {
      description: 'None before the first day has ended',
      schema: z.strictObject({
        state: z.enum(VERDICT_OUTCOMES).meta({
          description:
            '`differs`: something does; `agrees`: all that was compared does, and the newest day is among it; else `cannot-tell`',
        }),
        documents: z.array(
          z.strictObject({
            sha256: Digest,
            maker: State,
            document: Reconciliation,
            verdicts: z.array(Verdict),
          }),
        ),
        next: Digest.optional(),
      }),
      examples: { 'a message that did not come': EXAMPLE },
    },
  },
  problems: [],
})

/** What two nodes say of their exchange: to each other, and to those who watch over this one. */
export function mountReconciliations(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const { reconciliations: store, pause } = deps
  const stateOf = reconciliationState(deps)

  mount(app, rangeRoute, async ({ query, caller }) => {
    const { of: view, ...range } = query
    const source = { store, view, peer: caller.state!, pause }
    return { status: 200, body: await answerRange(source, range) }
  })

  mount(app, listRoute, async ({ params: { peer }, query: { after } }) => {
    const [state, found] = await Promise.all([
      stateOf(peer),
      store.list(peer, { after, limit: PAGE + 1 }),
    ])
    const documents = found.slice(0, PAGE)
    const next = found.length > PAGE ? documents.at(-1)?.sha256 : undefined
    return {
      status: 200,
      body: {
        state,
        documents: documents.map(({ sha256, maker, jws, verdicts }) => ({
          sha256,
          maker,
          document: Reconciliation.parse(payloadOf(jws)),
          verdicts: verdicts.map(shownVerdict),
        })),
        ...(next !== undefined && { next }),
      },
    }
  })
}

function shownVerdict({ differences, ...verdict }: StoredVerdict) {
  return {
    ...verdict,
    differences: differences.map(({ key, here, there }: Difference) => ({
      key,
      ...(here && { here }),
      ...(there && { there }),
    })),
  }
}
