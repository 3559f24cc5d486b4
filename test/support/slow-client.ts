import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Who speaks HTTP by hand: what arrives is what was written, in the pieces it was written in. */
export interface RawClient {
  readonly socket: Socket
  write(text: string): void
  /** Everything that came until the other side closed. */
  ended(): Promise<string>
  /** Everything that came until it matches, or the other side closed. */
  until(pattern: RegExp): Promise<string>
}

export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  let closed = false
  socket.on('data', (data) => (text += data.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => (closed = true))
  await once(socket, 'connect')
  const until = async (pattern?: RegExp) => {
    while (!closed && !(pattern && pattern.test(text))) {
      const heard = new AbortController()
      const news = ['data', 'close'].map((event) => once(socket, event, heard))
      await Promise.race(news).catch(() => undefined)
      // Whoever listens to the other event listens no longer.
      heard.abort()
    }
    return text
  }
  return {
    socket,
    write: (piece) => void socket.write(piece, 'latin1'),
    ended: () => until(),
    until,
  }
}

/** Sends text and closes its own side no sooner than the other has. */
export async function say(url: string, text: string): Promise<string> {
  const client = await rawClient(url)
  client.write(text)
  const answer = await client.ended()
  client.socket.destroy()
  return answer
}

/** A byte of `text` now and then, until the connection is closed. */
export async function drip(url: string, start: string, everyMs: number): Promise<string> {
  const client = await rawClient(url)
  client.write(start)
  const timer = setInterval(() => client.write('a'), everyMs)
  const answer = await client.ended()
  clearInterval(timer)
  return answer
}

/** Statuses of the answers on one connection. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
