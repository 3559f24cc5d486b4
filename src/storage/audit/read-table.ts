import { CompiledQuery } from 'kysely'
import type { SqlDatabase } from '../sql-database.ts'
import type { Tables } from '../tables.ts'

/** Rows that are read at once. */
export const PAGE = 512

/** A row as the audit reads it: what the schema promises of it holds only if nobody altered it. */
export type AuditRow<T extends keyof Tables> = {
  readonly [C in keyof Tables[T]]: Tables[T][C] extends { __select__: infer S } ? S : Tables[T][C]
}

/** All rows of a table by a key, a page at a time. */
export async function* rowsOf<T extends keyof Tables>(
  database: SqlDatabase,
  table: T,
  key: readonly (keyof Tables[T] & string)[],
): AsyncGenerator<AuditRow<T>> {
  const columns = key.join(', ')
  const marks = key.map(() => '?').join(', ')
  let last: Record<string, unknown> | undefined
  for (;;) {
    const where = last ? `WHERE (${columns}) > (${marks})` : ''
    const page = await database.query<Record<string, unknown>>(
      CompiledQuery.raw(
        `SELECT * FROM ${table} ${where} ORDER BY ${columns} LIMIT ${PAGE}`,
        last ? key.map((column) => last![column]) : [],
      ),
    )
    for (const row of page) yield row as unknown as AuditRow<T>
    if (page.length < PAGE) return
    last = page.at(-1)
  }
}

/** Whatever a statement finds, each row as one line of text. */
export async function linesOf(database: SqlDatabase, statement: string): Promise<string[]> {
  const rows = await database.query<Record<string, unknown>>(CompiledQuery.raw(statement, []))
  return rows.map((row) => Object.values(row).map(String).join(' '))
}
