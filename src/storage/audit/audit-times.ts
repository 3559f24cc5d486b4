import { CompiledQuery } from 'kysely'
import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { AUDITED } from './audited-tables.ts'
import { isInstant } from './instant.ts'
import { linesOf } from './read-table.ts'

/** Times that are told of a table; what is wrong with all of them is wrong with the first. */
const MOST_TOLD = 20

/** Times of which nothing signed speaks, of working state as well: whatever they say, they are times. */
export async function auditForms(database: SqlDatabase, report: Report): Promise<void> {
  for (const [table, coverage] of Object.entries(AUDITED)) {
    const columns = await linesOf(database, `SELECT name FROM pragma_table_info('${table}')`)
    for (const column of columns) {
      const isLookedAt = 'checkedBy' in coverage && !(column in (coverage.unproven ?? {}))
      if (isLookedAt || !TIME.test(column)) continue
      const none = `SELECT "${column}" FROM ${table} WHERE "${column}" IS NOT NULL AND NOT (${isTime(`"${column}"`)}) LIMIT ${MOST_TOLD}`
      for (const value of await linesOf(database, none))
        report('record-differs', `${table} ${column}`, `${value} is no time`)
    }
  }
}

const TIME = /(^|_)(at|since|than)$/

/** With milliseconds or without. */
function isTime(column: string): string {
  const withoutFraction = `substr(${column}, 1, 19) || 'Z'`
  return `${isInstant(column)} OR ${column} GLOB '*.[0-9][0-9][0-9]Z' AND length(${column}) = 24 AND ${isInstant(`(${withoutFraction})`)}`
}

/** A document was decided on when it had come; decisions of before a restore it may have brought back. */
export async function auditArrivalTimes(database: SqlDatabase, report: Report): Promise<void> {
  const rows = await database.query<{ sha256: string; sender: string; came: string; at: string }>(
    CompiledQuery.raw(
      `SELECT sha256, sender, arrived_at AS came, at FROM inbox JOIN decisions USING (sha256, sender)
        WHERE unixepoch(arrived_at) > unixepoch(at) + ?
          AND at > coalesce((SELECT max(at) FROM admin_acts WHERE act = 'restored'), '')
        LIMIT ${MOST_TOLD}`,
      [CLOCK_SKEW_MS / 1000],
    ),
  )
  for (const { sha256, sender, came, at } of rows)
    report(
      'record-differs',
      `inbox ${sha256} ${sender}`,
      `decided at ${at}, and it came at ${came}`,
    )
}

/** When migrations were applied, by their acts. Before version 0007 it was milliseconds, and the act came then. */
export async function auditAppliedTimes(database: SqlDatabase, report: Report): Promise<void> {
  for (const line of await linesOf(database, APPLIED_OTHERWISE))
    report('record-differs', `migrations ${line}`, 'its act is of another time')
}

const APPLIED_OTHERWISE = `SELECT name, applied_at FROM migrations
  JOIN admin_acts ON act = 'migrated' AND subject = name
  WHERE applied_at <> at AND NOT (applied_at GLOB '*.[0-9][0-9][0-9]Z'
    AND coalesce(unixepoch(at) - unixepoch(applied_at) BETWEEN 0 AND 60, 0))`
