import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToyApp, TOY } from './toy-app.ts'

const { fetch: handle, faults } = createToyApp()
let server: ServerType
let port: number

beforeAll(async () => {
  server = serve({ fetch: handle, port: 0, hostname: '127.0.0.1' })
  if (!server.listening) await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.close()
})

/** Sends text as it stands and gives back the whole answer. */
async function exchange(...pieces: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (data) => (answer += data.toString()))
  socket.on('error', () => undefined)
  for (const piece of pieces) socket.write(piece)
  await Promise.race([once(socket, 'close'), new Promise((wake) => setTimeout(wake, 20_000))])
  socket.destroy()
  return answer
}

const head = (line: string, ...headers: string[]) =>
  [
    line,
    'Host: 127.0.0.1',
    'Authorization: Bearer issuer',
    'Connection: close',
    ...headers,
    '',
    '',
  ].join('\r\n')
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const slugOf = (answer: string) => /"type":"[^"]*\/problems\/([^"]+)"/.exec(answer)?.[1]

describe('over real HTTP', () => {
  it('a chunked body is read without Content-Length', async () => {
    const answer = await exchange(
      head(
        'POST /v1/toys HTTP/1.1',
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
      ),
      chunk(TOY.slice(0, 10)) + chunk(TOY.slice(10)) + chunk(''),
    )
    expect(answer).toMatch(/^HTTP\/1.1 201 /)
  })

  it('a chunked body without end is cut off at the limit', async () => {
    const answer = await exchange(
      head(
        'POST /v1/toys HTTP/1.1',
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
      ),
      chunk('x'.repeat(1500)),
      chunk('x'.repeat(1500)),
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(slugOf(answer)).toBe('body-too-large')
  })

  it('a Content-Length above the limit is refused before the body is there', async () => {
    const answer = await exchange(
      head('POST /v1/toys HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 999999999'),
    )
    expect(slugOf(answer)).toBe('body-too-large')
  })

  it('a body that breaks off harms nobody', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      head('POST /v1/toys HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 500') + '{',
    )
    await new Promise((wake) => setTimeout(wake, 100))
    socket.destroy()
    await new Promise((wake) => setTimeout(wake, 100))
    expect(faults).toEqual([])
  })

  it('a missing content type and an empty body are told apart', async () => {
    const bare = await exchange(
      head('POST /v1/toys HTTP/1.1', `Content-Length: ${TOY.length}`) + TOY,
    )
    expect(slugOf(bare)).toBe('unsupported-media-type')
    const empty = await exchange(
      head('POST /v1/toys HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 0'),
    )
    expect(slugOf(empty)).toBe('empty-body')
  })

  it('an operation without body refuses one', async () => {
    const text = head('DELETE /v1/toys/a/parts/1 HTTP/1.1', 'Content-Length: 2').replace(
      'issuer',
      'authority',
    )
    expect(slugOf(await exchange(`${text}{}`))).toBe('unexpected-body')
  })

  it('malformed percent-encoding, dots and foreign hosts change nothing', async () => {
    expect(slugOf(await exchange(head('GET /v1/toys/%zz HTTP/1.1')))).toBe('invalid-parameter')
    expect(await exchange(head('GET /v1/toys/a%2Fb HTTP/1.1'))).toContain('public a/b')
    expect(await exchange(head('GET /v1/x/../toys/q HTTP/1.1'))).toContain('public q')
    expect(await exchange(head('GET http://evil.example/v1/toys/q HTTP/1.1'))).toContain('public q')
  })

  it('HEAD, OPTIONS and 405 hold', async () => {
    expect(await exchange(head('HEAD /v1/toys/q HTTP/1.1'))).toMatch(/^HTTP\/1.1 200 [^]*\r\n\r\n$/)
    expect(await exchange(head('OPTIONS /v1/toys HTTP/1.1'))).toMatch(
      /allow: GET, HEAD, OPTIONS, POST/i,
    )
    expect(slugOf(await exchange(head('PATCH /v1/toys HTTP/1.1')))).toBe('method-not-allowed')
    expect(slugOf(await exchange(head('PROPFIND /v1/nowhere HTTP/1.1')))).toBe('not-found')
  })

  it('none of this was a fault', () => {
    expect(faults).toEqual([])
  })
})
