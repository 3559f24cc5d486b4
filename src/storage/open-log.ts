import { coverActs } from './admin-acts.ts'
import { growTree } from './log-tree.ts'
import type { SqlDatabase } from './sql-database.ts'

/** Makes the log of a migrated database ready for appends; of a log that is, next to nothing. */
export async function openLog(database: SqlDatabase, now: () => Date): Promise<void> {
  await growTree(database)
  await coverActs(database, now)
}
