/**
 * Resolves after at most `ms`, sooner when something was appended in this process. `leave`: the process
 * ends, whoever waits is to be answered. Where requests may not await each other it only takes its time.
 */
export type WaitForNews = (ms: number) => Promise<'look' | 'leave'>

export interface LongPollDependencies {
  readonly now: () => Date
  readonly news: WaitForNews
}

/** Seconds that a caller may have an answer held back for. */
export const MAX_WAIT_SECONDS = 30

/** What other processes append nobody tells us: it is looked for so often. */
const LOOK_AGAIN_MS = 1_000
const MAX_WAITING = 256
/** Of one caller: nobody can take the places of all. */
const MAX_WAITING_EACH = 8

/**
 * Holds an answer back while there is nothing to tell. Where too many wait already, the answer goes at
 * once: whoever asks can ask again.
 */
export function longPoll({ now, news }: LongPollDependencies) {
  const waiting = new Map<string, number>()
  let all = 0

  return async <T>(request: {
    caller: string
    waitSeconds: number
    look: () => Promise<T>
    tells: (found: T) => boolean
  }): Promise<T> => {
    const { caller, waitSeconds, look, tells } = request
    const deadline = now().getTime() + waitSeconds * 1_000
    let found = await look()
    const own = waiting.get(caller) ?? 0
    if (all >= MAX_WAITING || own >= MAX_WAITING_EACH) return found
    waiting.set(caller, own + 1)
    all++
    try {
      while (!tells(found)) {
        const left = deadline - now().getTime()
        // More than was asked for is left only to a clock that was set back.
        if (left <= 0 || left > waitSeconds * 1_000) return found
        if ((await news(Math.min(left, LOOK_AGAIN_MS))) === 'leave') return found
        found = await look()
      }
      return found
    } finally {
      all--
      const left = waiting.get(caller)! - 1
      if (left === 0) waiting.delete(caller)
      else waiting.set(caller, left)
    }
  }
}
