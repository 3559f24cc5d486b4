import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adoptEcdsaP256, adoptSha256 } from '../../src/crypto/suite.ts'
import type { AuditFinding } from '../../src/exchange/audit/finding.ts'
import { nativeEcdsa } from '../../src/node/native-ecdsa.ts'
import { nativeSha256 } from '../../src/node/native-sha256.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { auditDatabase } from '../../src/storage/audit/audit-database.ts'
import { AUDITED } from '../../src/storage/audit/audited-tables.ts'
import { createPathCache } from '../../src/x509/path-cache.ts'
import {
  type AuditedCopies,
  makeAuditedCopies,
  type State,
  STATES,
} from '../support/audited-copies.ts'

let copies: AuditedCopies

beforeAll(async () => {
  adoptSha256(nativeSha256)
  await adoptEcdsaP256(nativeEcdsa)
  copies = await makeAuditedCopies()
}, 120_000)
afterAll(() => copies.remove())

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }

interface Column {
  readonly name: string
  readonly type: string
  readonly pk: number
}

type Row = Record<string, string | number | null>

/** Another value of the same look: one digit or letter further, in the middle of it. */
function altered(value: Row[string], { type }: Column): Row[string] {
  if (type === 'INTEGER') return Number(value ?? 0) + 1000
  const text = String(value ?? '')
  if (text === '') return 'x'
  // Of a time its last second; elsewhere the middle.
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)
  const middle = text.slice(Math.floor(text.length / 2)).search(/[0-9A-Za-z]/)
  const at = isTime ? 18 : middle < 0 ? 0 : Math.floor(text.length / 2) + middle
  const next = text[at] === '0' ? '1' : /\d/.test(text[at]!) ? '0' : text[at] === 'q' ? 'r' : 'q'
  return text.slice(0, at) + next + text.slice(at + 1)
}

/** A database in which everything may be altered, and is put back after every audit. */
class Altering {
  readonly database: SqliteDatabase
  readonly paths = createPathCache()
  constructor(state: State) {
    const file = join(copies.folder, `${state}-altered.sqlite`)
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    copyFileSync(copies.files[state], file)
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

  /** What an audit finds after this; nothing of it stays. */
  async after(alter: () => void): Promise<readonly AuditFinding[]> {
    const { raw } = this.database
    raw.exec('BEGIN')
    try {
      alter()
      const audited = await auditDatabase(this.database, { ...QUIET, paths: this.paths })
      if (audited === 'no-node') return [{ code: 'record-missing', where: 'node', detail: '' }]
      return audited.findings
    } finally {
      raw.exec('ROLLBACK')
    }
  }
}

/** Tables that this history fills at neither node; tests of their own look into their checks. */
const EMPTY_HERE = new Set<string>(['ocsp_responses', 'lost_documents', 'lost_numbers'])
/** Read with the file, not from within. */
const OF_THE_FILE = new Set(['migrations', 'sqlite_stat1'])

describe('what an audit covers', () => {
  it('is said of every table, and of no column that is not', () => {
    const altering = new Altering('BY')
    const { tables } = altering
    expect(Object.keys(AUDITED).toSorted()).toEqual(tables.toSorted())
    for (const [table, coverage] of Object.entries(AUDITED)) {
      const columns = altering.columns(table).map(({ name }) => name)
      const named = 'unproven' in coverage ? Object.keys(coverage.unproven ?? {}) : []
      expect(columns, table).toEqual(expect.arrayContaining(named))
    }
    altering.database.close()
  })

  const tables = Object.keys(AUDITED).filter((table) => !OF_THE_FILE.has(table))
  it.each(tables)('is every value and row of %s', async (name) => {
    const table = name as keyof typeof AUDITED
    const coverage = AUDITED[table]
    // The shorter log first: there are some hundred audits.
    const state = STATES.toReversed().find((one) => new Altering(one).rows(table).length > 0)
    if ('workingState' in coverage) return
    expect(state === undefined, `${table} is filled`).toBe(EMPTY_HERE.has(table))
    if (!state) return
    const altering = new Altering(state)
    const rows = altering.rows(table)
    const row = rows[Math.floor(rows.length / 2)]!
    const missed: string[] = []
    const attempt = async (what: string, alter: () => void) => {
      if ((await altering.after(alter)).length === 0) missed.push(what)
    }
    for (const column of altering.columns(table)) {
      if (coverage.unproven && column.name in coverage.unproven) continue
      const value = altered(row[column.name]!, column)
      await attempt(`${column.name} = ${String(value)}`, () =>
        altering.update(table, row, { [column.name]: value }),
      )
    }
    if (coverage.mayMissRows === undefined)
      await attempt('a row taken away', () => {
        const key = altering.key(table)
        const where = key.map((column) => `${column.name} IS ?`).join(' AND ')
        const values = key.map((column) => row[column.name])
        altering.database.raw.prepare(`DELETE FROM ${table} WHERE ${where}`).run(values)
      })
    await attempt('a foreign row', () => {
      const columns = altering.columns(table)
      const values = columns.map((column) => altered(row[column.name]!, column))
      const marks = columns.map(() => '?').join(', ')
      altering.database.raw.prepare(`INSERT INTO ${table} VALUES (${marks})`).run(values)
    })
    const other = rows.find((one) => one !== row)
    if (other) {
      const key = new Set(altering.key(table).map((column) => column.name))
      const proven = altering
        .columns(table)
        .filter((column) => !key.has(column.name) && !(column.name in (coverage.unproven ?? {})))
        .map((column) => column.name)
      const of = (from: Row) => Object.fromEntries(proven.map((column) => [column, from[column]!]))
      const differs = JSON.stringify(of(row)) !== JSON.stringify(of(other))
      if (proven.length > 0 && differs && coverage.mayBeReordered === undefined)
        await attempt('two rows exchanged', () => {
          const blank = altering
            .columns(table)
            .filter(({ name: column }) => proven.includes(column))
          const aside = Object.fromEntries(
            blank.map(({ name: column, type }) => [column, type === 'TEXT' ? 'aside' : -9]),
          )
          altering.update(table, other, aside)
          altering.update(table, row, of(other))
          altering.update(table, other, of(row))
        })
    }
    altering.database.close()
    expect(missed).toEqual([])
  })
})
