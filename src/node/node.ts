import { randomBytes, randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { encodeBase64url } from '../encoding/base64url.ts'
import { optionalSuites } from '../crypto/optional-suites.ts'
import { adoptEcdsaP256, adoptSha256 } from '../crypto/suite.ts'
import { alarmsTold } from '../exchange/alarms-told.ts'
import { backgroundWork } from '../exchange/background-work.ts'
import { joinWork } from '../exchange/join.ts'
import type { Append } from '../exchange/journal.ts'
import { fetchedStatusLists } from '../exchange/status-lists/fetch.ts'
import { currentWarnings } from '../exchange/warnings/warnings.ts'
import { nodeCreatedDetail } from '../exchange/node-created.ts'
import { recordRules } from '../exchange/rules-in-force.ts'
import { signingKeys, unlistedKeys } from '../exchange/signing-keys.ts'
import { standingNotices } from '../exchange/notices/standing.ts'
import { tellWarnings } from '../exchange/warnings/told.ts'
import type { NodeDependencies } from '../http/dependencies.ts'
import { sqlJournal } from '../storage/journal.ts'
import { claimNode } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import { sqlRulesStore } from '../storage/rules.ts'
import { sqlSearchIndex } from '../storage/search.ts'
import { sqlStores } from '../storage/sql-stores.ts'
import { sqlStatusPositions } from '../storage/status-positions.ts'
import { currentTrust, type CurrentTrust } from '../trust/trust.ts'
import { formatInstant } from '../encoding/time.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { commandLineActor } from './actor.ts'
import { ConfigError, type NodeConfig } from './config.ts'
import { newEpoch } from './epoch.ts'
import { groupCommit } from './group-commit.ts'
import type { Keyring } from './keyring.ts'
import { recordLeftUncovered } from './left-uncovered.ts'
import type { Logger } from './logger.ts'
import { nativeEcdsa } from './native-ecdsa.ts'
import { nativeSha256 } from './native-sha256.ts'
import { createNews } from './news.ts'
import { readHostFacts } from './host-facts.ts'
import { peerFetch } from './peer-fetch.ts'
import { startSchedule, type Schedule } from './schedule.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import type { ValidationThreadData } from './validation-thread.ts'
import { validationThreads } from './validation-threads.ts'

export interface Node {
  readonly deps: NodeDependencies
  readonly schedule: Schedule
  /** Nobody waits for news any longer, callers of this node or this node at its peers. */
  leave(): void
}

/** Puts a node together over an open, migrated database. The schedule is not started. */
export async function createNode(
  config: NodeConfig,
  keyring: Keyring,
  database: SqliteDatabase,
  log: Logger,
  now: () => Date = () => new Date(),
): Promise<Node> {
  adoptSha256(nativeSha256)
  await adoptEcdsaP256(nativeEcdsa)
  const { state, environment, publicUrl, policy } = config
  if (keyring.pki.manifest.state !== state)
    throw new ConfigError(
      `The keys belong to ${keyring.pki.manifest.state}, the configuration to ${state}`,
    )
  const { environment: ofKeys } = keyring.pki.manifest
  if (ofKeys !== environment)
    throw new ConfigError(`The keys are of ${ofKeys}, the configuration says ${environment}`)
  const at = formatInstant(now())
  const identity = { state, environment, epoch: newEpoch() }
  const created = { at, act: 'node-created', subject: state } as const
  const claimed = await claimNode(database, identity, [
    { ...created, actor: commandLineActor(), detail: nodeCreatedDetail(identity) },
  ])
  if (claimed.state !== state)
    throw new ConfigError(`The database belongs to ${claimed.state}, the configuration to ${state}`)
  if (claimed.environment !== environment)
    throw new ConfigError(
      `The database is one of ${claimed.environment}, the configuration says ${environment}`,
    )
  await openLog(database, now)
  for (const rows of await recordLeftUncovered(database, now))
    log.warn('rows that a process before this one left behind no entry of the log', { ...rows })
  await recordRules({ rules: sqlRulesStore(database), now }, { policy })

  const outside = peerFetch({
    caFile: config.peerCaFile,
    allowHttp: config.allowHttpPeers,
    named: [...config.peers, ...config.witnesses].map(({ url }) => url),
    refused: onceEach((host, why) => {
      const detail = `${host}: ${why}`
      const alarm = { at: formatInstant(now()), kind: 'peer-address-refused', detail } as const
      deps.alarms
        .raise({ ...alarm, peer: undefined })
        .catch((error: unknown) => log.error('an alarm was not kept', { alarm, error }))
    }),
  })
  const stopping = new AbortController()
  const call: typeof fetch = (input, init) => {
    return outside.fetch(input, { ...init, signal: eitherOf(stopping.signal, init?.signal) })
  }
  const leaving = new AbortController()
  const callHeld: typeof fetch = (input, init) => {
    return outside.fetch(input, { ...init, signal: eitherOf(leaving.signal, init?.signal) })
  }
  const news = createNews()
  const commit = groupCommit(sqlJournal(database), now)
  const append: Append = async (step) => {
    const result = await commit(step)
    news.tell()
    return result
  }
  const stores = sqlStores(database)
  const trust = currentTrust(stores.trustStore, environment)
  await refuseUnlistedKeys(keyring, { state, trust, log })
  const join = joinWork()
  const paths = createPathCache()
  let wakeDelivery = (): void => undefined
  let wakeWaiting: (peer: string) => void = () => undefined
  let wakePull: (peer: string) => void = () => undefined
  let wakeUnreached: (peer: string | undefined) => void = () => undefined
  const threads =
    config.validationThreads > 0
      ? validationThreads(config.validationThreads, threadDataOf(config), {
          now,
          ended: (reason) => log.error('validation thread ended', { reason: reason.message }),
        })
      : undefined
  const deps: NodeDependencies = {
    ...stores,
    search: sqlSearchIndex(database, () => setImmediate()),
    ...alarmsTold({ append, alarms: stores.alarms }, (alarm) => log.warn('alarm', { ...alarm })),
    state,
    environment,
    publicUrl,
    policy,
    now,
    newId: randomUUID,
    random: Math.random,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    fetch: call,
    limits: config.limits,
    witnessing: config.witnessing,
    publicLog: config.publicLog,
    ...signingKeys(keyring, { state, now, trust, paths }),
    trust,
    paths,
    notices: standingNotices(stores.notices, { ...stores, trust, paths, now }),
    join,
    suites: optionalSuites(config.suites),
    validateAll: threads?.validateAll,
    positions: sqlStatusPositions(database, {
      publicUrl,
      blockSize: 256,
      join,
      randomKey: () => encodeBase64url(randomBytes(16)),
    }),
    statusLists: fetchedStatusLists({ now, fetch: call, trust, paths, join }),
    hostFacts: readHostFacts(config),
    logFault: ({ requestId, operationId, error }) =>
      log.error('request failed', { requestId, operationId, error }),
    outgoing: () => wakeDelivery(),
    waiting: (peer) => wakeWaiting(peer),
    behind: (peer) => wakePull(peer),
    called: (peer) => wakeUnreached(peer),
    news: (ms) => news.wait(ms),
    pause: () => setImmediate(),
  }
  const work = backgroundWork(deps, config.peers, callHeld)
  const warn = tellWarnings({ now, warnings: currentWarnings(deps) }, ({ message, ...facts }) =>
    log.warn('warning', { ...facts, detail: message.en }),
  )
  const upkeep = async () => {
    await work.prune()
    await warn()
  }
  const schedule = startSchedule({ ...work, prune: upkeep }, log)
  wakeDelivery = schedule.wakeDelivery
  wakeWaiting = schedule.wakeWaiting
  wakePull = schedule.wakePull
  wakeUnreached = schedule.wakeUnreached
  const leave = () => {
    news.close()
    leaving.abort(new Error('the node stops'))
  }
  return {
    deps,
    leave,
    schedule: {
      ...schedule,
      async stop() {
        leaving.abort(new Error('the node stops'))
        // A peer that does not answer must not keep the node from ending.
        const cut = setTimeout(() => stopping.abort(new Error('the node stops')), LAST_CALLS_MS)
        await schedule.stop()
        clearTimeout(cut)
        await threads?.close()
        outside.close()
      },
    },
  }
}

/**
 * A node none of whose keys its own published list names would be refused by every peer.
 *
 * @throws {ConfigError}
 */
async function refuseUnlistedKeys(
  keyring: Keyring,
  { state, trust, log }: { state: string; trust: CurrentTrust; log: Logger },
): Promise<void> {
  const { keys, idle } = await unlistedKeys(keyring, { state, trust })
  if (idle.length > 0)
    throw new ConfigError(
      `The published trust list of ${state} names no key of this node for: ${idle.join(', ')}. Publish a list that does (certex trust issue, certex trust publish), or put back the keys it names`,
    )
  if (keys.length > 0)
    log.warn('keys that the published trust list does not name sign nothing', {
      keys,
      detail: 'issue and publish the next list: certex trust issue, certex trust publish',
    })
}

/** Nothing secret, and nothing that cannot be copied into a thread. */
function threadDataOf(config: NodeConfig): ValidationThreadData {
  const { database, state, environment, policy, suites, peers } = config
  const { peerCaFile, allowHttpPeers } = config
  return { database, state, environment, policy, suites, peers, peerCaFile, allowHttpPeers }
}

/** How long calls to peers may take when the node stops. */
const LAST_CALLS_MS = 3_000

/** Of what `AbortSignal.any` joins, Node.js forgets a timeout to which nobody listens: it never comes. */
function eitherOf(ending: AbortSignal, own: AbortSignal | null | undefined): AbortSignal {
  if (!own) return ending
  own.addEventListener('abort', () => undefined, { once: true })
  return AbortSignal.any([own, ending])
}

/** Lets the same words pass once: what is tried every minute is one alarm, not one a minute. */
function onceEach(tell: (host: string, why: string) => void): typeof tell {
  const told = new Set<string>()
  return (host, why) => {
    const key = `${host} ${why}`
    if (told.has(key)) return
    told.add(key)
    tell(host, why)
  }
}
