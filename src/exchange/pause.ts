/** Nothing is tried before an instant (in milliseconds), after so many failures in a row. */
export interface Pause {
  readonly until: number
  readonly failures: number
}

const FIRST_MS = 1_000
const MOST_MS = 5 * 60_000

/**
 * Doubled with every failure, and at least what is asked for, up to five minutes.
 *
 * @param failures in a row before this one
 * @param random 0 … 1, for the jitter
 */
export function pauseAfter(
  failures: number,
  { now, random, askedMs = 0 }: { now: Date; random: number; askedMs?: number | undefined },
): Pause {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 20))
  const ms = Math.max(most / 2 + (random * most) / 2, Math.min(askedMs, MOST_MS))
  return { until: now.getTime() + ms, failures: failures + 1 }
}

/** An instant that no pause can have set is of a clock that was ahead: it holds nothing back. */
export function holdsBack(instant: number, now: Date): boolean {
  return instant > now.getTime() && instant <= now.getTime() + MOST_MS
}
