import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawClient, statusesIn } from '../support/slow-client.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const IDLE_MS = 1_500
/** More than the nodes need for themselves. */
const MOST = 40

let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes({ limits: { maxConnections: MOST }, timeouts: { idleMs: IDLE_MS } })
})
afterAll(() => nodes.close())

const url = () => nodes.BY.url
const get = (path: string, times = 1) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times)
const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a connection', () => {
  it('whose answers nobody reads is closed, and what was not read is given up', async () => {
    // More bytes than the operating system keeps for a connection, and fewer requests beyond them than
    // may wait.
    const TIMES = 30
    const answer = await (await fetch(`${url()}/openapi.json`)).text()
    expect(answer.length * TIMES).toBeGreaterThan(6_000_000)
    /** How much comes when it is read only after so long. */
    const readAfter = async (ms: number) => {
      const client = await rawClient(url())
      client.socket.pause()
      for (let n = 0; n < TIMES; n++) {
        client.write(get('/openapi.json'))
        await after(20)
      }
      await after(ms)
      client.socket.resume()
      return (await client.ended()).length
    }
    // A slow machine is still answering when a fast one has been idle for long.
    let patience = IDLE_MS
    const isGivenUp = async () => (await readAfter((patience *= 2))) < answer.length * TIMES
    expect(await eventually('it is given up', isGivenUp)).toBe(true)
  })

  it('serves again who asks again before it has been idle for too long, and is closed after that', async () => {
    const served = async () => {
      const client = await rawClient(url())
      for (let n = 0; n < 4; n++) {
        client.write(get('/health'))
        await after(IDLE_MS * 0.4)
      }
      return statusesIn(await client.ended()).join() === '200,200,200,200'
    }
    // A machine that does nothing for a while asks too late: then once more.
    expect(await eventually('it is served', served)).toBe(true)
  })

  it('on which far more is asked than is answered is closed', async () => {
    const client = await rawClient(url())
    client.write(get('/docs', 200))
    expect(statusesIn(await client.ended()).length).toBeLessThan(200)
    expect((await fetch(`${url()}/health`)).status).toBe(200)
  })

  it('past the most that the node holds is closed at once, and taken when others have gone', async () => {
    const held = []
    for (let n = 0; n < MOST; n++) held.push(await rawClient(url()))
    const late = await rawClient(url())
    late.write(get('/health'))
    expect(await late.ended()).toBe('')
    for (const { socket } of held) {
      socket.destroy()
      if (!socket.closed) await once(socket, 'close')
    }
    await eventually('a place', async () => {
      const client = await rawClient(url())
      client.write(get('/health'))
      const answer = await client.until(/"status":"ok"/)
      client.socket.destroy()
      return answer.includes('200 OK')
    })
  })
})

describe('a body of 7 MB', () => {
  it('from a stranger is refused though it never comes', async () => {
    const client = await rawClient(url())
    client.write(
      'POST /v1/certificates/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 7000000\r\n\r\n',
    )
    expect(await client.until(/unauthenticated/)).toContain('HTTP/1.1 401')
    client.socket.destroy()
    const push = await rawClient(url())
    push.write(
      'POST /exchange/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7000000\r\n\r\n{',
    )
    expect(await push.until(/signature-required/)).toContain('HTTP/1.1 401')
    push.socket.destroy()
  })

  it('that a stranger sends whole is answered as well', async () => {
    const answer = await fetch(`${url()}/exchange/v1/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: 'x'.repeat(7_000_000),
    })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({
      type: expect.stringMatching(/signature-required$/) as string,
    })
  })
})
