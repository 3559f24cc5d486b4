import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditNode, askPatiently } from '../../src/cli/audit-node.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { actsEntry } from '../../src/exchange/log/administrative-entry.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { coverRows } from '../../src/exchange/log/cover-rows.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { TILE_WIDTH } from '../../src/tlog/tile.ts'
import { startFullHistory } from '../support/full-history.ts'
import { rowsOf } from '../support/hostile.ts'
import { eventually, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let folder: string
let options: { node: string; client: string; key: string }

beforeAll(async () => {
  nodes = await startFullHistory()
  folder = await mkdtemp(join(tmpdir(), 'certex-audit-node-'))
  const auditor = await nodes.BY.client('auditor', 'BY.STATE')
  const key = join(folder, 'auditor.jwk')
  await writeFile(key, JSON.stringify(auditor.privateJwk))
  options = { node: nodes.BY.url, client: auditor.id, key }
  // Enough entries for a full tile, and for one above it.
  for (let n = 0; n < TILE_WIDTH; n++) {
    const act = { actor: 'user:test', act: 'alarms-seen', subject: 'BY' } as const
    await nodes.BY.running.deps.adminActs.record([{ at: formatInstant(new Date()), ...act }])
  }
  const length = rowsOf(nodes.BY, 'entries').length
  await eventually('all of it is cosigned', () =>
    Promise.resolve(rowsOf(nodes.BY, 'cosignatures').some(({ size }) => Number(size) >= length)),
  )
})
afterAll(async () => {
  await nodes.close()
  await rm(folder, { recursive: true })
})

const audit = (more: object = {}, since?: string) =>
  auditNode({ ...options, ...more }, since, () => undefined)

/** What is found while somebody has altered the database under the node. */
async function findingsAfter(
  altering: string | readonly string[],
  back: (raw: SqliteDatabase['raw']) => void,
) {
  const database = new SqliteDatabase(join(nodes.BY.data, 'node.sqlite'))
  const { raw } = database
  const triggers = raw
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    .all() as { name: string; sql: string }[]
  for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`)
  try {
    for (const statement of [altering].flat())
      expect(raw.prepare(statement).run().changes, statement).toBeGreaterThan(0)
    return (await audit()).findings
  } finally {
    back(raw)
    for (const { sql } of triggers) raw.exec(sql)
    database.close()
  }
}

/** Puts a table back to what it was. */
function keep(table: string): (raw: SqliteDatabase['raw']) => void {
  const rows = rowsOf(nodes.BY, table)
  return (raw) => {
    const columns = Object.keys(rows[0]!)
    const marks = columns.map(() => '?').join(', ')
    const put = raw.prepare(
      `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${marks})`,
    )
    for (const row of rows) put.run(columns.map((column) => row[column]))
  }
}

describe('an audit of what a node shows', () => {
  it('judges every document, and finds nothing where nothing was altered', async () => {
    const report = await audit()
    expect(report.findings).toEqual([])
    const documents = rowsOf(nodes.BY, 'entries').filter(({ kind }) => kind !== 'administrative')
    expect(report.signatures).toBeGreaterThanOrEqual(documents.length)
    expect(report).toMatchObject({ state: 'BY', environment: 'production', found: 0 })
    expect(report.roots.map(({ state }) => state).toSorted()).toEqual(['BY', 'UZ'])
    expect(report.vouched).toMatchObject({ signed: report.entries, cosigned: expect.any(Number) })
    expect(report.vouched.cosigned).toBeGreaterThan(TILE_WIDTH)
  })

  it('compares the roots that the node has pinned with those that the auditor was told of', async () => {
    const { roots } = await audit()
    const anchor = roots.map(({ state, fingerprint: rootSha256 }) => ({ state, rootSha256 }))
    expect((await audit({ anchor })).findings).toEqual([])
    const swapped = anchor.map(({ state }, i) => ({ ...anchor.at(i - 1)!, state }))
    const found = await audit({ anchor: swapped })
    expect(found.findings.map(({ code }) => code)).toEqual(['root-differs', 'root-differs'])
  })

  it('says so where rows stand behind no entry', async () => {
    // Within a second it would stand in the log.
    await nodes.BY.running.schedule.stop()
    const old = `INSERT INTO alarms (at, kind, detail) VALUES ('2026-01-01T00:00:00Z', 'own-log-read', 'x')`
    const uncovered = await findingsAfter(old, (raw) => {
      raw.exec("DELETE FROM alarms WHERE at = '2026-01-01T00:00:00Z'")
      raw.exec("UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'alarms'")
    })
    nodes.BY.running.schedule.start()
    expect(uncovered.map(({ code }) => code)).toEqual(['rows-uncovered'])
  })

  it('is read by auditors as an access to every certificate, and stands in the log', async () => {
    await audit()
    const certificates = new Set(rowsOf(nodes.BY, 'certificates').map(({ sha256 }) => sha256))
    const read = new Set(
      rowsOf(nodes.BY, 'accesses')
        .filter(({ operation }) => operation === 'listAuditDocuments')
        .map(({ certificate }) => certificate),
    )
    expect(read).toEqual(certificates)
    await coverRows(nodes.BY.running.deps, 'accesses')
    expect((await audit()).findings).toEqual([])
  })

  const middle =
    'substr(X, 1, length(X) / 2) || char(65 + unicode(substr(X, length(X) / 2 + 1)) % 7) || substr(X, length(X) / 2 + 2)'
  const inTheMiddle = (column: string) => middle.replaceAll('X', column)
  const first = (table: string) => `rowid = (SELECT min(rowid) FROM ${table})`

  it.each([
    [
      'bytes of a certificate',
      'documents',
      `UPDATE documents SET jws = ${inTheMiddle('jws')} WHERE sha256 = (SELECT sha256 FROM certificates LIMIT 1)`,
      'document-differs',
    ],
    [
      'bytes of a receipt',
      'documents',
      `UPDATE documents SET jws = ${inTheMiddle('jws')} WHERE sha256 = (SELECT sha256 FROM entries WHERE kind = 'receipt' LIMIT 1)`,
      'document-differs',
    ],
    [
      'a status',
      'certificates',
      "UPDATE certificates SET status = 'issued' WHERE status = 'annulled'",
      'differs-from-log',
    ],
    [
      'an end of validity',
      'certificates',
      "UPDATE certificates SET usable_until = '2033-03-03'",
      'differs-from-log',
    ],
    [
      'a cosignature',
      'cosignatures',
      `UPDATE cosignatures SET line = ${inTheMiddle('line')}`,
      'cosignature-differs',
    ],
    [
      'a checkpoint',
      'checkpoints',
      `UPDATE checkpoints SET note = ${inTheMiddle('note')} WHERE size = (SELECT min(size) FROM checkpoints)`,
      'checkpoint-differs',
    ],
    ['a CRL', 'crls', `UPDATE crls SET der = ${inTheMiddle('der')}`, 'record-differs'],
    [
      'an act',
      'admin_acts',
      `UPDATE admin_acts SET actor = 'user:nobody' WHERE ${first('admin_acts')}`,
      'record-differs',
    ],
    [
      'who read',
      'accesses',
      `UPDATE accesses SET party = 'BY.NOBODY' WHERE ${first('accesses')}`,
      'record-differs',
    ],
    [
      'a hash of a tile',
      'log_tiles',
      `UPDATE log_tiles SET hashes = ${inTheMiddle('hashes')} WHERE level = 0 AND n = 0`,
      'tree-differs',
    ],
    [
      'the root of a tile',
      'log_tiles',
      `UPDATE log_tiles SET root = ${inTheMiddle('root')} WHERE level = 0 AND n = 0`,
      'tree-differs',
    ],
    [
      'a nonce',
      'administrative_records',
      `UPDATE administrative_records SET nonce = ${inTheMiddle('nonce')}`,
      'record-differs',
    ],
  ])('finds %s that was altered', async (_, table, statement, code) => {
    const findings = await findingsAfter(statement, keep(table))
    expect(findings.map((finding) => finding.code)).toContain(code)
  })

  it('finds a document that is withheld', async () => {
    const findings = await findingsAfter(
      'DELETE FROM documents WHERE sha256 = (SELECT sha256 FROM certificates ORDER BY idx LIMIT 1)',
      keep('documents'),
    )
    expect(findings.map(({ code }) => code)).toContain('record-missing')
  })

  it('excuses no document that the node lists as lost, and of whose loss no act tells', async () => {
    const one = 'WHERE sha256 = (SELECT sha256 FROM certificates ORDER BY idx LIMIT 1)'
    const listed = (epoch: string) =>
      `INSERT INTO lost_documents SELECT sha256, idx, kind, '${epoch}' FROM entries ${one}`
    const back = keep('documents')
    const found = async (epoch: string) => {
      const statements = [listed(epoch), `DELETE FROM documents ${one}`]
      const findings = await findingsAfter(statements, (raw) => {
        back(raw)
        raw.exec('DELETE FROM lost_documents')
      })
      return findings.filter(({ code }) => code === 'record-missing').map(({ where }) => where)
    }
    const [first] = rowsOf(nodes.BY, 'certificates') as { idx: number }[]
    expect(await found('restored')).toEqual([`entry ${first!.idx}`])
    // Nor is it excused by an act in front of it, or by one that counts fewer.
    const { adminActs } = nodes.BY.running.deps
    const by = { at: formatInstant(new Date()), actor: 'user:test' } as const
    const detail = `0 listed; ${'x'.repeat(43)}`
    await adminActs.record([{ ...by, act: 'documents-lost', subject: 'none', detail }])
    const signed = rowsOf(nodes.BY, 'entries').length
    await eventually('the acts are signed', () =>
      Promise.resolve(rowsOf(nodes.BY, 'checkpoints').some(({ size }) => Number(size) >= signed)),
    )
    expect(await found('none')).toEqual([`entry ${first!.idx}`])
  })

  it('goes on with the documents that it had fetched, and believes none of them', async () => {
    const state = join(folder, 'fetched')
    const whole = await audit({ state })
    const lines = (await readFile(state, 'utf8')).split('\n')
    const reads = () => rowsOf(nodes.BY, 'accesses').length
    // Interrupted in the middle of a line.
    const half = Math.floor(lines.length / 2)
    await writeFile(state, `${lines.slice(0, half).join('\n')}\n${lines[half]!.slice(0, 20)}`)
    const before = reads()
    const again = await audit({ state })
    expect(again.findings).toEqual([])
    expect(again.signatures).toBe(whole.signatures)
    expect(await readFile(state, 'utf8')).toBe(lines.join('\n'))
    expect(reads() - before).toBeLessThan(before)
    const [idx, jws] = lines[half]!.split(' ') as [string, string]
    await writeFile(state, lines.join('\n').replace(jws, `${jws.slice(0, -4)}AAAA`))
    const altered = await audit({ state })
    expect(altered.findings).toMatchObject([{ code: 'document-differs', where: `entry ${idx}` }])
    await expect(audit({ state, node: nodes.UZ.url })).rejects.toThrow('no state of an audit')
  })

  it('judges behind an earlier checkpoint only what came later', async () => {
    const { checkpoint, signatures } = await audit()
    const later = await audit({}, checkpoint)
    expect(later.findings).toEqual([])
    expect(later.signatures).toBeLessThan(signatures)
  })

  // What it appends stays in the log: this is the last of the tests here.
  it('finds an entry that was dated back behind what another state had cosigned', async () => {
    const at = new Date(Date.now() - 30 * 86_400_000)
    const act = { actor: 'user:test', act: 'alarms-seen', subject: 'BY' } as const
    const entry = actsEntry([{ at: formatInstant(at), ...act }])
    const database = new SqliteDatabase(join(nodes.BY.data, 'node.sqlite'))
    await appendOneByOne(sqlJournal(database), () => at)({ entries: [entry] })
    database.close()
    await publishCheckpoint(nodes.BY.running.deps)()
    const { findings, entries } = await audit()
    const { idx } = rowsOf(nodes.BY, 'entries').find((row) => row['sha256'] === entry.sha256)!
    expect(entries).toBeGreaterThan(Number(idx))
    expect(findings.filter(({ code }) => code === 'entry-backdated')).toMatchObject([
      { where: `entry ${String(idx)}` },
    ])
  })
})

describe('a node that is asked too fast', () => {
  const answer = (status: number, headers: Record<string, string> = {}) => ({
    status,
    body: status,
    headers: new Headers(headers),
  })

  it('is asked again when it says, and not for ever', async () => {
    const waited: number[] = []
    const wait = (seconds: number) => Promise.resolve(void waited.push(seconds))
    const answers = [answer(429, { 'Retry-After': '7' }), answer(503), answer(200)]
    const call = () => Promise.resolve(answers.shift()!)
    expect(await askPatiently('auditor', 'https://by.example', call, wait)).toBe(200)
    expect(waited).toEqual([7, 1])
    const busy = () => Promise.resolve(answer(503, { 'Retry-After': '99999' }))
    await expect(askPatiently('auditor', 'https://by.example', busy, wait)).rejects.toThrow('busy')
    expect(Math.max(...waited)).toBeLessThanOrEqual(300)
  })
})
