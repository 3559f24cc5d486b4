import type { Logger } from './logger.ts'

/** The work a node does without being asked. */
export interface Work {
  peers(): Promise<string[]>
  deliver(peer: string): Promise<{ delivered: number; nextAt: Date }>
  poll(peer: string): Promise<{ ok: true } | { error: string }>
  decide(): Promise<number>
  prune(): Promise<void>
}

export interface Schedule {
  start(): void
  /** Ends after the work in hand. */
  stop(): Promise<void>
  wakeDelivery(): void
  /** What a document of this peer waits for, its trust data may bring. */
  wakeWaiting(peer: string): void
}

const TICK_MS = 1_000
const POLL_EVERY_MS = 60_000
/** After a failure; doubled with every further one, until polls are a minute apart again. */
const POLL_RETRY_MS = 1_000
const PRUNE_EVERY_MS = 60_000

/**
 * Runs delivery to every peer as soon as there is something and again when due, fetches trust data every
 * minute, decides what waited for it. One run of each at a time. Intervals are measured by a clock that
 * nobody sets back.
 */
export function startSchedule(work: Work, log: Logger): Schedule {
  const loops = new Map<string, { running: Promise<void>; again: boolean }>()
  const pollAt = new Map<string, number>()
  const pollFailures = new Map<string, number>()
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

  async function pollPeer(peer: string): Promise<void> {
    const result = await work.poll(peer)
    const failed = 'error' in result
    if (failed) log.warn('trust data of a peer cannot be fetched', { peer, error: result.error })
    const failures = failed ? (pollFailures.get(peer) ?? 0) + 1 : 0
    pollFailures.set(peer, failures)
    const retryMs = Math.min(POLL_EVERY_MS, POLL_RETRY_MS * 2 ** Math.min(failures - 1, 10))
    pollAt.set(peer, performance.now() + (failed ? retryMs : POLL_EVERY_MS))
    // Also after a failure: a part may have come, or an operator may have published what was missing.
    run('decide', async () => void (await work.decide()))
  }

  async function tick(): Promise<void> {
    const peers = await work.peers()
    for (const peer of peers) {
      run(`deliver ${peer}`, async () => void (await work.deliver(peer)))
      if ((pollAt.get(peer) ?? -Infinity) <= performance.now())
        run(`poll ${peer}`, () => pollPeer(peer))
    }
    if (pruneAt <= performance.now()) {
      pruneAt = performance.now() + PRUNE_EVERY_MS
      run('prune', () => work.prune())
      run('decide', async () => void (await work.decide()))
    }
  }

  return {
    start() {
      stopped = false
      timer = setInterval(() => run('tick', tick), TICK_MS)
      run('tick', tick)
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await Promise.all([...loops.values()].map(({ running }) => running))
    },
    wakeDelivery: () => run('tick', tick),
    wakeWaiting(peer) {
      pollAt.delete(peer)
      run('tick', tick)
    },
  }
}
