import { describe } from 'vitest'
import { SERIES_RULES } from '../../../../src/certificate/origin-ct1/series-rules.ts'
import type { OriginCt1 } from '../../../../src/certificate/origin-ct1/schema.ts'
import { changed, registryOf } from '../judging.ts'
import {
  type Case,
  dairy,
  firstOfSeries,
  fruit,
  id,
  inSeries,
  item,
  testRules,
  tractors,
  withFirst,
} from './cases.ts'

const BREAKING: Case[] = [
  [
    'ORI-ITEM-SEQ',
    'begins with 2',
    fruit,
    (c) => c.items.forEach((entry, i) => void (entry.n = i + 2)),
  ],
  ['ORI-ITEM-SEQ', 'the same number twice', fruit, (c) => void (item(c, 1).n = 1)],
  [
    'ORI-ITEM-SEQ',
    'a later certificate that begins anew',
    tractors,
    (c) => {
      inSeries(c, 2)
      for (const [i, entry] of c.items.entries()) entry.n = i + 1
    },
    withFirst,
  ],
  [
    'ORI-SERIES-1993',
    'a skipped number',
    tractors,
    (c) => {
      inSeries(c, 1)
      c.continuation = { series: ['BYUZ6001000301', 'BYUZ6001000303'] }
    },
  ],
  [
    'ORI-SERIES-1993',
    'not naming itself',
    tractors,
    (c) => void (c.continuation = { series: ['BYUZ6001000304'] }),
  ],
  [
    'ORI-SERIES-1993',
    'on the form of 2009',
    dairy,
    (c) => void (c.continuation = { series: ['BYUZ6001000302'] }),
  ],
  [
    'ORI-SERIES-1993',
    'another consignee',
    tractors,
    (c) => {
      inSeries(c, 2)
      c.consignee.address = 'г. Бухара, ул. Мисол, 1'
    },
    withFirst,
  ],
  [
    'ORI-SERIES-1993',
    'another list of numbers',
    tractors,
    (c) => {
      inSeries(c, 2)
      c.continuation = { series: ['BYUZ6001000301', 'BYUZ6001000302', 'BYUZ6001000303'] }
    },
    withFirst,
  ],
  [
    'ORI-SERIES-1993',
    'no invoice',
    tractors,
    (c) => {
      inSeries(c, 1)
      for (const entry of c.items) delete entry.invoice
    },
  ],
  [
    'ORI-SERIES-1993',
    'an earlier member that was never issued',
    tractors,
    (c) => {
      c.continuation = { series: ['BYUZ6001000300', 'BYUZ6001000301', 'BYUZ6001000302'] }
      c.number = 'BYUZ6001000302'
      for (const [i, entry] of c.items.entries()) entry.n = i + 3
    },
    {
      registry: registryOf([
        [
          id('BYUZ6001000301'),
          {
            annulled: false,
            certificate: changed(
              firstOfSeries,
              (c) =>
                void (c.continuation = {
                  series: ['BYUZ6001000300', 'BYUZ6001000301', 'BYUZ6001000302'],
                }),
            ),
          },
        ],
      ]),
    },
  ],
]

const KEEPING: Case[] = [
  ['ORI-ITEM-SEQ', 'continued in a series', tractors, (c) => inSeries(c, 2), withFirst],
  ['ORI-SERIES-1993', 'the first while the second does not exist', tractors, (c) => inSeries(c, 1)],
  [
    'ORI-SERIES-1993',
    'the same parties with members in another order',
    tractors,
    (c) => {
      inSeries(c, 2)
      c.exporter = Object.fromEntries(Object.entries(c.exporter).reverse()) as OriginCt1['exporter']
    },
    withFirst,
  ],
]

describe('series rules of CT-1', () => {
  testRules(SERIES_RULES, BREAKING, KEEPING)
})
