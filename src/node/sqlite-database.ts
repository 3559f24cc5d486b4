import Sqlite from 'better-sqlite3'
import type { CompiledQuery } from 'kysely'
import type { SqlDatabase } from '../storage/sql-database.ts'

const COLLISIONS = new Set([
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
  'SQLITE_CONSTRAINT_ROWID',
])

/** SQLite in this process: WAL, and every commit on disk before it is answered. */
export class SqliteDatabase implements SqlDatabase {
  readonly raw: Sqlite.Database
  readonly #statements = new Map<string, Sqlite.Statement>()

  /** `readOnly`: nothing is written to the file, and no other process is kept from writing. */
  constructor(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    this.raw = new Sqlite(path, readOnly ? { readonly: true, fileMustExist: true } : {})
    if (readOnly) return
    this.raw.pragma('page_size = 8192')
    this.raw.pragma('journal_mode = WAL')
    this.raw.pragma('synchronous = FULL')
    this.raw.pragma('busy_timeout = 10000')
    this.raw.pragma('foreign_keys = ON')
  }

  // oxlint-disable-next-line require-await -- the port is asynchronous, the engine is not
  async query<R>(query: CompiledQuery<R>): Promise<R[]> {
    return this.#run(query) as R[]
  }

  // oxlint-disable-next-line require-await -- as above
  async atomic(statements: readonly CompiledQuery[]): Promise<'done' | 'collision'> {
    try {
      this.raw
        .transaction(() => {
          for (const statement of statements) this.#run(statement)
        })
        .immediate()
      return 'done'
    } catch (error) {
      if (error instanceof Sqlite.SqliteError && COLLISIONS.has(error.code)) return 'collision'
      throw error
    }
  }

  close(): void {
    this.raw.close()
  }

  #run(query: CompiledQuery): unknown[] {
    let statement = this.#statements.get(query.sql)
    if (!statement) {
      statement = this.raw.prepare(query.sql)
      if (this.#statements.size >= 500) this.#statements.clear()
      this.#statements.set(query.sql, statement)
    }
    if (statement.reader) return statement.all(query.parameters)
    statement.run(query.parameters)
    return []
  }
}
