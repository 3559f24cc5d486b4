import { CompiledQuery } from 'kysely'
import { WAITS_FOR_ITS_PLACE, WAITS_FOR_ITS_RECEIPT } from '../exchange/incoming/waiting-changes.ts'
import { withoutPlace } from './places.ts'
import { KEYS, type ProjectedRows, type Projection } from './projected-rows.ts'
import { readEntries } from './read-entries.ts'
import { rebuildProjections } from './rebuild.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

type Row = Readonly<Record<string, unknown>>

/** Rows of the log cannot stand beside each other in the tables: it names the tables. */
export class PlacesCollide extends Error {
  override name = 'PlacesCollide'
}

/**
 * Writes every projection anew from the log, in one step, in a database that nobody serves. What came too
 * late to take effect does so now, in its place; but of several documents that claim one number all but one
 * are kept without effect (`late_documents`). Which messages were acknowledged is kept. What is wrong with
 * the log itself is left to `differencesFromLog`. Holds all rows in memory.
 *
 * @throws {PlacesCollide} nothing was written
 */
export async function rewriteProjections(database: SqlDatabase, state: string): Promise<void> {
  const { rows, taken } = await projectionsOf(database, state)
  const received = await receivedMessages(database)
  for (const [key, message] of rows.outgoing) {
    const at = received.get(key)
    if (at !== undefined) rows.outgoing.set(key, { ...message, received_at: at })
  }
  const tables = Object.keys(KEYS) as Projection[]
  const guards = await triggersOf(database, tables)
  const done = await database.atomic([
    ...lateStatements(taken),
    ...guards.map(({ name }) => CompiledQuery.raw(`DROP TRIGGER ${name}`)),
    ...tables.map((table) => CompiledQuery.raw(`DELETE FROM ${table}`)),
    ...tables.flatMap((table) =>
      [...rows[table].values()].map((row) => insertStatement(table, row)),
    ),
    ...guards.map((guard) => CompiledQuery.raw(guard.sql)),
  ])
  if (done === 'collision')
    throw new PlacesCollide(
      'Two documents of the log claim one place in the tables, and it cannot be told which of them had it',
    )
}

/** What the log makes where everything in it is in its place, and those that others keep from theirs. */
async function projectionsOf(
  database: SqlDatabase,
  state: string,
): Promise<{ readonly rows: ProjectedRows; readonly taken: ReadonlySet<string> }> {
  const all = await rebuildProjections(readEntries(database, new Set()), state)
  const taken = withoutPlace(all.rows, await listedAsLost(database))
  if (taken.size === 0) return { rows: all.rows, taken }
  // What is about them changes nothing either.
  const { rows } = await rebuildProjections(readEntries(database, taken), state)
  return { rows, taken }
}

async function listedAsLost(database: SqlDatabase): Promise<ReadonlySet<string>> {
  const rows = await database.query(
    sql
      .selectFrom('lost_documents')
      .select('sha256')
      .where('kind', 'in', ['certificate', 'reconciliation'])
      .compile(),
  )
  return new Set(rows.map(({ sha256 }) => sha256))
}

function lateStatements(taken: ReadonlySet<string>): CompiledQuery[] {
  const waiting = (before: string, now: string, where: string, ...values: readonly string[]) =>
    CompiledQuery.raw(`UPDATE inbox SET waits_for = ? WHERE waits_for ${before} AND ${where}`, [
      now,
      ...values,
    ])
  return [
    sql.deleteFrom('late_documents').compile(),
    waiting('= ?', WAITS_FOR_ITS_RECEIPT, 'true', WAITS_FOR_ITS_PLACE),
    ...[...taken].flatMap((sha256) => [
      sql.insertInto('late_documents').values({ sha256, reason: 'taken' }).compile(),
      waiting('IS NOT NULL', WAITS_FOR_ITS_PLACE, 'sha256 = ?', sha256),
    ]),
  ]
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
