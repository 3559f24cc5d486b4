import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { formatInstant } from '../../encoding/time.ts'
import { type Check, passed } from './check.ts'

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

/** As far as a clock that somebody still looks after may be wrong. */
const MAX_AHEAD_MS = 86_400_000

/**
 * How far the claimed time of a document that arrives is ahead. What is `soon` waits: the clock of this
 * node may be slow, and an append before the claimed time would contradict a genuine document for good.
 * Nothing says whose clock is wrong; once the time has come it makes no difference. What is `far` ahead is no
 * clock's error.
 */
export function timeToCome(claimedAt: Date, now: Date): 'none' | 'soon' | 'far' {
  const aheadMs = claimedAt.getTime() - now.getTime()
  if (aheadMs <= CLOCK_SKEW_MS) return 'none'
  return aheadMs <= MAX_AHEAD_MS ? 'soon' : 'far'
}
