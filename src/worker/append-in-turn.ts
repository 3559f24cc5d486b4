import type { Append } from '../exchange/journal.ts'

interface Clock {
  nowMs(): number
  sleep(ms: number): Promise<void>
}

/** Of who holds the turn so long, the request was cut off. */
const LEASE_MS = 2_000
/** Whoever waited so long tries anyway. */
const PATIENCE_MS = 10_000
const LOOK_AGAIN_MS = 5

/**
 * The appends of one isolate, one after the other: of those that race for the head of the log all but one
 * work in vain. Nobody waits for the work of another request; whoever finds the turn taken looks again a
 * little later. It saves races with this isolate and promises nothing: the journal decides.
 */
export function appendInTurn(append: Append, { nowMs, sleep }: Clock): Append {
  let turn: { readonly until: number } | undefined
  return async (step) => {
    const patientUntil = nowMs() + PATIENCE_MS
    while (turn && nowMs() < Math.min(turn.until, patientUntil)) await sleep(LOOK_AGAIN_MS)
    const own = { until: nowMs() + LEASE_MS }
    turn = own
    try {
      return await append(step)
    } finally {
      if (turn === own) turn = undefined
    }
  }
}
