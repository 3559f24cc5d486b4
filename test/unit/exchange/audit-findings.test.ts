import { describe, expect, it } from 'vitest'
import { auditReport } from '../../../src/exchange/audit/audit-report.ts'
import { collectFindings } from '../../../src/exchange/audit/finding.ts'
import { advanced } from '../../../src/exchange/audit/signatures.ts'

const audited = {
  createdAt: '2027-01-01T00:00:00Z',
  program: 'certex',
  audited: 'database',
  state: 'BY',
  environment: 'production',
  entries: 1,
  root: '',
  signatures: 0,
  vouched: { signed: 1, cosigned: 1 },
  rootsCompared: true,
  roots: [],
  notCovered: [],
} as const

describe('a flood of what cannot be told', () => {
  it('hides no fault, is counted, and leaves the answer what it is', () => {
    const { report, found } = collectFindings()
    for (let n = 0; n < 5000; n++) report('signature-undecided', `entry ${n}`, 'old evidence')
    report('record-differs', 'clients auditor', 'no act added it')
    const made = auditReport({ ...audited, ...found() })
    expect(made).toMatchObject({ answer: 'findings', found: 5001 })
    expect(made.findings.at(-1)).toMatchObject({ code: 'record-differs', outcome: 'fault' })
    expect(made.findings.length).toBeLessThan(2000)
  })

  it('hides no signature that is wrong, page after page', () => {
    const undecided = Array.from({ length: 900 }, (_, n) => ({
      code: 'signature-undecided' as const,
      where: `entry ${n}`,
      detail: '',
    }))
    const wrong = { code: 'signature-invalid', where: 'entry 9999', detail: '' } as const
    let progress = advanced({ next: 0, judged: 0, findings: [], found: 0 }, 900, {
      judged: 900,
      findings: undecided,
      untold: 1,
    })
    progress = advanced(progress, 1800, { judged: 900, findings: undecided, untold: 0 })
    progress = advanced(progress, 1801, { judged: 1, findings: [wrong], untold: 2 })
    expect(progress.findings).toContainEqual(wrong)
    expect(progress.findings.length).toBeLessThan(1100)
    expect(progress.found, 'all are counted').toBe(1801)
    expect(progress.untold).toBe(3)
  })
})

it('nothing found, and signatures that lost acts leave open, is not clean', () => {
  const none = { ...audited, findings: [], found: 0 }
  const lost = { documents: 1, administrative: 0 }
  expect(auditReport(none).answer).toBe('clean')
  expect(auditReport({ ...none, lost }).answer).toBe('clean')
  expect(auditReport({ ...none, lost: { ...lost, signatures: 1 } }).answer).toBe('cannot-tell')
  const fault = { code: 'record-differs', where: '', detail: '' } as const
  const made = auditReport({ ...none, findings: [fault], lost: { ...lost, signatures: 1 } })
  expect(made.answer).toBe('findings')
})
