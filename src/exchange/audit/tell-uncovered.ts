import type { CoveredTable } from '../log/administrative-entry.ts'
import type { Report } from './finding.ts'

/** A node puts its records into the log within seconds, on Workers every minute. */
const LATE_MS = 5 * 60_000

/** Rows of a table that no entry of the log covers. */
export interface UncoveredRows {
  readonly rowsOf: CoveredTable
  readonly first: number
  readonly rows: number
  /** When the oldest was written, by its own word. */
  readonly since: string
}

/** Tells of rows that no entry covers although they are older than a node needs for it. */
export function tellUncovered(
  { rowsOf, first, rows, since }: UncoveredRows,
  asOf: Date,
  report: Report,
): void {
  if (rows === 0 || asOf.getTime() - Date.parse(since) <= LATE_MS) return
  report('rows-uncovered', `${rowsOf} ${first}`, `${rows} rows since ${since}`)
}
