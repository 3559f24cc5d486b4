import { describe } from 'vitest'
import { IDENTITY_RULES } from '../../../../src/certificate/origin-ct1/identity-rules.ts'
import { type Case, noOfficial, testRules, tractors } from './cases.ts'

const BREAKING: Case[] = [
  ['ORI-OFFICIAL', 'unknown', tractors, () => {}, noOfficial],
  [
    'ORI-OFFICIAL',
    'of another body',
    tractors,
    () => {},
    { officials: { find: () => [{ body: '002', from: '2026-01-01' }] } },
  ],
  [
    'ORI-OFFICIAL',
    'from the next day',
    tractors,
    () => {},
    { officials: { find: () => [{ body: '001', from: '2026-03-03' }] } },
  ],
  [
    'ORI-OFFICIAL',
    'until the day before',
    tractors,
    () => {},
    { officials: { find: () => [{ body: '001', from: '2026-01-01', until: '2026-03-01' }] } },
  ],
  [
    'ORI-IDENT',
    'an UNP of eight digits',
    tractors,
    (c) => void (c.exporter.taxId = { scheme: 'BY-UNP', value: '99931001' }),
  ],
  [
    'ORI-IDENT',
    'a PINFL of nine digits',
    tractors,
    (c) => void (c.consignee.taxId = { scheme: 'UZ-PINFL', value: '999410028' }),
  ],
]

const KEEPING: Case[] = [
  [
    'ORI-OFFICIAL',
    'on the last day',
    tractors,
    () => {},
    { officials: { find: () => [{ body: '001', from: '2026-03-02', until: '2026-03-02' }] } },
  ],
  [
    'ORI-IDENT',
    'another scheme',
    tractors,
    (c) => void (c.exporter.taxId = { scheme: 'OTHER', value: 'DE-1' }),
  ],
]

describe('identity rules of CT-1', () => {
  testRules(IDENTITY_RULES, BREAKING, KEEPING)
})
