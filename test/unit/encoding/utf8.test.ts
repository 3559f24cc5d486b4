import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAscii, utf8ForNow } from '../../../src/encoding/utf8.ts'

const encoder = new TextEncoder()

/** Short and long, up to more than there is room for, with lone surrogates among the characters. */
const texts = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'Я', '😀', '\ud83d', '\ude00', '\u0000', '€'), { maxLength: 9 }),
    fc.constantFrom(0, 1, 7000, 30_000, 65_536, 70_000),
  )
  .map(([characters, times]) => characters.join('') + (characters[0] ?? 'b').repeat(times))

describe('UTF-8 for now', () => {
  it('is what the platform encodes, however long the text is', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const expected = encoder.encode(text)
        const octets = utf8ForNow(text)
        expect(octets.length).toBe(expected.length)
        expect(Buffer.compare(octets, expected)).toBe(0)
        expect(isAscii(text)).toBe([...text].every((character) => character < '\u0080'))
      }),
      { numRuns: 300 },
    )
  })

  it.each([65_535, 65_536, 65_537])('fits %i octets or finds other room', (length) => {
    for (const text of ['a'.repeat(length), `${'a'.repeat(length - 2)}Я`, 'Я'.repeat(length)])
      expect(Buffer.compare(utf8ForNow(text), encoder.encode(text))).toBe(0)
  })
})
