import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** How a peer may hold up whoever calls it. */
export type Sloth = 'silent' | 'dripping' | 'endless' | 'endless headers'

export interface SlowServer {
  /** Bytes of bodies that were taken from it. */
  readonly sent: () => number
  readonly requests: () => number
  close(): Promise<void>
}

const DRIP_MS = 100
const PIECE = Buffer.alloc(64 * 1024, 0x41)
const PIECES = 16_384

/** Takes every call and never ends one: says nothing, a byte now and then, or a gigabyte. */
export async function startSlowServer(port: number, sloth: Sloth): Promise<SlowServer> {
  let sent = 0
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    request.resume()
    response.on('error', () => undefined)
    if (sloth === 'silent') return
    if (sloth === 'endless headers') {
      response.socket?.write(`HTTP/1.1 200 OK\r\n${`X-A: ${'a'.repeat(8000)}\r\n`.repeat(1000)}`)
      return
    }
    response.writeHead(200, { 'Content-Type': 'application/statuslist+jwt' })
    if (sloth === 'dripping') drip(response)
    else void pour(response)
  })

  function drip(response: ServerResponse): void {
    const timer = setInterval(() => {
      sent++
      response.write('A')
    }, DRIP_MS)
    response.on('close', () => clearInterval(timer))
  }

  async function pour(response: ServerResponse): Promise<void> {
    const closed = new AbortController()
    response.once('close', () => closed.abort())
    for (let n = 0; n < PIECES && !response.destroyed; n++) {
      sent += PIECE.length
      if (!response.write(PIECE))
        await once(response, 'drain', { signal: closed.signal }).catch(() => undefined)
    }
    response.end()
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    sent: () => sent,
    requests: () => requests,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
