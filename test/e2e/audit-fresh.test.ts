import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditReport } from '../../src/exchange/audit/audit-report.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { coverEveryTable } from '../../src/exchange/log/cover-rows.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { backUp } from '../../src/node/backup.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { verifyAdministrativeLeaves } from '../../src/storage/administrative-check.ts'
import { sqlCoverableRows } from '../../src/storage/administrative-records.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { type Row, otherMiddle } from '../support/altering.ts'
import { recordClients } from '../support/audited-copies.ts'
import { certex } from '../support/cli.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import { answered, content } from '../support/typed.ts'
import { startTestNode, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }

let nodes: TwoNodes
/** A backup of the running node, and the file that it left, each a moment after somebody had read. */
let backup: string
let left: string
let printed: string
let serial = 0

beforeAll(async () => {
  nodes = await startTwoNodes()
  const { BY } = nodes
  const chamber = await BY.client('issuer', 'BY.CCI')
  const customs = await BY.client('customs', 'BY.CUSTOMS')
  await recordClients(BY)
  const body = { certificate: content(await freshCertificate()) }
  const { sha256 } = answered(await chamber.api.issueCertificate({ body }), 201).body
  const document = await BY.running.deps.certificates.document(sha256)
  const validate = async () => {
    const context = { officer: 'BY-1', purpose: 'import-control' }
    const { status } = await customs.post('/v1/validations', { context, items: [{ document }] })
    expect(status).toBe(200)
  }
  await validate()
  backup = join(nodes.folder, 'backup.sqlite')
  const made = await certex(['backup', '--config', BY.configFile, '--out', backup])
  expect(made.code, made.stderr).toBe(0)
  printed = made.stdout
  await validate()
  await BY.running.stop()
  left = join(BY.data, 'node.sqlite')
})
afterAll(async () => {
  await nodes.close()
})

/** A copy after somebody with the file in hand did this to it; its triggers stand again. */
function altered(from: string, alter: (database: SqliteDatabase) => void): string {
  const file = join(nodes.folder, `altered-${++serial}.sqlite`)
  copyFileSync(from, file)
  const database = new SqliteDatabase(file)
  const { raw } = database
  const triggers = triggersOf(raw)
  for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`)
  alter(database)
  for (const { sql } of triggers) raw.exec(sql)
  raw.pragma('journal_mode = DELETE')
  database.close()
  return file
}

function triggersOf(raw: SqliteDatabase['raw']) {
  const query = raw.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
  return query.all() as { name: string; sql: string }[]
}

async function reportOf(file: string): Promise<{ code: number | null; report: AuditReport }> {
  const { code, stdout } = await certex(['audit', '--database', file, '--json'])
  return { code, report: JSON.parse(stdout) as AuditReport }
}

describe.each([
  ['the backup of a running node', () => backup],
  ['the file of a node that has ended', () => left],
])('in %s', (_, file) => {
  it('every row stands behind a signed entry of the log', async () => {
    expect(printed).not.toContain('stand behind no entry')
    const { findings, uncovered, vouched, entries } = await auditFile(file(), QUIET)
    expect({ findings, uncovered }).toEqual({ findings: [], uncovered: {} })
    if (file() === left) expect(vouched.signed).toBe(entries)
  })

  it.each([
    ['accesses', 'client'],
    ['reports', 'body'],
  ])('the middle byte of no column of the newest of %s is another', async (table, column) => {
    const database = new SqliteDatabase(altered(file(), () => undefined))
    for (const { name } of triggersOf(database.raw)) database.raw.exec(`DROP TRIGGER ${name}`)
    const newest = database.raw.prepare(`SELECT * FROM ${table} ORDER BY n DESC`).get() as Row
    const columns = Object.keys(newest).filter((name) => name !== 'n' && newest[name] !== null)
    expect(columns.length).toBeGreaterThan(4)
    const update = (name: string, value: Row[string]) =>
      database.raw.prepare(`UPDATE ${table} SET ${name} = ? WHERE n = ?`).run(value, newest['n'])
    for (const name of columns) {
      update(name, otherMiddle(String(newest[name])))
      const differences: string[] = []
      await verifyAdministrativeLeaves(database, (difference) => differences.push(difference))
      expect(differences, name).toHaveLength(1)
      update(name, newest[name]!)
    }
    database.close()
    const value = otherMiddle(String(newest[column]))
    const another = altered(file(), ({ raw }) => {
      raw.prepare(`UPDATE ${table} SET ${column} = ? WHERE n = ?`).run(value, newest['n'])
    })
    const { code, report } = await reportOf(another)
    expect(code).toBe(1)
    expect(report.findings.map(({ detail }) => detail).join()).toContain('not what was logged')
  })
})

const ANOTHER_READING = `;INSERT INTO accesses (at, client, party, role, operation, certificate, context)
  SELECT at, client, party, role, operation, certificate, context FROM accesses ORDER BY n DESC LIMIT 1`

describe('a backup', () => {
  it('of a file that no node covers appends nothing to it, and counts what no entry covers', async () => {
    const file = altered(left, ({ raw }) => raw.exec(ANOTHER_READING))
    const before = readFileSync(file)
    const copy = `${file}.copy`
    expect(await backUp(file, copy, 0)).toMatchObject({ uncovered: 1 })
    expect(readFileSync(file).equals(before), 'it is untouched').toBe(true)
    const sizes = [file, copy].map((one) => {
      const database = new SqliteDatabase(one, { readOnly: true })
      const size = database.raw.prepare('SELECT count(*) FROM entries').pluck().get()
      database.close()
      return size
    })
    expect(sizes[1]).toBe(sizes[0])
  })

  it('waits for a node that covers what was there when it began', async () => {
    const file = altered(left, ({ raw }) => raw.exec(ANOTHER_READING))
    const copied = backUp(file, `${file}.copy`, 60_000)
    const node = new SqliteDatabase(file)
    node.raw.exec(ANOTHER_READING)
    const append = appendOneByOne(sqlJournal(node), () => new Date())
    const coverable = sqlCoverableRows(node)
    await coverEveryTable({ coverable, append, pause: () => Promise.resolve() })
    node.raw.exec(ANOTHER_READING)
    expect(await copied).toMatchObject({ uncovered: 1 })
    node.close()
  })
})

describe('a node whose process was killed', () => {
  /** The node takes the file for its own, and covers what it finds there. */
  async function startedOn(file: string): Promise<void> {
    await rename(file, left)
    const node = await startTestNode(nodes.BY)
    await node.running.stop()
  }
  const leftBehind = () =>
    rowsOf(nodes.BY, 'admin_acts').filter(
      ({ act, subject }) => act === 'rows-left-uncovered' && subject === 'accesses',
    )

  it('says of the rows that it had not covered that another one has, and the audit says so too', async () => {
    const kept = `${left}.kept`
    await rename(left, kept)
    await startedOn(altered(kept, () => undefined))
    expect(leftBehind()).toEqual([])
    const [newest] = rowsOf(nodes.BY, 'accesses').slice(-1) as [{ n: number; at: string }]
    await startedOn(altered(left, ({ raw }) => raw.exec(ANOTHER_READING.repeat(2))))
    const [first, last] = [newest.n + 1, newest.n + 2]
    const detail = `${first} to ${last}, 2 rows, dated ${newest.at} to ${newest.at}`
    const subject = 'accesses'
    expect(leftBehind()).toMatchObject([{ actor: 'node', subject, detail }])
    const { code, report } = await reportOf(left)
    expect({ code, uncovered: report.uncovered }).toEqual({ code: 0, uncovered: {} })
    expect(report.notCovered).toContainEqual(
      expect.objectContaining({ what: `${subject} ${detail}` }),
    )
    await rename(kept, left)
  })
})

describe('an audit of a file', () => {
  it('tells how many rows stand behind no entry yet', async () => {
    const file = altered(left, ({ raw }) => raw.exec(ANOTHER_READING))
    const { stdout } = await certex(['audit', '--database', file, '--language', 'en'])
    expect(stdout).toContain(
      'rows behind no entry of the log yet, which nothing proves: accesses 1',
    )
    const { report } = await reportOf(file)
    expect(report.uncovered).toEqual({ accesses: 1 })
    expect(report.notCovered).toContainEqual(
      expect.objectContaining({ what: 'the last rows of accesses: 1' }),
    )
    const clean = await certex(['audit', '--database', left, '--language', 'ru'])
    expect(clean.stdout).toMatch(/строк, ещё не покрытых записью журнала [^:]*: 0/)
    expect(clean.stdout).toMatch(/рабочее состояние, [^)]*access_tokens, /)
  })

  it('finds a time of an entry that is none, and what else is altered', async () => {
    const kinds = rowsOf(nodes.BY, 'entries') as { idx: number; kind: string }[]
    const documents = [...new Map(kinds.map(({ kind, idx }) => [kind, idx]))]
    expect(documents.length).toBeGreaterThan(2)
    for (const [kind, idx] of documents) {
      const file = altered(left, ({ raw }) => {
        raw.prepare("UPDATE entries SET at = replace(at, 'T', 'q') WHERE idx = ?").run(idx)
        raw.exec("UPDATE accesses SET client = 'nobody' WHERE n = 1")
      })
      const { code, report } = await reportOf(file)
      expect(code, kind).toBe(1)
      const told = report.findings.map(({ where, detail }) => `${where} ${detail}`).join('\n')
      expect(told).toMatch(new RegExp(`entry ${idx}\\b`))
      expect(told).toContain('accesses 1 to')
      expect(report.asOf, 'it is judged as of the same day').toMatch(/^20/)
    }
  })

  it('finds an octet of the first page that is another, whatever it leaves of the file', async () => {
    const bytes = readFileSync(left)
    const told = new Set<string>()
    // Magic, page size, versions of the format, schema format, encoding; the root of the schema.
    for (const at of [0, 16, 19, 20, 47, 100, 103, 104, 107, 108, 111]) {
      const file = join(nodes.folder, 'flipped.sqlite')
      const octets = Buffer.from(bytes)
      octets[at]! ^= 0x40
      writeFileSync(file, octets)
      const { code, report } = await reportOf(file)
      expect(code, `octet ${at}`).toBe(1)
      expect(report).toMatchObject({ answer: 'findings', schema: 'audit-report/1' })
      for (const { code: found } of report.findings) told.add(found)
    }
    expect(told).toContain('file-damaged')
    const text = join(nodes.folder, 'text.sqlite')
    writeFileSync(text, 'a text of somebody, and no database')
    const { code, stdout } = await certex(['audit', '--database', text, '--language', 'en'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^There are findings: the file is damaged, or no database of a node/)
  })

  it('takes an option that is wrong for what it is, and nothing else', async () => {
    const since = join(nodes.folder, 'since.txt')
    writeFileSync(since, 'no checkpoint')
    for (const wrong of [
      ['--since', since],
      ['--witness', 'nobody'],
    ])
      expect(await certex(['audit', '--database', left, ...wrong])).toMatchObject({ code: 2 })
  })
})
