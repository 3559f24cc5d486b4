import { describe } from 'vitest'
import { CODE_RULES } from '../../../../src/certificate/origin-ct1/code-rules.ts'
import { type Case, item, testRules, tractors } from './cases.ts'

const BREAKING: Case[] = [
  [
    'ORI-UNIT-CODE',
    'PCS',
    tractors,
    (c) => void (item(c).supplementary = { quantity: 6, unit: 'PCS' }),
  ],
  [
    'ORI-PKG-CODE',
    'an unlisted package',
    tractors,
    (c) => void (item(c, 1).packages = [{ count: 4, type: 'ZZ' }]),
  ],
  [
    'ORI-PKG-CODE',
    'an unlisted package in the totals',
    tractors,
    (c) => void (c.totals = { packages: [{ count: 4, type: 'ZZ' }] }),
  ],
]

const KEEPING: Case[] = [
  [
    'ORI-UNIT-CODE',
    'a listed unit',
    tractors,
    (c) => void (item(c).supplementary = { quantity: 6, unit: 'NPR' }),
  ],
  [
    'ORI-PKG-CODE',
    'a listed package',
    tractors,
    (c) => void (item(c, 1).packages = [{ count: 4, type: 'PK' }]),
  ],
]

describe('code rules of CT-1', () => {
  testRules(CODE_RULES, BREAKING, KEEPING)
})
