import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/certificate/default-policy.ts'
import { CONFORMITY_EAEU } from '../../../src/certificate/conformity/eaeu.ts'
import { blocksIssue, judge } from '../../../src/certificate/judge.ts'
import { ORIGIN_CT1 } from '../../../src/certificate/origin-ct1/origin-ct1.ts'
import type { Facts, Stage } from '../../../src/certificate/rule.ts'
import { ALL_FACTS, changed, conformity, ct1, judgeCt1 } from './judging.ts'

const tractors = ct1('origin-ct1-tractors')
const dairy = ct1('origin-ct1-2009-dairy')

function bare(stage: Stage): Facts {
  return { stage, policy: DEFAULT_POLICY }
}

describe('judging', () => {
  it('lists the rules that it could not evaluate, by stage', () => {
    const unknown = (stage: Stage) => judge(ORIGIN_CT1, tractors, bare(stage)).notEvaluated
    const always = ['ORI-HS-KNOWN', 'ORI-DATE-FUTURE', 'ORI-LATE', 'ORI-OFFICIAL']
    expect(unknown('issue')).toEqual(always)
    expect(unknown('receive')).toEqual(always)
    expect(unknown('customs')).toEqual(['ORI-HS-KNOWN', 'ORI-QTY-OVERUSE', ...always.slice(1)])
  })

  it('needs the registry only for certificates that name others', () => {
    const replacement = changed(tractors, (c) => {
      c.remarks = [
        {
          kind: 'ISSUED_IN_REPLACEMENT',
          text: 'Выдан взамен',
          refNumber: 'BYUZ6001000300',
          refDate: '2026-02-27',
        },
      ]
      c.continuation = { series: ['BYUZ6001000300', 'BYUZ6001000301'] }
      for (const item of c.items) item.packages = []
      delete c.totals
    })
    const { registry: _registry, ...facts } = ALL_FACTS
    expect(judge(ORIGIN_CT1, replacement, facts).notEvaluated).toEqual([
      'ORI-BOX-REQUIRED',
      'ORI-ITEM-SEQ',
      'ORI-SERIES-1993',
      'ORI-REMARK-TARGET',
    ])
  })

  it('cannot tell for a source that was never addressed here', () => {
    const reExport = changed(tractors, (c) => {
      c.remarks = [
        {
          kind: 'ISSUED_ON_BASIS_OF',
          text: 'Сертификат выдан на основании',
          refNumber: 'UZBY6001000001',
          refDate: '2026-02-27',
        },
      ]
    })
    expect(judgeCt1(reExport)).toEqual({ findings: [], notEvaluated: ['ORI-REMARK-TARGET'] })
  })

  it('cannot tell of a replaced certificate that may be under way, or was for another state', () => {
    const replacing = (refNumber: string) =>
      changed(tractors, (c) => {
        c.remarks = [
          {
            kind: 'ISSUED_IN_REPLACEMENT',
            text: 'Выдан взамен',
            refNumber,
            refDate: '2026-02-27',
          },
        ]
      })
    const rules = (refNumber: string, stage: Stage) => {
      const { findings, notEvaluated } = judgeCt1(replacing(refNumber), { stage })
      return [findings.map(({ rule }) => rule), notEvaluated]
    }
    const broken = [['ORI-REMARK-TARGET'], []]
    const unknown = [[], ['ORI-REMARK-TARGET']]
    expect(rules('BYUZ6001000300', 'issue')).toEqual(broken)
    expect(rules('BYUZ6001000300', 'receive')).toEqual(unknown)
    expect(rules('BYUZ6001000300', 'customs')).toEqual(broken)
    expect(rules('BYKZ6001000300', 'issue')).toEqual(broken)
    expect(rules('BYKZ6001000300', 'customs')).toEqual(unknown)
  })

  it('cannot tell the format or the day of a state that is not configured', () => {
    const foreign = changed(tractors, (c) => {
      c.issuedIn = 'KZ'
      c.applicantDeclaration.originCountry = 'KZ'
    })
    const officials = { find: () => [{ body: '001', from: '2026-01-01' }] }
    expect(judgeCt1(foreign, { officials })).toEqual({
      findings: [],
      notEvaluated: [
        'ORI-NUM-FORMAT',
        'ORI-NUM-COUNTRY',
        'ORI-NUM-YEAR',
        'ORI-NUM-BODY',
        'ORI-DATE-FUTURE',
        'ORI-LATE',
      ],
    })
  })

  it('cannot set a use against a quantity that was not certified', () => {
    const usage = [{ line: 2, measure: 'supplementary', unit: 'H87', value: 1 } as const]
    expect(judgeCt1(tractors, { stage: 'customs', usage })).toEqual({
      findings: [],
      notEvaluated: ['ORI-QTY-OVERUSE'],
    })
  })

  it('gives a rule the severity of the stage', () => {
    const mismatch = changed(dairy, (c) => {
      for (const item of c.items) item.criterion = 'Д9999'
    })
    const severities = (stage: Stage) =>
      judgeCt1(mismatch, { stage }).findings.map(({ rule, severity }) => `${rule} ${severity}`)
    expect(severities('issue')[0]).toBe('ORI-CRIT-HS-MISMATCH error')
    expect(severities('customs')[0]).toBe('ORI-CRIT-HS-MISMATCH warning')
    expect(blocksIssue(judgeCt1(mismatch).findings)).toBe(true)
    expect(blocksIssue(judgeCt1(mismatch, { stage: 'customs' }).findings)).toBe(false)
  })

  it('tells the issuer to correct and customs to ask', () => {
    const heavy = changed(tractors, (c) => {
      const [item] = c.items
      if (item) item.netKg = 46101
      if (item) item.grossKg = 46100
    })
    const [finding] = judgeCt1(heavy).findings
    expect(finding).toEqual({
      rule: 'ORI-NET-GT-GROSS',
      severity: 'error',
      path: '/items/0/netKg',
      values: { netKg: '46101', grossKg: '46100' },
      message: {
        ru: 'Товар 1: масса нетто 46\u00a0101\u00a0кг больше массы брутто 46\u00a0100\u00a0кг. Сверьте количество со счётом-фактурой и исправьте графу.',
        en: 'Item 1: net mass 46,101\u00a0kg is above gross mass 46,100\u00a0kg. Compare the quantity with the invoice and correct the box.',
      },
    })
    const [atCustoms] = judgeCt1(heavy, { stage: 'customs' }).findings
    expect(atCustoms?.message.en).toMatch(/Send a reasoned request to the body/)
  })

  it('judges CON-DUP where messages arrive and CON-VALIDITY in full where goods do', () => {
    const certificate = conformity('conformity-eaeu-certificate')
    const { message: _message, state: _state, ...facts } = ALL_FACTS
    const unknown = (stage: Stage) =>
      judge(CONFORMITY_EAEU, certificate, { ...facts, stage }).notEvaluated
    expect(unknown('issue')).toEqual([])
    expect(unknown('receive')).toEqual(['CON-DUP'])
    expect(unknown('customs')).toEqual(['CON-VALIDITY'])
  })
})
