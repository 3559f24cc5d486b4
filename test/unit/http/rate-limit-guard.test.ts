import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Caller } from '../../../src/http/caller.ts'
import { mount } from '../../../src/http/mount.ts'
import { PROBLEM_MEDIA_TYPE, ProblemError } from '../../../src/http/problem.ts'
import { requestGuard } from '../../../src/http/rate-limit-guard.ts'
import { type RequestLimits, requestLimits } from '../../../src/http/rate-limit-settings.ts'
import { declareRoute } from '../../../src/http/route.ts'
import { createRoutedApp } from '../../../src/http/routed-app.ts'
import { eventually } from '../../support/two-nodes.ts'

const answers = { 200: { description: 'Done', schema: z.strictObject({ done: z.string() }) } }
const common = { summary: 'x', tags: ['x'], answers, problems: [] } as const
const work = declareRoute({
  ...common,
  operationId: 'work',
  method: 'post',
  path: '/work',
  callers: ['issuer', 'peer'],
  body: { json: z.string(), maxBytes: 200_000 },
})
const other = declareRoute({
  ...common,
  operationId: 'other',
  method: 'get',
  path: '/other',
  callers: ['issuer', 'peer'],
})
const open = declareRoute({
  ...common,
  operationId: 'open',
  method: 'get',
  path: '/open',
  callers: ['public'],
})
const health = declareRoute({
  ...common,
  operationId: 'health',
  method: 'get',
  path: '/health',
  callers: ['public'],
  isAlwaysTaken: true,
})
const token = declareRoute({
  ...common,
  operationId: 'token',
  method: 'get',
  path: '/token',
  callers: ['public'],
  problems: ['invalid-client'],
  limit: 'token',
})

const RATES = {
  default: { perMinute: 60, burst: 2 },
  expensive: { perMinute: 60, burst: 2 },
  token: { perMinute: 60, burst: 3 },
  anonymous: { perMinute: 60, burst: 1 },
  failedAuthentications: { perMinute: 60, burst: 2 },
}

let now: number
let release: () => void
let signed: string[]
/** Requests that came to work that takes its time. */
let atWork: number

function app(limits: Partial<RequestLimits> = {}) {
  const app = createRoutedApp<Caller>({
    publicUrl: 'https://node.gov.by',
    anonymous: { role: 'public' },
    newRequestId: randomUUID,
    logFault: ({ error }) => {
      throw error
    },
    guard: requestGuard({ ...requestLimits(), rates: RATES, ...limits }, () => now),
    authenticate: async ({ headers }, _, whole) => {
      const who = headers.get('authorization') ?? ''
      if (who.startsWith('wrong')) throw new ProblemError('invalid-token')
      if (who.startsWith('forged')) throw new ProblemError('signature-invalid')
      if (who === 'peer UZ') {
        await whole()
        const signAnswer = async ({ status }: { status: number }) => {
          signed.push(String(status))
          return {}
        }
        return { caller: { role: 'peer', state: 'UZ' }, signAnswer }
      }
      return who === ''
        ? { caller: { role: 'public' } }
        : { caller: { role: 'issuer', clientId: who, party: 'BY.CCI' } }
    },
  })
  const done = { status: 200, body: { done: 'yes' } } as const
  const held = new Promise<void>((resolve) => (release = resolve))
  mount(app, work, async ({ body }) => {
    if (body === 'slow') {
      atWork++
      await held
    }
    return done
  })
  mount(app, other, () => done)
  mount(app, open, () => done)
  mount(app, health, () => done)
  mount(app, token, ({ received }) => {
    if (received.headers.has('x-bad')) throw new ProblemError('invalid-client')
    return done
  })
  return async (
    path: string,
    as?: string,
    { remoteAddress = '192.0.2.1', headers = {}, body, stream }: Ask = {},
  ) => {
    const sent = { ...headers, ...(as && { authorization: as }) }
    const init =
      path === '/work'
        ? {
            method: 'POST',
            headers: { ...sent, 'content-type': 'application/json' },
            body: stream ?? JSON.stringify(body ?? 'x'),
            ...(stream && { duplex: 'half' }),
          }
        : { headers: sent }
    return app.hono.request(`http://x${path}`, init, { remoteAddress })
  }
}

interface Ask {
  readonly remoteAddress?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly stream?: ReadableStream
}

const PIECE = new TextEncoder().encode('"slow')

const working = (n: number) => eventually(`${n} are at work`, async () => atWork === n)

/** A body of which one piece comes and no more, and when that has been read. */
function unfinished() {
  let taken = (): void => undefined
  const isRead = new Promise<void>((resolve) => (taken = resolve))
  const stream = new ReadableStream({
    start: (controller) => controller.enqueue(PIECE),
    pull: () => taken(),
  })
  return { stream, isRead }
}

const statuses = async (asks: Promise<Response>[]) =>
  (await Promise.all(asks)).map(({ status }) => status)

beforeEach(() => {
  now = 1_000_000
  signed = []
  atWork = 0
})

describe('a caller who asks too often', () => {
  it('is told to wait, by a problem with Retry-After, and then served again', async () => {
    const ask = app()
    expect(await statuses([ask('/other', 'c1'), ask('/other', 'c1')])).toEqual([200, 200])
    const refused = await ask('/other', 'c1')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('content-type')).toBe(PROBLEM_MEDIA_TYPE)
    expect(await refused.json()).toMatchObject({
      type: 'https://node.gov.by/problems/too-many-requests',
      status: 429,
    })
    now += 1000
    expect((await ask('/other', 'c1')).status).toBe(200)
  })

  it('hinders no other client, no other route, and no peer of the same name', async () => {
    const ask = app()
    for (let i = 0; i < 3; i++) await ask('/other', 'c1')
    expect(
      await statuses([
        ask('/other', 'c1'),
        ask('/other', 'c2'),
        ask('/work', 'c1'),
        ask('/other', 'UZ'),
        ask('/other', 'peer UZ'),
      ]),
    ).toEqual([429, 200, 200, 200, 200])
  })

  it('is counted under every address that he calls from', async () => {
    const ask = app()
    for (let i = 0; i < 2; i++) await ask('/other', 'c1')
    expect((await ask('/other', 'c1', { remoteAddress: '192.0.2.77' })).status).toBe(429)
  })

  it('is counted by address where nobody needs a name', async () => {
    const ask = app()
    const elsewhere = { remoteAddress: '192.0.2.2' }
    expect(await statuses([1, 2, 3].map(() => ask('/open')))).toEqual([200, 200, 429])
    expect((await ask('/open', 'any', { headers: { 'x-forwarded-for': '9.9.9.9' } })).status).toBe(
      429,
    )
    expect((await ask('/open', undefined, elsewhere)).status).toBe(200)
  })

  it('is, as a peer, told so under signature', async () => {
    const ask = app()
    for (let i = 0; i < 3; i++) await ask('/other', 'peer UZ')
    expect(signed).toEqual(['200', '200', '429'])
  })

  it('is served where limits are switched off', async () => {
    const ask = app({ rates: 'off' })
    const asks = Array.from({ length: 50 }, () => [ask('/other', 'c1'), ask('/open')]).flat()
    expect(new Set(await statuses(asks))).toEqual(new Set([200]))
  })
})

describe('credentials that do not hold', () => {
  it.each(['wrong token', 'forged signature'])(
    'are soon not even looked at from one address: a %s',
    async (as) => {
      const ask = app()
      expect(await statuses([ask('/other', as), ask('/other', as)])).toEqual([401, 401])
      expect((await ask('/work', as)).status).toBe(429)
      expect((await ask('/other', as, { remoteAddress: '192.0.2.2' })).status).toBe(401)
      now += 1000
      expect((await ask('/other', as)).status).toBe(401)
    },
  )

  it('hinder nobody at the same address who needs none', async () => {
    const ask = app()
    for (let i = 0; i < 5; i++) await ask('/other', 'wrong')
    expect((await ask('/open')).status).toBe(200)
  })

  it('count at the token endpoint as well', async () => {
    const ask = app()
    const bad = { headers: { 'x-bad': '1' } }
    expect(await statuses([1, 2].map(() => ask('/token', undefined, bad)))).toEqual([401, 401])
    expect((await ask('/token', undefined, bad)).status).toBe(429)
    expect((await ask('/other', 'wrong')).status).toBe(429)
  })
})

describe('a node that has enough to do', () => {
  it('takes no further request until one has ended', async () => {
    const ask = app({ requestsInHand: 2, rates: 'off' })
    const slow = ['c1', 'c2'].map((who) => ask('/work', who, { body: 'slow' }))
    await working(2)
    const refused = await ask('/open')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await ask('/health')).status).toBe(200)
    release()
    expect(await statuses(slow)).toEqual([200, 200])
    expect((await ask('/open')).status).toBe(200)
  })

  it.each(['c1', 'peer UZ'])('gives %s no more than half of the places', async (who) => {
    const ask = app({ requestsInHand: 5, rates: 'off' })
    const hold = (as: string, n: number) =>
      ask('/work', as, { body: 'slow', remoteAddress: `192.0.2.${n}` })
    const slow = [1, 2, 3].map((n) => hold(who, n))
    await working(3)
    expect((await hold(who, 4)).status).toBe(429)
    expect((await ask('/other', 'c2', { remoteAddress: '192.0.2.1' })).status).toBe(200)
    slow.push(hold('c3', 5), hold('c4', 5))
    await working(5)
    expect((await ask('/other', 'c2', { remoteAddress: '192.0.2.9' })).status).toBe(429)
    release()
    expect(await statuses(slow)).toEqual([200, 200, 200, 200, 200])
    expect((await ask('/other', who)).status).toBe(200)
  })

  it('counts a small body by the length it declares, however slowly it comes', async () => {
    const ask = app({ bodyBytesInHand: 100_000, rates: 'off' })
    const declared = { headers: { 'content-length': '50000' } }
    const { stream, isRead } = unfinished()
    void ask('/work', 'c1', { ...declared, stream })
    await isRead
    expect((await ask('/work', 'c2')).status).toBe(429)
    expect((await ask('/work', 'c2', { remoteAddress: '192.0.2.2' })).status).toBe(200)
  })

  it.each([undefined, 'wrong'])('reads nothing of the body of a stranger: %s', async (as) => {
    const ask = app({ rates: 'off' })
    let read = 0
    const body = new ReadableStream(
      {
        pull: (controller) => {
          read++
          controller.enqueue(PIECE)
        },
      },
      { highWaterMark: 0 },
    )
    expect((await ask('/work', as, { stream: body })).status).toBe(401)
    expect(read).toBe(0)
  })

  it('holds no more bytes of bodies than it was told, and lets go of those of the refused', async () => {
    const ask = app({ bodyBytesInHand: 250_000, rates: 'off' })
    const large = 'x'.repeat(100_000)
    expect((await ask('/work', 'c1', { body: large })).status).toBe(200)
    const slow = ask('/work', 'c1', { body: 'slow' })
    const both = [ask('/work', 'c1', { body: large }), ask('/work', 'c2', { body: large })]
    expect((await statuses(both)).toSorted((a, b) => a - b)).toEqual([200, 429])
    release()
    await slow
    expect((await ask('/work', 'c1', { body: large })).status).toBe(200)
    const three = ['1', '2', '3'].map((n) =>
      ask('/work', 'c1', { body: large, remoteAddress: `192.0.2.${n}` }),
    )
    expect((await statuses(three)).toSorted((a, b) => a - b)).toEqual([200, 200, 429])
  })

  it('leaves those who are still sending no place that others could use', async () => {
    const ask = app({ requestsInHand: 1, rates: 'off' })
    const { stream, isRead } = unfinished()
    const sending = ask('/work', 'c1', { stream })
    await isRead
    expect((await ask('/open')).status).toBe(200)
    await stream.cancel().catch(() => undefined)
    void sending
  })
})
