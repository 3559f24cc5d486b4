import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { auditDatabase } from '../../src/storage/audit/audit-database.ts'
import type { Check } from '../../src/storage/audit/audited-tables.ts'
import { createPathCache } from '../../src/x509/path-cache.ts'
import { contextOf, type PartContext, PARTS } from './audit-parts.ts'
import type { AuditedCopies, State } from './audited-copies.ts'

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }

export interface Column {
  readonly name: string
  readonly type: string
  readonly notnull: 0 | 1
  readonly pk: number
}

export type Row = Record<string, string | number | null>

/** Other values of a column, by what was done to it. */
export function alterations(
  value: Row[string],
  { type, notnull }: Column,
): [string, Row[string]][] {
  const none: [string, Row[string]][] = notnull === 0 && value !== null ? [['NULL', null]] : []
  if (type === 'INTEGER') {
    const number = Number(value ?? 0)
    return [...none, ['+ 1000', number + 1000], ['+ 1', number + 1], ['- 1', number - 1]]
  }
  const text = String(value ?? '')
  if (text === '') return [['filled', 'x']]
  return [
    ...none,
    ['another character', altered(text)],
    ['another middle character', otherMiddle(text)],
    ['another first character', otherAt(text, 0)],
    ['another last character', otherAt(text, text.length - 1)],
    ['longer', `${text}x`],
    ['shorter', text.slice(0, -1)],
    ['empty', ''],
  ]
}

/** Another value of the same look: of a time its last second, elsewhere one character in the middle. */
function altered(text: string): string {
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)
  const middle = text.slice(Math.floor(text.length / 2)).search(/[0-9A-Za-z]/)
  return otherAt(text, isTime ? 18 : middle < 0 ? 0 : Math.floor(text.length / 2) + middle)
}

/** Another character in its very middle, whatever that makes of it: a time is none then. */
export function otherMiddle(text: string): string {
  return otherAt(text, Math.floor(text.length / 2))
}

function otherAt(text: string, at: number): string {
  const next = text[at] === '0' ? '1' : /\d/.test(text[at]!) ? '0' : text[at] === 'q' ? 'r' : 'q'
  return text.slice(0, at) + next + text.slice(at + 1)
}

/** One value of each: what a row of nobody may hold. */
export function strange(row: Row, columns: readonly Column[]): Row[string][] {
  return columns.map((column) => {
    const value = row[column.name]!
    if (column.type === 'INTEGER') return Number(value ?? 0) + 1000
    return value === null || value === '' ? 'x' : altered(String(value))
  })
}

/** A database in which everything may be altered, and is put back after every audit. */
export class Altering {
  readonly database: SqliteDatabase
  readonly paths = createPathCache()
  constructor({ folder, files }: AuditedCopies, state: State) {
    const file = join(folder, `${state}-altered.sqlite`)
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    copyFileSync(files[state], file)
    this.database = new SqliteDatabase(file)
    const { raw } = this.database
    const triggers = raw.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck()
    for (const trigger of triggers.all() as string[]) raw.exec(`DROP TRIGGER ${trigger}`)
    raw.pragma('ignore_check_constraints = ON')
  }

  get tables(): string[] {
    const names = this.database.raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    return names.pluck().all() as string[]
  }

  columns(table: string): Column[] {
    return this.database.raw.pragma(`table_info(${table})`) as Column[]
  }

  rows(table: string): Row[] {
    return this.database.raw.prepare(`SELECT * FROM ${table}`).all() as Row[]
  }

  key(table: string): Column[] {
    const columns = this.columns(table)
    const key = columns.filter(({ pk }) => pk > 0)
    return key.length > 0 ? key : columns
  }

  update(table: string, row: Row, values: Row): void {
    const key = this.key(table)
    const names = Object.keys(values)
    this.database.raw
      .prepare(
        `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')}
          WHERE ${key.map(({ name }) => `${name} IS ?`).join(' AND ')}`,
      )
      .run([...names.map((name) => values[name]), ...key.map(({ name }) => row[name])])
  }

  /** The values of a row in these columns. */
  of(row: Row, columns: readonly string[]): Row {
    return Object.fromEntries(columns.map((column) => [column, row[column]!]))
  }

  /**
   * Whether an audit finds this; nothing of it stays. Asked first is the check that `AUDITED` names, which
   * is a part of every audit; only where that finds nothing, the whole.
   */
  async finds(check: Check, alter: () => void): Promise<boolean> {
    return this.#undone(alter, async () => (await this.#part(check)) || this.#whole())
  }

  /** The same by the whole audit, which has to come to its end. */
  async findsWhole(alter: () => void): Promise<boolean> {
    return this.#undone(alter, () => this.#whole())
  }

  async #undone(alter: () => void, audit: () => Promise<boolean>): Promise<boolean> {
    const { raw } = this.database
    raw.exec('BEGIN')
    try {
      alter()
      return await audit()
    } catch (error) {
      // What the table itself refuses cannot stand in a database whose schema is that of the program.
      if (isRefusal(error)) return true
      throw error
    } finally {
      raw.exec('ROLLBACK')
    }
  }

  async #whole(): Promise<boolean> {
    const audited = await auditDatabase(this.database, { ...QUIET, paths: this.paths })
    return audited === 'no-node' || audited.found > 0
  }

  #context: Promise<PartContext> | undefined

  /** What is known of the database before anybody altered it. */
  context() {
    this.#context ??= contextOf(this.database, this.paths)
    return this.#context
  }

  async #part(check: Check): Promise<boolean> {
    let found = 0
    const report = () => void found++
    await PARTS[check](this.database, await this.context(), report)
    return found > 0
  }
}

function isRefusal(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message: string }
  // The latter of an index over a member of JSON.
  return /^SQLITE_(CONSTRAINT|MISMATCH)/.test(String(code)) || message === 'malformed JSON'
}
