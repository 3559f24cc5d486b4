import { serve } from '@hono/node-server'
import type { Server } from 'node:http'
import { createApp } from '../http/app.ts'
import type { NodeConfig } from './config.ts'
import { openKeyring } from './keyring.ts'
import type { Logger } from './logger.ts'
import { migrate } from './migrate.ts'
import { createNode, type Node } from './node.ts'
import { SqliteDatabase } from './sqlite-database.ts'

export interface RunningNode extends Node {
  readonly port: number
  /** Takes no new request, finishes those in hand, closes the database. */
  stop(): Promise<void>
}

/** Opens database and keys, serves HTTP, starts the background work. */
export async function serveNode(config: NodeConfig, log: Logger): Promise<RunningNode> {
  const keyring = await openKeyring(config.pki, config.passphrase)
  const database = new SqliteDatabase(config.database)
  const applied = migrate(database)
  if (applied.length > 0) log.info('database migrated', { applied })
  const node = await createNode(config, keyring, database, log)
  const { hono } = createApp(node.deps)
  const { server, port } = await listen(hono.fetch, config.listen)
  node.schedule.start()
  log.info('serving', { state: config.state, publicUrl: config.publicUrl, port })
  return {
    ...node,
    port,
    async stop() {
      await close(server)
      await node.schedule.stop()
      database.close()
      log.info('stopped', { state: config.state })
    },
  }
}

/** How long requests in hand may take when the node stops. */
const LAST_REQUESTS_MS = 15_000

/** `Server.close` alone serves a connection that is kept alive for as long as requests come on it. */
async function close(server: Server): Promise<void> {
  server.prependListener('request', (_, response) => response.setHeader('Connection', 'close'))
  const deadline = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearTimeout(deadline)
}

function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: NodeConfig['listen'],
): Promise<{ server: Server; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: host, port }, (address) =>
      resolve({ server, port: address.port }),
    ) as Server
    server.once('error', reject)
    server.requestTimeout = 60_000
    server.headersTimeout = 20_000
  })
}
