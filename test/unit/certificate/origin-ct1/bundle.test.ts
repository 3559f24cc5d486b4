import { describe, expect, it } from 'vitest'
import { type BundleEntry, judgeBundle } from '../../../../src/certificate/origin-ct1/bundle.ts'
import { ALL_FACTS, changed, rulesIn } from '../judging.ts'
import { dated, firstOfSeries, inSeries, replacing, tractors } from './cases.ts'

const { registry: _registry, enteredAt: _enteredAt, ...facts } = ALL_FACTS
const atCustoms = { ...facts, stage: 'customs' } as const

function rules(entries: readonly BundleEntry[]): string[][] {
  return judgeBundle(entries, atCustoms).map(rulesIn)
}

/** A replaced by B: `BYUZ6001000300` of 27 February by the tractors of 2 March. */
const former = changed(tractors, (c) => {
  dated(c, '2026-02-27', '2027-02-27')
  c.number = 'BYUZ6001000300'
})
const successor = changed(tractors, (c) => replacing(c))

describe('chain of replacements', () => {
  it('breaks no rule when each points to the other', () => {
    const chain = [
      { certificate: former, annulled: true, replacedBy: successor.number },
      { certificate: successor, annulled: false },
    ]
    expect(rules(chain)).toEqual([[], []])
  })

  it('is broken where the former is in force, or replaced by another', () => {
    const target = ['ORI-REMARK-TARGET']
    const last = { certificate: successor, annulled: false }
    expect(rules([{ certificate: former, annulled: false }, last])).toEqual([[], target])
    const other = { certificate: former, annulled: true, replacedBy: 'BYUZ6001000399' }
    expect(rules([other, last])).toEqual([[], target])
    expect(rules([last])).toEqual([target])
  })

  it('is no circle', () => {
    const circular = changed(former, (c) => replacing(c, successor.number, '2026-02-01'))
    const [, findings] = judgeBundle(
      [
        { certificate: circular, annulled: true, replacedBy: successor.number },
        { certificate: successor, annulled: true, replacedBy: former.number },
      ],
      atCustoms,
    )
    expect(findings?.findings.map(({ message }) => message.en).join(' ')).toMatch(/circle/)
  })
})

it('follows a chain that runs in a circle of its own no further', () => {
  const second = changed(former, (c) => replacing(c, 'BYUZ6001000298', '2026-02-01'))
  const third = changed(former, (c) => {
    c.number = 'BYUZ6001000298'
    replacing(c, 'BYUZ6001000300', '2026-02-01')
  })
  const [, , last] = judgeBundle(
    [
      { certificate: third, annulled: true, replacedBy: second.number },
      { certificate: second, annulled: true, replacedBy: successor.number },
      { certificate: successor, annulled: false },
    ],
    atCustoms,
  )
  expect(last).toEqual({ findings: [], notEvaluated: ['ORI-LATE'] })
})

describe('series of 1993', () => {
  const second = changed(tractors, (c) => inSeries(c, 2))

  it('breaks no rule when the certificates agree', () => {
    const series = [
      { certificate: firstOfSeries, annulled: false },
      { certificate: second, annulled: false },
    ]
    expect(rules(series)).toEqual([[], []])
    expect(judgeBundle(series, atCustoms).flatMap(({ notEvaluated }) => notEvaluated)).toEqual([
      'ORI-LATE',
      'ORI-LATE',
    ])
  })

  it('says which item number was expected', () => {
    const anew = changed(second, (c) => c.items.forEach((entry, i) => void (entry.n = i + 1)))
    const [, findings] = judgeBundle(
      [
        { certificate: firstOfSeries, annulled: false },
        { certificate: anew, annulled: false },
      ],
      atCustoms,
    )
    expect(findings?.findings).toMatchObject([
      { rule: 'ORI-ITEM-SEQ', path: '/items/0/n', values: { n: '1', expected: '3' } },
    ])
  })

  it('shows on both certificates where they disagree', () => {
    const elsewhere = changed(second, (c) => void (c.exporter.name = 'Другой (вымышленное)'))
    const series = [
      { certificate: firstOfSeries, annulled: false },
      { certificate: elsewhere, annulled: false },
    ]
    expect(rules(series)).toEqual([['ORI-SERIES-1993'], ['ORI-SERIES-1993']])
  })

  it.each([
    ['issue', 1, [], []],
    ['issue', 2, ['ORI-SERIES-1993'], ['ORI-ITEM-SEQ']],
    ['receive', 1, [], []],
    ['receive', 2, [], ['ORI-ITEM-SEQ', 'ORI-SERIES-1993']],
    ['customs', 1, [], ['ORI-SERIES-1993']],
    ['customs', 2, [], ['ORI-ITEM-SEQ', 'ORI-SERIES-1993']],
  ] as const)('at stage %s judges certificate %i of two alone', (stage, n, broken, unknown) => {
    const certificate = n === 1 ? firstOfSeries : second
    const [judgement] = judgeBundle([{ certificate, annulled: false }], { ...facts, stage })
    if (!judgement) throw new Error('No judgement')
    expect(rulesIn(judgement)).toEqual(broken)
    expect(judgement.notEvaluated).toEqual([...unknown, 'ORI-LATE'])
  })

  it('takes the time of entry of each', () => {
    const late = {
      certificate: second,
      annulled: false,
      enteredAt: new Date('2026-03-05T00:00:00Z'),
    }
    expect(rules([{ certificate: firstOfSeries, annulled: false }, late])).toEqual([
      [],
      ['ORI-LATE'],
    ])
  })
})
