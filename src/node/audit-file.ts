import { availableParallelism } from 'node:os'
import { adoptEcdsaP256, adoptSha256 } from '../crypto/suite.ts'
import type { AuditFinding, Report } from '../exchange/audit/finding.ts'
import {
  auditDatabase,
  type AuditRequest,
  type DatabaseAudit,
  lastInstant,
} from '../storage/audit/audit-database.ts'
import { auditAppliedTimes } from '../storage/audit/audit-times.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { auditedFile, hasNewerWrites } from './audited-file.ts'
import { auditPages } from './audit-pages.ts'
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
 * Audits a database file, best a copy: reads one state of it and writes nothing. `threads`: how many help
 * with one that nobody has open; unless given, a long log is read on all cores. A file that cannot be read to
 * its end, or that is no database of a node, is a finding: that may be all that one octet has left of it.
 *
 * @throws {AuditError} the database is of an older version of this program
 * @throws {AuditOptionError} an option is wrong
 */
export async function auditFile(
  file: string,
  request: Omit<AuditRequest, 'paths' | 'beside'>,
  threads?: number,
): Promise<DatabaseAudit> {
  adoptSha256(nativeSha256)
  await adoptEcdsaP256(nativeEcdsa)
  const findings: AuditFinding[] = []
  const report: Report = (code, where, detail) => findings.push({ code, where, detail })
  let database: SqliteDatabase | undefined
  let started: AuditThreads | undefined
  try {
    database = auditedFile(file)
    auditSchema(database, report)
    await auditAppliedTimes(database, report)
    // Of a file in use each thread would see another moment.
    const count = hasNewerWrites(file) ? 0 : (threads ?? threadsFor(database))
    if (count > 0)
      started = auditThreads(count, { file, asOf: new Date(await lastInstant(database)) })
    const [pages, audit] = await Promise.all([
      started ? started.pages() : auditPages(database),
      auditDatabase(database, {
        ...request,
        paths: createPathCache(),
        ...(started && { beside: started.beside }),
      }),
    ])
    findings.push(...pages)
    if (audit === 'no-node') {
      report('record-missing', 'node', 'nothing says whose database it is')
      return unread(findings)
    }
    return {
      ...audit,
      findings: [...findings, ...audit.findings],
      found: findings.length + audit.found,
    }
  } catch (error) {
    if (!isDamage(error)) throw error
    report('file-damaged', 'file', `it is no whole database of a node: ${error.message}`)
    return unread(findings)
  } finally {
    await started?.close()
    database?.close()
  }
}

/** What is told of a file in which not even the log could be read to its end. */
function unread(findings: readonly AuditFinding[]): DatabaseAudit {
  return {
    state: '',
    environment: '',
    epoch: '',
    entries: 0,
    root: '',
    signatures: 0,
    lost: { documents: 0, administrative: 0 },
    revokedLater: 0,
    since: undefined,
    asOf: '',
    vouched: { signed: 0, cosigned: 0 },
    roots: [],
    unsignedExchanges: 0,
    coveredLater: [],
    uncovered: {},
    checkpoint: undefined,
    findings,
    found: findings.length,
  }
}

/** Errors of the surroundings; any other comes of what stands in the file: the statements are right. */
const OF_THE_SURROUNDINGS =
  /^SQLITE_(BUSY|LOCKED|CANTOPEN|NOMEM|FULL|PERM|AUTH|INTERRUPT|IOERR(?!_SHORT_READ))/

/** By its code: of an error in a thread that is what is left. */
function isDamage(error: unknown): error is Error {
  const code = String((error as { code?: unknown }).code)
  return code.startsWith('SQLITE_') && !OF_THE_SURROUNDINGS.test(code)
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
    const applied = raw.prepare(MIGRATIONS).raw().all()
    const isOlder =
      applied.length < expected.length && isSame(applied, expected.slice(0, applied.length))
    if (isOlder && applied.length > 0 && !isSame(objectsOf(raw), objectsOf(fresh.raw)))
      throw new AuditError('It is of an older version of this program: audit it with that version')
    if (!isSame(applied, expected))
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

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others)
}

function objectsOf(raw: SqliteDatabase['raw']): SchemaObject[] {
  return raw.prepare(OBJECTS).all() as SchemaObject[]
}
