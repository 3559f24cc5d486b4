import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JWK } from 'jose'
import type { Policy } from '../../src/certificate/policy.ts'
import { demoStates } from '../../src/cli/demo/states.ts'
import type { RequestLimits } from '../../src/http/rate-limit-settings.ts'
import type { ClientRole } from '../../src/http/stores.ts'
import type { Environment } from '../../src/jose/environment.ts'
import { type ApiClient, apiClient } from '../../src/node/api-client.ts'
import { readConfig } from '../../src/node/config.ts'
import { prepareDevState, type PreparedState, publishDevTrust } from '../../src/node/dev-state.ts'
import { jsonLogger } from '../../src/node/logger.ts'
import { type RunningNode, serveNode, type Timeouts } from '../../src/node/serve.ts'

export interface TestNode extends PreparedState {
  readonly running: RunningNode
  /** Lines that the node logged. */
  readonly log: readonly string[]
  /** A new client system of the node. */
  client(role: ClientRole, party: string): Promise<ApiClient & { id: string; privateJwk: JWK }>
}

export interface TwoNodes {
  readonly folder: string
  readonly BY: TestNode
  readonly UZ: TestNode
  close(): Promise<void>
}

/** Belarus and Uzbekistan with real keys, databases and HTTP, in this process, after they have met. */
export async function startTwoNodes(
  options: TestNodeOptions & {
    readonly policies?: { readonly BY?: Partial<Policy>; readonly UZ?: Partial<Policy> }
  } = {},
): Promise<TwoNodes> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-test-'))
  const { BY, UZ } = await prepareTwoStates(folder, options.environment)
  const { policies, ...common } = options
  const start = (prepared: PreparedState, policy?: Partial<Policy>) =>
    startTestNode(prepared, { ...common, ...(policy && { policy }) })
  // Together, so that each answers when the other first asks.
  const [byNode, uzNode] = await Promise.all([start(BY, policies?.BY), start(UZ, policies?.UZ)])
  const nodes = { BY: byNode, UZ: uzNode }
  await eventually('the nodes have met', async () => {
    const peers = await Promise.all(
      [nodes.BY, nodes.UZ].map(({ running }) => running.deps.peers.all()),
    )
    return peers.every(([peer]) => peer?.trustCheckedAt && peer.lastHeardAt)
  })
  return {
    folder,
    ...nodes,
    async close() {
      await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Keys, configurations and published trust of both states in a folder; nothing runs yet. */
export async function prepareTwoStates(
  folder: string,
  environment: Environment = 'production',
): Promise<{ BY: PreparedState; UZ: PreparedState }> {
  const states = demoStates(folder, { BY: await freePort(), UZ: await freePort() })
  const BY = await prepareDevState({ ...states.BY, environment })
  const UZ = await prepareDevState({ ...states.UZ, environment })
  await publishDevTrust(BY, [UZ])
  await publishDevTrust(UZ, [BY])
  return { BY, UZ }
}

export interface TestNodeOptions {
  /** Of the keys and the configuration. */
  readonly environment?: Environment
  readonly policy?: Partial<Policy>
  readonly limits?: Partial<RequestLimits>
  readonly timeouts?: Partial<Timeouts>
  readonly validationThreads?: number
  /** The clock of the nodes and their clients; the real one unless given. */
  readonly now?: () => Date
}

export async function startTestNode(
  prepared: PreparedState,
  { policy, limits, timeouts, validationThreads, now = () => new Date() }: TestNodeOptions = {},
): Promise<TestNode> {
  const log: string[] = []
  const config = readConfig(prepared.configFile, {})
  const running = await serveNode(
    {
      ...config,
      policy: { ...config.policy, ...policy },
      limits: { ...config.limits, ...limits },
      ...(validationThreads !== undefined && { validationThreads }),
    },
    jsonLogger((line) => log.push(line)),
    timeouts,
    now,
  )
  return {
    ...prepared,
    running,
    log,
    async client(role, party) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const privateJwk = privateKey.export({ format: 'jwk' }) as JWK
      const { d: _d, ...jwk } = privateJwk
      const id = `${role}-${randomUUID()}`
      const client = { id, role, party, jwk, ...(role === 'authority' && { person: id }) }
      await running.deps.clients.register(client, now().toISOString())
      const headers = { 'Access-Officer': 'Test', 'Access-Purpose': 'test', ...EACH_ITS_OWN }
      return {
        id,
        privateJwk,
        ...apiClient({ url: prepared.url, clientId: id, privateJwk, headers, now }),
      }
    },
  }
}

/** A node that was busy ends a connection that is kept, with what has just been sent on it. */
export const EACH_ITS_OWN = { Connection: 'close' }

/** Asks until the answer is truthy; fails after `patienceMs`, which a slow machine does not reach. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  patienceMs = 60_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patienceMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Below those that systems give to outgoing connections. */
const PORTS = { from: 10_200, blocks: 220, each: 100 }
let block: Promise<number> | undefined
let given = 0

/** One that nobody takes while its node is stopped: no other process has its ports from the same block. */
export async function freePort(): Promise<number> {
  for (;;) {
    const first = await (block ??= ownBlock())
    const port = first + 1 + (given++ % (PORTS.each - 1))
    const server = await listening(port)
    if (!server) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** The first port of a block; this process holds it as long as it lives. */
async function ownBlock(): Promise<number> {
  for (;;) {
    const first = PORTS.from + PORTS.each * Math.floor(Math.random() * PORTS.blocks)
    const server = await listening(first)
    if (!server) continue
    server.unref()
    return first
  }
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
