/** One rate by the clock, and one that waiting and what else the machine does leave alone. */
export interface Rates {
  readonly perSecond: number
  /** Per second of processor time, of all threads and of the kernel on their behalf. */
  readonly perProcessorSecond: number
}

/** Does `task` so many times with so many in flight. */
export async function ratesOf(
  inFlight: number,
  times: number,
  task: () => Promise<unknown>,
): Promise<Rates> {
  let left = times
  const used = process.cpuUsage()
  const started = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await task()
    }),
  )
  const ms = performance.now() - started
  const { user, system } = process.cpuUsage(used)
  return {
    perSecond: (times * 1000) / ms,
    perProcessorSecond: (times * 1_000_000) / (user + system),
  }
}

/** The better one of each kind: others slow a measurement down and never make it faster. */
export function better(one: Rates | undefined, other: Rates): Rates {
  if (!one) return other
  return {
    perSecond: Math.max(one.perSecond, other.perSecond),
    perProcessorSecond: Math.max(one.perProcessorSecond, other.perProcessorSecond),
  }
}
