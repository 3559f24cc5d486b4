import { describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../../../src/certificate/certificate-id.ts'
import { CONFORMITY_EAEU } from '../../../../src/certificate/conformity/eaeu.ts'
import type { ConformityDoc } from '../../../../src/certificate/conformity/schema.ts'
import type { Facts } from '../../../../src/certificate/rule.ts'
import { ALL_FACTS, changed, conformity, judgeConformity, rulesIn } from '../judging.ts'

const certificate = conformity('conformity-eaeu-certificate')
const declaration = conformity('conformity-eaeu-declaration')
const uzbek = conformity('conformity-uz-certificate')

type Case = [
  rule: string,
  what: string,
  document: ConformityDoc,
  change: (c: ConformityDoc) => void,
  facts?: Partial<Facts>,
]

const CODES = {
  ACTIVE: '01',
  SUSPENDED: '02',
  TERMINATED: '03',
  EXTENDED: '04',
  RESUMED: '05',
  ARCHIVED: '09',
} as const

function history(c: ConformityDoc, ...states: [state: keyof typeof CODES, from: string][]) {
  c.statusHistory = states.map(([state, from]) => ({ code: CODES[state], state, from }))
  const last = c.statusHistory.at(-1)
  if (last) c.status = last
}

const eaeuId = parseCertificateId({
  state: 'BY',
  type: 'conformity.eaeu',
  number: certificate.number,
})
if (!eaeuId) throw new Error('No identity')

const atCustoms = (facts: Partial<Facts>): Partial<Facts> => ({ stage: 'customs', ...facts })

const BREAKING: Case[] = [
  [
    'GEN-HOMOGLYPH',
    'Latin letters in ЕАЭС',
    certificate,
    (c) => void (c.number = c.number.replace('ЕА', 'EA')),
  ],
  [
    'GEN-HOMOGLYPH',
    'a mixed number of a recognised document',
    uzbek,
    (c) => void (c.recognised = [{ type: 'conformity.eaeu', number: 'ЕAЭС 1' }]),
  ],
  [
    'CON-NUM-FORMAT',
    'a digit too few',
    certificate,
    (c) => void (c.number = c.number.slice(0, -1)),
  ],
  [
    'CON-NUM-FORMAT',
    "a declaration's number on a certificate",
    certificate,
    (c) => void (c.number = declaration.number),
  ],
  [
    'CON-NUM-FORMAT',
    "a certificate's number on a declaration",
    declaration,
    (c) => void (c.number = certificate.number),
  ],
  [
    'CON-NUM-FORMAT',
    'Latin TP alone',
    certificate,
    (c) => void (c.number = c.number.replace('ТР', 'TP')),
  ],
  ['CON-NUM-FORMAT', 'a blank Uzbek number', uzbek, (c) => void (c.number = ' № ')],
  [
    'CON-DUP',
    'the same number twice',
    certificate,
    () => {},
    { stage: 'receive', message: [eaeuId, eaeuId] },
  ],
  [
    'CON-HS-REQUIRED',
    'no code',
    certificate,
    (c) => c.products.forEach((p) => void (p.hsCodes = [''])),
  ],
  ['CON-HS-REQUIRED', 'no product', certificate, (c) => void (c.products = [])],
  ['CON-BATCH', 'a batch without quantity', uzbek, (c) => void delete c.batch],
  ['CON-BATCH', 'a batch of nothing', uzbek, (c) => void (c.batch = { quantity: 0, unit: 'H87' })],
  ['CON-BATCH', 'a batch without unit', uzbek, (c) => void (c.batch = { quantity: 6, unit: '' })],
  ['CON-BATCH', 'a single item without serial', uzbek, (c) => void (c.objectKind = 'SINGLE')],
  ['CON-VALIDITY', 'ends before it begins', certificate, (c) => void (c.validUntil = '2026-03-01')],
  [
    'CON-VALIDITY',
    'suspended at use',
    certificate,
    () => {},
    atCustoms({ state: { status: 'suspended', since: '2026-08-01' } }),
  ],
  [
    'CON-VALIDITY',
    'annulled at use',
    certificate,
    () => {},
    atCustoms({
      state: { status: 'annulled', annulledAt: '2026-08-01', reason: 'выдан ошибочно' },
    }),
  ],
  [
    'CON-VALIDITY',
    'a second into the day after the last in Minsk',
    certificate,
    () => {},
    atCustoms({ now: new Date('2031-03-01T21:00:00Z') }),
  ],
  [
    'CON-VALIDITY',
    'the last second before the first day in Tashkent',
    uzbek,
    () => {},
    atCustoms({ now: new Date('2026-03-01T18:59:59Z') }),
  ],
  ['CON-STATUS-CODE', 'an unknown code', certificate, (c) => void (c.status.code = '10')],
  [
    'CON-STATUS-CODE',
    'an Uzbek code on an EAEU document',
    certificate,
    (c) => void (c.status.code = 'ACTIVE'),
  ],
  ['CON-STATUS-CODE', 'a code of another state', certificate, (c) => void (c.status.code = '02')],
  [
    'CON-STATUS-CODE',
    'an unknown code in the history',
    certificate,
    (c) => {
      history(c, ['ACTIVE', '2026-03-02'], ['SUSPENDED', '2026-04-01'])
      const [first] = c.statusHistory ?? []
      if (first) first.code = '00'
    },
  ],
  [
    'CON-STATUS-ORDER',
    'falling dates',
    certificate,
    (c) => history(c, ['ACTIVE', '2026-03-02'], ['SUSPENDED', '2026-03-01']),
  ],
  [
    'CON-STATUS-ORDER',
    'resumed without suspension',
    certificate,
    (c) => history(c, ['ACTIVE', '2026-03-02'], ['RESUMED', '2026-04-01']),
  ],
  [
    'CON-STATUS-ORDER',
    'extended while suspended',
    certificate,
    (c) =>
      history(c, ['ACTIVE', '2026-03-02'], ['SUSPENDED', '2026-04-01'], ['EXTENDED', '2026-05-01']),
  ],
  [
    'CON-STATUS-ORDER',
    'anything after the archive',
    certificate,
    (c) =>
      history(c, ['ACTIVE', '2026-03-02'], ['ARCHIVED', '2026-04-01'], ['ARCHIVED', '2026-05-01']),
  ],
  [
    'CON-STATUS-ORDER',
    'a history that begins in the middle',
    certificate,
    (c) => history(c, ['SUSPENDED', '2026-03-02']),
  ],
  [
    'CON-STATUS-ORDER',
    'a current status that is not the last',
    certificate,
    (c) => {
      history(c, ['ACTIVE', '2026-03-02'], ['SUSPENDED', '2026-04-01'])
      c.status = { code: '01', state: 'ACTIVE', from: '2026-03-02' }
    },
  ],
]

const KEEPING: Case[] = [
  ['GEN-HOMOGLYPH', 'Latin BY beside Cyrillic ЕАЭС', certificate, () => {}],
  [
    'CON-NUM-FORMAT',
    'a number sign and doubled spaces',
    certificate,
    (c) => void (c.number = c.number.replace(' BY', ' №  BY')),
  ],
  ['CON-NUM-FORMAT', 'any Uzbek number', uzbek, (c) => void (c.number = 'что угодно 1')],
  ['CON-DUP', 'once', certificate, () => {}, { stage: 'receive', message: [eaeuId] }],
  [
    'CON-HS-REQUIRED',
    'one of two products',
    certificate,
    (c) => void c.products.push({ name: 'Прицеп', hsCodes: [] }),
  ],
  [
    'CON-BATCH',
    'a batch with serials',
    uzbek,
    (c) => {
      delete c.batch
      c.serials = ['999101']
    },
  ],
  [
    'CON-BATCH',
    'a single item with serial',
    uzbek,
    (c) => {
      c.objectKind = 'SINGLE'
      c.serials = ['999101']
    },
  ],
  ['CON-VALIDITY', 'one day', certificate, (c) => void (c.validUntil = '2026-03-02')],
  [
    'CON-VALIDITY',
    'no end',
    certificate,
    (c) => void delete c.validUntil,
    atCustoms({ now: new Date('2999-01-01T00:00:00Z') }),
  ],
  [
    'CON-VALIDITY',
    'the last second of the last day in Minsk',
    certificate,
    () => {},
    atCustoms({ now: new Date('2031-03-01T20:59:59Z') }),
  ],
  [
    'CON-VALIDITY',
    'resumed at use',
    certificate,
    () => {},
    atCustoms({ state: { status: 'resumed', since: '2026-08-01' } }),
  ],
  [
    'CON-STATUS-CODE',
    'each code with its state',
    certificate,
    (c) =>
      history(
        c,
        ['ACTIVE', '2026-03-02'],
        ['SUSPENDED', '2026-04-01'],
        ['RESUMED', '2026-05-01'],
        ['EXTENDED', '2026-06-01'],
        ['TERMINATED', '2026-07-01'],
        ['ARCHIVED', '2026-08-01'],
      ),
  ],
  [
    'CON-STATUS-ORDER',
    'changes on one day',
    certificate,
    (c) =>
      history(c, ['ACTIVE', '2026-03-02'], ['SUSPENDED', '2026-04-01'], ['RESUMED', '2026-04-01']),
  ],
]

describe('rules of conformity documents', () => {
  it.each(BREAKING)('%s is broken by: %s', (rule, _what, document, change, facts) => {
    const judgement = judgeConformity(changed(document, change), facts)
    expect(rulesIn(judgement)).toEqual([rule])
    expect(judgement.notEvaluated).toEqual([])
    for (const { message, path } of judgement.findings) {
      expect(message.ru).toMatch(/[а-я].*\.$/)
      expect(message.en).toMatch(/^[\p{L}"].*\.$/u)
      expect(`${message.ru}${message.en}`).not.toMatch(/undefined|NaN|\[object/)
      expect(path).toMatch(/^(\/[A-Za-z0-9]+)+$/)
    }
  })

  it.each(KEEPING)('%s is kept by: %s', (_rule, _what, document, change, facts) => {
    const judgement = judgeConformity(changed(document, change), facts)
    expect(judgement).toEqual({ findings: [], notEvaluated: [] })
  })

  it('all have a breaking and a keeping case', () => {
    const judged = CONFORMITY_EAEU.rules
      .filter(({ checks }) => checks.length > 0)
      .map(({ id }) => id)
    expect(judged.filter((id) => !BREAKING.some(([rule]) => rule === id))).toEqual([])
    expect(judged.filter((id) => !KEEPING.some(([rule]) => rule === id))).toEqual([])
  })

  it('judges the homoglyph before the format, and the format on the folded number', () => {
    const ids = CONFORMITY_EAEU.rules.map(({ id }) => id)
    expect(ids.indexOf('GEN-HOMOGLYPH')).toBeLessThan(ids.indexOf('CON-NUM-FORMAT'))
  })

  it('does not know the format of a state without one', () => {
    const foreign = changed(certificate, (c) => void (c.authority.country = 'KZ'))
    expect(judgeConformity(foreign).notEvaluated).toEqual(['CON-NUM-FORMAT'])
  })

  it('does not judge the state on a day before it began', () => {
    const state = { status: 'resumed', since: '2026-10-01' } as const
    const judgement = judgeConformity(certificate, { ...ALL_FACTS, stage: 'customs', state })
    expect(judgement).toEqual({ findings: [], notEvaluated: ['CON-VALIDITY'] })
  })
})
