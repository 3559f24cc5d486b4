import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Canary {
  readonly server: Server
  readonly url: string
  /** Connections and requests: any at all is one too many. */
  calls: number
}

/** A server at a host that no trust list names; it counts who comes. */
export async function startCanary(path: string): Promise<Canary> {
  const canary = { calls: 0 }
  const server = createServer((_, response) => {
    canary.calls++
    response.end()
  })
  server.on('connection', () => canary.calls++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
  const url = `http://127.0.0.2:${(server.address() as AddressInfo).port}${path}`
  return Object.assign(canary, { server, url })
}
