import { randomBytes, randomUUID } from 'node:crypto'
import { encodeBase64url } from '../encoding/base64url.ts'
import { formatInstant } from '../encoding/time.ts'
import { deliverTo } from '../exchange/deliver.ts'
import type { Append } from '../exchange/journal.ts'
import { nodeKeyResolver } from '../exchange/node-keys.ts'
import { peerClient } from '../exchange/peer-client.ts'
import { pollTrust } from '../exchange/poll-trust.ts'
import { decideWaiting } from '../exchange/receive.ts'
import { fetchedStatusLists } from '../exchange/status-list-fetch.ts'
import type { NodeDependencies } from '../http/dependencies.ts'
import { sqlCertificateStore } from '../storage/certificate-store.ts'
import { sqlClientStore, sqlTokenStore, sqlUsedOnce } from '../storage/client-store.ts'
import { sqlInbox } from '../storage/inbox.ts'
import { sqlJournal } from '../storage/journal.ts'
import { claimNode } from '../storage/node-store.ts'
import { sqlOutbox } from '../storage/outbox.ts'
import { sqlPeerStore } from '../storage/peer-store.ts'
import {
  sqlAccessLog,
  sqlAlarmLog,
  sqlExchangeArchive,
  sqlReportStore,
} from '../storage/records.ts'
import { sqlStatusListStore } from '../storage/status-list-store.ts'
import { sqlStatusPositions } from '../storage/status-positions.ts'
import { sqlTrustStore } from '../storage/trust-store.ts'
import { currentTrust } from '../trust/trust.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { ConfigError, type NodeConfig } from './config.ts'
import { newEpoch } from './epoch.ts'
import { groupCommit } from './group-commit.ts'
import type { Keyring } from './keyring.ts'
import type { Logger } from './logger.ts'
import { startSchedule, type Schedule } from './schedule.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

export interface Node {
  readonly deps: NodeDependencies
  readonly schedule: Schedule
}

/** Puts a node together over an open, migrated database. The schedule is not started. */
export async function createNode(
  config: NodeConfig,
  keyring: Keyring,
  database: SqliteDatabase,
  log: Logger,
): Promise<Node> {
  const { state, environment, publicUrl, policy } = config
  if (keyring.pki.manifest.state !== state)
    throw new ConfigError(
      `The keys belong to ${keyring.pki.manifest.state}, the configuration to ${state}`,
    )
  const claimed = await claimNode(database, { state, environment, epoch: newEpoch() })
  if (claimed.state !== state)
    throw new ConfigError(`The database belongs to ${claimed.state}, the configuration to ${state}`)
  if (claimed.environment !== environment)
    throw new ConfigError(
      `The database is one of ${claimed.environment}, the configuration says ${environment}`,
    )

  const now = () => new Date()
  const stopping = new AbortController()
  const call: typeof fetch = (input, init) => {
    const signals = init?.signal ? [init.signal, stopping.signal] : [stopping.signal]
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
  const trustStore = sqlTrustStore(database)
  const trust = currentTrust(trustStore)
  const paths = createPathCache()
  let wakeDelivery = (): void => undefined
  let wakeWaiting: (peer: string) => void = () => undefined
  const deps: NodeDependencies = {
    state,
    publicUrl,
    policy,
    now,
    newId: randomUUID,
    random: Math.random,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    fetch: call,
    seals: keyring.seals,
    nodeKey: keyring.nodeKey,
    trust,
    trustStore,
    paths,
    append: loudAppend(groupCommit(sqlJournal(database), now), log),
    certificates: sqlCertificateStore(database),
    positions: sqlStatusPositions(database, {
      publicUrl,
      blockSize: 256,
      randomKey: () => encodeBase64url(randomBytes(16)),
    }),
    ownStatusLists: sqlStatusListStore(database),
    statusLists: fetchedStatusLists({ now, fetch: call, trust, paths }),
    outbox: sqlOutbox(database),
    inbox: sqlInbox(database),
    peers: sqlPeerStore(database),
    alarms: loudAlarms(sqlAlarmLog(database), log),
    archive: sqlExchangeArchive(database),
    clients: sqlClientStore(database),
    tokens: sqlTokenStore(database),
    usedOnce: sqlUsedOnce(database),
    reports: sqlReportStore(database),
    accesses: sqlAccessLog(database),
    logFault: ({ requestId, operationId, error }) =>
      log.error('request failed', { requestId, operationId, error }),
    outgoing: () => wakeDelivery(),
    waiting: (peer) => wakeWaiting(peer),
  }
  const resolveKey = nodeKeyResolver(deps)
  const send = peerClient({ ...deps, node: deps.nodeKey, resolveKey })
  const poll = pollTrust(deps)
  const schedule = startSchedule(
    {
      peers: async () => {
        const known = (await deps.trust()).view.states()
        return [...new Set([...config.peers.map((peer) => peer.state), ...known])].filter(
          (peer) => peer !== state,
        )
      },
      deliver: deliverTo({ ...deps, send }),
      poll: async (peer) => {
        const { view } = await deps.trust()
        const listed = view.list(peer)?.nodes.find((node) => node.state === peer)?.url
        const url = listed ?? config.peers.find((known) => known.state === peer)?.url
        if (url === undefined) return { error: `no address of ${peer} is known` }
        return poll(peer, url)
      },
      decide: decideWaiting(deps),
      prune: async () => {
        const at = formatInstant(now())
        await Promise.all([deps.usedOnce.prune(at), deps.tokens.prune(at)])
      },
    },
    log,
  )
  wakeDelivery = schedule.wakeDelivery
  wakeWaiting = schedule.wakeWaiting
  return {
    deps,
    schedule: {
      ...schedule,
      async stop() {
        // A peer that does not answer must not keep the node from ending.
        const cut = setTimeout(() => stopping.abort(new Error('the node stops')), LAST_CALLS_MS)
        await schedule.stop()
        clearTimeout(cut)
      },
    },
  }
}

/** How long calls to peers may take when the node stops. */
const LAST_CALLS_MS = 3_000

function loudAppend(append: Append, log: Logger): Append {
  return async (step) => {
    const result = await append(step)
    if (result !== 'duplicate')
      for (const effect of step.effects ?? [])
        if (effect.effect === 'alarm') log.warn('alarm', { ...effect.alarm })
    return result
  }
}

function loudAlarms(alarms: NodeDependencies['alarms'], log: Logger): NodeDependencies['alarms'] {
  return {
    ...alarms,
    raise: async (alarm) => {
      log.warn('alarm', { ...alarm })
      await alarms.raise(alarm)
    },
  }
}
