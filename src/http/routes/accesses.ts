import { z } from 'zod'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { CertificatePath, Digest, Instant, LeafIndex } from '../schemas.ts'
import { findVisible } from './certificate-address.ts'

const MAX_PAGE = 1000

/** The instant and the number of the last access that was seen. */
const CURSOR = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)\.(\d{1,15})$/

function readCursor(text: string): { at: string; n: number } {
  const [, at = '', n] = CURSOR.exec(text) ?? []
  return { at, n: Number(n) }
}

const Page = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional()
    .meta({ description: '`next` of the page before' }),
})

const ACCESS = {
  at: Instant,
  client: z.string(),
  party: z.string(),
  role: z.string(),
  operation: z.string(),
  context: z.unknown().optional(),
  idx: LeafIndex,
}
const Next = z.string().optional().meta({
  description: 'Send it as `after` for the next page; absent on the last one',
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
        accesses: z.array(z.strictObject(ACCESS)),
        next: Next,
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

const AskedInstant = z.iso.datetime({ precision: 0 }).max(20)

const searchRoute = declareRoute({
  operationId: 'searchAccesses',
  method: 'get',
  path: '/v1/accesses',
  summary: 'What a client system or an officer read',
  description: `Of the whole record, or of a client system, an officer, a time. In the order of their instants, at most ${MAX_PAGE} on a page.`,
  tags: ['Administration'],
  callers: ['authority', 'auditor'],
  query: z.strictObject({
    client: z.string().min(1).max(200).optional(),
    officer: z.string().min(1).max(200).optional().meta({
      description: 'The name as the client system gave it',
    }),
    from: AskedInstant.optional().meta({ description: 'From this instant on, in UTC' }),
    to: AskedInstant.optional().meta({ description: 'Before this instant, in UTC' }),
    after: z
      .string()
      .regex(CURSOR)
      .transform(readCursor)
      .optional()
      .meta({ description: '`next` of the page before' }),
  }),
  answers: {
    200: {
      description: `The oldest first, at most ${MAX_PAGE} on a page`,
      schema: z.strictObject({
        accesses: z.array(z.strictObject({ ...ACCESS, certificate: Digest })),
        next: Next,
      }),
    },
  },
  problems: [],
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
        accesses: shown.map(({ n: _, certificate: __, ...access }) => access),
        ...(next !== undefined && { next: String(next) }),
      },
    } as const
  }
  mount(app, byPath, ({ params, query, caller }) => list(caller, params, query))
  mount(app, byNumber, ({ query, caller }) => list(caller, query, query))
  mount(app, searchRoute, async ({ query }) => {
    const found = await deps.accesses.search(query, MAX_PAGE + 1)
    const shown = found.slice(0, MAX_PAGE)
    const last = found.length > MAX_PAGE ? shown.at(-1) : undefined
    return {
      status: 200,
      body: {
        accesses: shown.map(({ n: _, ...access }) => access),
        ...(last && { next: `${last.at}.${last.n}` }),
      },
    }
  })
}
