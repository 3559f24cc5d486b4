import { optionalSuites } from '../crypto/optional-suites.ts'
import { encodeBase64url } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { alarmsTold } from '../exchange/alarms-told.ts'
import { backgroundWork } from '../exchange/background-work.ts'
import { workAlone } from '../exchange/join.ts'
import { nodeCreatedDetail } from '../exchange/node-created.ts'
import { type Append, appendOneByOne } from '../exchange/journal.ts'
import { peerUrlObstacle } from '../exchange/delivery/peer-url.ts'
import { fetchedStatusLists } from '../exchange/status-lists/fetch.ts'
import { recordRules } from '../exchange/rules-in-force.ts'
import { signingKeys } from '../exchange/signing-keys.ts'
import { standingNotices } from '../exchange/notices/standing.ts'
import { openWorkingKeys } from '../exchange/working-keys.ts'
import { createApp } from '../http/app.ts'
import type { NodeDependencies } from '../http/dependencies.ts'
import { D1Database } from '../storage/dialect/d1.ts'
import { schemaObstacle } from '../storage/dialect/d1-schema.ts'
import { sqlJournal } from '../storage/journal.ts'
import { claimNode } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import { sqlStatusPositions } from '../storage/status-positions.ts'
import { sqlStores } from '../storage/sql-stores.ts'
import { currentTrust } from '../trust/trust.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { appendInTurn } from './append-in-turn.ts'
import { type Bindings, BindingError, readKeys, readSettings } from './bindings.ts'
import { errands, type Errands } from './errands.ts'
import { consoleLog } from './log.ts'

export interface WorkerNode {
  readonly app: ReturnType<typeof createApp>
  readonly errands: Errands
}

/** Why there is no node: for whoever asks, and for the log of its operator. */
export interface Obstacle {
  readonly obstacle: string
  readonly told: string
}

const SCHEMA_OBSTACLES = {
  'not-migrated': 'The database of this node is not migrated: wrangler d1 migrations apply',
  'newer-than-program': 'The database of this node is newer than its program',
} as const

/**
 * Puts a node together over its bindings. What it remembers between requests are values: nothing in it
 * waits for the work of another request (see docs/decisions/0013-workers.md).
 */
export async function openWorkerNode(bindings: Bindings): Promise<WorkerNode | Obstacle> {
  try {
    return await open(bindings)
  } catch (error) {
    if (!(error instanceof BindingError)) throw error
    return { obstacle: 'This node is not configured; its log says why', told: error.message }
  }
}

async function open(bindings: Bindings): Promise<WorkerNode | Obstacle> {
  const settings = readSettings(bindings)
  const { state, environment, publicUrl, policy, peers } = settings
  if (!bindings.DB) throw new BindingError('DB: no D1 database is bound under this name')
  const schema = await schemaObstacle(bindings.DB)
  if (schema) return { obstacle: SCHEMA_OBSTACLES[schema], told: SCHEMA_OBSTACLES[schema] }
  const database = new D1Database(bindings.DB)
  const created = { at: formatInstant(new Date()), actor: 'worker', act: 'node-created' } as const
  const identity = { state, environment, epoch: token(6) }
  const owner = await claimNode(database, identity, [
    { ...created, subject: state, detail: nodeCreatedDetail(identity) },
  ])
  if (owner.state !== state || owner.environment !== environment)
    return {
      obstacle: 'The database is the one of another node',
      told: `The database belongs to ${owner.state} (${owner.environment}), the variables say ${state} (${environment})`,
    }
  const now = () => new Date()
  await openLog(database, now)
  const { keys, bareKeys } = readKeys(bindings, settings)
  const opened = await openWorkingKeys(state, keys, bareKeys).catch((cause: Error) => {
    throw new BindingError(`CERTEX_KEY_…: ${cause.message}`, { cause })
  })

  // A method of the global scope: called as anything else's it is refused.
  // It reaches no private network; what is left to refuse is a peer's address without TLS.
  const call: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const why = peerUrlObstacle(url, { allowHttp: settings.allowHttpPeers })
    if (why !== undefined) throw new Error(`${url.host} is not called: ${why}`)
    return fetch(request)
  }
  const appendNow = appendInTurn(appendOneByOne(sqlJournal(database), now), {
    nowMs: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
  const append: Append = async (step) => {
    const result = await appendNow(step)
    todo.appended()
    return result
  }
  const stores = sqlStores(database)
  await recordRules({ rules: stores.rules, now }, { policy })
  const trust = currentTrust(stores.trustStore, environment)
  const paths = createPathCache()
  const deps: NodeDependencies = {
    ...stores,
    ...signingKeys(opened, { state, now, trust, paths }),
    ...alarmsTold({ append, alarms: stores.alarms }, (alarm) =>
      consoleLog.warn('alarm', { ...alarm }),
    ),
    state,
    environment,
    publicUrl,
    policy,
    // A request that is cut off is never counted off: the platform bounds what is in hand.
    limits: { ...settings.limits, requestsInHand: 100_000, bodyBytesInHand: 2 ** 50 },
    witnessing: settings.witnessing,
    publicLog: settings.publicLog,
    now,
    newId: () => crypto.randomUUID(),
    random: Math.random,
    randomBytes,
    fetch: call,
    trust,
    paths,
    notices: standingNotices(stores.notices, { ...stores, trust, paths, now }),
    join: workAlone,
    // Each appends alone: at once they would only be in each other's way.
    batchInFlight: 1,
    suites: optionalSuites(settings.suites),
    positions: sqlStatusPositions(database, {
      publicUrl,
      // Of an isolate that ends, the rest of a block is lost.
      blockSize: 16,
      join: workAlone,
      randomKey: () => token(16),
    }),
    statusLists: fetchedStatusLists({ now, fetch: call, trust, paths, join: workAlone }),
    logFault: ({ requestId, operationId, error }) =>
      consoleLog.error('request failed', { requestId, operationId, error }),
    outgoing: () => todo.outgoing(),
    waiting: (peer) => todo.waiting(peer),
    behind: (peer) => todo.behind(peer),
    news: (ms) => new Promise((resolve) => setTimeout(() => resolve('look'), ms)),
    pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
  }
  const todo = errands(backgroundWork(deps, peers), consoleLog, now)
  return { app: createApp(deps), errands: todo }
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

function token(octets: number): string {
  return encodeBase64url(randomBytes(octets))
}
