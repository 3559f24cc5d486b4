import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Report } from './finding.ts'

/** A cosignature that verifies. */
interface DatedCosignature {
  readonly size: number
  readonly witness: string
  readonly at: Date
  /** Of another state, or of a witness that the auditor names. */
  readonly counts: boolean
}

interface Dates {
  /** By the word of the log. */
  signed: number
  /** By the clock of somebody else, the latest. */
  cosigned: number
}

/** When checkpoints were signed and cosigned, to be compared with the times that entries bear. */
export interface CheckpointTimes {
  signed(size: number, at: Date): void
  cosigned(cosignature: DatedCosignature): void
  /** Tells of what was dated back. @param times of the entries by index, in milliseconds; NaN: it is none */
  tell(times: readonly number[], report: Report): void
}

/**
 * An entry stands behind every checkpoint that is no larger than its index, and cannot have been appended
 * before one. Clocks are compared with the tolerance of the exchange.
 */
export function checkpointTimes(): CheckpointTimes {
  const bySize = new Map<number, Dates>()
  const cosignatures: DatedCosignature[] = []
  const dates = (size: number): Dates => {
    const known = bySize.get(size) ?? { signed: -Infinity, cosigned: -Infinity }
    bySize.set(size, known)
    return known
  }
  return {
    signed(size, at) {
      const known = dates(size)
      known.signed = Math.max(known.signed, at.getTime())
    },
    cosigned(cosignature) {
      const { size, at, counts } = cosignature
      cosignatures.push(cosignature)
      const known = dates(size)
      if (counts) known.cosigned = Math.max(known.cosigned, at.getTime())
    },
    tell(times, report) {
      for (const { size, witness, at } of cosignatures) {
        const last = times[size - 1]
        if (last === undefined || !(at.getTime() < last - CLOCK_SKEW_MS)) continue
        const detail = `it is of ${instant(at.getTime())}, before the last entry that it covers, of ${instant(last)}`
        report('cosignature-differs', `cosignature ${size} ${witness}`, detail)
      }
      tellBackdated(times, bySize, report)
    },
  }
}

function tellBackdated(
  times: readonly number[],
  bySize: ReadonlyMap<number, Dates>,
  report: Report,
): void {
  // What the log itself has said before, and what another clock bears out of it.
  let [said, borneOut] = [-Infinity, -Infinity]
  const backdated = firstOf()
  const setBack = firstOf()
  for (const [idx, at] of times.entries()) {
    const behind = bySize.get(idx)
    if (behind) {
      said = Math.max(said, behind.signed)
      // A checkpoint may be cosigned late, while the log appends without signing: no later than both.
      borneOut = Math.max(borneOut, Math.min(said, behind.cosigned))
    }
    if (at < borneOut - CLOCK_SKEW_MS) backdated.take(idx, at, borneOut)
    else if (at < said - CLOCK_SKEW_MS) setBack.take(idx, at, said)
    if (at > said) said = at
  }
  backdated.tell('entry-backdated', report)
  setBack.tell('clock-set-back', report)
}

/** One finding for all of a kind: the first, and how many there are. */
function firstOf() {
  let found: { idx: number; at: number; before: number } | undefined
  let count = 0
  return {
    take(idx: number, at: number, before: number): void {
      found ??= { idx, at, before }
      count++
    },
    tell(code: 'entry-backdated' | 'clock-set-back', report: Report): void {
      if (!found) return
      const { idx, at, before } = found
      const further = count > 1 ? `; so are ${count - 1} more` : ''
      const detail = `it is dated ${instant(at)} and stands behind what was there at ${instant(before)}${further}`
      report(code, `entry ${idx}`, detail)
    },
  }
}

const instant = (at: number) => formatInstant(new Date(at))
