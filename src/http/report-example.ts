import tractors from '../../openapi/examples/origin-ct1-tractors.json' with { type: 'json' }
import { CHECKS, passed } from '../exchange/validation/check.ts'
import { sentenceOf } from '../exchange/texts/check-texts.ts'
import type { ValidationReport } from '../exchange/validation/validation-report.ts'

const SIGNED = '2026-03-02T09:15:00Z'
const CHECKED = '2026-03-20T06:40:12Z'
const { netKg, grossKg } = tractors.items[0]!

/** How the report on a genuine certificate looks to the customs that received it. */
export const REPORT_EXAMPLE = {
  id: '5f0c1c9e-4a43-4e0b-9d0e-3f5f4f0f9a11',
  createdAt: CHECKED,
  answer: 'usable',
  indication: 'TOTAL-PASSED',
  reasons: [],
  instants: { claimed: SIGNED, proven: SIGNED, checked: CHECKED },
  provenBy: { by: 'own-log', log: 'UZ' },
  provenAlso: [
    {
      by: 'peer-log',
      log: 'BY',
      origin: 'exchange.by/log/1',
      index: '1742',
      at: '2026-03-02T09:15:01Z',
    },
    {
      by: 'witness',
      witness: 'exchange.by/witness/1',
      state: 'BY',
      log: 'UZ',
      origin: 'exchange.uz/log/1',
      index: '2210',
      at: '2026-03-02T09:15:01Z',
    },
  ],
  judgements: [
    { instant: 'claimed', at: SIGNED, indication: 'TOTAL-PASSED', decides: false },
    { instant: 'proven', at: SIGNED, indication: 'TOTAL-PASSED', decides: true },
    { instant: 'present', at: CHECKED, indication: 'TOTAL-PASSED', decides: false },
  ],
  certificate: {
    sha256: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE',
    state: 'BY',
    type: 'origin.ct1',
    number: tractors.number,
    issuer: 'BY.CCI.001',
    content: { type: tractors.type, number: tractors.number, '…': '…' },
  },
  status: { status: 'issued', since: '2026-03-02' },
  checks: CHECKS.map((check) => ({ ...passed(check), sentence: sentenceOf(passed(check)) })),
  notMade: [],
  findings: [],
  notEvaluated: ['ORI-HS-KNOWN'],
  lines: [
    {
      line: 1,
      item: 1,
      differences: [],
      certified: [
        { measure: 'net', value: netKg, unit: 'KGM' },
        { measure: 'gross', value: grossKg, unit: 'KGM' },
      ],
    },
  ],
  evidence: {
    trustLists: [{ state: 'BY', version: 4, nextUpdate: '2026-05-30T00:00:00Z' }],
  },
} satisfies Partial<Record<keyof ValidationReport, unknown>>
