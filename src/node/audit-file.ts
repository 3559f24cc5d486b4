import { availableParallelism } from 'node:os'
import { adoptEcdsaP256, adoptSha256 } from '../crypto/suite.ts'
import type { AuditFinding, Report } from '../exchange/audit/finding.ts'
import {
  auditDatabase,
  type AuditRequest,
  type DatabaseAudit,
  lastInstant,
} from '../storage/audit/audit-database.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { type AuditThreads, auditThreads } from './audit-threads.ts'
import { migrate } from './migrate.ts'
import { nativeEcdsa } from './native-ecdsa.ts'
import { nativeSha256 } from './native-sha256.ts'
import { SqliteDatabase } from './sqlite-database.ts'

export class AuditError extends Error {
  override name = 'AuditError'
}

/** Entries of a log that others help to read: to start a thread takes as long as to read thousands. */
const ENTRIES_FOR_THREADS = 8192
/** Each takes some hundred megabytes, and what goes on with what they read is one. */
const MAX_THREADS = 8

/**
 * Audits a database file, best a copy: reads one state of it and writes nothing. `threads`: how many help to
 * read the log. Unless given, a long one is read on all cores.
 *
 * @throws {AuditError} it is no database of a node of this version, or an option is wrong
 */
export async function auditFile(
  file: string,
  request: Omit<AuditRequest, 'paths' | 'beside'>,
  threads?: number,
): Promise<DatabaseAudit> {
  adoptSha256(nativeSha256)
  await adoptEcdsaP256(nativeEcdsa)
  const database = new SqliteDatabase(file, { readOnly: true })
  let started: AuditThreads | undefined
  try {
    // One moment of a database that may be in use.
    database.raw.exec('BEGIN')
    const findings: AuditFinding[] = []
    const report: Report = (code, where, detail) => findings.push({ code, where, detail })
    auditSchema(database, report)
    const count = threads ?? threadsFor(database)
    if (count > 0)
      started = auditThreads(count, { file, asOf: new Date(await lastInstant(database)) })
    auditPages(database, report)
    const audit = await auditDatabase(database, {
      ...request,
      paths: createPathCache(),
      ...(started && { beside: started.beside }),
    })
    if (audit === 'no-node') throw new AuditError(`${file} belongs to no node`)
    return {
      ...audit,
      findings: [...findings, ...audit.findings],
      found: findings.length + audit.found,
    }
  } catch (error) {
    if (error instanceof RangeError) throw new AuditError(error.message, { cause: error })
    if (isDamage(error))
      throw new AuditError(`${file} is damaged: it cannot be read to its end`, { cause: error })
    throw error
  } finally {
    await started?.close()
    database.close()
  }
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(String((error as { code?: string }).code))
}

function threadsFor({ raw }: SqliteDatabase): number {
  const entries = raw.prepare('SELECT count(*) FROM entries').pluck().get() as number
  return entries < ENTRIES_FOR_THREADS ? 0 : Math.min(availableParallelism() - 1, MAX_THREADS)
}

interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}

const OBJECTS = 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name'
const MIGRATIONS = 'SELECT name, sha256 FROM migrations ORDER BY name'

/** Tables, indexes and triggers as the program makes them. */
function auditSchema({ raw }: SqliteDatabase, report: Report): void {
  const fresh = new SqliteDatabase(':memory:')
  try {
    migrate(fresh, 'audit')
    const expected = fresh.raw.prepare(MIGRATIONS).raw().all()
    const applied = migrationsOf(raw)
    if (applied.length < expected.length)
      throw new AuditError('It is of an older version of this program: audit it with that version')
    if (JSON.stringify(applied) !== JSON.stringify(expected))
      report('schema-differs', 'migrations', 'other ones were applied than this program has')
    const said = ({ tbl_name: table, sql }: SchemaObject) => `${table} ${sql}`
    const right = new Map(objectsOf(fresh.raw).map((one) => [`${one.type} ${one.name}`, said(one)]))
    for (const one of objectsOf(raw)) {
      const where = `${one.type} ${one.name}`
      if (!right.has(where)) report('schema-differs', where, 'the program makes no such thing')
      else if (right.get(where) !== said(one))
        report('schema-differs', where, 'it is not as the program makes it')
      right.delete(where)
    }
    for (const where of right.keys()) report('schema-differs', where, 'it is missing')
  } finally {
    fresh.close()
  }
}

/** The pages of the file, and its indexes against their tables. */
function auditPages({ raw }: SqliteDatabase, report: Report): void {
  const faults = raw.pragma('integrity_check(100)') as { integrity_check: string }[]
  for (const { integrity_check: fault } of faults)
    if (fault !== 'ok') report('file-damaged', 'file', fault)
}

function migrationsOf(raw: SqliteDatabase['raw']): unknown[] {
  try {
    return raw.prepare(MIGRATIONS).raw().all()
  } catch (cause) {
    throw new AuditError('It is no database of a node', { cause })
  }
}

function objectsOf(raw: SqliteDatabase['raw']): SchemaObject[] {
  return raw.prepare(OBJECTS).all() as SchemaObject[]
}
