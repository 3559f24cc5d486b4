import { describe } from 'vitest'
import { DATE_RULES } from '../../../../src/certificate/origin-ct1/date-rules.ts'
import {
  type Case,
  dairy,
  dated,
  former,
  fruit,
  item,
  replacing,
  testRules,
  tractors,
} from './cases.ts'

const BREAKING: Case[] = [
  [
    'ORI-INV-DATE',
    'an invoice of the next day',
    tractors,
    (c) => void (item(c).invoice = { number: '1', date: '2026-03-03' }),
  ],
  [
    'ORI-DATE-DECL-AFTER-CERT',
    'signed a day later',
    tractors,
    (c) => void (c.applicantDeclaration.date = '2026-03-03'),
  ],
  [
    'ORI-DATE-FUTURE',
    'an hour and a second before the day',
    tractors,
    () => {},
    { now: new Date('2026-03-01T19:59:59Z') },
  ],
  ['ORI-VALIDITY-12M', 'a day short', tractors, (c) => void (c.usableUntil = '2027-03-01')],
  [
    'ORI-VALIDITY-12M',
    'past the end of February',
    tractors,
    (c) => dated(c, '2024-02-29', '2025-03-01'),
    {
      enteredAt: new Date('2024-02-29T12:00:00Z'),
      officials: { find: () => [{ body: '001', from: '2024-01-01' }] },
    },
  ],
  [
    'ORI-VALIDITY-12M',
    'a duplicate that runs from its own date',
    dairy,
    (c) => {
      replacing(c)
      const [remark] = c.remarks
      if (remark) remark.kind = 'DUPLICATE'
    },
    former(),
  ],
  [
    'ORI-LATE',
    'a second after 24:00 of the next day in Minsk',
    tractors,
    () => {},
    { enteredAt: new Date('2026-03-03T21:00:01Z') },
  ],
  [
    'ORI-LATE',
    'a second after 24:00 of the next day in Tashkent',
    fruit,
    () => {},
    { enteredAt: new Date('2026-03-03T19:00:01Z') },
  ],
]

const KEEPING: Case[] = [
  ['ORI-INV-DATE', 'an invoice of the same day', tractors, () => {}],
  [
    'ORI-DATE-DECL-AFTER-CERT',
    'signed the day before',
    tractors,
    (c) => void (c.applicantDeclaration.date = '2026-03-01'),
  ],
  [
    'ORI-DATE-FUTURE',
    'an hour before the day in Minsk',
    tractors,
    () => {},
    { now: new Date('2026-03-01T20:00:00Z') },
  ],
  [
    'ORI-DATE-FUTURE',
    'an hour before the day in Tashkent',
    fruit,
    () => {},
    { now: new Date('2026-03-01T18:00:00Z') },
  ],
  [
    'ORI-VALIDITY-12M',
    '29 February',
    tractors,
    (c) => dated(c, '2024-02-29', '2025-02-28'),
    {
      enteredAt: new Date('2024-02-29T12:00:00Z'),
      officials: { find: () => [{ body: '001', from: '2024-01-01' }] },
    },
  ],
  [
    'ORI-VALIDITY-12M',
    '31 December',
    tractors,
    (c) => dated(c, '2025-12-31', '2026-12-31'),
    {
      enteredAt: new Date('2025-12-31T12:00:00Z'),
      officials: { find: () => [{ body: '001', from: '2024-01-01' }] },
    },
  ],
  [
    'ORI-LATE',
    '24:00 of the next day in Minsk',
    tractors,
    () => {},
    { enteredAt: new Date('2026-03-03T21:00:00Z') },
  ],
  [
    'ORI-LATE',
    '24:00 of the next day in Tashkent',
    fruit,
    () => {},
    { enteredAt: new Date('2026-03-03T19:00:00Z') },
  ],
]

describe('date rules of CT-1', () => {
  testRules(DATE_RULES, BREAKING, KEEPING)
})
