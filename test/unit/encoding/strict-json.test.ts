import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonError, parseStrictJson } from '../../../src/encoding/strict-json.ts'

function codeOf(input: string | Uint8Array): string | undefined {
  try {
    parseStrictJson(input)
    return undefined
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return error.code
  }
}

describe('strict JSON', () => {
  it('reads what JSON.parse reads, whatever the white space', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom('', ' ', '\n\t'), (value, gap) => {
        const text = JSON.stringify(value, null, gap)
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":[{"b":1,"c":{"d":1},"b":2}]}',
    '{"a":"\\\\","b":1,"a":2}',
    '{ "a" : {"a":1} , "a" : 1 }',
  ])('refuses the repeated name in %s', (text) => {
    expect(codeOf(text)).toBe('duplicate-member')
  })

  it.each([
    '{"a":{"a":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":["a","a"]}',
    '{"a":1, "b":{"c":"\\""}}',
  ])('accepts %s', (text) => {
    expect(codeOf(text)).toBeUndefined()
  })

  it('refuses deep nesting, bad syntax and bytes that are not UTF-8', () => {
    expect(codeOf('['.repeat(33) + ']'.repeat(33))).toBe('too-deep')
    expect(codeOf('['.repeat(32) + ']'.repeat(32))).toBeUndefined()
    expect(codeOf('{"a":1')).toBe('syntax')
    expect(codeOf('"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["')).toBeUndefined()
    expect(codeOf(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).toBe('not-utf8')
    expect(codeOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toBe('syntax')
  })
})
