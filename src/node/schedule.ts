import { setImmediate } from 'node:timers/promises'
import type { BackgroundWork } from '../exchange/background-work.ts'
import { witnessId } from '../exchange/log/witnesses.ts'
import { covering } from './covering.ts'
import type { Logger } from './logger.ts'
import { mirrorSchedule } from './mirror-schedule.ts'
import { retryInMs } from './retry-pause.ts'

export interface Schedule {
  start(): void
  /** Ends after the work in hand, with every record behind an entry of the log, and the log signed. */
  stop(): Promise<void>
  wakeDelivery(): void
  /** What a document of this peer waits for, its trust data may bring. */
  wakeWaiting(peer: string): void
  /** Something of this peer's feed has not come. */
  wakePull(peer: string): void
  /** Somebody called who may be a peer that could not be reached; undefined: any of them. */
  wakeUnreached(peer: string | undefined): void
}

const TICK_MS = 1_000
const POLL_EVERY_MS = 60_000
/** After a failure; doubled with every further one, until polls are a minute apart again. */
const POLL_RETRY_MS = { first: 1_000, most: POLL_EVERY_MS }
/** Between two passes over what waits that the peers' pushes cause. */
const WAKE_SPACING_MS = 2_000
/** Between two polls that calls of one who cannot be reached cause: anybody may call. */
const UNREACHED_SPACING_MS = 10_000
const PRUNE_EVERY_MS = 60_000
/** Between two pulls from one peer, whatever it does. */
const PULL_SPACING_MS = 1_000
const PULL_RETRY_MS = { first: 1_000, most: 5 * 60_000 }

/**
 * Runs delivery to every peer as soon as there is something and again when due, fetches trust data every
 * minute, decides what waited for it, looks into every peer's feed, and signs what the log has grown by
 * once a second; puts what was read and told into it; mirrors the logs of the peers. One run of each at a
 * time. Intervals are measured by a clock that nobody sets back.
 */
export function startSchedule(work: BackgroundWork, log: Logger): Schedule {
  const cover = covering(work)
  const loops = new Map<string, { running: Promise<void>; again: boolean }>()
  const pollAt = new Map<string, number>()
  const pollFailures = new Map<string, number>()
  const unreachedAt = new Map<string, number>()
  const mirrors = mirrorSchedule(work, log, () => stopped)
  /** Who answers again: their witnesses are asked at once. */
  const answering = new Set<string>()
  const hurried = new Set<string>()
  const pulls = new Map<string, Pull>()
  /** Whose trust data may bring what a document of theirs waits for. */
  const woken = new Set<string>()
  let wakeAt = -Infinity
  let pruneAt = -Infinity
  let timer: NodeJS.Timeout | undefined
  let stopped = true

  /** Runs `task` unless it runs already, then once more after it. */
  function run(name: string, task: () => Promise<void>): void {
    if (stopped) return
    const held = loops.get(name)
    if (held) {
      held.again = true
      return
    }
    const loop = { running: Promise.resolve(), again: false }
    loops.set(name, loop)
    loop.running = (async () => {
      do {
        loop.again = false
        try {
          await task()
        } catch (error) {
          log.error('background work failed', { work: name, error })
        }
      } while (loop.again && !stopped)
      loops.delete(name)
    })()
  }

  /** Part by part, so that a long queue holds up neither requests nor the end of the process. */
  async function decideAll(): Promise<void> {
    while ((await work.decide()) > 0 && !stopped);
  }

  async function pollPeer(peer: string): Promise<void> {
    const result = await work.poll(peer)
    const failed = 'error' in result
    if (failed) log.warn('trust data of a peer cannot be fetched', { peer, error: result.error })
    const isFirstAnswer = !failed && pollFailures.get(peer) !== 0
    const failures = failed ? (pollFailures.get(peer) ?? 0) + 1 : 0
    pollFailures.set(peer, failures)
    const againInMs = failed ? retryInMs(failures, POLL_RETRY_MS) : POLL_EVERY_MS
    pollAt.set(peer, performance.now() + againInMs)
    // Also after a failure: a part may have come, or an operator may have published what was missing.
    run('decide', decideAll)
    run('ocsp', work.askOcsp)
    if (isFirstAnswer) reached(peer)
  }

  /** What else failed only because the peer did not answer, or its list was not here, is tried again. */
  function reached(peer: string): void {
    answering.add(peer)
    mirrors.reached(peer)
    const pull = pullOf(peer)
    if (pull.failures > 0 && pull.dueAt !== Infinity) pull.dueAt = pull.notBefore
    run(`reconcile ${peer}`, () => work.reconcile(peer))
    run('tick', tick)
  }

  async function pullPeer(peer: string, pull: Pull): Promise<void> {
    const startedAt = performance.now()
    Object.assign(pull, { dueAt: Infinity, missing: false })
    const result = await work.pull(peer).catch((error: unknown): PullResult => {
      log.error('background work failed', { work: `pull ${peer}`, error })
      return { error: 'it broke' }
    })
    if (stopped) return
    const failed = 'error' in result
    if (failed) log.warn('the feed of a peer cannot be pulled', { peer, error: result.error })
    pull.failures = failed ? pull.failures + 1 : 0
    const againInMs = failed
      ? retryInMs(pull.failures, PULL_RETRY_MS, result.retryAfterMs)
      : pull.missing
        ? 0
        : result.againInMs
    pull.notBefore = startedAt + PULL_SPACING_MS
    pull.dueAt = Math.max(pull.notBefore, performance.now() + againInMs)
    if (pull.dueAt <= performance.now()) run('tick', tick)
  }

  function pullOf(peer: string): Pull {
    const known = pulls.get(peer)
    if (known) return known
    // Once at the start: what was delivered since the backup from which this node was restored, say.
    const pull = { dueAt: -Infinity, notBefore: -Infinity, failures: 0, missing: false }
    pulls.set(peer, pull)
    return pull
  }

  async function tick(): Promise<void> {
    const peers = await work.peers()
    if (woken.size > 0 && wakeAt <= performance.now()) {
      wakeAt = performance.now() + WAKE_SPACING_MS
      for (const peer of woken) pollAt.delete(peer)
      woken.clear()
    }
    for (const peer of peers) {
      run(`deliver ${peer}`, async () => void (await work.deliver(peer)))
      if ((pollAt.get(peer) ?? -Infinity) <= performance.now())
        run(`poll ${peer}`, () => pollPeer(peer))
      const pull = pullOf(peer)
      if (pull.dueAt <= performance.now()) run(`pull ${peer}`, () => pullPeer(peer, pull))
      if (mirrors.isDue(peer)) run(`mirror ${peer}`, () => mirrors.look(peer))
    }
    if (pruneAt <= performance.now()) {
      const isFirst = pruneAt === -Infinity
      pruneAt = performance.now() + PRUNE_EVERY_MS
      run('prune', () => work.prune())
      run('ocsp', work.askOcsp)
      run('decide', decideAll)
      // At the start once it answers: a comparison to which nobody answers waits for an hour.
      for (const peer of isFirst ? [] : peers) run(`reconcile ${peer}`, () => work.reconcile(peer))
    }
  }

  /** What was cosigned here is mirrored within seconds: whoever loses a log has it back up to there. */
  async function mirrorCosigned(): Promise<void> {
    for (const peer of await work.peers())
      if (!mirrors.hasFailed(peer) && (await work.lagsBehindWitness(peer)))
        run(`mirror ${peer}`, () => mirrors.follow(peer))
  }

  /** Page by page, so that requests are answered in between. */
  async function reindex(): Promise<void> {
    while (!stopped && (await work.reindex()) > 0) await setImmediate()
  }

  /** Each by itself: one that is slow holds up no other. */
  async function cosign(): Promise<void> {
    const witnesses = await work.witnesses()
    for (const witness of witnesses)
      if (answering.has(witness.state)) hurried.add(witnessId(witness))
    answering.clear()
    for (const witness of witnesses)
      run(`cosign ${witnessId(witness)}`, async () => {
        const result = await work.cosign(witness, { atOnce: hurried.delete(witnessId(witness)) })
        if (result?.outcome === 'failed')
          log.warn('a witness has not cosigned', { witness: witness.key.name, error: result.error })
      })
  }

  return {
    start() {
      stopped = false
      run('reindex', reindex)
      const everySecond = () => {
        run('cover', cover.ifDue)
        run('checkpoint', async () => void (await work.checkpoint()))
        run('cosign', cosign)
        run('mirror cosigned', mirrorCosigned)
        run('tick', tick)
      }
      timer = setInterval(everySecond, TICK_MS)
      everySecond()
    },
    async stop() {
      const hasRun = !stopped
      stopped = true
      clearInterval(timer)
      await Promise.all([...loops.values()].map(({ running }) => running))
      if (!hasRun) return
      await cover.atTheEnd().catch((error: unknown) => {
        log.error('background work failed', { work: 'cover at the end', error })
      })
    },
    wakeDelivery: () => run('tick', tick),
    wakeWaiting(peer) {
      woken.add(peer)
      run('tick', tick)
    },
    wakePull(peer) {
      const pull = pullOf(peer)
      pull.missing = true
      // While it fails, its own pace is kept: what can be pushed comes in any case.
      if (pull.failures === 0 && pull.dueAt !== Infinity) pull.dueAt = pull.notBefore
      run('tick', tick)
    },
    wakeUnreached(caller) {
      const now = performance.now()
      for (const [peer, failures] of pollFailures) {
        const isMeant = caller === undefined || caller === peer
        if (!isMeant || failures === 0 || (unreachedAt.get(peer) ?? -Infinity) > now) continue
        unreachedAt.set(peer, now + UNREACHED_SPACING_MS)
        pollAt.delete(peer)
        run('tick', tick)
      }
    },
  }
}

type PullResult = Awaited<ReturnType<BackgroundWork['pull']>>

/** When a peer's feed is looked into next, in the time of `performance.now`. */
interface Pull {
  /** Infinity while it is being pulled. */
  dueAt: number
  /** Not sooner, even when something is missing. */
  notBefore: number
  failures: number
  /** Something was missed since the last pull began. */
  missing: boolean
}
