import { formatInstant } from '../encoding/time.ts'
import { type Check, passed } from './check.ts'

/** As far as the clocks of two nodes may be apart, as for signed requests. */
const CLOCK_SKEW_MS = 60_000

/**
 * Does the claimed time of signing contradict what is known? A document cannot have been signed after
 * this node stored it, nor after now. A time long past contradicts nothing: it proves nothing either.
 */
export function signingTimeCheck(claimedAt: Date, provenAt: Date | undefined, now: Date): Check {
  const latest = (provenAt ?? now).getTime() + CLOCK_SKEW_MS
  if (claimedAt.getTime() <= latest) return passed('signing-time')
  const code = provenAt ? 'signed-after-receipt' : 'signed-in-future'
  return { check: 'signing-time', outcome: 'unknown', code, detail: formatInstant(claimedAt) }
}
