import { z } from 'zod'
import { formatCursor, CURSOR_FORM } from '../../exchange/delivery/cursor.ts'
import { type Event, readEvents } from '../../exchange/delivery/events.ts'
import { OUTCOMES } from '../../exchange/delivery/receipt.ts'
import { MEASURES } from '../../exchange/notices/security-notice.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { cursorGone, FeedQuery, limitUpTo } from '../feed-query.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest, Instant, State } from '../schemas.ts'
import { NoticeIntervalView, NoticeSubjectView } from './security-notice-shapes.ts'
import { READERS, visibilityOf } from './certificate-address.ts'

const place = {
  id: z.string().meta({
    description: 'Of this event alone, also where the feed had to be read again',
  }),
  at: Instant,
  document: Digest.meta({ description: 'The document it comes from, or that was decided on' }),
}
const common = {
  ...place,
  certificate: z
    .strictObject({ sha256: Digest, state: State, type: z.string(), number: z.string() })
    .meta({ description: 'Whose event it is' }),
}

const EventView = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('certificate-issued'), ...common }),
    z.strictObject({ kind: z.literal('certificate-received'), ...common }),
    z.strictObject({
      kind: z.literal('status-changed'),
      ...common,
      change: z.string(),
      status: z.string().meta({ description: 'The state that the change leads to' }),
      effectiveFrom: z.string().meta({ format: 'date' }),
    }),
    z.strictObject({
      kind: z.literal('decided'),
      ...common,
      recipient: State,
      outcome: z.enum(OUTCOMES),
      findings: z.array(z.string()),
      decidedAt: Instant,
      receipt: Digest.meta({ description: 'The signed decision' }),
    }),
    z.strictObject({
      kind: z.literal('security-notice'),
      ...place,
      change: z.enum(['declare', 'narrow', 'release']),
      notice: Digest.meta({ description: 'The notice at the beginning of its chain' }),
      subject: NoticeSubjectView,
      measure: z.enum(MEASURES),
      interval: NoticeIntervalView.optional(),
    }),
  ])
  .meta({ id: 'CertificateEvent' })

const eventsRoute = declareRoute({
  operationId: 'readEvents',
  method: 'get',
  path: '/v1/events',
  summary: 'Follow what happens to certificates',
  description:
    'Everything that the caller may see, in the order of the log, without gaps: certificates issued and received, changes of their state, decisions of the receiving states, and security notices about keys: what such a notice puts on hold, /v1/security-notices/{sha256}/certificates lists. Keep `next` and read on from it. Events of one document stay together, so a page may be longer than `limit`; it may also be empty while `hasMore` says that the log goes on. Events name certificates and hold nothing of their content.',
  tags: ['Certificates'],
  callers: READERS,
  query: FeedQuery.extend({ limit: limitUpTo(500) }),
  answers: {
    200: {
      description: 'A page, and the cursor behind it',
      schema: z.strictObject({
        events: z.array(EventView),
        next: z.string().regex(CURSOR_FORM),
        hasMore: z.boolean(),
      }),
    },
  },
  problems: ['cursor-gone'],
})

export function mountEvents(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const read = readEvents(deps)

  mount(app, eventsRoute, async ({ query, caller }) => {
    const visibility = visibilityOf(caller)
    if (!visibility) throw new Error('The reader sees nothing')
    const { after, limit, wait } = query
    const page = await read(
      { client: caller.clientId!, visibility },
      { after, limit, waitSeconds: wait },
    )
    if ('goneRestartAt' in page) throw cursorGone(page.goneRestartAt)
    const { events, next, hasMore } = page
    return {
      status: 200,
      body: { events: events.map(viewOf), next: formatCursor(next), hasMore },
    }
  })
}

function viewOf(event: Event): z.infer<typeof EventView> {
  if (event.kind === 'security-notice') return event
  const { sha256, state, type, number } = event.certificate
  const certificate = { sha256, state, type, number }
  return event.kind === 'decided'
    ? { ...event, certificate, findings: [...event.findings] }
    : { ...event, certificate }
}
