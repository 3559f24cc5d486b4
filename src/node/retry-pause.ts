/** How long what failed waits before it is tried again, in milliseconds. */
export interface RetryPause {
  readonly first: number
  readonly most: number
}

/**
 * Doubled with every failure, with jitter, and at least what the peer asks for.
 *
 * @param failures in a row, this one among them
 */
export function retryInMs(failures: number, { first, most }: RetryPause, askedMs = 0): number {
  const ms = Math.min(most, first * 2 ** Math.min(failures - 1, 20))
  return Math.max(Math.min(askedMs, most), ms / 2 + (Math.random() * ms) / 2)
}
