import { setImmediate } from 'node:timers/promises'
import { CLOCK_SKEW_MS } from '../encoding/clock-skew.ts'
import { appendOneByOne } from '../exchange/journal.ts'
import { COVERED_TABLES } from '../exchange/log/administrative-entry.ts'
import { coverEveryTable } from '../exchange/log/cover-rows.ts'
import { sqlCoverableRows } from '../storage/administrative-records.ts'
import { NEWEST_MIGRATION } from '../storage/dialect/d1-schema.ts'
import { sqlJournal } from '../storage/journal.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/**
 * Puts into the log of a database, whether a node has it open or not, what no entry covers yet. Nothing is
 * done where that is not for whoever asks: they may not write, the database is of another version, damaged
 * or busy, or its log is signed by nobody.
 */
export async function coverRecords(file: string, now: () => Date): Promise<void> {
  try {
    if (!isReady(file, now())) return
    const database = new SqliteDatabase(file)
    try {
      const append = appendOneByOne(sqlJournal(database), now)
      const coverable = sqlCoverableRows(database)
      await coverEveryTable({ coverable, append, pause: () => setImmediate() })
    } finally {
      database.close()
    }
  } catch {
    // Whatever it is: a copy is needed then more than ever, and says what is not covered in it.
  }
}

/** Rows of a database that stand behind no entry; 0 where there are no such entries yet. */
export function countUncovered(file: string): number {
  const database = new SqliteDatabase(file, { readOnly: true })
  try {
    const counts = COVERED_TABLES.map((table) => {
      const behind = `SELECT coalesce(max(last), 0) FROM administrative_records WHERE rows_of = '${table}'`
      const count = database.raw.prepare(`SELECT count(*) FROM ${table} WHERE n > (${behind})`)
      return count.pluck().get() as number
    })
    return counts.reduce((sum, count) => sum + count, 0)
  } catch {
    return 0
  } finally {
    database.close()
  }
}

/** Whether this program may append, and a node signs what it appends: all entries but the newest are signed. */
function isReady(file: string, now: Date): boolean {
  const database = new SqliteDatabase(file, { readOnly: true })
  try {
    const [newest, unsignedSince] = [
      'SELECT max(name) FROM migrations',
      'SELECT min(at) FROM entries WHERE idx >= (SELECT coalesce(max(size), 0) FROM checkpoints)',
    ].map((statement) => database.raw.prepare(statement).pluck().get())
    const isSigned =
      unsignedSince === null || now.getTime() - Date.parse(String(unsignedSince)) < CLOCK_SKEW_MS
    return newest === NEWEST_MIGRATION && isSigned
  } finally {
    database.close()
  }
}
