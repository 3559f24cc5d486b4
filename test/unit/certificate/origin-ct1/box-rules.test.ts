import { describe } from 'vitest'
import { BOX_RULES } from '../../../../src/certificate/origin-ct1/box-rules.ts'
import { type Case, dairy, fruit, inSeries, item, testRules, tractors, withFirst } from './cases.ts'

const BREAKING: Case[] = [
  ['ORI-BOX-REQUIRED', 'no exporter', tractors, (c) => void (c.exporter.name = ' ')],
  ['ORI-BOX-REQUIRED', 'no consignee address', tractors, (c) => void (c.consignee.address = '')],
  ['ORI-BOX-REQUIRED', 'no description', tractors, (c) => void (item(c).description = '')],
  ['ORI-BOX-REQUIRED', 'no items', tractors, (c) => void (c.items = [])],
  ['ORI-BOX-REQUIRED', 'no packages', fruit, (c) => void (item(c).packages = [])],
  ['ORI-BOX-REQUIRED', 'no invoice', tractors, (c) => c.items.forEach((i) => delete i.invoice)],
  [
    'ORI-BOX-REQUIRED',
    'no invoice and an empty contract list',
    dairy,
    (c) => {
      c.contractRefs = []
      for (const entry of c.items) delete entry.invoice
    },
  ],
  [
    'ORI-BOX-REQUIRED',
    'no place of certification',
    tractors,
    (c) => void (c.certification.place = ''),
  ],
  [
    'ORI-BOX-REQUIRED',
    'no signatory',
    dairy,
    (c) => void (c.applicantDeclaration.signatory = '\t '.trim()),
  ],
]

const KEEPING: Case[] = [
  [
    'ORI-BOX-REQUIRED',
    'no invoice for a natural person',
    tractors,
    (c) => {
      for (const entry of c.items) delete entry.invoice
      c.remarks = [{ kind: 'FREE_CIRCULATION_PERSON', text: 'Для свободного обращения' }]
    },
  ],
  [
    'ORI-BOX-REQUIRED',
    'a long-term contract on the form of 2009',
    dairy,
    (c) => {
      for (const entry of c.items) delete entry.invoice
      c.contractRefs = [{ number: '1', date: '2026-01-15' }]
    },
  ],
  ['ORI-BOX-REQUIRED', 'no route', tractors, (c) => void delete c.transportRoute],
  [
    'ORI-BOX-REQUIRED',
    'packages in the totals of the first of a series',
    tractors,
    (c) => {
      inSeries(c, 2)
      delete c.totals
      for (const entry of c.items) entry.packages = []
    },
    withFirst,
  ],
]

describe('box rules of CT-1', () => {
  testRules(BOX_RULES, BREAKING, KEEPING)
})
