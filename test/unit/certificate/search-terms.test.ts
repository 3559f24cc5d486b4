import { readdirSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CertificateParty, DocumentType } from '../../../src/certificate/document-type.ts'
import { documentTypeNamed } from '../../../src/certificate/document-types.ts'
import {
  hsTerm,
  numberTerm,
  partyBeginnings,
  searchTermsOf,
  taxIdTerm,
} from '../../../src/certificate/search-terms.ts'

const EXAMPLES = new URL('../../../openapi/examples/', import.meta.url)

function example(name: string): { type: DocumentType; certificate: unknown } {
  const text = readFileSync(new URL(`${name}.json`, EXAMPLES), 'utf8')
  const certificate = JSON.parse(text) as { type: string }
  return { type: documentTypeNamed(certificate.type)!, certificate }
}

const termsOf = (name: string) => {
  const { type, certificate } = example(name)
  return searchTermsOf(type, certificate).map((term) => term.join(' '))
}

/** A type whose certificates hold what a test says. */
function typeOf(content: {
  names?: string[]
  taxIds?: string[]
  invoices?: string[]
  codes?: string[]
}): DocumentType {
  const { type } = example('origin-ct1-tractors')
  const { names = [], taxIds = [], invoices = [], codes = [] } = content
  const parties = [
    ...names.map((name) => ({ name })),
    ...taxIds.map((value) => ({ name: '', taxId: { scheme: 'OTHER', value } })),
  ].map((party) => ({
    role: 'exporter',
    party: { country: 'BY', address: 'ул. Заливная', ...party },
  }))
  return {
    ...type,
    identity: () => ({ state: 'BY', number: 'N 1' }),
    parties: () => parties as CertificateParty[],
    invoices: () => invoices.map((number) => ({ number })),
    productGroups: () => codes,
  }
}

const countOf = (type: DocumentType, kind: string) =>
  searchTermsOf(type, undefined).filter((term) => term[0] === kind).length

describe('what a certificate is found by', () => {
  it('is its number, its parties with their tax numbers, its invoices and codes', () => {
    expect(termsOf('origin-ct1-tractors')).toEqual([
      'number BYUZ6001000301',
      'tax-id 999310017',
      'tax-id 999410028',
      'invoice HM-26/31',
      'hs 8701931000',
      'hs 8421230000',
      'party oao',
      'party nemanski',
      'party mashinostroitel',
      'party vimishlennoe',
      'party ooo',
      'party zarafshon',
      'party agro',
      'party misol',
    ])
    expect(termsOf('conformity-uz-certificate')).toEqual(
      expect.arrayContaining([
        'number UZ.TEST.01.999.00000303',
        'tax-id 999310017',
        'invoice HM-26/31',
        'hs 8701931000',
        'party nemanski',
        'party zarafshon',
      ]),
    )
  })

  const files = readdirSync(EXAMPLES)
    .filter((file) => /^(origin|conformity).*\.json$/.test(file))
    .map((file) => file.replace('.json', ''))
  it.each(files)('is told of every type of document alike: %s', (name) => {
    const kinds = new Set(termsOf(name).map((term) => term.split(' ')[0]))
    for (const kind of ['number', 'tax-id', 'hs', 'party']) expect(kinds).toContain(kind)
  })

  it('does not change the certificate', () => {
    const { type, certificate } = example('origin-ct1-tractors')
    const before = JSON.stringify(certificate)
    searchTermsOf(type, certificate)
    expect(JSON.stringify(certificate)).toBe(before)
  })

  it('is no word of an address, nothing twice and nothing empty', () => {
    const type = typeOf({ names: ['ООО Завод', 'OOO zavod', '«»'], taxIds: ['', '1', '1'] })
    expect(searchTermsOf(type, undefined)).toEqual([
      ['number', 'N1'],
      ['tax-id', '1'],
      ['party', 'ooo'],
      ['party', 'zavod'],
    ])
  })

  it('is bounded in number and length, whatever a document holds', () => {
    const many = Array.from({ length: 2000 }, (_, i) => `${i}`)
    const type = typeOf({
      names: [many.map((n) => `слово${n}`).join(' ')],
      taxIds: many,
      invoices: many,
      codes: many.map((n) => n.padStart(4, '1')),
    })
    expect(countOf(type, 'party')).toBe(300)
    expect(countOf(type, 'tax-id')).toBe(50)
    expect(countOf(type, 'invoice')).toBe(100)
    expect(countOf(type, 'hs')).toBe(200)
    const long = typeOf({
      names: ['ж'.repeat(500), '𠀀'.repeat(250)],
      invoices: ['\ufdfa'.repeat(100)],
    })
    for (const [, term] of searchTermsOf(long, undefined)) {
      expect([...term].length).toBeLessThanOrEqual(60)
      expect(() => encodeURIComponent(term)).not.toThrow()
    }
  })

  it('is found by what stands in the document, however long it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
        const words = searchTermsOf(typeOf({ names: [name] }), undefined)
          .filter(([kind]) => kind === 'party')
          .map(([, term]) => term)
        for (const beginnings of partyBeginnings(name))
          expect(words.some((word) => beginnings.some((begin) => word.startsWith(begin)))).toBe(
            true,
          )
      }),
    )
  })
})

describe('a number', () => {
  it.each([
    ['С-CN.СБ21.В.00123', 'c-сn.cб21.b.00123'],
    ['ЕАЭС BY/112 02.01. ТР031 999.01', 'eaэc by/112 02.01. tp031 999.01'],
    ['№ 12–34', '12-34'],
    ['BY UZ 1', 'byuz1'],
  ])('%s is searched as %s', (written, asked) => {
    expect(numberTerm(asked)).toBe(numberTerm(written))
  })

  it('of digits is not another one', () => {
    expect(numberTerm('12-3')).not.toBe(numberTerm('1-23'))
    expect(numberTerm('0012')).not.toBe(numberTerm('12'))
  })
})

it('tax numbers are compared by their letters and digits', () => {
  expect(taxIdTerm('99-9310 017')).toBe('999310017')
  expect(taxIdTerm('MA 1234567')).toBe(taxIdTerm('МА1234567'))
  expect(taxIdTerm(' - ')).toBe('')
})

it('commodity codes are compared by their digits, and only where they are codes', () => {
  expect(hsTerm('8701.93 1000')).toBe('8701931000')
  for (const none of ['', '8', '87019310001', '87x', '٨٧', '87%', '-87'])
    expect(hsTerm(none)).toBe('')
})

describe('the words of names that are remembered', () => {
  it('take little room also where a name grows many times when it is folded', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const held = () => (collect(), process.memoryUsage().heapUsed)
    const before = held()
    // One character, of which folding makes four words: some 1500 of each name, six of them different.
    for (let n = 0; n < 100; n++)
      expect(countOf(typeOf({ names: [`${'\ufdfa'.repeat(490)} ${n}`] }), 'party')).toBe(6)
    expect(held() - before).toBeLessThan(3 * 1024 * 1024)
  })
})
