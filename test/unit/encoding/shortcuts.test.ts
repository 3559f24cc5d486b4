import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeBase64,
  decodeBase64url,
  decodeBase64urlToLatin1,
  encodeBase64,
  encodeBase64url,
  isBase64,
} from '../../../src/encoding/base64url.ts'
import { decodeDer } from '../../../src/encoding/der.ts'
import { JsonError, parseStrictJson } from '../../../src/encoding/strict-json.ts'

/** Encodings, some of them damaged in one place. */
const texts = fc
  .tuple(
    fc.uint8Array({ maxLength: 60 }),
    fc.nat(100),
    fc.constantFrom(
      '',
      '',
      '=',
      '==',
      ' ',
      '\n',
      '\f',
      '\t',
      '\r',
      '+',
      '/',
      '-',
      '_',
      'é',
      'Ā',
      'B',
    ),
    fc.boolean(),
    fc.nat(1),
  )
  .map(([bytes, at, put, isUrl, cut]) => {
    const text = isUrl ? encodeBase64url(bytes) : encodeBase64(bytes)
    return text.slice(0, at) + put + text.slice(at + cut)
  })

describe('the decoder of the platform', () => {
  it('takes and gives exactly what the strict decoder does', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const octets = decodeBase64url(text)
        const latin1 = octets && String.fromCharCode(...octets)
        expect(decodeBase64urlToLatin1(text)).toBe(latin1)
        expect(isBase64(text)).toBe(decodeBase64(text) !== undefined)
      }),
      { numRuns: 10_000 },
    )
  })

  it('takes one text of all that end alike: unused bits are zero', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const head of ['A', 'AA', 'AAA'])
      for (const letter of letters) {
        const octets = decodeBase64url(head + letter)
        expect(decodeBase64urlToLatin1(head + letter)).toBe(
          octets && String.fromCharCode(...octets),
        )
      }
  })
})

/** JSON as text, with whether some object in it names a member twice. */
interface Written {
  readonly text: string
  readonly repeats: boolean
}

const gap = fc.constantFrom('', '', '', ' ', '\n\t')
const NAMES = ['a', 'b', '__proto__', 'constructor', 'toJSON', '0', '1', '01', '', 'é', '\ud800']
const named = fc.constantFrom(...NAMES, '"', '\\', 'a:b', '{', '":"')
const spelled = (text: string, escape: boolean) =>
  escape
    ? `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`
    : JSON.stringify(text)
const { value: written } = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc
      .constantFrom('1', '-0', '1.0', '1e5', '0.10', 'null', 'true', '"x"', '"\\":"', '"\\u0061"')
      .map((text) => ({ text, repeats: false })),
    fc.tuple(gap, fc.array(tie('value'), { maxLength: 3 })).map(([space, items]) => ({
      text: `[${space}${items.map(({ text }) => text).join(`,${space}`)}]`,
      repeats: items.some(({ repeats }) => repeats),
    })),
    fc
      .tuple(gap, fc.array(fc.tuple(named, fc.boolean(), tie('value')), { maxLength: 4 }))
      .map(([space, members]) => ({
        text: `{${space}${members
          .map(([name, escape, { text }]) => `${spelled(name, escape)}${space}:${space}${text}`)
          .join(`${space},`)}}`,
        repeats:
          new Set(members.map(([name]) => name)).size !== members.length ||
          members.some(([, , { repeats }]) => repeats),
      })),
  ),
}))

function answerOf(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return error.code
  }
}

describe('strict JSON', () => {
  it('refuses a text for a repeated member exactly if it repeats one, however names are spelled', () => {
    let refused = 0
    fc.assert(
      fc.property(written, ({ text, repeats }) => {
        if (repeats) refused++
        expect(answerOf(text)).toEqual(repeats ? 'duplicate-member' : JSON.parse(text))
      }),
      { numRuns: 5000 },
    )
    expect(refused).toBeGreaterThan(100)
  })
})

describe('object identifiers', () => {
  it('read as they would with integers of any size', () => {
    const arc = fc.oneof(fc.nat(300), fc.bigInt(0n, 1n << 90n))
    fc.assert(
      fc.property(fc.nat(2), fc.nat(39), fc.array(arc, { maxLength: 4 }), (top, second, rest) => {
        const arcs = [BigInt(top * 40 + second), ...rest.map(BigInt)]
        const content = arcs.flatMap(septets)
        const der = Uint8Array.of(0x06, content.length, ...content)
        expect(decodeDer(der, (reader) => ({ oid: reader.oid() }))).toEqual({
          oid: [top, second, ...rest].join('.'),
        })
      }),
    )
    const joint = septets((1n << 80n) + 80n)
    const der = Uint8Array.of(0x06, joint.length, ...joint)
    expect(decodeDer(der, (reader) => ({ oid: reader.oid() }))).toEqual({ oid: `2.${1n << 80n}` })
  })
})

/** An arc in base 128, all octets but the last marked (X.690 §8.19.2). */
function septets(arc: bigint): number[] {
  const octets = [Number(arc & 127n)]
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 127n) | 128)
  return octets
}
