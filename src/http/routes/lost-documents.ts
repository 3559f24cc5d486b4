import { z } from 'zod'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { limitUpTo } from '../feed-query.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest, Instant } from '../schemas.ts'

const MAX_PAGE = 1000
/** Behind which entry a page begins; what stands in no log has the place -1. */
const PLACE = /^(-1|0|[1-9]\d{0,14})\.([A-Za-z0-9_-]{43})$/

const lostRoute = declareRoute({
  operationId: 'listLostDocuments',
  method: 'get',
  path: '/v1/lost-documents',
  summary: 'What a restore could not bring back',
  description:
    'Leaves that stand in the log, signed and witnessed, and whose documents (or, of administrative ones, records) nobody had any more. By digest: whoever holds the document can show that it is this one. None, if no database was ever lost.',
  tags: ['Log'],
  callers: ['authority', 'auditor'],
  query: z.strictObject({
    after: z
      .string()
      .regex(PLACE)
      .transform((text) => {
        const [, index, sha256] = PLACE.exec(text)!
        return { index: Number(index), sha256: sha256! }
      })
      .optional()
      .meta({ description: '`next` of the page before', example: `40213.${'x'.repeat(43)}` }),
    limit: limitUpTo(MAX_PAGE),
  }),
  answers: {
    200: {
      description: 'In the order of the log',
      schema: z.strictObject({
        documents: z.int().min(0).meta({ description: 'How many documents are lost in all' }),
        administrative: z
          .int()
          .min(0)
          .meta({ description: 'Administrative entries whose records are lost' }),
        lost: z.array(
          z.strictObject({
            index: z.int().min(0).optional().meta({
              description: 'Place in the log; none: a document that was refused, or `unmirrored`',
            }),
            kind: z.string().meta({
              description:
                'As its leaf says; `unmirrored`: the entries behind the end of the log, which a checkpoint of this digest proves and nobody had',
            }),
            sha256: Digest,
            at: Instant.optional().meta({ description: 'When it was appended' }),
            to: z.record(z.string(), z.int()).meta({
              description: 'Recipient state → number of the message',
            }),
            epoch: z.string().meta({ description: 'Of the restore that listed it' }),
            settledAt: Instant.optional().meta({
              description:
                'Of a certificate: when its number was settled; of a status change of this state: when it was made up for',
            }),
            late: z.enum(['order', 'taken']).optional().meta({
              description:
                'Its bytes are here again, and it takes no effect. `order`: until the database is restored; `taken`: another document has its number',
            }),
            awaits: z.array(z.enum(['number', 'change'])).meta({
              description:
                'What people still have to say of it. `number`: which one it bore; `change`: which certificate it changed, and that this is made up for',
            }),
          }),
        ),
        next: z.string().optional().meta({ description: 'Absent: nothing is behind this page' }),
      }),
      examples: {
        'one certificate': {
          documents: 1,
          administrative: 0,
          lost: [
            {
              index: 40213,
              kind: 'certificate',
              sha256: 'x'.repeat(43),
              at: '2026-03-02T09:15:00Z',
              to: { UZ: 17104 },
              epoch: 'c0FsdHk1',
              awaits: ['number'],
            },
          ],
        },
      },
    },
  },
  problems: [],
})

/** What restores listed as lost, for those who watch over the node. */
export function mountLostDocuments(app: RoutedApp<Caller>, { lost }: NodeDependencies): void {
  mount(app, lostRoute, async ({ query: { after, limit } }) => {
    const [page, { documents, administrative }] = await Promise.all([
      lost.list(after, limit),
      lost.count(),
    ])
    const last = page.length === limit ? page.at(-1) : undefined
    return {
      status: 200,
      body: {
        documents,
        administrative,
        lost: page.map(({ index, at, to, settledAt, late, awaits, ...entry }) => ({
          ...entry,
          to: { ...to },
          awaits: [...awaits],
          ...(late !== undefined && { late }),
          ...(index !== undefined && { index }),
          ...(at !== undefined && { at }),
          ...(settledAt !== undefined && { settledAt }),
        })),
        ...(last && { next: `${last.index ?? -1}.${last.sha256}` }),
      },
    }
  })
}
