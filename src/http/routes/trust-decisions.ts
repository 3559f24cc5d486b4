import { z } from 'zod'
import { approveTrust, proposeTrust } from '../../exchange/keep-trust/four-eyes.ts'
import { undecidedTrust } from '../../exchange/keep-trust/undecided-trust.ts'
import { TRUST_DECISIONS } from '../../trust/trust-decisions.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest, Instant, State } from '../schemas.ts'

const tags = ['Administration'] as const

const Question = z.strictObject({
  kind: z.enum(TRUST_DECISIONS).meta({
    description:
      '`root`: pin a root; `root-withdrawn`: a pinned root is not believed from an instant on; `additions`: what a version of a trust list adds counts at once; `fork`: the accepted branch of a forked list stands, or the contradiction of a forked or rolled back log is cleared up; `witness`: what a witness says against the own log counts for nothing, until a database is restored',
  }),
  state: State,
  subject: z
    .string()
    .max(300)
    .regex(
      /^([A-Za-z0-9_-]{43}(@\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?|[^\s+@]{1,200}\+[0-9a-f]{8}@[A-Za-z0-9_-]{1,64})$/,
    )
    .meta({
      description:
        'SHA-256 of the root, of the list that adds, or of the refused list of a fork; of a log that forked what /v1/trust/decisions names; of a root that is withdrawn followed by `@` and the instant, which has passed; of a witness the name of its key, `+`, the id of the key, `@` and the epoch of this node',
      examples: ['n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'],
    }),
})

const EXAMPLES = {
  'pin the root of a state': {
    kind: 'root',
    state: 'UZ',
    subject: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
  },
} as const

const Proposal = Question.extend({
  proposedAt: Instant,
  proposedBy: z.string().meta({ examples: ['client:authority-1'] }),
})

const readRoute = declareRoute({
  operationId: 'listTrustDecisions',
  method: 'get',
  path: '/v1/trust/decisions',
  summary: 'What of trust waits for its time or for people',
  tags: ['Trust'],
  callers: ['authority', 'auditor'],
  answers: {
    200: {
      description: 'Additions that do not count yet, open proposals, forks that nobody has settled',
      schema: z.strictObject({
        pending: z.array(
          z.strictObject({
            state: State,
            version: z.int(),
            sha256: Digest,
            countsFrom: Instant.optional().meta({ description: 'Absent: frozen by a fork' }),
            additions: z.array(
              z.strictObject({
                added: z.enum(['body', 'scope', 'key', 'ca', 'log', 'node']),
                subject: z.string(),
              }),
            ),
          }),
        ),
        proposals: z.array(Proposal.extend({ lapsesAt: Instant })),
        forks: z
          .array(
            z.discriminatedUnion('of', [
              z.strictObject({
                of: z.literal('list'),
                state: State,
                version: z.int(),
                sha256: Digest.meta({ description: 'The refused list' }),
                seenAt: Instant,
              }),
              z.strictObject({
                of: z.literal('log'),
                state: State,
                origin: z.string(),
                proof: z.enum(['forked', 'rolled-back']),
                sha256: Digest.meta({
                  description: 'The subject of the decision; the checkpoints are in /v1/log-forks',
                }),
                seenAt: Instant,
              }),
            ]),
          )
          .meta({ description: 'Each freezes what the list of its state adds' }),
      }),
    },
  },
  problems: [],
})

const proposeRoute = declareRoute({
  operationId: 'proposeTrustDecision',
  method: 'post',
  path: '/v1/admin/trust-proposals',
  summary: 'Propose a decision on trust, as the first of two persons',
  description: 'Nothing changes until another client system approves it. It lapses after 7 days.',
  tags,
  callers: ['authority'],
  body: { json: Question, maxBytes: 64 * 1024, examples: EXAMPLES },
  answers: {
    201: { description: 'Proposed', schema: Proposal },
    200: { description: 'Proposed before, by whom it names', schema: Proposal },
  },
  problems: ['trust-decision-refused'],
})

const approveRoute = declareRoute({
  operationId: 'approveTrustDecision',
  method: 'post',
  path: '/v1/admin/trust-approvals',
  summary: 'Approve a decision on trust, as the second of two persons',
  description:
    'It counts from now on. Whoever proposed it is refused, by whatever client system or login they come.',
  tags,
  callers: ['authority'],
  body: { json: Question, maxBytes: 64 * 1024, examples: EXAMPLES },
  answers: {
    201: { description: 'Approved', schema: Question },
    200: { description: 'Approved before', schema: Question },
  },
  problems: ['trust-decision-refused'],
})

const DETAILS = {
  'already-approved': 'It is decided already',
  'unknown-subject': 'This node knows no such list, fork or claim of a witness',
  'not-proposed': 'Nobody has proposed this',
  lapsed: 'The proposal has lapsed: propose it again',
  'same-person': 'Who proposed it cannot approve it as well',
  'nobody-named':
    'This client system names no person: register one under another id with certex client add --person',
} as const

/** Decisions on trust, by two client systems of the authority. */
export function mountTrustDecisions(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const persons = { ...deps, claims: deps }
  const propose = proposeTrust(persons)
  const approve = approveTrust(persons)

  mount(app, readRoute, async () => ({
    status: 200,
    body: await undecidedTrust(deps.trustStore, deps.now()),
  }))

  mount(app, proposeRoute, async ({ body, caller }) => {
    const outcome = await propose(body, { actor: actorOf(caller) })
    if (!('proposal' in outcome)) throw refused(outcome.outcome)
    return { status: outcome.outcome === 'proposed' ? 201 : 200, body: outcome.proposal }
  })

  mount(app, approveRoute, async ({ body, caller }) => {
    const { outcome } = await approve(body, { actor: actorOf(caller) })
    if (outcome === 'approved') return { status: 201, body }
    if (outcome === 'already-approved') return { status: 200, body }
    throw refused(outcome)
  })
}

function refused(reason: keyof typeof DETAILS): ProblemError {
  return new ProblemError('trust-decision-refused', {
    detail: DETAILS[reason],
    extensions: { reason },
  })
}

/** The client system, as the record of administrative acts names it. */
export function actorOf({ clientId }: Caller): string {
  if (clientId === undefined) throw new Error('Who decides is no client')
  return `client:${clientId}`
}
