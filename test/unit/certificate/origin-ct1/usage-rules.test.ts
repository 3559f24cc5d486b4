import { describe } from 'vitest'
import { USAGE_RULES } from '../../../../src/certificate/origin-ct1/usage-rules.ts'
import { type Case, fruit, testRules, tractors, use } from './cases.ts'

const BREAKING: Case[] = [
  ['ORI-QTY-OVERUSE', '105 % and a gram', tractors, () => {}, use(25830.001)],
  [
    'ORI-QTY-OVERUSE',
    'seven pieces of six',
    tractors,
    () => {},
    use(7, { measure: 'supplementary', unit: 'H87' }),
  ],
  [
    'ORI-QTY-OVERUSE',
    'many small uses',
    fruit,
    () => {},
    {
      stage: 'customs',
      usage: Array.from(
        { length: 71 },
        () => ({ line: 1, measure: 'net', unit: 'KGM', value: 94.65 }) as const,
      ),
    },
  ],
  [
    'ORI-QTY-OVERUSE',
    'above the totals',
    tractors,
    (c) => {
      for (const entry of c.items) {
        delete entry.grossKg
        delete entry.netKg
        delete entry.supplementary
      }
    },
    {
      stage: 'customs',
      usage: [1, 2].map(
        (line) => ({ line, measure: 'net', unit: 'KGM', value: 13062.001 }) as const,
      ),
    },
  ],
]

const KEEPING: Case[] = [
  ['ORI-QTY-OVERUSE', 'exactly 105 %', tractors, () => {}, use(25830)],
  [
    'ORI-QTY-OVERUSE',
    'exactly 105 % in many parts',
    fruit,
    () => {},
    {
      stage: 'customs',
      usage: Array.from(
        { length: 64 },
        () => ({ line: 1, measure: 'net', unit: 'KGM', value: 105 }) as const,
      ),
    },
  ],
]

describe('usage rules of CT-1', () => {
  testRules(USAGE_RULES, BREAKING, KEEPING)
})
