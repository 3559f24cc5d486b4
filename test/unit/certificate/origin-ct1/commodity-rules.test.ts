import { describe } from 'vitest'
import { COMMODITY_RULES } from '../../../../src/certificate/origin-ct1/commodity-rules.ts'
import { type Case, item, testRules, tractors } from './cases.ts'

const BREAKING: Case[] = [
  ['ORI-HS-FORMAT', 'fewer digits than said', tractors, (c) => void (item(c).hsDigits = 8)],
  [
    'ORI-HS-FORMAT',
    'letters',
    tractors,
    (c) => void (item(c).hsCode = '87019310OO'),
    { tariff: new Set(['87019310OO', '8421230000']) },
  ],
  ...['0001931000', '7701931000', '9801931000', '9901931000'].map((code): Case => [
    'ORI-HS-FORMAT',
    `chapter of ${code}`,
    tractors,
    (c) => void (item(c).hsCode = code),
    { tariff: new Set([code, '8421230000']) },
  ]),
  [
    'ORI-HS-KNOWN',
    'a code that the tariff lacks',
    tractors,
    (c) => void (item(c).hsCode = '8701931001'),
  ],
]

const KEEPING: Case[] = [
  [
    'ORI-HS-FORMAT',
    'four digits',
    tractors,
    (c) => {
      item(c).hsCode = '8701'
      item(c).hsDigits = 4
    },
  ],
  [
    'ORI-HS-FORMAT',
    'chapters 01 and 97',
    tractors,
    (c) => {
      item(c).hsCode = '0101210000'
      item(c, 1).hsCode = '9701210000'
    },
    { tariff: new Set(['0101210000', '9701210000']) },
  ],
  [
    'ORI-HS-KNOWN',
    'a heading above listed codes',
    tractors,
    (c) => {
      item(c).hsCode = '870193'
      item(c).hsDigits = 6
    },
  ],
]

describe('commodity rules of CT-1', () => {
  testRules(COMMODITY_RULES, BREAKING, KEEPING)
})
