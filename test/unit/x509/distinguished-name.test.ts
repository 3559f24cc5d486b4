import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derElement } from '../../../src/encoding/der-writer.ts'
import { TAG, decodeDer } from '../../../src/encoding/der.ts'
import {
  formatName,
  isSameName,
  isWithinName,
  readName,
} from '../../../src/x509/distinguished-name.ts'
import type { DistinguishedName } from '../../../src/x509/distinguished-name.ts'
import { derOid, hexToOctets } from './forgery.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const utf16 = (text: string) => hexToOctets(Buffer.from(text, 'utf16le').swap16().toString('hex'))
const attribute = (tag: number, content: Uint8Array, type = '2.5.4.3') =>
  derElement(0x30, derOid(type), derElement(tag, content))

/** A name of one RDN per argument, each RDN of the attributes given. */
function name(...rdns: Uint8Array[][]): DistinguishedName {
  const der = derElement(0x30, ...rdns.map((rdn) => derElement(0x31, ...rdn)))
  const read = decodeDer(der, readName)
  if ('malformed' in read) throw new Error(read.malformed)
  return read
}

const common = (text: string, tag: number = TAG.UTF8_STRING) => name([attribute(tag, utf8(text))])

describe('names compared by RFC 5280 §7.1', () => {
  it.each([
    ['case', 'Good CA', 'gOOD cA'],
    ['space around and inside', '  Good   CA ', 'Good CA'],
    ['composition', 'Caf\u00e9', 'Cafe\u0301'],
    ['compatibility forms', 'ﬁrst', 'first'],
    ['sharp s', 'STRASSE', 'Straße'],
    ['Cyrillic case', 'ПАЛАТА', 'палата'],
    ['invisible characters', 'Good\u00ad CA\u200b', 'Good CA'],
  ])('%s does not matter', (_what, a, b) => {
    expect(isSameName(common(a), common(b))).toBe(true)
  })

  it('plain ASCII compares as it does beside a character that counts for nothing', () => {
    const character = fc.constantFrom(...' aAzZ09.-_i', '  ', '~', '!')
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 20 }), (text) => {
        expect(common(text).key).toBe(common(`${text}\u00ad`).key)
      }),
    )
  })

  it('the kind of string does not matter', () => {
    const plain = common('Good CA')
    expect(isSameName(common('good ca', TAG.PRINTABLE_STRING), plain)).toBe(true)
    expect(isSameName(name([attribute(TAG.BMP_STRING, utf16('GOOD CA'))]), plain)).toBe(true)
  })

  it.each([
    ['another letter', 'Good CA', 'Goop CA'],
    ['a look-alike', 'BY', 'ВY'],
    ['a dotless i', 'city', 'cıty'],
    ['no space at all', 'Good CA', 'GoodCA'],
  ])('%s matters', (_what, a, b) => {
    expect(isSameName(common(a), common(b))).toBe(false)
  })

  it('the order inside an RDN does not matter, that of RDNs does', () => {
    const a = attribute(TAG.UTF8_STRING, utf8('a'))
    const b = attribute(TAG.UTF8_STRING, utf8('b'), '2.5.4.10')
    expect(isSameName(name([a, b]), name([b, a]))).toBe(true)
    expect(isSameName(name([a], [b]), name([b], [a]))).toBe(false)
    expect(isSameName(name([a, b]), name([a], [b]))).toBe(false)
  })

  it('no value can pose as two', () => {
    const two = name([attribute(12, utf8('a'))], [attribute(12, utf8('b'))])
    for (const text of ['a,2.5.4.3=b', 'a","2.5.4.3=b', 'a+2.5.4.3="b'])
      expect(isSameName(common(text), two)).toBe(false)
  })

  it('a subtree is a prefix of RDNs', () => {
    const country = name([attribute(19, utf8('BY'), '2.5.4.6')])
    const below = name([attribute(12, utf8('by'), '2.5.4.6')], [attribute(12, utf8('Seal'))])
    expect(isWithinName(below, country)).toBe(true)
    expect(isWithinName(country, below)).toBe(false)
    expect(isWithinName(country, name())).toBe(true)
    expect(isWithinName(name(), country)).toBe(false)
  })

  it('no value that goes on, and no second attribute, is below the name that it begins with', () => {
    const base = common('a')
    for (const text of ['a,', 'ab', 'a","', 'a,2.5.4.3="b"'])
      expect(isWithinName(common(text), base)).toBe(false)
    const both = [attribute(12, utf8('a')), attribute(12, utf8('b'), '2.5.4.6')]
    expect(isWithinName(name(both), base)).toBe(false)
    expect(isWithinName(name([both[0]!], [both[1]!]), base)).toBe(true)
    const [short, long] = ['00', '0000'].map((hex) =>
      name([attribute(TAG.OCTET_STRING, hexToOctets(hex))]),
    )
    expect(isWithinName(long!, short!)).toBe(false)
  })
})

describe('values that are no text', () => {
  it.each([
    ['UTF-8 cut short', TAG.UTF8_STRING, 'd0'],
    ['PrintableString beyond ASCII', TAG.PRINTABLE_STRING, 'e9'],
    ['BMPString cut inside a character', TAG.BMP_STRING, '0041 00'.replace(' ', '')],
    ['UniversalString beyond Unicode', TAG.UNIVERSAL_STRING, '00110000'],
  ])('refuses %s', (_what, tag, hex) => {
    expect(() => name([attribute(tag, hexToOctets(hex))])).toThrow()
  })

  it('prints at most a line', () => {
    expect(formatName(common('x'.repeat(10_000))).length).toBeLessThan(300)
  })
})

describe('a long name as it is printed', () => {
  it('does not keep the whole name in memory', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const held = () => (collect(), process.memoryUsage().heapUsed)
    const before = held()
    const printed = Array.from({ length: 200 }, (_, n) =>
      formatName(common(`${n} ${'x'.repeat(60_000)}`)),
    )
    expect(held() - before).toBeLessThan(4 * 1024 * 1024)
    expect(printed[7]).toBe(`CN=7 ${'x'.repeat(195)}…`)
  })
})
