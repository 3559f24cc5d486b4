import { type RawBuilder, sql as raw } from 'kysely'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** What the log of a state would fill of a day in one of the two stores here. */
export interface Intake {
  readonly store: 'mirror' | 'witness'
  readonly state: string
  readonly day: string
  readonly bytes: number
  /** That it may fill in a day. */
  readonly most: number
}

/** Counts it; false, and nothing is counted, when it would be more than `most` on this day. */
export async function spendBytes(database: SqlDatabase, intake: Intake): Promise<boolean> {
  const counted = await database.query(
    raw`${spending(intake, hasRoom(intake))} RETURNING state`.compile(sql),
  )
  return counted.length > 0
}

export function hasRoom({ store, state, day, bytes, most }: Intake): RawBuilder<boolean> {
  return raw`${bytes} + coalesce((SELECT bytes FROM peer_log_bytes
    WHERE state = ${state} AND store = ${store} AND day = ${day}), 0) <= ${most}`
}

/** Counts it where the condition holds. */
export function spending(
  { store, state, day, bytes }: Intake,
  condition: RawBuilder<boolean>,
): RawBuilder<unknown> {
  return raw`INSERT INTO peer_log_bytes (state, store, day, bytes)
    SELECT ${state}, ${store}, ${day}, ${bytes} WHERE ${condition}
    ON CONFLICT (state, store) DO UPDATE SET day = excluded.day,
      bytes = excluded.bytes + CASE day WHEN excluded.day THEN bytes ELSE 0 END`
}
