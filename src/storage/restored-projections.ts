import { CompiledQuery } from 'kysely'
import { WAITS_FOR_ITS_PLACE, WAITS_FOR_ITS_RECEIPT } from '../exchange/incoming/waiting-changes.ts'
import { KEYS, type Projection, readEntries, rebuildProjections } from './rebuild.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * Writes every projection anew from the log, in one step, in a database that nobody serves. What came too
 * late to take effect does so now, in its place. Which messages were acknowledged is kept. What is wrong with the log itself. Holds all rows in memory.
 */
export async function rewriteProjections(database: SqlDatabase, state: string): Promise<string[]> {
  await database.atomic([
    sql
      .updateTable('inbox')
      .set({ waits_for: WAITS_FOR_ITS_RECEIPT })
      .where('waits_for', '=', WAITS_FOR_ITS_PLACE)
      .compile(),
  ])
  const { rows, differences } = await rebuildProjections(readEntries(database), state)
  const received = await receivedMessages(database)
  for (const [key, message] of rows.outgoing) {
    const at = received.get(key)
    if (at !== undefined) rows.outgoing.set(key, { ...message, received_at: at })
  }
  const tables = Object.keys(KEYS) as Projection[]
  const guards = await triggersOf(database, tables)
  const done = await database.atomic([
    ...guards.map(({ name }) => CompiledQuery.raw(`DROP TRIGGER ${name}`)),
    ...tables.map((table) => CompiledQuery.raw(`DELETE FROM ${table}`)),
    ...tables.flatMap((table) =>
      [...rows[table].values()].map((row) => insertStatement(table, row)),
    ),
    ...guards.map((guard) => CompiledQuery.raw(guard.sql)),
  ])
  return done === 'done'
    ? differences
    : [...differences, 'two documents of the log claim one place']
}

async function receivedMessages(database: SqlDatabase): Promise<Map<string, string>> {
  const messages = await database.query<{ key: string; received_at: string }>(
    CompiledQuery.raw(
      `SELECT recipient || ' ' || seq AS key, received_at FROM outgoing WHERE received_at IS NOT NULL`,
    ),
  )
  return new Map(messages.map(({ key, received_at: at }) => [key, at]))
}

/** What keeps rows from being deleted: append-only for everybody else. */
function triggersOf(
  database: SqlDatabase,
  tables: readonly string[],
): Promise<{ name: string; sql: string }[]> {
  const marks = tables.map(() => '?').join(', ')
  return database.query(
    CompiledQuery.raw(
      `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (${marks})`,
      [...tables],
    ),
  )
}

function insertStatement(table: Projection, row: Row): CompiledQuery {
  const columns = Object.keys(row)
  const marks = columns.map(() => '?').join(', ')
  return CompiledQuery.raw(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`,
    Object.values(row),
  )
}
