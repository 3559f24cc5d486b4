import type { Effect } from '../effect.ts'
import type { Outcome } from '../delivery/receipt.ts'
import type { Alarm } from '../records.ts'

/** What became of one document of a peer. */
export type Verdict =
  | {
      readonly verdict: 'decided'
      readonly outcome: Outcome
      readonly findings: readonly string[]
      /** What goes into the log with the document; refused documents stay out of it. */
      readonly effects: readonly Effect[]
      /** What those who run the node have to know. */
      readonly alarms?: readonly Pick<Alarm, 'kind' | 'detail'>[]
    }
  | { readonly verdict: 'wait'; readonly waitsFor: string }

type Decided = Extract<Verdict, { verdict: 'decided' }>

export function accepted(effects: readonly Effect[], findings: readonly string[] = []): Decided {
  const outcome = findings.length > 0 ? 'accepted-with-findings' : 'accepted'
  return { verdict: 'decided', outcome, findings, effects }
}

export function refused(finding: string): Decided {
  return { verdict: 'decided', outcome: 'refused', findings: [finding], effects: [] }
}

/** Kept, and processed after an upgrade. */
export function notReadable(
  finding: 'TYPE-UNKNOWN' | 'SCHEMA-UNKNOWN' | 'TARGET-NOT-READABLE',
): Decided {
  return { verdict: 'decided', outcome: 'not-readable', findings: [finding], effects: [] }
}

/** Whether the sender's trust data has not been fetched yet since a document came: it may say more. */
export function mayBecomeTrusted(arrivedAt: string, trustCheckedAt: string | undefined): boolean {
  return trustCheckedAt === undefined || trustCheckedAt <= arrivedAt
}

export function waiting(waitsFor: string): Verdict {
  return { verdict: 'wait', waitsFor }
}
