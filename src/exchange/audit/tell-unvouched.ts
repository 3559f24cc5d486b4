import type { Report } from './finding.ts'

/** What is appended so shortly before a copy may not be signed, cosigned or compared yet. */
export const LATE_MS = 15 * 60_000

/** Entries from a size of the log on: how many, and the time of the oldest. */
export interface EntriesFrom {
  readonly count: number
  readonly since: string
}

/** Whether any of them is older than what may still be on its way. */
export function areLate(entries: EntriesFrom, asOf: Date): boolean {
  return entries.count > 0 && !(asOf.getTime() - Date.parse(entries.since) <= LATE_MS)
}

/**
 * Tells that no other state has cosigned entries of some age: whoever has the log key could have written
 * them anew.
 *
 * @param cosigned the size up to which another state, or a witness that the auditor names, has cosigned
 */
export function tellUnwitnessed(
  { cosigned, behind, asOf }: { cosigned: number; behind: EntriesFrom; asOf: Date },
  report: Report,
): void {
  if (!areLate(behind, asOf)) return
  report(
    'entries-unproven',
    `entry ${cosigned}`,
    `${behind.count} entries since ${behind.since} are cosigned by no other state; --policy FILE names who has to, --witness KEY whom you know`,
  )
}
