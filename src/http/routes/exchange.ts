import { z } from 'zod'
import { acceptReceipt } from '../../exchange/delivery/accept-receipts.ts'
import { formatCursor } from '../../exchange/delivery/cursor.ts'
import { MAX_BATCH_MESSAGES, ReceptionBody } from '../../exchange/delivery/deliver.ts'
import { readFeed } from '../../exchange/delivery/feed.ts'
import { FeedBody, MAX_DOCUMENT_CHARACTERS } from '../../exchange/delivery/feed-page.ts'
import { followPush } from '../../exchange/delivery/feed-position.ts'
import { receiveMessages } from '../../exchange/incoming/receive.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { cursorGone, FeedQuery, limitUpTo } from '../feed-query.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest } from '../schemas.ts'

const tags = ['Exchange'] as const
const Document = z.string().min(1).max(MAX_DOCUMENT_CHARACTERS)

const feedRoute = declareRoute({
  operationId: 'readFeed',
  method: 'get',
  path: '/exchange/v1/feed',
  summary: 'Pull the documents addressed to the caller',
  description:
    'From peer nodes, signed by RFC 9421. The same messages as are pushed, in order and without gaps, behind the cursor of the page before. Naming a cursor acknowledges that everything up to it is durable at the caller. Decisions come back by `POST /exchange/v1/receipts`.',
  tags,
  callers: ['peer'],
  query: FeedQuery.extend({ limit: limitUpTo(MAX_BATCH_MESSAGES) }),
  answers: {
    200: {
      description: 'A page; `next` is the cursor behind it, `hasMore` that more stood there',
      schema: FeedBody,
    },
  },
  problems: ['cursor-gone'],
})

const messagesRoute = declareRoute({
  operationId: 'pushMessages',
  method: 'post',
  path: '/exchange/v1/messages',
  summary: 'Push a batch of documents',
  description:
    'From peer nodes, signed by RFC 9421 with Content-Digest. The signed answer is the evidence of receipt: every document is durable; `decided` ones have their receipt in it, the others get theirs later. Any batch may come again in any shape. An empty batch says that nothing waits.',
  tags,
  callers: ['peer'],
  body: {
    json: z
      .strictObject({
        messages: z
          .array(
            z.strictObject({
              seq: z.int().min(1).meta({ description: 'Dense per recipient' }),
              document: Document.meta({ description: 'Signed document, compact JWS' }),
            }),
          )
          .max(MAX_BATCH_MESSAGES * 5),
      })
      .meta({ id: 'MessageBatch' }),
    maxBytes: 8 * 1024 * 1024,
    examples: { 'nothing waits': { messages: [] } },
  },
  answers: { 200: { description: 'Everything in the batch is durable', schema: ReceptionBody } },
  problems: [],
})

const receiptsRoute = declareRoute({
  operationId: 'pushReceipts',
  method: 'post',
  path: '/exchange/v1/receipts',
  summary: 'Bring decisions that were made later',
  tags,
  callers: ['peer'],
  body: {
    json: z
      .strictObject({ receipts: z.array(Document).min(1).max(500) })
      .meta({ id: 'ReceiptBatch' }),
    maxBytes: 8 * 1024 * 1024,
    examples: { one: { receipts: ['eyJhbGciOi…'] } },
  },
  answers: {
    200: { description: 'All are taken', schema: z.strictObject({ taken: z.array(Digest) }) },
  },
  problems: ['document-invalid', 'unavailable'],
})

/** What documents wait for is fetched every minute. */
const FULL_RETRY_SECONDS = 60

export function mountExchange(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const receive = receiveMessages(deps)
  const accept = acceptReceipt(deps)
  const read = readFeed(deps)

  mount(app, feedRoute, async ({ query, caller }) => {
    const { after, limit, wait } = query
    const page = await read(caller.state!, { after, limit, waitSeconds: wait })
    if ('goneRestartAt' in page) throw cursorGone(page.goneRestartAt)
    const { messages, next, hasMore } = page
    return { status: 200, body: { messages: [...messages], next: formatCursor(next), hasMore } }
  })

  mount(app, messagesRoute, async ({ body, caller }) => {
    const before = await deps.peers.find(caller.state!)
    const { received, receipts, full, newlyWaiting } = await receive(caller.state!, body.messages)
    if (full || newlyWaiting) deps.waiting(caller.state!)
    if (full)
      throw new ProblemError('too-many-requests', {
        detail: 'Too many of your documents wait here for a decision; what could be decided was',
        headers: { 'Retry-After': String(FULL_RETRY_SECONDS) },
      })
    const seqs = body.messages.map(({ seq }) => seq)
    if ((await followPush(deps.peers, before, seqs)) === 'behind') deps.behind(caller.state!)
    return { status: 200, body: { received: [...received], receipts: [...receipts] } }
  })

  mount(app, receiptsRoute, async ({ body, caller }) => {
    const taken: string[] = []
    for (const receipt of body.receipts) {
      const outcome = await accept(caller.state!, receipt)
      if (outcome.outcome === 'refused')
        throw new ProblemError('document-invalid', { detail: outcome.detail })
      if (outcome.outcome === 'cannot-tell')
        throw new ProblemError('unavailable', { detail: outcome.detail })
      taken.push(outcome.sha256)
    }
    return { status: 200, body: { taken } }
  })
}
