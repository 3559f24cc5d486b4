import { describe } from 'vitest'
import { NUMBER_RULES } from '../../../../src/certificate/origin-ct1/number-rules.ts'
import { ALL_FACTS } from '../judging.ts'
import { type Case, dated, fruit, item, testRules, tractors } from './cases.ts'

const BREAKING: Case[] = [
  [
    'GEN-HOMOGLYPH',
    'a Cyrillic letter in the blank number',
    tractors,
    (c) => void (c.blankNumber = 'АB-1'),
  ],
  [
    'GEN-HOMOGLYPH',
    'a zero-width space in a linked number',
    fruit,
    (c) => void (c.related = [{ type: 'phyto.reference', number: 'UZ\u200b1' }]),
  ],
  ['ORI-NUM-FORMAT', 'a digit too few', tractors, (c) => void (c.number = 'BYUZ600100030')],
  ['ORI-NUM-FORMAT', 'lower case', tractors, (c) => void (c.number = 'byuz6001000301')],
  ['ORI-NUM-FORMAT', 'a number sign', tractors, (c) => void (c.number = '№ BYUZ6001000301')],
  [
    'ORI-NUM-COUNTRY',
    'another issuing country',
    tractors,
    (c) => void (c.number = 'RUUZ6001000301'),
  ],
  ['ORI-NUM-COUNTRY', 'another destination', tractors, (c) => void (c.number = 'BYKZ6001000301')],
  ['ORI-NUM-YEAR', 'last year', tractors, (c) => void (c.number = 'BYUZ5001000301')],
  ['ORI-NUM-BODY', 'another body', tractors, (c) => void (c.number = 'BYUZ6002000301')],
]

const KEEPING: Case[] = [
  [
    'GEN-HOMOGLYPH',
    'an invoice number may mix scripts',
    tractors,
    (c) => void (item(c).invoice = { number: 'АB-1', date: '2026-03-02' }),
  ],
  [
    'ORI-NUM-FORMAT',
    'its own body has another format',
    tractors,
    (c) => void (c.number = 'МИНСК-301'),
    {
      issuer: 'BY.CCI.001',
      policy: {
        ...ALL_FACTS.policy,
        numberFormats: [
          ...ALL_FACTS.policy.numberFormats,
          {
            issuer: 'BY.CCI',
            type: 'origin.ct1',
            pattern: '^МИНСК-(?<serial>\\d+)$',
            on: 'as-written',
          },
        ],
      },
    },
  ],
  ['ORI-NUM-COUNTRY', 'both countries agree', fruit, () => {}],
  [
    'ORI-NUM-YEAR',
    'the digit repeats after ten years',
    tractors,
    (c) => dated(c, '2016-03-02', '2017-03-02'),
    {
      enteredAt: new Date('2016-03-02T12:00:00Z'),
      officials: { find: () => [{ body: '001', from: '2016-01-01' }] },
    },
  ],
  [
    'ORI-NUM-BODY',
    'another body with its code',
    tractors,
    (c) => {
      c.issuer.code = '002'
      c.number = 'BYUZ6002000301'
    },
    { officials: { find: () => [{ body: '002', from: '2026-01-01' }] } },
  ],
]

describe('number rules of CT-1', () => {
  testRules(NUMBER_RULES, BREAKING, KEEPING)
})
