import { z } from 'zod'
import { RULE_CATALOGUE } from '../../certificate/rule-catalogue.ts'
import { formatInstant } from '../../encoding/time.ts'
import { ENVIRONMENTS } from '../../jose/environment.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Instant, Severity, State, Text } from '../schemas.ts'

const healthRoute = declareRoute({
  operationId: 'getHealth',
  method: 'get',
  path: '/health',
  summary: 'Is the process alive?',
  tags: ['Operations'],
  callers: ['public'],
  isAlwaysTaken: true,
  answers: {
    200: {
      description: 'It is',
      schema: z.strictObject({
        status: z.literal('ok'),
        state: State,
        environment: z
          .enum(ENVIRONMENTS)
          .meta({ description: 'Documents of training have no legal force' }),
        time: Instant,
      }),
    },
  },
  problems: [],
})

const readyRoute = declareRoute({
  operationId: 'getReadiness',
  method: 'get',
  path: '/ready',
  summary: 'Can the node do its work?',
  description: 'Ready once its own trust list is published and the database answers.',
  tags: ['Operations'],
  callers: ['public'],
  isAlwaysTaken: true,
  answers: {
    200: { description: 'It can', schema: z.strictObject({ status: z.literal('ready') }) },
  },
  problems: ['unavailable'],
})

const rulesRoute = declareRoute({
  operationId: 'listRules',
  method: 'get',
  path: '/v1/rules',
  summary: 'The catalogue of rules that certificates are judged by',
  tags: ['Certificates'],
  callers: ['public'],
  answers: {
    200: {
      description: 'Every rule with its severity where it is judged',
      schema: z.strictObject({
        rules: z.array(
          z.strictObject({
            id: z.string().meta({ examples: ['ORI-NET-GT-GROSS'] }),
            types: z.array(z.string()),
            severity: z.strictObject({ issue: Severity, receive: Severity, customs: Severity }),
            title: Text,
            explanation: Text,
            remedy: z.strictObject({ issuer: Text, customs: Text }),
            source: z.string(),
            needs: z.array(z.string()).meta({ description: 'Facts beside the certificate' }),
            enforcedBy: z.string(),
          }),
        ),
      }),
    },
  },
  problems: [],
  cacheControl: 'public, max-age=3600',
})

const peersRoute = declareRoute({
  operationId: 'listPeers',
  method: 'get',
  path: '/v1/peers',
  summary: 'How the exchange with every peer goes',
  tags: ['Operations'],
  callers: ['authority', 'auditor'],
  answers: {
    200: {
      description: 'Per peer: what waits, what failed, when it was last heard',
      schema: z.strictObject({
        peers: z.array(
          z.strictObject({
            state: State,
            waiting: z.int().meta({ description: 'Messages the peer has not acknowledged' }),
            undecided: z.int().meta({ description: 'Messages without a decision' }),
            waitingSince: Instant.optional().meta({
              description: 'Since when the oldest message waits for the peer',
            }),
            attempts: z.int(),
            nextAttemptAt: Instant.optional(),
            lastError: z.string().optional(),
            lastSentAt: Instant.optional(),
            lastHeardAt: Instant.optional(),
            completeAt: Instant.optional(),
            trustCheckedAt: Instant.optional(),
            clockAheadMs: z.int().optional().meta({
              description: 'By how much its clock is ahead; from 60000 on the exchange stops',
            }),
          }),
        ),
      }),
    },
  },
  problems: [],
})

const alarmsRoute = declareRoute({
  operationId: 'listAlarms',
  method: 'get',
  path: '/v1/alarms',
  summary: 'What a person must look at',
  tags: ['Operations'],
  callers: ['authority', 'auditor'],
  query: z.strictObject({ after: z.coerce.number().int().min(0).optional() }),
  answers: {
    200: {
      description: 'At most 1000, oldest first',
      schema: z.strictObject({
        alarms: z.array(
          z.strictObject({
            n: z.int(),
            at: Instant,
            kind: z.string(),
            peer: z.string().optional(),
            detail: z.string(),
          }),
        ),
      }),
    },
  },
  problems: [],
})

export function mountOperations(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  mount(app, healthRoute, () => ({
    status: 200,
    body: {
      status: 'ok',
      state: deps.state,
      environment: deps.environment,
      time: formatInstant(deps.now()),
    },
  }))

  mount(app, readyRoute, async () => {
    const { view } = await deps.trust()
    if (!view.list(deps.state))
      throw new ProblemError('unavailable', {
        detail: 'No trust list of this state has been published',
      })
    return { status: 200, body: { status: 'ready' } }
  })

  mount(app, rulesRoute, () => ({
    status: 200,
    body: {
      rules: RULE_CATALOGUE.map(({ types, needs, ...entry }) => ({
        ...entry,
        types: [...types],
        needs: [...needs],
      })),
    },
  }))

  mount(app, peersRoute, async () => {
    const contacts = await deps.peers.all()
    const peers = await Promise.all(
      contacts.map(async ({ firstHeardAt: _firstHeardAt, feed: _feed, ...contact }) => ({
        ...contact,
        ...(await deps.outbox.backlog(contact.state)),
      })),
    )
    return { status: 200, body: { peers } }
  })

  mount(app, alarmsRoute, async ({ query }) => {
    const alarms = await deps.alarms.list(query.after ?? 0, 1000)
    return { status: 200, body: { alarms } }
  })
}
