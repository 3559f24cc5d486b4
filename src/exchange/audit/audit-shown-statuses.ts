import type { FollowedStatuses } from './audit-shown-documents.ts'
import type { ShownStatus } from './audit-source.ts'
import type { Report } from './finding.ts'
import { pagesOf, type Progress, type ShownLog } from './shown-log.ts'

export interface ReadStatuses {
  /** Entries that the log had when the last of them were read. */
  readonly size: number
  /** Those behind it came later, and are left alone. */
  readonly end: number
  /** With the size of the log when each was read. */
  readonly certificates: ReadonlyMap<number, { readonly at: number; readonly shown: ShownStatus }>
}

/**
 * Where certificates are shown to stand, to be compared with documents that are read later.
 *
 * @param end size of a signed log: whoever could show them without end does not
 */
export async function readStatuses(
  log: Pick<ShownLog, 'statuses'>,
  end: number,
  progress: Progress,
): Promise<ReadStatuses> {
  const certificates = new Map<number, { at: number; shown: ShownStatus }>()
  let size = 0
  const page = async (after: number) => {
    const read = await log.statuses(after)
    size = read.size
    return read.certificates.map((shown) => ({ at: read.size, shown }))
  }
  for await (const one of pagesOf(page, ({ shown }) => shown.idx)) {
    if (one.shown.idx >= end) break
    certificates.set(one.shown.idx, one)
    progress('statuses', certificates.size, one.at)
  }
  return { size, end, certificates }
}

/** Each certificate where its documents had led when its status was read, and none too many or too few. */
export function auditShownStatuses(
  { end, certificates }: ReadStatuses,
  followed: FollowedStatuses,
  report: Report,
): void {
  for (const [idx, { at, shown }] of certificates) {
    const right = followed.at(idx, at)
    const where = `certificate ${shown.sha256}`
    if (!right) report('differs-from-log', where, 'it is not in the log')
    else if (textOf(right) !== textOf(shown))
      report(
        'differs-from-log',
        where,
        `it is shown as ${textOf(shown)}, ${textOf(right)} by the log`,
      )
  }
  for (const { idx, sha256 } of followed.certificates())
    if (idx < end && !certificates.has(idx))
      report('record-missing', `certificate ${sha256}`, 'its status is not shown')
}

function textOf({ idx, sha256, status, replacedBy = '', usableUntil = '' }: ShownStatus): string {
  return [idx, sha256, status, replacedBy, usableUntil].join(' ').trim()
}
