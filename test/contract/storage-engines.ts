import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompiledQuery } from 'kysely'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { startD1 } from '../support/d1.ts'

/** A migrated, empty database of one engine. */
export interface OpenDatabase {
  readonly database: SqlDatabase
  /** The same database as another process sees it. */
  readonly another: SqlDatabase
  close(): Promise<void>
}

export interface Engine {
  open(): Promise<OpenDatabase>
  stop(): Promise<void>
}

/** SQLite in files of their own: two connections, as two processes have them. */
export function sqliteEngine(): Engine {
  return {
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'certex-contract-'))
      const file = join(folder, 'node.sqlite')
      const database = new SqliteDatabase(file)
      migrate(database)
      const another = new SqliteDatabase(file)
      return {
        database,
        another,
        async close() {
          database.close()
          another.close()
          await rm(folder, { recursive: true })
        },
      }
    },
    stop: () => Promise.resolve(),
  }
}

/** D1 through miniflare. */
export function d1Engine(databases: number): Engine {
  const d1 = startD1(databases)
  return {
    async open() {
      const database = await d1.create()
      return { database, another: database, close: () => Promise.resolve() }
    },
    stop: () => d1.stop(),
  }
}

/** Rows of any statement. */
export function rows<R = Record<string, unknown>>(
  database: SqlDatabase,
  text: string,
  ...parameters: unknown[]
): Promise<R[]> {
  return database.query<R>(CompiledQuery.raw(text, parameters))
}

/** Names of our tables; the engine's own are left out. */
export async function tableNames(database: SqlDatabase): Promise<string[]> {
  const found = await rows<{ name: string }>(
    database,
    "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
  )
  return found.map(({ name }) => name).filter((name) => !/^(sqlite|_cf|d1)_/.test(name))
}

/** Everything that a database holds, table by table. */
export async function contents(database: SqlDatabase): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {}
  for (const table of await tableNames(database))
    all[table] = await rows(database, `SELECT * FROM ${table}`)
  return all
}
