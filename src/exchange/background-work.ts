import { formatInstant } from '../encoding/time.ts'
import { type DeliverDependencies, deliverTo } from './delivery/deliver.ts'
import { type CheckpointDependencies, publishCheckpoint } from './log/checkpoint.ts'
import { type FetchOcspDependencies, fetchOcsp } from './keep-trust/fetch-ocsp.ts'
import { listedAddress } from './delivery/listed-address.ts'
import { compareReconciliations } from './reconciliation/compare.ts'
import { type CoverableRows, coverEveryTable } from './log/cover-rows.ts'
import { askForLost } from './log/ask-for-lost.ts'
import { tellIncomplete } from './log/completeness.ts'
import { type MirrorDependencies, mirrorLog, type MirrorOutcome } from './log/mirror.ts'
import { lagsBehindWitness } from './log/mirror-lag.ts'
import { recallCosigned } from './log/recall.ts'
import type { LostDocuments } from './log/lost-documents.ts'
import { SourceUnusable } from './log/own-log-source.ts'
import { makeReconciliation, type MakeReconciliationDependencies } from './reconciliation/make.ts'
import { nodeKeyResolver } from './node-keys.ts'
import { peerClient, peerLogReader, peerReader } from './delivery/peer-client.ts'
import { type PollDependencies, pollTrust } from './keep-trust/poll-trust.ts'
import { type PullDependencies, pullFrom } from './delivery/pull.ts'
import { decideWaiting } from './incoming/decide-waiting.ts'
import type { ReceiveDependencies } from './incoming/receive.ts'
import { fetchesForgottenBefore } from './keep-trust/revocation-fetches.ts'
import type { SearchDependencies } from './search/search-index.ts'
import { reindexSearch } from './search/search-reindex.ts'
import { forgottenBefore, type ReservationStore } from './issuing/reservations.ts'
import type { CosignOutcome, Witness } from './log/cosign.ts'
import type { WitnessSettings } from './log/policy.ts'
import { askedWitnesses, askWitnessInTurn, settleDoubt } from './log/witnesses.ts'

/** The work a node does without being asked; `node/` and `worker/` say when. */
export interface BackgroundWork {
  /** States of the configuration and of the trust lists, without the own one. */
  peers(): Promise<string[]>
  deliver(peer: string): Promise<{ delivered: number; nextAt: Date }>
  poll(peer: string): Promise<{ ok: true } | { error: string }>
  /**
   * Brings what a peer's feed has for us, and what it has of ours that a restore lost; how long nothing needs
   * to be asked again.
   */
  pull(peer: string): Promise<{ againInMs: number } | { error: string; retryAfterMs?: number }>
  /** Decides some of what waits, the next call what is behind it; how many documents were decided. */
  decide(): Promise<number>
  /** Asks OCSP responders what is due, one round. */
  askOcsp(): Promise<void>
  /** Signs the log as it stands, if it has grown; true when it had. */
  checkpoint(): Promise<boolean>
  /** Who may cosign the own log; ends a doubt about it that they have settled. */
  witnesses(): Promise<Witness[]>
  /**
   * Brings the newest checkpoint to a witness that has not cosigned it; undefined: not now, because it
   * failed before. `atOnce`: all the same.
   */
  cosign(witness: Witness, how?: { atOnce?: boolean }): Promise<CosignOutcome | undefined>
  /** Brings more of a peer's log into its mirror here, and tells what it says was sent and has not come. */
  mirror(peer: string): Promise<MirrorOutcome>
  /** Whether the witness here has cosigned more of a peer's log than the mirror holds. */
  lagsBehindWitness(peer: string): Promise<boolean>
  /** Says to a peer what was sent and received, once a day, and compares what it says. */
  reconcile(peer: string): Promise<void>
  /** Puts what was read, told and proven since the last time into the log: one entry a table. */
  coverRecords(): Promise<number>
  prune(): Promise<void>
  /** Indexes some certificates again that an older version indexed; how many there were to do. */
  reindex(): Promise<number>
}

type BackgroundDependencies = Omit<DeliverDependencies, 'send'> &
  Omit<Parameters<typeof peerClient>[0], 'node' | 'resolveKey'> &
  PollDependencies &
  FetchOcspDependencies &
  ReceiveDependencies &
  Omit<PullDependencies, 'ask'> &
  SearchDependencies &
  CheckpointDependencies &
  MakeReconciliationDependencies &
  Omit<MirrorDependencies, 'askLog'> & {
    readonly coverable: CoverableRows
    readonly lost: LostDocuments
    readonly witnessing: WitnessSettings
    readonly pause: () => Promise<void>
    readonly nodeKey: Parameters<typeof peerClient>[0]['node']
    readonly usedOnce: Prunable
    readonly tokens: Prunable
    readonly reservations: Pick<ReservationStore, 'prune'>
  }
interface Prunable {
  prune(now: string): Promise<void>
}

/** What is configured of a peer. */
export interface KnownPeer {
  readonly state: string
  /** Where its trust list is fetched the first time. */
  readonly url: string
  /** Its feed is followed all the time, because it cannot push to us. */
  readonly pull?: boolean | undefined
}

/** Shorter than `MAX_WAIT_SECONDS`, and than what proxies cut off. */
const PULL_WAIT_SECONDS = 25
/** A check of the feed of a peer that pushes. */
const PULL_CHECK_MS = 10 * 60_000

/** `fetchHeld` makes the calls whose answers a peer may hold back: whoever stops need not await them. */
export function backgroundWork(
  deps: BackgroundDependencies,
  knownPeers: readonly KnownPeer[],
  fetchHeld: typeof fetch = deps.fetch,
): BackgroundWork {
  const client = { ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) }
  const send = peerClient(client)
  const pull = pullFrom({ ...deps, ask: peerReader({ ...client, fetch: fetchHeld }) })
  const askLog = peerLogReader(client)
  const mirror = mirrorLog({ ...deps, askLog })
  const recall = recallCosigned({ ...deps, askLog })
  const findSent = askForLost({ ...deps, askLog })
  const tellMissing = tellIncomplete(deps)
  const makeDocument = makeReconciliation(deps)
  const compare = compareReconciliations({ ...deps, ask: peerReader(client) })
  const poll = pollTrust(deps)
  const isFollowed = (peer: string) => knownPeers.find(({ state }) => state === peer)?.pull === true
  return {
    async peers() {
      const listed = (await deps.trust()).view.states()
      return [...new Set([...knownPeers.map(({ state }) => state), ...listed])].filter(
        (peer) => peer !== deps.state,
      )
    },
    deliver: deliverTo({ ...deps, send }),
    async poll(peer) {
      const listed = await listedAddress(deps, peer)
      const url = listed ?? knownPeers.find(({ state }) => state === peer)?.url
      if (url === undefined) return { error: `no address of ${peer} is known` }
      return poll(peer, url)
    },
    async pull(peer) {
      const followed = isFollowed(peer)
      const result = await pull(peer, followed ? PULL_WAIT_SECONDS : 0)
      if ('error' in result) return result
      try {
        await findSent(peer)
      } catch (error) {
        if (error instanceof SourceUnusable) return { error: error.message }
        throw error
      }
      return { againInMs: followed ? 0 : PULL_CHECK_MS }
    },
    decide: decideWaiting(deps),
    askOcsp: fetchOcsp(deps),
    async prune() {
      const now = deps.now()
      const at = formatInstant(now)
      await Promise.all([
        deps.usedOnce.prune(at),
        deps.tokens.prune(at),
        deps.reservations.prune(forgottenBefore(now)),
        deps.revocationFetches.prune(fetchesForgottenBefore(now)),
      ])
    },
    coverRecords: () => coverEveryTable(deps),
    checkpoint: publishCheckpoint(deps),
    async witnesses() {
      await settleDoubt(deps)
      return askedWitnesses(deps)
    },
    cosign: askWitnessInTurn(deps),
    async mirror(peer) {
      try {
        await recall(peer)
        return await mirror(peer)
      } finally {
        await tellMissing(peer)
      }
    },
    lagsBehindWitness: (peer) => lagsBehindWitness(deps, peer),
    async reconcile(peer) {
      await makeDocument(peer)
      await compare(peer)
    },
    reindex: reindexSearch(deps),
  }
}
