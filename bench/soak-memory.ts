import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Resident memory of a process, in bytes. */
export async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout.trim()) * 1024
}

export const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`

/** Until then caches fill and code is compiled. */
const WARM_UP = 0.4
const MOST_GROWTH = 0.2

/**
 * Flat is memory whose median over the last fifth of the run is at most 20 % above its median over the
 * fifth that follows the warm-up, the first two fifths.
 */
export function flatness(samples: readonly number[]): { growth: number; isFlat: boolean } {
  const fifth = Math.max(1, Math.floor(samples.length / 5))
  const from = Math.min(Math.floor(samples.length * WARM_UP), samples.length - 1)
  const early = median(samples.slice(from, from + fifth))
  const late = median(samples.slice(-fifth))
  const growth = late / early - 1
  return { growth, isFlat: growth <= MOST_GROWTH }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
