import { sql as raw } from 'kysely'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/**
 * Counts what the logs of a state fill here, day by day; false, and nothing is counted, when it would be
 * more than `most` on this day.
 */
export async function spendBytes(
  database: SqlDatabase,
  store: 'mirror' | 'witness',
  state: string,
  { day, bytes, most }: { readonly day: string; readonly bytes: number; readonly most: number },
): Promise<boolean> {
  const counted = await database.query(
    raw`INSERT INTO peer_log_bytes (state, store, day, bytes)
      SELECT ${state}, ${store}, ${day}, ${bytes} WHERE ${bytes} <= ${most}
      ON CONFLICT (state, store) DO UPDATE SET day = excluded.day,
        bytes = excluded.bytes + CASE day WHEN excluded.day THEN bytes ELSE 0 END
      WHERE day <> excluded.day OR bytes + excluded.bytes <= ${most}
      RETURNING state`.compile(sql),
  )
  return counted.length > 0
}
