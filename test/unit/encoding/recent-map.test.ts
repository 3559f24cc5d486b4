import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentMap } from '../../../src/encoding/recent-map.ts'

describe('a map that forgets what was not asked for lately', () => {
  it('keeps whoever is asked for and loses whoever is not', () => {
    const map = new RecentMap<number, string>(100)
    map.set(-1, 'asked')
    map.set(-2, 'not asked')
    for (let n = 0; n < 1000; n++) {
      map.set(n, 'other')
      if (n % 40 === 0) expect(map.get(-1)).toBe('asked')
    }
    expect(map.get(-1)).toBe('asked')
    expect(map.get(-2)).toBeUndefined()
    expect(map.get(999)).toBe('other')
  })

  it('never holds more than there is room for, but for one alone that is larger', () => {
    const step = fc.record({
      key: fc.nat(12),
      size: fc.integer({ min: 1, max: 14 }),
      asked: fc.nat(12),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new RecentMap<number, { size: number }>(10, ({ size }) => size)
        for (const { key, size, asked } of steps) {
          map.get(asked)
          const value = { size }
          map.set(key, value)
          expect(map.get(key)).toBe(value)
        }
        const held = Array.from({ length: 13 }, (_, key) => map.get(key)).filter(
          (v) => v !== undefined,
        )
        const sum = held.reduce((all, { size }) => all + size, 0)
        expect(held.length <= 1 || sum <= 10).toBe(true)
      }),
    )
  })

  it('keeps of few that fill the room as many as fit', () => {
    const map = new RecentMap<string, number>(2)
    for (const key of ['a', 'b', 'c']) map.set(key, 1)
    expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([undefined, 1, 1])
    const single = new RecentMap<string, number>(1)
    for (const key of ['a', 'b']) single.set(key, 1)
    expect(['a', 'b'].map((key) => single.get(key))).toEqual([undefined, 1])
  })
})
