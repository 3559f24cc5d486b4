import { describe, expect, it } from 'vitest'
import { pathOf, queryOf, type ValidCall } from '../support/matrix-calls.ts'
import { matrixSuite, nameOf } from '../support/matrix-suite.ts'
import { drip, rawClient, say, statusesIn } from '../support/slow-client.ts'

/** Node looks for what is too slow at half of the first. */
const TIMEOUTS = { headersMs: 1_500, requestMs: 3_000 }
const { matrix, everyRoute, note, unharmed } = matrixSuite({
  timeouts: TIMEOUTS,
  limits: { rates: 'off', requestsInHand: 4 },
})

const url = () => matrix().node.url
const lines = (...text: string[]) => [...text, '', ''].join('\r\n')

/** Head of the valid call with its credentials, as the wire has it. */
async function headOf(call: ValidCall, ...more: string[]): Promise<string> {
  const { route, params, query, body } = call
  const method = route.method.toUpperCase()
  const path = pathOf(route, params) + queryOf(query)
  const as = matrix().callerOf(route)
  const sent = { method, path, as, body: body?.text, type: body?.mediaType }
  const headers = {
    host: new URL(url()).host,
    ...(body && { 'content-type': body.mediaType }),
    'access-officer': 'Test',
    'access-purpose': 'test',
    ...(await matrix().credentials(sent)),
  }
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return lines(`${method} ${path} HTTP/1.1`, ...fields, ...more)
}

describe('every route', () => {
  it('is unharmed by a connection that breaks in the middle of a body', () =>
    everyRoute(async (call) => {
      if (!call.body) return
      const length = Buffer.byteLength(call.body.text)
      for (const framing of [`Content-Length: ${length + 10}`, 'Transfer-Encoding: chunked']) {
        const client = await rawClient(url())
        const chunked = framing.startsWith('T') ? `${length.toString(16)}\r\n` : ''
        client.write((await headOf(call, framing)) + chunked + call.body.text)
        await new Promise((resolve) => setTimeout(resolve, 15))
        client.socket.destroy()
      }
      note(...(await unharmed(nameOf(call.route))))
    }))

  it('lets nobody go on for ever with a body', () =>
    everyRoute(async (call) => {
      if (!call.body) return
      slow.push(
        (async () => {
          const answer = await drip(url(), await headOf(call, 'Content-Length: 5000'), 50)
          const [status = 0] = statusesIn(answer)
          if (status !== 0 && (status < 400 || status >= 500))
            note(`${nameOf(call.route)}: ${status}`)
        })(),
      )
    }).then(async () => {
      expect(slow.length).toBeGreaterThan(4)
      const served = await matrix().send({ path: '/health' })
      expect(served.status, 'while others send slowly').toBe(200)
      await Promise.all(slow)
      expect(await unharmed('dripping bodies')).toEqual([])
    }))
  const slow: Promise<void>[] = []

  it('is answered once for each call, in order, on one connection', () =>
    everyRoute(async (call) => {
      if (call.body || call.route.method !== 'get') return
      const head = await headOf(call)
      const client = await rawClient(url())
      client.write(
        head +
          lines('GET /nowhere HTTP/1.1', 'Host: x') +
          lines('GET /health HTTP/1.1', 'Host: x', 'Connection: close'),
      )
      const statuses = statusesIn(await client.ended())
      // A signature counts once, so that its call has one answer as well.
      if (statuses.length !== 3 || statuses[1] !== 404 || statuses[2] !== 200)
        note(`${nameOf(call.route)}: ${statuses.join()}`)
      note(...(await unharmed(nameOf(call.route), 'read')))
    }))
})

describe('a connection', () => {
  it('is closed when its headers take too long, while others are served', async () => {
    const dripping = Array.from({ length: 100 }, () =>
      drip(url(), 'GET /health HTTP/1.1\r\nX-A: ', 50),
    )
    const served = await matrix().send({ path: '/health' })
    expect(served.status).toBe(200)
    for (const answer of await Promise.all(dripping))
      expect(['', '408']).toContain(answer.slice(9, 12))
    expect(await unharmed('dripping headers')).toEqual([])
  })

  it('that never says anything is closed as well', async () => {
    const silent = await rawClient(url())
    expect(['', '408']).toContain((await silent.ended()).slice(9, 12))
  })

  it.each([
    ['two lengths', 'Content-Length: 2', 'Content-Length: 3'],
    ['length and chunks', 'Content-Length: 4', 'Transfer-Encoding: chunked'],
    ['chunks and length', 'Transfer-Encoding: chunked', 'Content-Length: 4'],
    ['a length with a sign', 'Content-Length: +2'],
    ['a length that is hexadecimal', 'Content-Length: 0x2'],
    ['a negative length', 'Content-Length: -1'],
    ['two lengths in one', 'Content-Length: 2, 2'],
    ['an unknown coding', 'Transfer-Encoding: xchunked'],
    ['chunks that are not last', 'Transfer-Encoding: chunked, identity'],
    ['a space before the colon', 'Transfer-Encoding : chunked'],
    ['a NUL in a header', 'X-A: a\u0000b'],
    ['a folded header', 'X-A: a', ' Content-Length: 2'],
    ['a header without name', ': a'],
    ['a header without colon', 'GET /health HTTP/1.1'],
    ['a huge header', `X-A: ${'a'.repeat(20_000)}`],
    ['a thousand headers', ...Array.from({ length: 1000 }, (_, i) => `X-${i}: ${'a'.repeat(20)}`)],
    ['a huge chunk', 'Transfer-Encoding: chunked', '', 'ffffffffffffffffff'],
    ['a negative chunk', 'Transfer-Encoding: chunked', '', '-1'],
    ['a huge chunk extension', 'Transfer-Encoding: chunked', '', `2;a=${'b'.repeat(50_000)}`],
    ['bytes beside the chunk', 'Transfer-Encoding: chunked', '', '2', '{}{}', '0'],
    ['an unmet expectation', 'Expect: 200-maybe', 'Content-Length: 2'],
  ])(
    'of a message framed wrongly is closed, and nothing smuggled in it is done: %s',
    async (_, ...fields) => {
      const call = matrix().calls.find(({ route }) => route.operationId === 'issueCertificate')!
      const smuggled = await headOf(call, `Content-Length: ${call.body!.text.length}`)
      const text =
        (await headOf(call, 'Connection: close', ...fields)) +
        `{}0\r\n\r\n${smuggled}${call.body!.text}`
      const statuses = statusesIn(await say(url(), text))
      expect(statuses.length).toBeLessThanOrEqual(1)
      for (const status of statuses) expect([400, 413, 417, 422, 431]).toContain(status)
      expect(await unharmed('framing')).toEqual([])
    },
  )

  it.each([
    ['no version', 'GET /health'],
    ['an old version', 'GET /health HTTP/0.9'],
    ['the next version', 'PRI * HTTP/2.0\r\n\r\nSM'],
    ['no host', 'GET /health HTTP/1.1', 'Connection: close'],
    ['two hosts', 'GET /health HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close'],
    ['a host that is none', 'GET /health HTTP/1.1', 'Host: a b/c?d#e', 'Connection: close'],
    ['a host with credentials', 'GET /health HTTP/1.1', 'Host: a:b@c', 'Connection: close'],
    ['a path that is none', 'GET health HTTP/1.1', 'Host: a', 'Connection: close'],
    ['a space in the path', 'GET /hea lth HTTP/1.1', 'Host: a', 'Connection: close'],
    ['a NUL in the path', 'GET /hea\u0000lth HTTP/1.1', 'Host: a', 'Connection: close'],
    ['bytes in the path', 'GET /\u00ff\u00fe HTTP/1.1', 'Host: a', 'Connection: close'],
    ['a fragment', 'GET /health#x HTTP/1.1', 'Host: a', 'Connection: close'],
    ['an address for a proxy', 'GET http://[::1 HTTP/1.1', 'Host: a', 'Connection: close'],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1', 'Host: a', 'Connection: close'],
    ['a star', 'OPTIONS * HTTP/1.1', 'Host: a', 'Connection: close'],
    ['a star for nothing', 'GET * HTTP/1.1', 'Host: a', 'Connection: close'],
    [
      'an upgrade',
      'GET /health HTTP/1.1',
      'Host: a',
      'Upgrade: websocket',
      'Connection: upgrade, close',
    ],
    ['a huge path', `GET /${'a'.repeat(70_000)} HTTP/1.1`, 'Host: a', 'Connection: close'],
    ['an unknown method', 'BREW /health HTTP/1.1', 'Host: a', 'Connection: close'],
    ['a lower-case method', 'get /health HTTP/1.1', 'Host: a', 'Connection: close'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
  ])('whose request line has %s harms nobody', async (_, ...text) => {
    const statuses = statusesIn(await say(url(), lines(...text)))
    expect(statuses.length).toBeLessThanOrEqual(1)
    for (const status of statuses) expect(status).toBeLessThan(500)
    expect(await unharmed('request line')).toEqual([])
  })
})
