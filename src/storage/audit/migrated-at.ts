import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'

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
