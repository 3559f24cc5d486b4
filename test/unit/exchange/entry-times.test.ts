import { describe, expect, it } from 'vitest'
import { checkpointTimes } from '../../../src/exchange/audit/entry-times.ts'

const minute = (n: number) => Date.UTC(2026, 5, 1) + n * 60_000
const at = (n: number) => new Date(minute(n))

/** Entries a minute apart, but for one; each checkpoint is signed and cosigned at once. */
function found(
  altered: Record<number, number>,
  { cosignedBy = 'UZ', lateBy = 0 }: { cosignedBy?: string; lateBy?: number } = {},
) {
  const times = Array.from({ length: 10 }, (_, i) => altered[i] ?? minute(i))
  const dates = checkpointTimes()
  for (const size of [2, 5]) {
    dates.signed(size, at(size - 1))
    const counts = cosignedBy !== 'BY'
    dates.cosigned({ size, witness: 'w', at: at(size - 1 + lateBy), counts })
  }
  const codes: [string, string][] = []
  dates.tell(times, (code, where) => codes.push([code, where]))
  return codes
}

describe('the times of entries', () => {
  it('are no earlier than what another state cosigned before them', () => {
    expect(found({})).toEqual([])
    expect(found({ 7: minute(-40_000) })).toEqual([['entry-backdated', 'entry 7']])
    expect(found({ 7: minute(-40_000), 8: minute(-39_000) })).toEqual([
      ['entry-backdated', 'entry 7'],
    ])
  })

  it('may be those of a clock that was set back a little', () => {
    expect(found({ 7: minute(6) - 30_000 })).toEqual([])
    expect(found({ 5: minute(4) - 59_000 })).toEqual([])
  })

  it('are doubtful where only the log itself said more before', () => {
    expect(found({ 4: minute(1) - 30_000 })).toEqual([['clock-set-back', 'entry 4']])
    expect(found({ 7: minute(-40_000) }, { cosignedBy: 'BY' })).toEqual([
      ['clock-set-back', 'entry 7'],
    ])
  })

  it('are none the worse for a witness that cosigned late, while the log was not signed', () => {
    expect(found({}, { lateBy: 600 })).toEqual([])
    expect(found({ 7: minute(-40_000) }, { lateBy: 600 })).toEqual([['entry-backdated', 'entry 7']])
  })

  it('are not after a cosignature over them', () => {
    expect(found({}, { lateBy: -3 })).toEqual([
      ['cosignature-differs', 'cosignature 2 w'],
      ['cosignature-differs', 'cosignature 5 w'],
    ])
    expect(found({}, { lateBy: -1 })).toEqual([])
  })

  it('that are none say nothing', () => {
    expect(found({ 6: Number.NaN })).toEqual([])
  })
})
