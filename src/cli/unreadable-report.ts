import type { Check } from '../exchange/validation/check.ts'
import { composeReport } from '../exchange/validation/compose-report.ts'
import type { ValidationReport } from '../exchange/validation/validation-report.ts'
import { trustView } from '../trust/trust-view.ts'

/** The report on what is neither a signed document nor an evidence pack that can be read, and why. */
export function unreadableReport(about: {
  readonly unreadable: Check
  /** Whether the question had them. */
  readonly asked: { readonly addressee: boolean; readonly declaration: boolean }
  readonly id: string
  readonly now: Date
}): Promise<ValidationReport> {
  const { unreadable, asked, id, now } = about
  return composeReport({
    id,
    now,
    sha256: '',
    provenAt: undefined,
    provenBy: undefined,
    view: trustView([]),
    staleSince: undefined,
    trustFresh: false,
    authentication: { checks: [unreadable], document: undefined },
    content: undefined,
    furtherChecks: [],
    leftOut: {
      ...(!asked.addressee && { addressee: 'not-asked' as const }),
      ...(!asked.declaration && { declaration: 'not-asked' as const }),
    },
    status: undefined,
    findings: [],
    notEvaluated: [],
    lines: [],
    statusList: undefined,
  })
}
