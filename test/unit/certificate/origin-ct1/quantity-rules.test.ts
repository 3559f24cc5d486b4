import { describe } from 'vitest'
import { QUANTITY_RULES } from '../../../../src/certificate/origin-ct1/quantity-rules.ts'
import { type Case, dairy, fruit, inSeries, item, testRules, tractors, withFirst } from './cases.ts'

const BREAKING: Case[] = [
  [
    'ORI-QTY-REQUIRED',
    'neither mass nor quantity',
    fruit,
    (c) => {
      delete item(c).grossKg
      delete item(c).netKg
    },
  ],
  [
    'ORI-QTY-POSITIVE',
    'no pieces',
    tractors,
    (c) => void (item(c).supplementary = { quantity: 0, unit: 'H87' }),
  ],
  ['ORI-QTY-POSITIVE', 'a negative mass', tractors, (c) => void (item(c).netKg = -1)],
  [
    'ORI-QTY-POSITIVE',
    'a mass of zero in the totals',
    tractors,
    (c) => void (c.totals = { netKg: 0, grossKg: 1 }),
  ],
  ['ORI-QTY-POSITIVE', 'parts of a gram', tractors, (c) => void (item(c, 1).netKg = 279.9999)],
  [
    'ORI-QTY-POSITIVE',
    'no packages of a kind',
    fruit,
    (c) => void (item(c).packages = [{ count: 0, type: 'CT' }]),
  ],
  ['ORI-NET-GT-GROSS', 'net a gram above gross', tractors, (c) => void (item(c).netKg = 24600.001)],
  ['ORI-NET-GT-GROSS', 'totals', tractors, (c) => void (c.totals = { netKg: 2, grossKg: 1 })],
]

const KEEPING: Case[] = [
  [
    'ORI-QTY-REQUIRED',
    'totals cover the items',
    tractors,
    (c) => {
      delete item(c, 1).grossKg
      delete item(c, 1).netKg
    },
  ],
  [
    'ORI-QTY-REQUIRED',
    'the totals of the first of a series',
    tractors,
    (c) => {
      inSeries(c, 2)
      delete c.totals
      for (const entry of c.items) {
        delete entry.grossKg
        delete entry.netKg
        delete entry.supplementary
      }
    },
    withFirst,
  ],
  [
    'ORI-QTY-REQUIRED',
    'periodicals on the form of 2009',
    dairy,
    (c) => {
      item(c).hsCode = '4902900000'
      delete item(c).grossKg
      delete item(c).netKg
    },
    { tariff: new Set(['4902900000', '0404100200']) },
  ],
  ['ORI-QTY-POSITIVE', 'grams', tractors, (c) => void (item(c, 1).netKg = 279.999)],
  [
    'ORI-QTY-POSITIVE',
    'a third of a supplementary unit',
    tractors,
    (c) => void (item(c).supplementary = { quantity: 0.33333, unit: 'MTQ' }),
  ],
  [
    'ORI-QTY-POSITIVE',
    'bulk has no packages',
    fruit,
    (c) => void (item(c).packages = [{ count: 0, type: 'VO' }]),
  ],
  ['ORI-NET-GT-GROSS', 'equal masses', tractors, () => {}],
]

describe('quantity rules of CT-1', () => {
  testRules(QUANTITY_RULES, BREAKING, KEEPING)
})
