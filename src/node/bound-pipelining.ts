import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** No client that waits for its answers comes near. */
const MOST_UNANSWERED = 16

/**
 * Closes a connection on which more requests were sent ahead than it is given answers for at one time:
 * Node holds all of these answers in memory until the caller reads them.
 */
export function boundPipelining(server: Server): void {
  const unanswered = new WeakMap<Socket, number>()
  server.prependListener('request', ({ socket }, response) => {
    const count = (unanswered.get(socket) ?? 0) + 1
    unanswered.set(socket, count)
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    if (count > MOST_UNANSWERED) socket.destroy()
  })
}
