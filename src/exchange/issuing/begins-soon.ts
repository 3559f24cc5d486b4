import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import type { Check } from '../validation/check.ts'

/** Codes of checks that the passing of time alone turns round. */
const NOT_YET: ReadonlySet<string> = new Set(['key-not-yet', 'not-yet-valid', 'out-of-scope'])

/**
 * Whether what fails now holds as soon as clocks may differ: a key or scope that begins by then is in
 * force by the clock of whoever signed with it, and a refusal would be for good.
 */
export async function beginsSoon(
  { checks }: { readonly checks: readonly Check[] },
  now: Date,
  holdsAt: (soon: Date) => Promise<boolean>,
): Promise<boolean> {
  const last = checks.at(-1)
  return (
    last?.outcome === 'failed' &&
    NOT_YET.has(last.code) &&
    holdsAt(new Date(now.getTime() + CLOCK_SKEW_MS))
  )
}
