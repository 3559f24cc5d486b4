import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { auditFile } from '../../src/node/audit-file.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { AUDITED, type Check } from '../../src/storage/audit/audited-tables.ts'
import { type PartContext, PARTS } from './audit-parts.ts'

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }
const SCHEMA = 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2'

/** All that an audit proves, by its table: every column that `AUDITED` does not name as unproven. */
export type Dump = ReadonlyMap<string, string>

export function dumpOf({ raw }: SqliteDatabase): Dump {
  const dump = new Map([['schema', JSON.stringify(raw.prepare(SCHEMA).raw().all())]])
  for (const [table, coverage] of Object.entries(AUDITED)) {
    if ('workingState' in coverage) continue
    const names = raw.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck()
    const columns = (names.all() as string[]).filter((name) => !(name in (coverage.unproven ?? {})))
    const rows = raw.prepare(
      `SELECT ${columns.map((name) => `"${name}"`).join(', ')} FROM ${table}`,
    )
    dump.set(table, JSON.stringify(rows.raw().all()))
  }
  return dump
}

/** What became of a file in which an octet is another; `context`: what was known of it before. */
export async function outcomeOf(
  file: string,
  before: Dump,
  context: PartContext,
): Promise<'unopened' | 'unread' | 'found' | 'missed'> {
  let database: SqliteDatabase | undefined
  try {
    database = new SqliteDatabase(file, { readOnly: true })
    const [first] = database.raw.pragma('integrity_check(1)') as { integrity_check: string }[]
    if (first?.integrity_check !== 'ok') return 'found'
    const after = dumpOf(database)
    const differing = [...before].filter(([table, rows]) => after.get(table) !== rows)
    if (differing.length === 0) return 'unread'
    for (const [table] of differing)
      if (table !== 'schema' && (await finds(database, table, context))) return 'found'
    return (await auditFile(file, QUIET, 0)).found > 0 ? 'found' : 'missed'
  } catch (error) {
    // Whoever audits is told that the file is no database, or is damaged.
    if (/^SQLITE_|^AuditError$/.test(nameOf(error))) return 'unopened'
    throw error
  } finally {
    database?.close()
    for (const suffix of ['-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true })
  }
}

function nameOf(error: unknown): string {
  const { code, name } = error as { readonly code?: string; readonly name: string }
  return code ?? name
}

/** Whether the check that `AUDITED` names finds it: a part of every audit. */
async function finds(database: SqliteDatabase, table: string, context: PartContext) {
  const { checkedBy } = AUDITED[table as keyof typeof AUDITED] as { checkedBy: Check }
  let found = 0
  await PARTS[checkedBy](database, context, () => void found++)
  return found > 0
}

export function writeOctet(file: string, at: number, octet: number): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.from([octet]), 0, 1, at)
  closeSync(handle)
}

/** The same numbers below 1 for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
