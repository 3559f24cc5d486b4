import { formatInstant } from '../encoding/time.ts'
import { changeWithActs } from '../storage/admin-acts.ts'
import { leftUncovered, type LeftRows } from '../storage/administrative-records.ts'
import type { SqlDatabase } from '../storage/sql-database.ts'

/**
 * Puts on record, before anything is written, which rows stand behind no entry of the log although this
 * process has not written them: one that was killed leaves those of its last seconds, and who had the file in
 * hand since may have altered or added some; what a command wrote while no node ran is among them. From here
 * on they are covered as they are.
 */
export async function recordLeftUncovered(
  database: SqlDatabase,
  now: () => Date,
): Promise<readonly LeftRows[]> {
  const left = await leftUncovered(database)
  if (left.length === 0) return left
  const at = formatInstant(now())
  await changeWithActs(
    database,
    [],
    left.map(({ rowsOf, first, last, rows, since, until }) => ({
      at,
      actor: 'node',
      act: 'rows-left-uncovered',
      subject: rowsOf,
      detail: `${first} to ${last}, ${rows} rows, dated ${since} to ${until}`,
    })),
  )
  return left
}
