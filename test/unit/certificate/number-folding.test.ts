import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deceptiveTokens } from '../../../src/certificate/look-alikes.ts'
import { comparableNumber, foldNumber } from '../../../src/certificate/number-folding.ts'

/** Latin and Cyrillic letters of these pairs print alike. */
const PRINTS_ALIKE = 'AА BВ CС EЕ HН IІ KК MМ OО PР TТ XХ YУ aа cс eе oо pр xх yу iі'
  .split(' ')
  .map((pair) => [...pair] as [latin: string, cyrillic: string])
const TO_CYRILLIC = new Map(PRINTS_ALIKE)
const TO_LATIN = new Map(PRINTS_ALIKE.map(([latin, cyrillic]) => [cyrillic, latin]))

/** What numbers are made of, one letter per print: any difference is visible. */
const DISTINCT = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZБГДЖЗИЛПФЦЧШЩЭЮЯ0123456789/.-']

const plainNumbers = fc
  .array(fc.constantFrom(...DISTINCT), { minLength: 1, maxLength: 30 })
  .map((characters) => characters.join(''))

/** Characters that normalization, spacing and look-alikes meet on. */
const tricky = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'AВЕёÅбЙ12№ ./-ʻ’´¨ﬁⅣ²½Ａ１　\u0301\u0306\u0308\u00a0\u00ad\u200b\u200d\u2011\u202e\u2212\u3164\n',
      ),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
    { maxLength: 20 },
  )
  .map((characters) => characters.join(''))

describe('folding for formats and searches', () => {
  it.each([
    ['ЕАЭС № BY/112 11.01. ТР037 118.01 12594', 'ЕАЭС BY/112 11.01. ТР037 118.01 12594'],
    ['  ЕАЭС  BY/112 02.01.\u00a0ТР018 010.02\t00276 ', 'ЕАЭС BY/112 02.01. ТР018 010.02 00276'],
    ['EAЭC BY/112 02.01. ТР004 999.01 00001', 'ЕАЭС BY/112 02.01. ТР004 999.01 00001'],
    ['ЕАЭС BY/112 02.01. TР018 010.02 00276', 'ЕАЭС BY/112 02.01. ТР018 010.02 00276'],
    ['№BYUZ6001000101', 'BYUZ6001000101'],
    ['ＢＹＵＺ６００１０００１０１', 'BYUZ6001000101'],
    ['BYUZ\u200b6001\ufeff000101', 'BYUZ6001000101'],
    ['ЕАЭС RU С-CN.СБ21.А.00039/19', 'ЕАЭС RU С-CN.СБ21.А.00039/19'],
    ['AM\u2011008/S.A\u20130175', 'AM-008/S.A-0175'],
  ])('%j folds to %j', (raw, folded) => {
    expect(foldNumber(raw)).toBe(folded)
  })

  it('leaves a token without Cyrillic as it is', () => {
    expect(foldNumber('BY TP018')).toBe('BY TP018')
  })

  it('keeps case', () => {
    expect(foldNumber('KG417/016.ru.02')).not.toBe(foldNumber('KG417/016.RU.02'))
  })

  it('changes nothing the second time, whatever the input', () => {
    fc.assert(
      fc.property(tricky, (raw) => {
        expect(foldNumber(foldNumber(raw))).toBe(foldNumber(raw))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('comparison of numbers', () => {
  it('is the same for numbers that print alike', () => {
    const latin = 'ЕАЭС BY/112 02.01. TP018 010.02 00276'
    const cyrillic = 'ЕАЭС BY/112 02.01. ТР018 010.02 00276'
    expect(comparableNumber(latin)).toBe(comparableNumber(cyrillic))
    expect(comparableNumber('ВYUZ6001000101')).toBe(comparableNumber('BYUZ6001000101'))
    expect(comparableNumber('Ё-1')).toBe(comparableNumber('Ë-1'))
    expect(comparableNumber('Oʻz 1')).toBe(comparableNumber('O’z 1'))
  })

  it('does not depend on the script of letters that print alike', () => {
    fc.assert(
      fc.property(plainNumbers, fc.infiniteStream(fc.boolean()), (number, coins) => {
        const disguised = [...number]
          .map((c) => (coins.next().value ? (TO_CYRILLIC.get(c) ?? TO_LATIN.get(c) ?? c) : c))
          .join('')
        expect(comparableNumber(disguised)).toBe(comparableNumber(number))
      }),
    )
  })

  it('does not depend on №, invisible characters or added spaces at punctuation', () => {
    fc.assert(
      fc.property(
        plainNumbers,
        fc.infiniteStream(fc.constantFrom('', ' ', '\u00a0', '\u200b', ' № ')),
        (number, fillers) => {
          const spaced = number.replace(/[/.-]/g, (mark) => mark + fillers.next().value)
          expect(comparableNumber(`№ ${spaced} `)).toBe(comparableNumber(number))
        },
      ),
    )
  })

  it('never makes numbers equal that differ in a visible character', () => {
    fc.assert(
      fc.property(plainNumbers, plainNumbers, (a, b) => {
        expect(comparableNumber(a) === comparableNumber(b)).toBe(a === b)
      }),
    )
    fc.assert(
      fc.property(
        plainNumbers,
        fc.nat(),
        fc.constantFrom(...DISTINCT),
        (number, at, replacement) => {
          const i = at % number.length
          fc.pre(number[i] !== replacement)
          const other = number.slice(0, i) + replacement + number.slice(i + 1)
          expect(comparableNumber(other)).not.toBe(comparableNumber(number))
        },
      ),
    )
  })

  it('keeps a space that alone tells numbers apart', () => {
    expect(comparableNumber('UZ 1 23')).not.toBe(comparableNumber('UZ 12 3'))
    expect(comparableNumber('АБ В-1')).not.toBe(comparableNumber('А БВ-1'))
    expect(comparableNumber('02.01. ТР004')).toBe(comparableNumber('02.01.ТР004'))
  })

  it('tells letters of different case and similar digits apart', () => {
    expect(comparableNumber('a1')).not.toBe(comparableNumber('A1'))
    expect(comparableNumber('O1')).not.toBe(comparableNumber('01'))
    expect(comparableNumber('З1')).not.toBe(comparableNumber('31'))
    expect(comparableNumber('в1')).not.toBe(comparableNumber('b1'))
  })

  it('changes nothing the second time, whatever the input', () => {
    fc.assert(
      fc.property(tricky, (raw) => {
        expect(comparableNumber(comparableNumber(raw))).toBe(comparableNumber(raw))
      }),
      { numRuns: 5000 },
    )
  })

  it('is as fine as folding: what folds alike compares alike', () => {
    fc.assert(
      fc.property(tricky, (raw) => {
        expect(comparableNumber(foldNumber(raw))).toBe(comparableNumber(raw))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('the short way for ASCII', () => {
  it('leads where the long one does', () => {
    const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 30 })
    fc.assert(
      fc.property(ascii, (raw) => {
        // An invisible character says nothing, and is not ASCII.
        expect(comparableNumber(raw)).toBe(comparableNumber(`\u200b${raw}`))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('deceptive tokens', () => {
  it.each([
    ['EAЭC BY/112', ['EAЭC']],
    ['BYUZ\u200b6001', ['BYUZ\u200b6001']],
    ['ΒYUZ6001', ['ΒYUZ6001']],
    ['ЕАЭС RU С-CN.СБ21.А.00039/19', []],
    ['ЕАЭС BY/112 02.01. ТР004 999.01 00001', []],
    ['KG417/016.ru.02.04561', []],
    ['Oʻz-1', []],
  ])('in %j are %j', (number, tokens) => {
    expect(deceptiveTokens(number)).toEqual(tokens)
  })
})
