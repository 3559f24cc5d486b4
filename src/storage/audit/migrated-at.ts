import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'

/** For so long a process of an older version may go on beside the one that has made the tables new. */
export const OLDER_PROCESS_MS = 24 * 3_600_000

/** When the tables came to this version, by the act that says so. */
export async function migratedAt(database: SqlDatabase, name: string): Promise<string | undefined> {
  const [act] = await database.query(
    sql
      .selectFrom('admin_acts')
      .select('at')
      .where('act', '=', 'migrated')
      .where('subject', '=', name)
      .orderBy('n')
      .limit(1)
      .compile(),
  )
  return act?.at
}
