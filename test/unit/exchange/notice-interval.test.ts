import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isWithinInterval,
  mayFallInto,
  type NoticeInterval,
} from '../../../src/exchange/notices/interval.ts'
import { formatInstant } from '../../../src/encoding/time.ts'

const BASE = Date.parse('2026-03-02T08:00:00Z')
const second = (n: number) => formatInstant(new Date(BASE + n * 1000))
const instants = fc.integer({ min: 0, max: 20 }).map(second)
const intervals: fc.Arbitrary<NoticeInterval> = fc
  .tuple(instants, fc.option(instants, { nil: undefined }))
  .map(([a, b]) =>
    b === undefined ? { from: a } : a <= b ? { from: a, until: b } : { from: b, until: a },
  )

describe('a signature and the interval of a notice', () => {
  const interval = { from: second(10), until: second(20) }
  const falls = (
    proven: number | undefined,
    claimed: number,
    now = 100,
    of: NoticeInterval = interval,
  ) =>
    mayFallInto(of, {
      proven: proven === undefined ? undefined : second(proven),
      claimed: second(claimed),
      now: second(now),
    })

  it('meet from the first second of the interval to the last', () => {
    expect([9, 10, 20, 21].map((at) => falls(at, at))).toEqual([false, true, true, false])
  })

  it('do not meet where the signature existed before, whatever it claims', () => {
    for (const claimed of [0, 9, 15, 30]) expect(falls(9, claimed)).toBe(false)
  })

  it('meet where the holder of the key dates it back before the interval', () => {
    expect(falls(15, 0)).toBe(true)
  })

  it('meet where it claims the interval and came to this log only afterwards', () => {
    expect([falls(40, 15), falls(40, 20), falls(40, 21)]).toEqual([true, true, false])
  })

  it('meet without proof of time as soon as the interval has begun, also after its end', () => {
    expect([9, 10, 20, 21, 99].map((now) => falls(undefined, 0, now))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ])
  })

  it('meet at any later time where the interval has no end', () => {
    expect(falls(9, 9, 100, { from: second(10) })).toBe(false)
    expect(falls(10_000, 10_000, 10_000, { from: second(10) })).toBe(true)
  })

  it('never meet less without proof than with it', () => {
    fc.assert(
      fc.property(intervals, instants, instants, instants, (of, proven, claimed, now) => {
        fc.pre(proven <= now)
        const times = { claimed, now }
        return (
          !mayFallInto(of, { ...times, proven }) || mayFallInto(of, { ...times, proven: undefined })
        )
      }),
    )
  })

  it('meet in no narrower interval where they did not meet in the wider one', () => {
    fc.assert(
      fc.property(intervals, intervals, instants, instants, (inner, outer, proven, claimed) => {
        fc.pre(isWithinInterval(inner, outer))
        const times = { proven, claimed, now: second(20) }
        return !mayFallInto(inner, times) || mayFallInto(outer, times)
      }),
    )
  })
})

describe('one interval within another', () => {
  it('takes in no second that the other leaves out', () => {
    fc.assert(
      fc.property(intervals, intervals, (inner, outer) => {
        const seconds = Array.from({ length: 40 }, (_, n) => second(n))
        const has = ({ from, until }: NoticeInterval, at: string) =>
          from <= at && (until === undefined || at <= until)
        const covered = seconds.every((at) => !has(inner, at) || has(outer, at))
        return isWithinInterval(inner, outer) === covered
      }),
    )
  })

  it('has an end where the other has one', () => {
    expect(isWithinInterval({ from: second(3) }, { from: second(1), until: second(9) })).toBe(false)
    expect(isWithinInterval({ from: second(3) }, { from: second(1) })).toBe(true)
  })
})
