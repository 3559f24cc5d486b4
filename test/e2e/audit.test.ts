import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compactVerify, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import type { AuditState } from '../../src/storage/audit/audit-database.ts'
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
}, 120_000)
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

  it('finds an entry that was rewritten with everything that follows from it', async () => {
    const file = alteredBy('BY', ({ raw }) => {
      const entry = raw
        .prepare("SELECT idx, leaf FROM entries WHERE kind = 'certificate' ORDER BY idx")
        .get() as { idx: number; leaf: string }
      const at = '2026-01-01T00:00:00Z'
      const leaf = JSON.stringify({ ...JSON.parse(entry.leaf), at })
      raw.prepare('UPDATE entries SET leaf = ?, at = ? WHERE idx = ?').run(leaf, at, entry.idx)
      raw.prepare('UPDATE certificates SET appended_at = ? WHERE idx = ?').run(at, entry.idx)
      raw.exec('DELETE FROM log_tiles; DELETE FROM log_head')
    })
    const database = new SqliteDatabase(file)
    await growTree(database)
    database.raw.pragma('journal_mode = DELETE')
    database.close()
    const codes = await codesOf(file)
    expect(codes).toContain('checkpoint-differs')
    expect(codes).not.toContain('tree-differs')
    expect(codes).not.toContain('differs-from-log')
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
  ])('finds a %s', async (_, statement) => {
    const file = join(copies.folder, `${++serial}.sqlite`)
    copyFileSync(copies.files.UZ, file)
    const database = new SqliteDatabase(file)
    database.raw.exec(statement)
    database.close()
    expect(await codesOf(file)).toContain('schema-differs')
  })

  it('does not judge what it cannot tell as forged', async () => {
    const file = alteredBy('UZ', ({ raw }) => void raw.exec("DELETE FROM crls WHERE state = 'BY'"))
    expect(await codesOf(file)).toEqual(new Set(['signature-undecided']))
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
    const state: AuditState = { next: part.size, judged, findings: [], root, asOf: whole.asOf }
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
      findings: expect.arrayContaining([
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
