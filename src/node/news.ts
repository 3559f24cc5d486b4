import type { WaitForNews } from '../exchange/delivery/long-poll.ts'

/** Wakes those who wait for something to be appended in this process. */
export interface News {
  readonly wait: WaitForNews
  tell(): void
  /** Nobody waits any longer. */
  close(): void
}

/** Appends of so long wake everybody once: each one who wakes asks the database. */
const GATHERED_MS = 20

export function createNews(): News {
  const waiting = new Set<() => void>()
  let gathering: NodeJS.Timeout | undefined
  let closed = false

  function wakeAll(): void {
    gathering = undefined
    for (const wake of waiting) wake()
  }

  return {
    wait(ms) {
      if (closed) return Promise.resolve('leave')
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve(closed ? 'leave' : 'look')
        }
        const timer = setTimeout(wake, ms)
        waiting.add(wake)
      })
    },
    tell() {
      if (waiting.size > 0) gathering ??= setTimeout(wakeAll, GATHERED_MS)
    },
    close() {
      closed = true
      clearTimeout(gathering)
      wakeAll()
    },
  }
}
