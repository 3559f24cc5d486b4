import { z } from 'zod'
import { State } from '../../certificate/fields.ts'
import { documentsCarried } from '../../exchange/log/arrival.ts'
import { completenessOf, proveMirrored } from '../../exchange/log/completeness.ts'
import type { AddressedMessage } from '../../tlog/mirror-store.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest, Instant } from '../schemas.ts'
import { encodeBase64 } from '../../encoding/base64url.ts'

const tags = ['Log'] as const
const TEXT = 'text/plain; charset=utf-8'
const Size = z.int().min(0)

const Addressed = z.strictObject({
  seq: z.int().min(1).meta({ description: 'Its number among the messages to this state' }),
  sha256: Digest,
  index: Size.meta({ description: 'Where its leaf stands in the log' }),
})

const completenessRoute = declareRoute({
  operationId: 'getCompleteness',
  method: 'get',
  path: '/v1/peers/{peer}/completeness',
  summary: 'Whether everything has come that a peer’s log says was sent here',
  description:
    'From the mirror of its log: every leaf is verified against the checkpoint, which its log has signed. `missing` and `misnumbered` show the oldest hundred; messages on their way are among them. What came and stands in no log is told as alarm `message-unlogged`.',
  tags,
  callers: ['authority', 'auditor'],
  params: z.strictObject({ peer: State }),
  answers: {
    200: {
      description: 'One answer for each log of the peer; none before its first checkpoint was seen',
      schema: z.strictObject({
        logs: z.array(
          z.strictObject({
            origin: z.string(),
            checkpoint: z.string().meta({ description: 'The signed note' }),
            mirrored: Size.meta({
              description: 'Leaves held; fewer than the checkpoint covers while catching up',
            }),
            addressed: Size,
            received: Size,
            missing: z.array(Addressed),
            misnumbered: z.array(Addressed.extend({ receivedAs: z.int() })),
          }),
        ),
      }),
      examples: {
        complete: {
          logs: [
            {
              origin: 'exchange.by/log/1',
              checkpoint: 'exchange.by/log/1\n40213\n…',
              mirrored: 40213,
              addressed: 17104,
              received: 17104,
              missing: [],
              misnumbered: [],
            },
          ],
        },
      },
    },
  },
  problems: [],
})

const proofRoute = declareRoute({
  operationId: 'getMirroredProof',
  method: 'get',
  path: '/v1/peers/{peer}/log-proof',
  summary: 'Prove that a leaf stands in a peer’s log',
  description:
    'A C2SP tlog-proof made of the mirror alone, the leaf as extra data: evidence of what the peer’s log says, also against the peer.',
  tags,
  callers: ['authority', 'auditor'],
  params: z.strictObject({ peer: State }),
  query: z.strictObject({
    origin: z.string().min(1).max(200),
    index: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  }),
  answers: { 200: { description: 'A proof', mediaTypes: [TEXT] } },
  problems: ['leaf-not-mirrored'],
})

const Signed = z.string().meta({
  description:
    'JSON: `method` and `targetUri`, or `status`; `headers`: the fields that are signed and the signature (RFC 9421); `body`',
})

const arrivalRoute = declareRoute({
  operationId: 'getArrival',
  method: 'get',
  path: '/v1/peers/{peer}/arrivals/{digest}',
  summary: 'Get the signed exchange in which a document of a peer came',
  description:
    'Evidence of what the peer sent and under which number, signed by its node: beside the proof of the leaf (`/v1/peers/{peer}/log-proof`) it shows that a message came under another number than the log says. The body holds all documents of that exchange; the certificates among them count as read.',
  tags,
  callers: ['authority', 'auditor'],
  params: z.strictObject({ peer: State, digest: Digest }),
  requestHeaders: AccessHeaders,
  answers: {
    200: {
      description: 'The exchange, word for word',
      schema: z.strictObject({
        seq: z.int().meta({ description: 'Under which number it came first' }),
        arrivedAt: Instant,
        exchange: z.strictObject({
          at: Instant,
          direction: z.enum(['sent', 'received']).meta({
            description: '`received`: the peer pushed; `sent`: it answered a pull',
          }),
          messageId: z.string(),
          request: Signed,
          response: Signed,
        }),
      }),
      examples: {
        pushed: {
          seq: 17106,
          arrivedAt: '2026-03-02T09:15:00Z',
          exchange: {
            at: '2026-03-02T09:15:00Z',
            direction: 'received',
            messageId: 'Vm1nc2lFbXl0bGJ0cXZ0Zw',
            request: '{"method":"POST","targetUri":"https://uz.example/exchange/v1/messages",…}',
            response: '{"status":200,…}',
          },
        },
      },
    },
  },
  problems: ['arrival-not-archived'],
})

const FORKS_SHOWN = 1000

const forksRoute = declareRoute({
  operationId: 'listLogForks',
  method: 'get',
  path: '/v1/log-forks',
  summary: 'Proofs that a log contradicts itself',
  description:
    'Pairs of checkpoints that the same log has signed and that cannot both be true: of one size with different trees, or of different sizes with a proof that the larger tree begins otherwise. A few of each log. Until two persons settle it (/v1/trust/decisions), additions to the trust list of its state do not count.',
  tags,
  callers: ['authority', 'auditor'],
  answers: {
    200: {
      description: 'None, if all is well',
      schema: z.strictObject({
        forks: z.array(
          z.strictObject({
            state: State,
            origin: z.string(),
            foundAt: Instant,
            first: z.string().meta({ description: 'The signed note seen before' }),
            second: z.string().meta({ description: 'The signed note that contradicts it' }),
            proof: z.array(z.string()).meta({
              description:
                'Of different sizes alone, base64: the root that the larger tree has at the smaller size, then the consistency proof between the two (RFC 9162 §2.1.4) that shows it',
            }),
          }),
        ),
        rollbacks: z
          .array(
            z.strictObject({
              state: State,
              origin: z.string(),
              foundAt: Instant,
              size: Size,
              before: z.string().meta({ description: 'The larger signed note, seen before' }),
              shown: z.string().meta({ description: 'The newest one that it showed afterwards' }),
            }),
          )
          .meta({ description: 'Logs that were shown shorter than they had been' }),
      }),
      examples: {
        'a log of two histories': {
          forks: [
            {
              state: 'BY',
              origin: 'exchange.by/log/1',
              foundAt: '2026-03-02T09:15:00Z',
              first: 'exchange.by/log/1\n40213\n…',
              second: 'exchange.by/log/1\n40213\n…',
              proof: [],
            },
          ],
          rollbacks: [],
        },
      },
    },
  },
  problems: [],
})

export function mountPeerLogs(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const completeness = completenessOf(deps)
  const prove = proveMirrored(deps)

  mount(app, completenessRoute, async ({ params }) => ({
    status: 200,
    body: {
      logs: (await completeness(params.peer)).map((log) => ({
        ...log,
        mirrored: Number(log.mirrored),
        missing: log.missing.map(shown),
        misnumbered: log.misnumbered.map((message) => ({
          ...shown(message),
          receivedAs: message.receivedAs,
        })),
      })),
    },
  }))

  mount(app, proofRoute, async ({ params, query }) => {
    const log = { state: params.peer, origin: query.origin }
    const proof = await prove(log, BigInt(query.index))
    if (proof === undefined)
      throw new ProblemError('leaf-not-mirrored', {
        detail: 'No checkpoint of that log whose leaves are all mirrored here covers such a leaf',
      })
    return { status: 200, body: proof, mediaType: TEXT }
  })

  mount(app, arrivalRoute, async ({ params: { peer, digest }, caller, requestHeaders }) => {
    const arrival = await deps.arrivals.find(peer, digest)
    if (!arrival) throw new ProblemError('arrival-not-archived', { detail: digest })
    const carried = await documentsCarried(arrival.exchange)
    const certificates = await deps.certificates.findByDigests(carried)
    await recordAccess(deps, caller, requestHeaders, 'getArrival', certificates)
    return { status: 200, body: arrival }
  })

  mount(app, forksRoute, async () => ({
    status: 200,
    body: {
      rollbacks: (await deps.witnessed.rollbacks(FORKS_SHOWN)).map(({ size, ...rollback }) => ({
        ...rollback,
        size: Number(size),
      })),
      forks: (await deps.witnessed.forks(FORKS_SHOWN)).map(({ proof, ...fork }) => ({
        ...fork,
        proof: proof.map(encodeBase64),
      })),
    },
  }))
}

function shown({ seq, sha256, index }: AddressedMessage) {
  return { seq, sha256, index: Number(index) }
}
