import { setTimeout } from 'node:timers/promises'
import { COVERED_TABLES } from '../exchange/log/administrative-entry.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** A running node covers what it wrote within six seconds, and a pass takes its time. */
const COVERED_WITHIN_MS = 7_000
const LOOK_EVERY_MS = 200

/** Rows of a database that stand behind no entry; 0 where there are no such entries yet. */
export function countUncovered(file: string): number {
  const uncovered = perTable(
    file,
    (table) => `SELECT count(*) FROM ${table} WHERE n > (${covered(table)})`,
  )
  return uncovered.reduce((sum, count) => sum + count, 0)
}

/**
 * Waits until what stands behind no entry by now stands behind one: a node that has the database open sees
 * to that. Nothing is written here: an entry that is appended to a database that is not the newest makes
 * it one of another history.
 */
export async function awaitCovered(file: string, waitMs = COVERED_WITHIN_MS): Promise<void> {
  const until = performance.now() + waitMs
  const newest = perTable(file, (table) => `SELECT coalesce(max(n), 0) FROM ${table}`)
  const isCovered = () => perTable(file, covered).every((last, i) => last >= newest[i]!)
  while (!isCovered() && performance.now() < until) await setTimeout(LOOK_EVERY_MS)
}

/** The last row of a table that stands behind an entry. */
function covered(table: string): string {
  return `SELECT coalesce(max(last), 0) FROM administrative_records WHERE rows_of = '${table}'`
}

/** A number for every table whose rows come to stand behind entries; none where the file has not all of them. */
function perTable(file: string, statement: (table: string) => string): number[] {
  const database = new SqliteDatabase(file, { readOnly: true })
  try {
    return COVERED_TABLES.map(
      (table) => database.raw.prepare(statement(table)).pluck().get() as number,
    )
  } catch {
    return []
  } finally {
    database.close()
  }
}
