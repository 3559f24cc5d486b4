import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { compactVerify, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditCode } from '../../src/exchange/audit/finding.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { notCovered } from '../../src/storage/audit/not-covered.ts'
import { auditVouched } from '../../src/storage/audit/audit-vouched.ts'
import { parsePolicy } from '../../src/tlog/policy.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { actsEntry } from '../../src/exchange/log/administrative-entry.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { auditThreads } from '../../src/node/audit-threads.ts'
import { auditedFile, hasNewerWrites } from '../../src/node/audited-file.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { type AuditState, lastInstant } from '../../src/storage/audit/audit-database.ts'
import { auditTree } from '../../src/storage/audit/audit-tree.ts'
import { stretchReader } from '../../src/storage/audit/read-stretch.ts'
import { createPathCache } from '../../src/x509/path-cache.ts'
import { growTree } from '../../src/storage/log-tree.ts'
import {
  type AuditedCopies,
  makeAuditedCopies,
  recordClients,
  type State,
  STATES,
} from '../support/audited-copies.ts'
import { certex } from '../support/cli.ts'
import { lacks } from '../support/counterparts.ts'
import { startTwoNodes } from '../support/two-nodes.ts'

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }

let copies: AuditedCopies
let serial = 0

beforeAll(async () => {
  copies = await makeAuditedCopies()
})
afterAll(() => copies.remove())

/** A copy of a copy after somebody with the file in hand did this to it; its triggers stand again. */
function alteredBy(state: State, alter: (database: SqliteDatabase) => void): string {
  const file = join(copies.folder, `${state}-${++serial}.sqlite`)
  copyFileSync(copies.files[state], file)
  const database = new SqliteDatabase(file)
  const { raw } = database
  const triggers = raw
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    .all() as { name: string; sql: string }[]
  for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`)
  alter(database)
  for (const { sql } of triggers) raw.exec(sql)
  raw.pragma('journal_mode = DELETE')
  database.close()
  return file
}

/** A copy in which the first or last certificate came at another time, with all that follows from it. */
async function rewritten(
  which: 'min' | 'max',
  alter: (database: SqliteDatabase, idx: number) => void,
): Promise<string> {
  const file = alteredBy('BY', (database) => {
    const { raw } = database
    const place = `(SELECT ${which}(idx) FROM entries WHERE kind = 'certificate')`
    const entry = raw.prepare(`SELECT idx, leaf FROM entries WHERE idx = ${place}`).get() as {
      idx: number
      leaf: string
    }
    const at = '2026-01-01T00:00:00Z'
    const leaf = JSON.stringify({ ...JSON.parse(entry.leaf), at })
    raw.prepare('UPDATE entries SET leaf = ?, at = ? WHERE idx = ?').run(leaf, at, entry.idx)
    raw.prepare('UPDATE certificates SET appended_at = ? WHERE idx = ?').run(at, entry.idx)
    raw.exec('DELETE FROM log_tiles; DELETE FROM log_head')
    alter(database, entry.idx)
  })
  const database = new SqliteDatabase(file)
  await growTree(database)
  database.raw.pragma('journal_mode = DELETE')
  database.close()
  return file
}

interface Named {
  readonly sha256: string
}

function rowsIn(state: State, query: string): unknown[] {
  const database = new SqliteDatabase(copies.files[state], { readOnly: true })
  const rows = database.raw.prepare(query).all()
  database.close()
  return rows
}

/** The policy that asks for the cosignature of the other state alone. */
function policyOfPeer() {
  const query =
    "SELECT jws FROM trust_lists JOIN documents USING (sha256) WHERE state = 'UZ' ORDER BY version DESC"
  const [{ jws }] = rowsIn('BY', query) as [{ jws: string }]
  const { logs } = payloadOf(jws) as { logs: { origin: string; key: string }[] }
  const { key } = logs.find(({ origin }) => origin.includes('/witness/'))!
  const policy = parsePolicy(new TextEncoder().encode(`witness uz ${key}\nquorum uz\n`))
  if ('malformed' in policy) throw new Error(policy.malformed)
  return policy
}

async function codesOf(file: string, options: Partial<Parameters<typeof auditFile>[1]> = {}) {
  const { findings } = await auditFile(file, { ...QUIET, ...options })
  return new Set(findings.map(({ code }) => code))
}

/** What a script of a few lines over openssl says of a signed report: nothing of this program is needed. */
function verifiedByOpenssl(jws: string, jwk: JWK): string {
  const [key, signed, signature] = ['key.pem', 'signed', 'signature'].map((name) =>
    join(copies.folder, `${++serial}-${name}`),
  ) as [string, string, string]
  const [header, payload, value] = jws.split('.') as [string, string, string]
  const raw = Buffer.from(value, 'base64url')
  // r and s as the SEQUENCE of two INTEGER that openssl reads.
  const integer = (octets: Buffer) => {
    const text = octets.toString('hex').replace(/^(00)+(?=..)/, '')
    const hex = Number.parseInt(text.slice(0, 2), 16) > 127 ? `00${text}` : text
    return `02${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`
  }
  const body = integer(raw.subarray(0, 32)) + integer(raw.subarray(32))
  writeFileSync(signature, Buffer.from(`30${(body.length / 2).toString(16)}${body}`, 'hex'))
  writeFileSync(signed, `${header}.${payload}`)
  const point = (['x', 'y'] as const).map((name) =>
    Buffer.from(String(jwk[name]), 'base64url').toString('hex'),
  )
  const spki = `3059301306072a8648ce3d020106082a8648ce3d03010703420004${point.join('')}`
  writeFileSync(key, Buffer.from(spki, 'hex'))
  const args = [
    'dgst',
    '-sha256',
    '-verify',
    key,
    '-keyform',
    'DER',
    '-signature',
    signature,
    signed,
  ]
  return spawnSync('openssl', args, { encoding: 'utf8' }).stdout.trim()
}

function newestNote(state: State): string {
  const database = new SqliteDatabase(copies.files[state], { readOnly: true })
  const note = database.raw.prepare('SELECT note FROM checkpoints ORDER BY size DESC').pluck().get()
  database.close()
  return note as string
}

describe('an audit of a database', () => {
  it.each(STATES)('of %s finds nothing where nothing was altered', async (state) => {
    const bytes = createHash('sha256').update(readFileSync(copies.files[state])).digest('hex')
    const { findings, signatures, entries } = await auditFile(copies.files[state], QUIET)
    expect(findings).toEqual([])
    expect(signatures).toBeGreaterThan(20)
    expect(entries).toBeGreaterThan(signatures)
    const after = createHash('sha256').update(readFileSync(copies.files[state])).digest('hex')
    expect(after, 'nothing is written').toBe(bytes)
  })

  it('says the same whoever helps to read the log', async () => {
    const [whole, helped] = [
      await auditFile(copies.files.BY, QUIET, 0),
      await auditFile(copies.files.BY, QUIET, 1),
    ]
    expect(helped).toEqual(whole)
    const file = alteredBy('BY', ({ raw }) => {
      const middle = raw
        .prepare("SELECT sha256 FROM entries WHERE kind = 'certificate' ORDER BY idx")
        .pluck()
      raw
        .prepare('UPDATE documents SET jws = replace(jws, substr(jws, -9), ?) WHERE sha256 = ?')
        .run('AAAAAAAAA', middle.get())
      raw.exec(
        "UPDATE search_terms SET term = 'x' WHERE kind = 'number' AND idx = (SELECT max(idx) FROM certificates)",
      )
    })
    const findings = async (threads: number) => (await auditFile(file, QUIET, threads)).findings
    const here = await findings(0)
    expect(here.map(({ code }) => code)).toContain('differs-from-log')
    expect(here.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/^search_terms number x \d+: not in the log$/),
    )
    expect(await findings(1)).toEqual(here)
  })

  it('is read by a thread that has nothing else to do, with the same outcome', async () => {
    const file = copies.files.BY
    const database = new SqliteDatabase(file, { readOnly: true })
    const asOf = new Date(await lastInstant(database))
    const reader = () => stretchReader(database, { paths: createPathCache(), asOf })
    const [here, alone] = [await reader(), await reader()]
    const questions = [0, 30, 60, 90].map((from) => ({ from, to: from + 30, judgeFrom: 0 }))
    const threads = auditThreads(1, { file, asOf })
    let read = 0
    const { stretch } = threads.beside({
      // Slow enough for the thread to take what is asked next.
      stretch: async (asked) => (await delay(200 + read++), here(asked)),
    })
    expect(await threads.pages(), 'it is ready').toEqual([])
    const answers = await Promise.all(questions.map(stretch))
    expect(read).toBeLessThan(questions.length)
    const right = await Promise.all(questions.map(alone))
    expect(right.map(({ judged }) => judged)).toContainEqual(expect.toSatisfy((n) => n > 10))
    expect(answers).toEqual(right)
    await threads.close()
    await expect(threads.pages()).rejects.toThrow(/ended/)
    database.close()
  })

  it('is shared with threads however often a file was audited, unless somebody writes', async () => {
    const file = alteredBy('BY', () => undefined)
    const writer = new SqliteDatabase(file)
    writer.raw.exec('BEGIN IMMEDIATE; COMMIT')
    writer.close()
    await auditFile(file, QUIET, 0)
    expect(existsSync(`${file}-shm`), 'left behind by reading').toBe(true)
    const reading = auditedFile(file)
    const size = () => reading.raw.prepare('SELECT count(*) FROM alarms').pluck().get()
    const before = size()
    expect(hasNewerWrites(file)).toBe(false)
    const asOf = new Date()
    const helping = auditThreads(1, { file, asOf })
    expect(await helping.pages()).toEqual([])
    await helping.close()

    const again = new SqliteDatabase(file)
    again.raw.exec(
      "INSERT INTO alarms (at, kind, detail) VALUES ('2026-01-01T00:00:00Z', 'x', 'x')",
    )
    expect(hasNewerWrites(file)).toBe(true)
    expect(size(), 'what was opened before').toBe(before)
    const late = auditThreads(1, { file, asOf })
    await expect(late.pages()).rejects.toThrow(/begun to write/)
    await late.close()
    again.close()
    reading.close()
  })

  it('is of one moment while the log grows, whoever could help', async () => {
    const file = alteredBy('BY', () => undefined)
    const database = new SqliteDatabase(file)
    database.raw.pragma('journal_mode = WAL')
    const append = appendOneByOne(sqlJournal(database), () => new Date())
    const act = { actor: 'user:test', act: 'alarms-seen', subject: 'BY' } as const
    let isAudited = false
    const growing = (async () => {
      while (!isAudited) {
        await append({ entries: [actsEntry([{ at: formatInstant(new Date()), ...act }])] })
        await delay(20)
      }
    })()
    const before = database.raw.prepare('SELECT count(*) FROM entries').pluck().get()
    const { findings, entries, root } = await auditFile(file, QUIET, 1)
    isAudited = true
    await growing
    expect(entries).toBeLessThan(Number(before) + 50)
    expect(findings).toEqual([])
    const { roots } = await auditTree(database, [entries], () => undefined)
    expect(root).toBe(encodeBase64(roots.get(entries)!))
    database.close()
  })

  it('finds an entry that was rewritten with everything that follows from it', async () => {
    const codes = await codesOf(await rewritten('min', () => undefined))
    expect(codes).toContain('checkpoint-differs')
    expect(codes).not.toContain('tree-differs')
    expect(codes).not.toContain('differs-from-log')
  })

  it.each([
    ['of a log', 'min'],
    ['of its tail', 'max'],
  ] as const)('finds it where the checkpoints %s are taken away as well', async (_, which) => {
    const file = await rewritten(which, ({ raw }, idx) => {
      for (const table of ['checkpoints', 'checkpoint_signatures', 'cosignatures'])
        raw.exec(`DELETE FROM ${table} WHERE size > ${idx}`)
    })
    const found = async (more: object) => {
      const codes = await codesOf(file, more)
      return ['entries-unsigned', 'entries-unproven', 'quorum-missing'].filter((code) =>
        codes.has(code as AuditCode),
      )
    }
    expect(await found({})).toEqual(['entries-unsigned', 'entries-unproven'])
    expect(await found({ policy: policyOfPeer() })).toEqual(['entries-unsigned', 'quorum-missing'])
  })

  it('finds an entry that was dated back behind what another state had cosigned', async () => {
    const appended = async (ago: number) => {
      const file = alteredBy('BY', () => undefined)
      const database = new SqliteDatabase(file)
      const last = String(database.raw.prepare('SELECT max(at) FROM entries').pluck().get())
      const now = new Date(Date.parse(last) - ago)
      const act = { actor: 'user:test', act: 'alarms-seen', subject: 'BY' } as const
      const entries = [actsEntry([{ at: formatInstant(now), ...act }])]
      await appendOneByOne(sqlJournal(database), () => now)({ entries })
      database.raw.pragma('journal_mode = DELETE')
      database.close()
      return codesOf(file)
    }
    expect(await appended(30 * 86_400_000)).toContain('entry-backdated')
    // The clock was set right.
    expect(await appended(30_000)).toEqual(new Set())
  })

  it('says of a log that no other state has cosigned that nobody vouches for it', async () => {
    const { vouched, entries, asOf } = await auditFile(copies.files.BY, QUIET)
    expect(vouched.signed).toBe(entries)
    expect(vouched.cosigned).toBeGreaterThan(0)
    const file = alteredBy('BY', ({ raw }) => void raw.exec('DELETE FROM cosignatures'))
    const unwitnessed = await auditFile(file, QUIET)
    expect(unwitnessed.vouched).toEqual({ signed: entries, cosigned: 0 })
    const database = new SqliteDatabase(file, { readOnly: true })
    const codesAfter = async (minutes: number, sizes: typeof vouched) => {
      const codes: string[] = []
      const history = { keysAt: () => [] }
      const at = new Date(Date.parse(asOf) + minutes * 60_000)
      const about = { state: 'BY', history, asOf: at, sizes, hasPolicy: false }
      await auditVouched(database, about, (code) => codes.push(code))
      return codes
    }
    expect(await codesAfter(0, unwitnessed.vouched), 'a witness may be late').toEqual([])
    expect(await codesAfter(16, unwitnessed.vouched)).toEqual(['entries-unproven'])
    expect(await codesAfter(16, { signed: entries, cosigned: entries })).toEqual([])
    database.close()
  })

  it('compares every pinned root with those that the auditor was told of', async () => {
    const pins = rowsIn('BY', 'SELECT state, root_sha256 AS rootSha256 FROM trust_pins')
    const all = pins as { state: string; rootSha256: string }[]
    const { roots } = await auditFile(copies.files.BY, { ...QUIET, anchors: all })
    expect(roots.map(({ fingerprint }) => fingerprint)).toEqual(
      all.map(({ rootSha256 }) => rootSha256),
    )
    expect(await codesOf(copies.files.BY, { anchors: all })).toEqual(new Set())
    const own = all.filter(({ state }) => state === 'BY')
    expect(await codesOf(copies.files.BY, { anchors: own })).toEqual(new Set(['root-unknown']))
    const other = { state: 'UZ', rootSha256: own[0]!.rootSha256 }
    const anchors = [...own, other]
    expect(await codesOf(copies.files.BY, { anchors })).toEqual(new Set(['root-differs']))
  })

  it('names a message that a mirrored log says was sent, and that is not here', async () => {
    const settled = 'UPDATE addressed SET settled = 2'
    const file = alteredBy('UZ', ({ raw }) => {
      const { sha256 } = raw.prepare('SELECT sha256 FROM addressed LIMIT 1').get() as Named
      raw.exec(`${settled}; UPDATE addressed SET mirrored_at = '2026-01-01T00:00:00Z'`)
      raw.prepare('DELETE FROM inbox WHERE sha256 = ?').run(sha256)
    })
    const { findings } = await auditFile(file, QUIET)
    const told = findings.filter(({ where }) => where.startsWith('addressed BY'))
    expect(new Set(told.map(({ code }) => code))).toEqual(
      new Set(['message-missing', 'record-differs']),
    )
  })

  it('says that terms of an older version are compared by nobody, and compares all else', async () => {
    const older = 'UPDATE certificates SET search_version = 0'
    const terms = `${older}; DELETE FROM search_terms`
    const emptied = alteredBy('BY', ({ raw }) => void raw.exec(terms))
    expect(await codesOf(emptied)).toEqual(new Set(['search-outdated']))
    const sealed = alteredBy('BY', ({ raw }) => void raw.exec(`${older}, seal = 'x'`))
    expect(await codesOf(sealed)).toEqual(new Set(['search-outdated', 'differs-from-log']))
  })

  it.each([
    ['complete_at', '2030-01-01T00:00:00Z', /nothing in the archive says so/],
    ['last_heard_at', '2030-01-01T00:00:00Z', /after the last exchange/],
    ['first_heard_at', '2020-01-01T00:00:00Z', /before the first exchange/],
  ])('finds another %s of a peer than the archive bears out', async (column, at, words) => {
    const set = `UPDATE peers SET ${column} = '${at}'`
    const file = alteredBy('BY', ({ raw }) => void raw.exec(set))
    const { findings } = await auditFile(file, QUIET)
    expect(findings).toMatchObject([{ where: 'peers UZ', detail: expect.stringMatching(words) }])
  })

  it.each([
    ['checkpoints', 'signed_at', 'size', 'it was signed before a smaller one'],
    ['witnessed', 'at', 'n', 'it is not behind the one before it'],
  ])('makes nothing of clocks that differ by seconds (%s)', async (table, column, order, fault) => {
    const faults = async (file: string) =>
      (await auditFile(file, QUIET)).findings.map(({ detail }) => detail)
    const setBack = (seconds: number) =>
      alteredBy('BY', ({ raw }) => {
        raw.exec(`UPDATE ${table} SET ${column} =
          strftime('%Y-%m-%dT%H:%M:%SZ', (SELECT max(${column}) FROM ${table}), '-${seconds} seconds')
          WHERE ${order} = (SELECT max(${order}) FROM ${table})`)
      })
    expect(await faults(setBack(30))).not.toContain(fault)
    expect(await faults(setBack(300))).toContain(fault)
  })

  it('finds in an archived exchange what nobody signed', async () => {
    const add = `UPDATE exchange_archive SET request = replace(request, '"headers":{', '"headers":{"x":"y",')`
    const file = alteredBy('BY', ({ raw }) => void raw.exec(add))
    const { findings } = await auditFile(file, QUIET)
    expect(findings.length).toBeGreaterThan(3)
    expect(new Set(findings.map(({ detail }) => detail))).toEqual(
      new Set(['it holds what nobody signed']),
    )
  })

  it('counts it where all fields were archived, before version 0006 of the tables', async () => {
    const add = `UPDATE exchange_archive SET request = replace(request, '"headers":{', '"headers":{"x":"y",')`
    const file = alteredBy('BY', ({ raw }) => {
      raw.exec(`${add}; DELETE FROM admin_acts WHERE act = 'migrated'`)
    })
    const { findings, unsignedExchanges } = await auditFile(file, QUIET)
    expect(findings.filter(({ where }) => where.startsWith('exchange_archive'))).toEqual([])
    expect(unsignedExchanges).toBeGreaterThan(3)
    expect(notCovered({ unsignedExchanges, coveredLater: [], uncovered: {} })).toContainEqual(
      expect.objectContaining({ what: expect.stringMatching(/^fields of \d+ archived/) }),
    )
  })

  it('names the rows that no entry of the log covers once they are old', async () => {
    const row = "'x', 'BY', 'customs', 'getCertificate', 'y', NULL"
    const columns = '(at, client, party, role, operation, certificate, context)'
    const read = (at: string) =>
      alteredBy('UZ', ({ raw }) => {
        raw.exec(`INSERT INTO accesses ${columns} VALUES ('${at}', ${row})`)
      })
    expect(await codesOf(read('2026-01-01T00:00:00Z'))).toEqual(new Set(['rows-uncovered']))
    const { asOf } = await auditFile(copies.files.UZ, QUIET)
    expect(await codesOf(read(asOf))).toEqual(new Set())
  })

  it('finds a proof against a log that was taken away with the freeze that follows from it', async () => {
    const file = alteredBy('BY', ({ raw }) => {
      raw.exec("DELETE FROM log_forks; DELETE FROM sqlite_sequence WHERE name = 'log_forks'")
    })
    const { findings } = await auditFile(file, QUIET)
    expect(findings.map(({ detail }) => detail)).toContain('log_forks 1: missing')
  })

  it('counts all that it finds, and names the first thousand', async () => {
    const file = alteredBy('BY', ({ raw }) => {
      const some = "SELECT 'text', value || '', 0 FROM generate_numbers"
      const numbers =
        'WITH RECURSIVE generate_numbers(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM generate_numbers LIMIT 3000)'
      raw.exec(`INSERT INTO search_terms (kind, term, idx) ${numbers} ${some}`)
    })
    const { findings, found } = await auditFile(file, QUIET)
    expect([findings.length, found]).toEqual([1000, 3000])
  })

  it('finds a log that was cut back, from a checkpoint that somebody kept', async () => {
    const note = newestNote('BY')
    const file = alteredBy('BY', ({ raw }) => {
      const last = raw.prepare('SELECT max(idx) FROM entries').pluck().get() as number
      raw.exec(`DELETE FROM entries WHERE idx = ${last}; DELETE FROM log_tiles; DELETE FROM log_head;
        DELETE FROM cosignatures WHERE size > ${last}; DELETE FROM checkpoints WHERE size > ${last}`)
    })
    expect(await codesOf(file, { since: note })).toContain('not-continued')
    expect(await codesOf(copies.files.BY, { since: note })).toEqual(new Set())
    expect(await codesOf(copies.files.UZ, { since: note })).toContain('not-continued')
  })

  it('finds an index that says other than its table', async () => {
    const file = alteredBy('BY', ({ raw }) => {
      raw.unsafeMode(true)
      raw.pragma('writable_schema = ON')
      const name = 'certificates_of_issuer'
      const kept = raw.prepare('SELECT * FROM sqlite_schema WHERE name = ?').get(name) as object
      raw.prepare('DELETE FROM sqlite_schema WHERE name = ?').run(name)
      raw.pragma('writable_schema = RESET')
      raw.exec('UPDATE certificates SET idx = idx + 5000')
      raw.exec('UPDATE certificates SET idx = idx - 4999')
      raw.pragma('writable_schema = ON')
      raw
        .prepare('INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)')
        .run(...(Object.values(kept) as string[]))
      raw.pragma('writable_schema = RESET')
    })
    expect(await codesOf(file)).toContain('file-damaged')
  })

  it.each([
    ['trigger that is gone', 'DROP TRIGGER entries_stay'],
    ['table of nobody', 'CREATE TABLE notes (text TEXT)'],
    ['migration of nobody', "INSERT INTO migrations VALUES ('9999-x.sql', 'x', '2026-01-01')"],
    ['migration of another text', "UPDATE migrations SET sha256 = 'x' WHERE name LIKE '0001%'"],
    ['migration that is gone', "DELETE FROM migrations WHERE name LIKE '0007%'"],
  ])('finds a %s', async (_, statement) => {
    const file = join(copies.folder, `${++serial}.sqlite`)
    copyFileSync(copies.files.UZ, file)
    const database = new SqliteDatabase(file)
    database.raw.exec(statement)
    database.close()
    expect(await codesOf(file)).toContain('schema-differs')
  })

  it('finds a migration of another second, and an arrival before its message or behind its decision', async () => {
    const where = async (alter: (raw: SqliteDatabase['raw']) => void) => {
      const { findings } = await auditFile(
        alteredBy('UZ', ({ raw }) => alter(raw)),
        QUIET,
      )
      return findings.map(({ where: told }) => told.split(' ')[0])
    }
    const later = (column: string, by: string) =>
      `strftime('%Y-%m-%dT%H:%M:%SZ', ${column}, '${by}')`
    const applied = `UPDATE migrations SET applied_at = ${later('applied_at', '+1 seconds')} WHERE name LIKE '0004%'`
    expect(await where((raw) => raw.exec(applied))).toEqual(['migrations'])
    for (const by of ['+1 hours', '-1 hours']) {
      // What came last may not have been cosigned here yet.
      const one =
        '(SELECT sha256, sender FROM decisions JOIN addressed USING (sha256, sender) ORDER BY idx LIMIT 1)'
      const arrived = `UPDATE inbox SET arrived_at = ${later('arrived_at', by)} WHERE (sha256, sender) IN ${one}`
      expect(await where((raw) => raw.exec(arrived)), by).toEqual(['inbox'])
    }
  })

  it('does not judge what it cannot tell as forged', async () => {
    const file = alteredBy('UZ', ({ raw }) => void raw.exec("DELETE FROM crls WHERE state = 'BY'"))
    const { findings } = await auditFile(file, QUIET)
    const missing = findings.filter(({ code }) => code === 'record-missing')
    expect(missing.every(({ where }) => where.startsWith('crls BY '))).toBe(true)
    expect(missing).toHaveLength(rowsIn('UZ', "SELECT ski FROM crls WHERE state = 'BY'").length)
    const others = findings.filter((finding) => !missing.includes(finding))
    expect(new Set(others.map(({ code }) => code))).toEqual(new Set(['signature-undecided']))
  })

  it('calls no cosignature wrong whose line an older process beside the new one did not keep', async () => {
    const without = (at: string) =>
      codesOf(
        alteredBy('UZ', ({ raw }) => {
          const newest = '(origin, n) IN (SELECT origin, max(n) FROM witnessed GROUP BY origin)'
          raw.exec(`UPDATE witnessed SET cosignature = NULL, at = ${at} WHERE ${newest}`)
        }),
      )
    expect(await without('at')).toEqual(new Set(['signature-undecided']))
    const later = await without("strftime('%Y-%m-%dT%H:%M:%SZ', at, '+2 days')")
    expect(later).toContain('peer-log-differs')
  })
})

describe('an audit that was interrupted', () => {
  it('goes on in the same log to the same end, and begins anew in another one', async () => {
    const whole = await auditFile(copies.files.BY, QUIET)
    const database = new SqliteDatabase(copies.files.BY, { readOnly: true })
    const sizes = database.raw
      .prepare('SELECT size, note FROM checkpoints ORDER BY size')
      .all() as { size: number; note: string }[]
    const part = sizes[Math.floor(sizes.length / 2)]!
    const judged = database.raw
      .prepare("SELECT count(*) FROM entries WHERE idx < ? AND kind <> 'administrative'")
      .pluck()
      .get(part.size) as number
    database.close()
    const root = part.note.split('\n')[2]!
    const state: AuditState = {
      next: part.size,
      judged,
      findings: [],
      found: 0,
      root,
      asOf: whole.asOf,
    }
    const resumed = await auditFile(copies.files.BY, { ...QUIET, resume: state })
    expect(resumed).toEqual(whole)
    const stranger = { ...state, judged: 1_000_000, root: encodeBase64(new Uint8Array(32)) }
    expect(await auditFile(copies.files.BY, { ...QUIET, resume: stranger })).toEqual(whole)
  })
})

describe('certex audit', () => {
  it('answers by its exit code, and signs its report with the key of the auditor', async () => {
    const [key, out, first] = ['auditor', 'report.jws', 'first.json'].map((name) =>
      join(copies.folder, name),
    ) as [string, string, string]
    const generated = await certex(['client', 'generate-key', '--out', key])
    expect(generated.code, generated.stderr).toBe(0)
    const jwkFile = [`${key}.jwk`, `${key}-private.jwk`, key].find((file) => existsSync(file))!
    const state = join(copies.folder, 'audit.state')
    const clean = await certex([
      'audit',
      '--database',
      copies.files.BY,
      '--sign',
      jwkFile,
      '--out',
      out,
      '--state',
      state,
    ])
    expect(clean, clean.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing was found: BY/),
    })
    expect(existsSync(state)).toBe(false)
    expect(clean.stdout).toMatch(/signed by the log key, \d+ cosigned by another state/)
    expect(clean.stdout, 'roots to be compared').toMatch(/--anchor:\n {4}BY [0-9A-F]{2}:/)
    const { jwk } = JSON.parse(
      Buffer.from(readFileSync(out, 'utf8').split('.')[0]!, 'base64url').toString(),
    ) as { jwk: JWK }
    expect(jwk).not.toHaveProperty('d')
    const { payload, protectedHeader } = await compactVerify(
      readFileSync(out, 'utf8').trim(),
      await importJWK(jwk, 'ES256'),
    )
    expect(protectedHeader.typ).toBe('audit-report+jwt')
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
      schema: 'audit-report/1',
      answer: 'clean',
      state: 'BY',
    })
    if (!lacks('openssl'))
      expect(verifiedByOpenssl(readFileSync(out, 'utf8').trim(), jwk)).toBe('Verified OK')
    const [header, , signature] = readFileSync(out, 'utf8').trim().split('.')
    const other = Buffer.from(JSON.stringify({ schema: 'audit-report/1', answer: 'clean' }))
    const forged = [header, other.toString('base64url'), signature].join('.')
    if (!lacks('openssl')) expect(verifiedByOpenssl(forged, jwk)).not.toBe('Verified OK')

    const file = alteredBy(
      'BY',
      ({ raw }) => void raw.exec("UPDATE certificates SET status = 'annulled' WHERE idx > 0"),
    )
    const found = await certex([
      'audit',
      '--database',
      file,
      '--since',
      out,
      '--anchor',
      'UZ='.padEnd(46, 'A'),
      '--json',
      '--out',
      first,
      '--language',
      'ru',
    ])
    expect(found.code, found.stderr).toBe(1)
    expect(JSON.parse(found.stdout)).toEqual(JSON.parse(readFileSync(first, 'utf8')))
    expect(JSON.parse(found.stdout)).toMatchObject({
      answer: 'findings',
      rootsCompared: true,
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'root-differs', where: 'trust_pins UZ' }),
        expect.objectContaining({ code: 'root-unknown', where: 'trust_pins BY' }),
        expect.objectContaining({ code: 'differs-from-log', outcome: 'fault' }),
      ]),
    })
    writeFileSync(first, 'nothing')
    const none = await certex(['audit', '--database', first])
    expect(none.code, none.stdout).not.toBe(0)
    expect((await certex(['audit'])).code).toBe(2)
  })

  it('audits what a running node shows, and tells an auditor only', async () => {
    const nodes = await startTwoNodes()
    try {
      const { BY } = nodes
      const file = join(copies.folder, 'auditor-of-node.jwk')
      const auditor = await BY.client('auditor', 'BY.CCI')
      await recordClients(BY)
      writeFileSync(file, JSON.stringify(auditor.privateJwk))
      const ask = ['audit', '--node', BY.url, '--client', auditor.id, '--key', file, '--json']
      const answer = await certex(ask)
      expect(answer.code, answer.stderr + answer.stdout).toBe(0)
      const report = JSON.parse(answer.stdout) as { checkpoint: string; entries: number }
      expect(report).toMatchObject({ audited: 'node', state: 'BY', answer: 'clean', found: 0 })
      expect(report.entries).toBeGreaterThan(0)

      const since = join(copies.folder, 'since.txt')
      writeFileSync(since, newestNote('BY'))
      const other = await certex([...ask, '--since', since])
      expect(other.code).toBe(1)
      expect(other.stdout).toContain('not-continued')
      writeFileSync(since, report.checkpoint)
      expect(await certex([...ask, '--since', since])).toMatchObject({ code: 0 })
    } finally {
      await nodes.close()
    }
  })
})
