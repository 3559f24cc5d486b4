import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeEntryBundle, parseEntryBundle } from '../../../src/tlog/entry-bundle.ts'

describe('entry bundles', () => {
  it('are lengths and entries', () => {
    const bundle = encodeEntryBundle([Uint8Array.of(7, 8, 9), new Uint8Array(), Uint8Array.of(1)])
    expect([...bundle]).toEqual([0, 3, 7, 8, 9, 0, 0, 0, 1, 1])
  })

  it('go back and forth', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 256 })
    fc.assert(
      fc.property(entries, (entries) => {
        const bundle = encodeEntryBundle(entries)
        expect(parseEntryBundle(bundle, entries.length)).toEqual(entries)
        expect(parseEntryBundle(bundle, entries.length + 1)).toHaveProperty('malformed')
        expect(parseEntryBundle(bundle, entries.length - 1)).toHaveProperty('malformed')
        expect(parseEntryBundle(bundle.subarray(0, -1), entries.length)).toHaveProperty('malformed')
      }),
      { numRuns: 50 },
    )
  })

  it('hold the longest entry and no longer one, and between 1 and 256 of them', () => {
    const longest = new Uint8Array(65_535)
    expect(parseEntryBundle(encodeEntryBundle([longest]), 1)).toEqual([longest])
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError)
    expect(() => encodeEntryBundle([])).toThrow(RangeError)
    expect(() => encodeEntryBundle(Array.from({ length: 257 }, () => longest))).toThrow(RangeError)
  })

  it('are read from any octets without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (octets, n) => {
        const entries = parseEntryBundle(octets, n)
        if (!('malformed' in entries)) expect(encodeEntryBundle(entries)).toEqual(octets)
      }),
      { numRuns: 2_000 },
    )
  })
})
