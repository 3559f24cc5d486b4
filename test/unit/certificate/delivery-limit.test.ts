import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leftToUse, withinDeliveryLimit } from '../../../src/certificate/delivery-limit.ts'

const kilograms = fc.integer({ min: 1, max: 10_000_000_000 }).map((grams) => grams / 1000)

describe('delivery limit of 105 %', () => {
  it('is met exactly, and exceeded by a gram', () => {
    expect(withinDeliveryLimit([105], 100, 105)).toBe(true)
    expect(withinDeliveryLimit([105.001], 100, 105)).toBe(false)
    expect(withinDeliveryLimit([0.1, 0.2], 0.3, 100)).toBe(true)
  })

  it('leaves what it leaves, and nothing beyond', () => {
    expect(leftToUse([], 100, 105)).toBe(105)
    expect(leftToUse([60, 44.999], 100, 105)).toBe(0.001)
    expect(leftToUse([200], 100, 105)).toBe(0)
  })

  it('holds for any parts: what is left may be used, a gram more may not', () => {
    fc.assert(
      fc.property(kilograms, fc.array(kilograms, { maxLength: 5 }), (certified, used) => {
        const left = leftToUse(used, certified, 105)
        if (left === 0) return
        expect(withinDeliveryLimit([...used, left], certified, 105)).toBe(true)
        expect(withinDeliveryLimit([...used, left, 0.001], certified, 105)).toBe(false)
      }),
    )
  })
})
