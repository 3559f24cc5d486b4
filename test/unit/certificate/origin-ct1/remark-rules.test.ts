import { describe } from 'vitest'
import { REMARK_RULES } from '../../../../src/certificate/origin-ct1/remark-rules.ts'
import {
  type Case,
  dairy,
  dated,
  former,
  id,
  replacedByThis,
  replacing,
  testRules,
  tractors,
} from './cases.ts'

const BREAKING: Case[] = [
  [
    'ORI-RETRO-MARK',
    'exported before, no remark',
    tractors,
    (c) => void (c.exportConfirmedOn = '2026-03-01'),
  ],
  [
    'ORI-RETRO-MARK',
    'a remark without document',
    tractors,
    (c) => {
      c.exportConfirmedOn = '2026-03-01'
      c.remarks = [{ kind: 'ISSUED_RETROSPECTIVELY', text: 'Выдан впоследствии' }]
    },
  ],
  [
    'ORI-RETRO-MARK',
    'a remark without date of export',
    tractors,
    (c) => {
      c.exportConfirmation = { number: '1', date: '2026-03-01' }
      c.remarks = [{ kind: 'ISSUED_RETROSPECTIVELY', text: 'Выдан впоследствии' }]
    },
  ],
  [
    'ORI-RETRO-MARK',
    'a remark, but exported on the day of issue',
    tractors,
    (c) => {
      c.exportConfirmedOn = '2026-03-02'
      c.exportConfirmation = { number: '1', date: '2026-03-01' }
      c.remarks = [{ kind: 'ISSUED_RETROSPECTIVELY', text: 'Выдан впоследствии' }]
    },
  ],
  [
    'ORI-REMARK-REF',
    'a replacement without date',
    tractors,
    (c) => {
      replacing(c)
      delete c.remarks[0]?.refDate
    },
    former(),
  ],
  [
    'ORI-REMARK-REF',
    'a source without number',
    tractors,
    (c) =>
      void (c.remarks = [
        {
          kind: 'ISSUED_ON_BASIS_OF',
          text: 'Сертификат выдан на основании',
          refDate: '2026-01-01',
        },
      ]),
  ],
  ['ORI-REMARK-SELF', 'its own number', tractors, (c) => replacing(c, c.number)],
  [
    'ORI-REMARK-SELF',
    'its own number, spelled otherwise',
    tractors,
    (c) => replacing(c, `№ ${c.number}`),
  ],
  [
    'ORI-REMARK-DATE',
    'a later certificate',
    tractors,
    (c) => replacing(c, 'BYUZ6001000300', '2026-03-03'),
    former({}, (c) => dated(c, '2026-03-03', '2027-03-03')),
  ],
  ['ORI-REMARK-TARGET', 'unknown', tractors, (c) => replacing(c)],
  ['ORI-REMARK-TARGET', 'unknown at customs', tractors, (c) => replacing(c), { stage: 'customs' }],
  [
    'ORI-REMARK-TARGET',
    'unreadable on receipt',
    tractors,
    (c) => replacing(c, '№'),
    { stage: 'receive' },
  ],
  [
    'ORI-REMARK-TARGET',
    'of another date',
    tractors,
    (c) => replacing(c, 'BYUZ6001000300', '2026-02-26'),
    former(),
  ],
  [
    'ORI-REMARK-TARGET',
    'annulled without successor',
    tractors,
    (c) => replacing(c),
    former({ annulled: true }),
  ],
  [
    'ORI-REMARK-TARGET',
    'replaced by another',
    tractors,
    (c) => replacing(c),
    former({
      annulled: true,
      ...(id('BYUZ6001000399') && { replacedBy: id('BYUZ6001000399') as never }),
    }),
  ],
  [
    'ORI-REMARK-TARGET',
    'still in force at customs',
    tractors,
    (c) => replacing(c),
    { ...former(), stage: 'customs' },
  ],
  [
    'ORI-REMARK-TARGET',
    'a circle',
    tractors,
    (c) => replacing(c),
    former(replacedByThis, (c) => replacing(c, tractors.number, '2026-02-01')),
  ],
  [
    'ORI-REMARK-TARGET',
    'an annulled source',
    tractors,
    (c) => {
      replacing(c)
      const [remark] = c.remarks
      if (remark) remark.kind = 'ISSUED_ON_BASIS_OF'
    },
    former({ annulled: true }),
  ],
  [
    'ORI-REMARK-TARGET',
    'a second one replaced',
    tractors,
    (c) => {
      replacing(c)
      c.remarks = [...c.remarks, ...c.remarks]
    },
    former(),
  ],
  [
    'ORI-DUP-ELECTRONIC',
    'a duplicate',
    tractors,
    (c) => {
      replacing(c)
      const [remark] = c.remarks
      if (remark) remark.kind = 'DUPLICATE'
      c.usableUntil = '2027-02-27'
    },
    former(),
  ],
]

const KEEPING: Case[] = [
  [
    'ORI-RETRO-MARK',
    'remark, date and document',
    tractors,
    (c) => {
      c.exportConfirmedOn = '2026-03-01'
      c.exportConfirmation = { number: '1', date: '2026-03-01' }
      c.remarks = [{ kind: 'ISSUED_RETROSPECTIVELY', text: 'Выдан впоследствии' }]
    },
  ],
  [
    'ORI-RETRO-MARK',
    'exported on the day of issue',
    tractors,
    (c) => void (c.exportConfirmedOn = '2026-03-02'),
  ],
  [
    'ORI-REMARK-REF',
    'an exhibition names no certificate',
    tractors,
    (c) => void (c.remarks = [{ kind: 'EXHIBITION', text: 'Выставка-пример' }]),
  ],
  [
    'ORI-REMARK-SELF',
    'a copy has the same number',
    tractors,
    (c) =>
      void (c.remarks = [
        { kind: 'COPY', text: 'КОПИЯ', refNumber: c.number, refDate: '2026-03-02' },
      ]),
  ],
  [
    'ORI-REMARK-DATE',
    'a certificate of the same day',
    tractors,
    (c) => replacing(c, 'BYUZ6001000300', '2026-03-02'),
    former({}, (c) => dated(c, '2026-03-02', '2027-03-02')),
  ],
  ['ORI-REMARK-TARGET', 'not yet annulled at issue', tractors, (c) => replacing(c), former()],
  [
    'ORI-REMARK-TARGET',
    'a second one replaced, of a certificate that has been issued',
    tractors,
    (c) => {
      replacing(c)
      c.remarks = [...c.remarks, ...c.remarks]
    },
    { ...former(replacedByThis), stage: 'customs' },
  ],
  [
    'ORI-REMARK-TARGET',
    'annulled and pointing here',
    tractors,
    (c) => replacing(c),
    { ...former(replacedByThis), stage: 'customs' },
  ],
  [
    'ORI-DUP-ELECTRONIC',
    'a paper duplicate with the original date',
    dairy,
    (c) => {
      replacing(c)
      const [remark] = c.remarks
      if (remark) remark.kind = 'DUPLICATE'
      c.usableUntil = '2027-02-27'
    },
    former(),
  ],
]

describe('remark rules of CT-1', () => {
  testRules(REMARK_RULES, BREAKING, KEEPING)
})
