import type { BackgroundWork } from '../exchange/background-work.ts'
import type { Witness } from '../exchange/log/cosign.ts'
import type { WorkerLog } from './log.ts'

/**
 * The background work of a node that has no process of its own: what a request leaves to do is done
 * after its answer, the rest every minute. Either may be cut off anywhere; the database knows how far it
 * came.
 */
export interface Errands {
  /** The log has grown. */
  appended(): void
  /** Something waits for a peer. */
  outgoing(): void
  /** What a document of this peer waits for, its trust data may bring. */
  waiting(peer: string): void
  /** Something of this peer's feed has not come. */
  behind(peer: string): void
  /** Whatever was left to do by now, for `waitUntil` of the request that takes it. */
  afterRequest(): Promise<void> | undefined
  everyMinute(): Promise<void>
}

/** A request lives so long after its answer: a delivery that began earlier was cut off. */
const CUT_OFF_MS = 30_000
/** Between two polls of one peer for what waits. */
const POLL_SPACING_MS = 2_000
/** Of every minute, until the mirror of a peer's log is whole. */
const MIRROR_MS = 5_000
/** Of every minute, until all certificates are indexed by the present version. */
const REINDEX_MS = 10_000

export function errands(work: BackgroundWork, log: WorkerLog, now: () => Date): Errands {
  // Notes between requests, never promises: a request may not wait for the work of another.
  let isOutgoing = false
  let hasGrown = false
  const toPoll = new Set<string>()
  const toPull = new Set<string>()
  const pullAt = new Map<string, number>()
  const polledAt = new Map<string, number>()
  const delivering = new Map<string, { since: number; again: boolean }>()

  async function attempt(name: string, task: () => Promise<unknown>): Promise<void> {
    try {
      await task()
    } catch (error) {
      log.error('background work failed', { work: name, error })
    }
  }

  async function poll(peer: string): Promise<void> {
    polledAt.set(peer, now().getTime())
    const result = await work.poll(peer)
    if ('error' in result)
      log.warn('trust data of a peer cannot be fetched', { peer, error: result.error })
  }

  async function pull(peer: string): Promise<void> {
    const result = await work.pull(peer)
    const failed = 'error' in result
    if (failed) log.warn('the feed of a peer cannot be pulled', { peer, error: result.error })
    pullAt.set(peer, now().getTime() + (failed ? 0 : result.againInMs))
  }

  /** Unless another request of this isolate delivers to the peer: then it goes round once more. */
  async function deliver(peer: string): Promise<void> {
    const other = delivering.get(peer)
    if (other && now().getTime() < other.since + CUT_OFF_MS) {
      other.again = true
      return
    }
    const own = { since: now().getTime(), again: false }
    delivering.set(peer, own)
    do {
      own.again = false
      await attempt(`deliver ${peer}`, () => work.deliver(peer))
    } while (own.again && now().getTime() < own.since + CUT_OFF_MS)
    if (delivering.get(peer) === own) delivering.delete(peer)
  }

  async function deliverAll(): Promise<void> {
    await Promise.all((await work.peers()).map(deliver))
  }

  /** What waits for a peer may come in a stream: one poll in a while serves it. */
  const mayPoll = (peer: string): boolean =>
    now().getTime() >= (polledAt.get(peer) ?? -Infinity) + POLL_SPACING_MS

  async function pullAll(peers: readonly string[]): Promise<void> {
    await Promise.all(peers.map((peer) => attempt(`pull ${peer}`, () => pull(peer))))
  }

  async function decideAfterPolling(peers: readonly string[]): Promise<void> {
    await Promise.all(peers.map((peer) => attempt(`poll ${peer}`, () => poll(peer))))
    // Also after a failure: a part may have come, or an operator may have published what was missing.
    await attempt('decide', () => work.decide())
  }

  async function signGrowth(): Promise<void> {
    hasGrown = false
    await attempt('checkpoint', () => work.checkpoint())
    await attempt('cosign', async () => {
      const cosign = (witness: Witness) =>
        attempt(`cosign ${witness.key.name}`, () => work.cosign(witness))
      await Promise.all((await work.witnesses()).map(cosign))
    })
  }

  async function mirrorPeer(peer: string): Promise<void> {
    const until = now().getTime() + MIRROR_MS
    for (;;) {
      const result = await work.mirror(peer)
      if ('error' in result)
        log.warn('the log of a peer cannot be mirrored', { peer, error: result.error })
      if ('error' in result || !result.hasMore || now().getTime() >= until) return
    }
  }

  /** At once and each by itself: a peer that is slow or sends what breaks holds up no other. */
  async function mirrorAll(): Promise<void> {
    const mirror = (peer: string) => attempt(`mirror ${peer}`, () => mirrorPeer(peer))
    await Promise.all((await work.peers()).map(mirror))
  }

  async function reconcileAll(): Promise<void> {
    const reconcile = (peer: string) => attempt(`reconcile ${peer}`, () => work.reconcile(peer))
    await Promise.all((await work.peers()).map(reconcile))
  }

  async function reindex(): Promise<void> {
    const until = now().getTime() + REINDEX_MS
    while ((await work.reindex()) > 0 && now().getTime() < until);
  }

  return {
    appended() {
      hasGrown = true
    },
    outgoing() {
      isOutgoing = true
    },
    waiting(peer) {
      toPoll.add(peer)
    },
    behind(peer) {
      toPull.add(peer)
    },
    afterRequest() {
      const polled = [...toPoll].filter(mayPoll)
      const pulled = [...toPull]
      if (!hasGrown && !isOutgoing && polled.length === 0 && pulled.length === 0) return undefined
      const delivers = isOutgoing || polled.length > 0 || pulled.length > 0
      isOutgoing = false
      toPoll.clear()
      toPull.clear()
      return attempt('errands', async () => {
        // Side by side: a witness may take its time, and so may a peer.
        const exchanged = (async () => {
          await pullAll(pulled)
          if (polled.length > 0) await decideAfterPolling(polled)
          if (delivers) await deliverAll()
        })()
        await Promise.all([exchanged, signGrowth()])
        if (hasGrown) await signGrowth()
      })
    },
    async everyMinute() {
      await attempt('prune', () => work.prune())
      await attempt('cover', () => work.coverRecords())
      await attempt('errands', async () => {
        const peers = await work.peers()
        await decideAfterPolling(peers)
        // Sent twice is taken once: whoever delivers still may have been cut off.
        delivering.clear()
        await deliverAll()
        await pullAll(peers.filter((peer) => (pullAt.get(peer) ?? 0) <= now().getTime()))
      })
      // Side by side: a witness may take its time.
      await Promise.all([signGrowth(), attempt('mirror', mirrorAll)])
      await attempt('ocsp', () => work.askOcsp())
      await attempt('reindex', reindex)
      // Last: what it costs is for the peers to say, and the platform may end it.
      await attempt('reconcile', reconcileAll)
    },
  }
}
