import type { BackgroundWork } from '../exchange/background-work.ts'
import type { Logger } from './logger.ts'
import { retryInMs } from './retry-pause.ts'

/** When the log of each peer is looked into; in the time of `performance.now`. */
export interface MirrorSchedule {
  isDue(peer: string): boolean
  /** The last look has failed: only its retry is looked at. */
  hasFailed(peer: string): boolean
  /** Brings its mirror up to its newest checkpoint, or as far as the minute allows. */
  look(peer: string): Promise<void>
  /** One step at once, outside the share of the minute. */
  follow(peer: string): Promise<void>
  /** The peer answers again: what has failed is due now. */
  reached(peer: string): void
}

const EVERY_MS = 60_000
/** In one minute; of 4096 leaves each. A peer must not fill the disk in no time, however often it fails. */
const STEPS_A_MINUTE = 64
/** After a failure; doubled with every further one, until looks are a minute apart again. */
const RETRY_MS = { first: 1_000, most: EVERY_MS }

interface Looks {
  dueAt: number
  failures: number
  minuteEndsAt: number
  stepsLeft: number
}

/** Looks follow each other a minute apart, and sooner only after one that failed. */
export function mirrorSchedule(
  { mirror }: Pick<BackgroundWork, 'mirror'>,
  log: Logger,
  isStopped: () => boolean,
): MirrorSchedule {
  const peers = new Map<string, Looks>()

  function looksOf(peer: string): Looks {
    const known = peers.get(peer)
    if (known) return known
    const looks = { dueAt: -Infinity, failures: 0, minuteEndsAt: -Infinity, stepsLeft: 0 }
    peers.set(peer, looks)
    return looks
  }

  /** Whether there is more; undefined: it has failed, and when it is tried again stands in `looks`. */
  async function step(peer: string, looks: Looks): Promise<boolean | undefined> {
    const result = await mirror(peer).catch((error: unknown) => {
      log.error('background work failed', { work: `mirror ${peer}`, error })
      return { error: 'it broke' }
    })
    if (!('error' in result)) {
      looks.failures = 0
      return result.hasMore
    }
    log.warn('the log of a peer cannot be mirrored', { peer, error: result.error })
    looks.failures++
    looks.dueAt = performance.now() + retryInMs(looks.failures, RETRY_MS)
    return undefined
  }

  return {
    isDue: (peer) => looksOf(peer).dueAt <= performance.now(),
    hasFailed: (peer) => looksOf(peer).failures > 0,
    async look(peer) {
      const looks = looksOf(peer)
      if (looks.minuteEndsAt <= performance.now())
        Object.assign(looks, {
          minuteEndsAt: performance.now() + EVERY_MS,
          stepsLeft: STEPS_A_MINUTE,
        })
      looks.dueAt = looks.minuteEndsAt
      while (looks.stepsLeft > 0) {
        looks.stepsLeft--
        if (!(await step(peer, looks)) || isStopped()) return
      }
    },
    async follow(peer) {
      await step(peer, looksOf(peer))
    },
    reached(peer) {
      const looks = looksOf(peer)
      if (looks.failures > 0) looks.dueAt = -Infinity
    },
  }
}
