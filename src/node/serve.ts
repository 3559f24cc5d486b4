import { serve } from '@hono/node-server'
import { createServer as createPlainServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { MAX_WAIT_SECONDS } from '../exchange/delivery/long-poll.ts'
import { createApp } from '../http/app.ts'
import type { Platform } from '../http/routed-app.ts'
import { countAnswers } from './answers-in-hand.ts'
import { boundPipelining } from './bound-pipelining.ts'
import type { NodeConfig } from './config.ts'
import { openKeyring } from './keyring.ts'
import type { Logger } from './logger.ts'
import { migrate } from './migrate.ts'
import { createNode, type Node } from './node.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { tlsOptions, watchTls } from './tls.ts'

export interface RunningNode extends Node {
  readonly port: number
  /** Takes no new request, finishes those in hand, closes the database. */
  stop(): Promise<void>
}

/** What a connection is given: whoever is slower holds it for nothing. */
export interface Timeouts {
  /** Within which the headers of a request must have arrived. */
  readonly headersMs: number
  /** Headers and body. */
  readonly requestMs: number
  /** In which something must move, answers that the caller does not read included. */
  readonly idleMs: number
}

const TIMEOUTS: Timeouts = {
  headersMs: 20_000,
  requestMs: 60_000,
  // Nothing moves while a caller waits for news.
  idleMs: 4 * MAX_WAIT_SECONDS * 1000,
}

/** Opens database and keys, serves HTTP, starts the background work. */
export async function serveNode(
  config: NodeConfig,
  log: Logger,
  timeouts: Partial<Timeouts> = {},
  now: () => Date = () => new Date(),
): Promise<RunningNode> {
  const keyring = await openKeyring(config.pki, config.passphrase)
  const database = new SqliteDatabase(config.database)
  const applied = migrate(database)
  if (applied.length > 0) log.info('database migrated', { applied })
  const node = await createNode(config, keyring, database, log, now)
  const { hono } = createApp(node.deps)
  const answers = countAnswers((request: Request, platform: Platform) =>
    hono.fetch(request, platform),
  )
  const { server, port } = await listen(answers.serve, config, { ...TIMEOUTS, ...timeouts })
  const unwatch = config.tls && watchTls(server as TlsServer, config.tls, log)
  node.schedule.start()
  const { state, environment } = config
  log.info('serving', { state, environment, publicUrl: config.publicUrl, port })
  return {
    ...node,
    port,
    async stop() {
      node.leave()
      unwatch?.()
      await close(server)
      await answers.ended(LAST_REQUESTS_MS)
      await node.schedule.stop()
      database.close()
      log.info('stopped', { state: config.state })
    },
  }
}

/** How long requests in hand may take when the node stops. */
const LAST_REQUESTS_MS = 15_000
const CLOSE_IDLE_EVERY_MS = 100

/** `Server.close` alone serves a connection that is kept alive for as long as requests come on it. */
async function close(server: Server): Promise<void> {
  server.prependListener('request', (_, response) => response.setHeader('Connection', 'close'))
  const deadline = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS)
  // One whose request was in hand becomes idle with the answer, and would be kept for seconds.
  const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearInterval(idle)
  clearTimeout(deadline)
}

function listen(
  fetch: (request: Request, platform: Platform) => Response | Promise<Response>,
  { listen: { host, port }, tls, limits }: NodeConfig,
  { headersMs, requestMs, idleMs }: Timeouts,
): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: (request, { incoming }) =>
          fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
        hostname: host,
        port,
        ...(tls ? { createServer: createTlsServer } : { createServer: createPlainServer }),
        serverOptions: {
          ...(tls && { ...tlsOptions(tls), handshakeTimeout: headersMs }),
          headersTimeout: headersMs,
          requestTimeout: requestMs,
          // Node looks for connections past these only so often.
          connectionsCheckingInterval: Math.min(5_000, headersMs / 2),
        },
      },
      (address) => resolve({ server, port: address.port }),
    ) as Server
    // Without a listener, Node destroys the socket.
    server.setTimeout(idleMs)
    server.maxConnections = limits.maxConnections
    boundPipelining(server)
    server.once('error', reject)
  })
}
