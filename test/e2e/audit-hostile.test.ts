import { copyFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { auditShownLog } from '../../src/exchange/audit/audit-node.ts'
import { auditShownEvidence } from '../../src/exchange/audit/audit-shown-evidence.ts'
import { collectFindings } from '../../src/exchange/audit/finding.ts'
import { storedTrust, trustHistory } from '../../src/exchange/audit/log-history.ts'
import type { ShownLog } from '../../src/exchange/audit/shown-log.ts'
import { toldEvidences } from '../../src/exchange/audit/told-evidence.ts'
import { publishOcsp } from '../../src/exchange/keep-trust/publish-ocsp.ts'
import { coverEveryTable } from '../../src/exchange/log/cover-rows.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { loadKey } from '../../src/node/pki/pki-directory.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { takeLists } from '../../src/storage/audit/take-lists.ts'
import { EVERYWHERE } from '../../src/storage/audit/compare-certificates.ts'
import { growTree } from '../../src/storage/log-tree.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import { formatCheckpoint } from '../../src/tlog/checkpoint.ts'
import { rootOf } from '../../src/tlog/frontier.ts'
import { encodeLeaf, type EntryKind } from '../../src/tlog/leaf.ts'
import { type NoteSigner, signNote } from '../../src/tlog/note-signature.ts'
import { formatSignatureLine, formatSignedNote } from '../../src/tlog/signed-note.ts'
import { recordClients } from '../support/audited-copies.ts'
import { issue } from '../support/changes.ts'
import { revoke } from '../support/compromise.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { provenAt } from '../support/notices.ts'
import { ocspAbout } from '../support/ocsp-about.ts'
import { shownBy } from '../support/shown-by.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

// A log that its own node wrote, with the log key in hand: whatever is wrong, every digest, root and signature
// over it is right. The seal of a body is revoked at its end; of before there are a CRL and an OCSP response.

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }
const STATES = ['BY', 'UZ'] as const
type State = (typeof STATES)[number]
type Row = Readonly<Record<string, unknown>>

let folder: string
let nodes: TwoNodes
let signer: NoteSigner<'ed25519'>
let stranger: NoteSigner<'ed25519'>
/** Rows of `crls` and `ocsp_responses` at both nodes before the revocation. */
const before: Record<string, Row[]> = {}
const files = {} as Record<State, string>
let serial = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-audit-hostile-'))
  nodes = await startTwoNodes()
  const { BY, UZ } = nodes
  const chamber = await BY.client('issuer', 'BY.CCI')
  const { sha256 } = await issue(chamber, 'origin-ct1-tractors')
  await provenAt(UZ, sha256)
  await eventually('it is decided', () =>
    Promise.resolve(rowsOf(BY, 'outgoing').every(({ outcome }) => outcome !== null)),
  )
  const key = BY.pki.keys.find(
    ({ purpose, partyId }) => purpose === 'document-seal' && partyId === 'BY.CCI.001',
  )!
  await ocspSays(BY, key.certificate, key.chain[1]!)
  for (const node of [BY, UZ])
    for (const table of ['crls', 'ocsp_responses'])
      before[`${node.state} ${table}`] = rowsOf(node, table)
  const second = await provenAt(BY, sha256)
  await revoke(nodes, key.certificate, 'keyCompromise', second)
  await ocspSays(BY, key.certificate, key.chain[1]!, new Date(second))
  for (const node of [BY, UZ]) {
    await recordClients(node)
    await covered(node)
  }
  signer = await BY.running.deps.logSigner()
  stranger = await UZ.running.deps.logSigner()
  await Promise.all([BY, UZ].map(({ running }) => running.stop()))
  for (const state of STATES) {
    const source = new SqliteDatabase(join(nodes[state].data, 'node.sqlite'))
    source.raw.pragma('wal_checkpoint(TRUNCATE)')
    source.raw.pragma('journal_mode = DELETE')
    source.close()
    files[state] = join(nodes[state].data, 'node.sqlite')
  }
})
afterAll(async () => {
  await nodes.close()
  await rm(folder, { recursive: true })
})

/** What its authority says about a key, published by its node. */
async function ocspSays(
  { running, pki, passphrase }: TestNode,
  certificate: Uint8Array,
  issuer: string,
  revokedAt?: Date,
): Promise<void> {
  const ca = pki.keys.find(({ certificateFile }) => certificateFile === issuer)!
  const by = { certificate: ca.certificate, pkcs8: await loadKey(pki, ca, passphrase) }
  const entry = revokedAt && {
    revokedAt,
    reason: 'keyCompromise' as const,
    invalidityDate: undefined,
  }
  const { der } = await ocspAbout(certificate, by, { at: new Date(), ...(entry && { entry }) })
  const published = await publishOcsp(running.deps)(der, 'BY', 'user:test')
  expect(published).toMatchObject({ outcome: 'stored' })
}

async function covered({ running: { deps } }: TestNode): Promise<void> {
  await coverEveryTable(deps)
  await eventually('the log is signed', async () => {
    const [frontier, checkpoint] = await Promise.all([deps.log.frontier(), deps.log.checkpoint()])
    return frontier.size === checkpoint?.size
  })
}

/** A copy after somebody with the file in hand did this to it; its triggers stand again. */
async function alteredBy(
  state: State,
  alter: (database: SqliteDatabase) => unknown,
): Promise<string> {
  const file = join(folder, `${state}-${++serial}.sqlite`)
  copyFileSync(files[state], file)
  const database = new SqliteDatabase(file)
  const { raw } = database
  const triggers = raw
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    .all() as { name: string; sql: string }[]
  for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`)
  await alter(database)
  for (const { sql } of triggers) raw.exec(sql)
  raw.pragma('journal_mode = DELETE')
  database.close()
  return file
}

function putBack(table: string, state: State) {
  return ({ raw }: SqliteDatabase) => {
    for (const row of before[`${state} ${table}`]!) {
      const columns = Object.keys(row)
      const marks = columns.map(() => '?').join(', ')
      raw.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${marks})`).run(Object.values(row))
    }
  }
}

type Found = { code: string; where: string; detail: string }[]

async function ofFile(file: string, since?: string): Promise<Found> {
  return [...(await auditFile(file, { ...QUIET, since })).findings]
}

async function ofNode(
  file: string,
  since?: string,
  lies: (log: ShownLog) => Partial<ShownLog> = () => ({}),
): Promise<Found> {
  const database = new SqliteDatabase(file, { readOnly: true })
  const [{ state }] = database.raw.prepare('SELECT state FROM node').all() as [{ state: string }]
  const log = shownBy(database, state)
  const request = { since, witnesses: [], progress: () => undefined }
  const audit = await auditShownLog({ ...log, ...lies(log) }, request)
  database.close()
  if ('unusable' in audit) throw new Error(audit.unusable)
  return [...audit.findings]
}

const AUDITS = [
  ['its database', ofFile],
  ['what it shows', ofNode],
] as const

describe('evidence of before that somebody puts back', () => {
  it.each(STATES.flatMap((state) => AUDITS.map((audit) => [state, ...audit] as const)))(
    'takes no revocation away from an audit of %s by %s',
    async (state, _, audit) => {
      const genuine = await audit(files[state])
      expect(genuine.map(({ code }) => code)).toEqual([expect.stringMatching(/^signer-revoked/)])
      const found = await audit(await alteredBy(state, putBack('crls', state)))
      const told = found.filter(({ where }) => where.startsWith('crls BY '))
      expect(told.length).toBeGreaterThan(0)
      expect(new Set(told.map(({ code }) => code))).toEqual(new Set(['record-differs']))
      expect(told[0]!.detail).toMatch(/another one is here: since .* the one number \d+ of /)
    },
  )

  it.each(AUDITS)('is found of an OCSP response as well, in %s', async (_, audit) => {
    const found = await audit(await alteredBy('BY', putBack('ocsp_responses', 'BY')))
    expect(found.map(({ where }) => where.split(' ')[0])).toContain('ocsp_responses')
  })

  it('is found by the acts alone where older versions kept it, which no row tells of', async () => {
    const untold = ({ raw }: SqliteDatabase) => {
      raw.exec('DELETE FROM kept_evidence')
      raw.exec("UPDATE admin_acts SET at = '2099-01-01T00:00:00Z' WHERE act = 'migrated'")
    }
    const found = async (alter: (database: SqliteDatabase) => unknown) =>
      (await ofFile(await alteredBy('BY', alter)))
        .filter(({ where }) => /^(crls|ocsp_responses) /.test(where))
        .map(({ detail }) => detail.replaceAll(/[0-9a-f]{8,}|\d+/g, 'N'))
    expect(await found(untold)).toEqual([])
    const crls = (database: SqliteDatabase) => (untold(database), putBack('crls', 'BY')(database))
    expect(new Set(await found(crls))).toEqual(
      new Set([
        'an earlier one than the number N, as act N tells',
        'N is not revoked, as act N tells',
      ]),
    )
    const ocsp = (database: SqliteDatabase) => (
      untold(database),
      putBack('ocsp_responses', 'BY')(database)
    )
    expect(await found(ocsp)).toEqual(['it is not revoked, as act N tells'])
    const later = await found((database) => {
      untold(database)
      database.raw.exec("UPDATE admin_acts SET at = '2020-01-01T00:00:00Z' WHERE act = 'migrated'")
    })
    expect(new Set(later)).toEqual(new Set(['nothing tells that it was kept']))
  })

  it('is none where a node shows newer evidence than its log tells of so far', async () => {
    const database = new SqliteDatabase(files.BY, { readOnly: true })
    const stored = await storedTrust(sqlTrustStore(database))
    const history = trustHistory(stored, 'production')
    await takeLists(database, history, EVERYWHERE)
    const { report, found } = collectFindings()
    const told = toldEvidences(report)
    const rows = database.raw.prepare('SELECT * FROM kept_evidence ORDER BY n').all() as Row[]
    const nameOf = ({ state, ski, serial: of }: Row) => JSON.stringify([state, ski, of])
    const earlier = rows.filter((row, i) =>
      rows.slice(i + 1).some((later) => nameOf(later) === nameOf(row)),
    )
    expect(earlier.length).toBeGreaterThan(0)
    for (const { n, ...row } of earlier)
      told.take(Number(n), Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null)))
    await auditShownEvidence(stored, { told, history }, report)
    expect(found().findings).toEqual([])
    database.close()
  })
})

/** Signs the log of a database anew, as it stands, in the place of all that was signed from there on. */
async function signAnew(database: SqliteDatabase, from = 0): Promise<void> {
  const { raw } = database
  const [{ at }] = raw.prepare('SELECT max(at) AS at FROM entries').all() as [{ at: string }]
  raw.exec(`DELETE FROM log_tiles; DELETE FROM log_head; DELETE FROM cosignatures WHERE size > ${from};
    DELETE FROM checkpoint_signatures WHERE size > ${from}; DELETE FROM checkpoints WHERE size > ${from}`)
  await growTree(database)
  const frontier = await sqlLogStore(database).frontier()
  const note = await signedNote(frontier.size, rootOf(sha256Sync, frontier))
  raw.prepare('INSERT INTO checkpoints VALUES (?, ?, ?)').run(Number(frontier.size), note, at)
}

async function signedNote(size: bigint, rootHash: Uint8Array): Promise<string> {
  const text = formatCheckpoint({ origin: signer.key.name, size, rootHash, extensions: [] })
  return formatSignedNote({ text, signatures: [await signNote(text, signer)] })
}

function newestNote(file: string): string {
  const database = new SqliteDatabase(file, { readOnly: true })
  const note = database.raw.prepare('SELECT note FROM checkpoints ORDER BY size DESC').pluck().get()
  database.close()
  return note as string
}

describe('an audit from an earlier checkpoint', () => {
  const notContinued = (found: Found) =>
    found.flatMap(({ code, detail }) => (code === 'not-continued' ? [detail] : []))

  it.each(AUDITS)(
    'finds in %s a log of the same size that was written and signed anew',
    async (_, audit) => {
      const file = await alteredBy('BY', async (database) => {
        const { raw } = database
        const last = "(SELECT max(idx) FROM entries WHERE kind = 'administrative')"
        const leaf = "replace(leaf, sha256, replace(sha256, substr(sha256, 1, 4), 'AAAA'))"
        raw.exec(`UPDATE entries SET leaf = ${leaf} WHERE idx = ${last}`)
        raw.exec("UPDATE entries SET sha256 = json_extract(leaf, '$.sha256')")
        await signAnew(database)
      })
      const kept = newestNote(files.BY)
      expect(newestNote(file).split('\n')[1], 'the size').toBe(kept.split('\n')[1])
      expect(notContinued(await audit(file))).toEqual([])
      expect(notContinued(await audit(file, newestNote(file)))).toEqual([])
      expect(notContinued(await audit(file, kept))).toEqual([
        'the log had another tree at this size',
      ])
    },
  )

  it.each(AUDITS)('goes on in %s from none that the log has not signed', async (_, audit) => {
    const kept = newestNote(files.BY)
    expect(notContinued(await audit(files.BY, kept))).toEqual([])
    const spoilt = kept.replace(/.(?=.{8}\n$)/, (character) => (character === 'A' ? 'B' : 'A'))
    expect(spoilt).not.toBe(kept)
    expect(notContinued(await audit(files.BY, spoilt))).toEqual([
      expect.stringMatching(/^the signature of the log is/),
    ])
  })
})

describe('a log that a hostile node wrote and signed', () => {
  /** The log of BY with these documents behind it. */
  async function withDocuments(documents: readonly { kind: EntryKind; jws: string }[]) {
    let first = 0
    const file = await alteredBy('BY', async (database) => {
      const { raw } = database
      const count = raw.prepare('SELECT count(*) FROM entries').pluck().get() as number
      const at = raw.prepare('SELECT max(at) FROM entries').pluck().get() as string
      first = count
      for (const [i, { kind, jws }] of documents.entries()) {
        const sha256 = digest(jws)
        const leaf = encodeLeaf({ kind, sha256, to: {}, at })
        raw.prepare('INSERT INTO documents VALUES (?, ?)').run(sha256, jws)
        raw
          .prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?)')
          .run(count + i, sha256, kind, at, leaf)
      }
      await signAnew(database, count)
    })
    return { file, first }
  }

  it.each(AUDITS)('is judged by what its documents say, in %s', async (_, audit) => {
    const { BY } = nodes
    const certifier = await sealOf(BY, 'BY.TESTCERT')
    const registry = await sealOf(BY, 'registry-seal')
    const officials = {
      schema: 'officials-register/1',
      state: 'BY',
      version: 1,
      previous: null,
      issuedAt: new Date().toISOString().replace(/\.\d+/, ''),
      officials: [],
      deputies: [],
    }
    const lists = await sealOf(BY, 'trust-list-signer')
    const register = { typ: 'officials-register+jwt', payload: officials }
    const reconciliation = { typ: 'reconciliation+jwt', payload: { iss: 'BY.REGISTRY' } }
    const documents = [
      {
        kind: 'certificate',
        jws: await forge(certifier, { payload: claimsFor(BY, await freshCertificate()) }),
      },
      { kind: 'second-signature', jws: await forge(registry, reconciliation) },
      {
        kind: 'officials-register',
        jws: await forge(lists, { ...register, header: { 'x5t#S256': registry.x5tS256 } }),
      },
    ] as const
    const { file, first } = await withDocuments(documents)
    const found = await audit(file)
    const judged = documents.map((__, i) =>
      found.filter(
        ({ code, where }) => code === 'signature-invalid' && where === `entry ${first + i}`,
      ),
    )
    expect(judged.map(([one]) => one?.detail)).toEqual([
      expect.stringMatching(/issuer-differs: BY\.CCI\.001 ≠ BY\.TESTCERT/),
      expect.stringMatching(/a reconciliation\+jwt stands as second-signature/),
      expect.stringMatching(/thumbprint-differs/),
    ])
    expect(found.filter(({ code }) => code.startsWith('checkpoint'))).toEqual([])
  })

  it.each(AUDITS)(
    'has no checkpoint that somebody else signed as well, in %s',
    async (_, audit) => {
      const file = await alteredBy('BY', async ({ raw }) => {
        const note = newestNote(files.BY)
        const [text] = note.split('\n\n')
        const foreign = formatSignatureLine(await signNote(`${text}\n`, stranger))
        raw.prepare('UPDATE checkpoints SET note = ? WHERE note = ?').run(note + foreign, note)
      })
      expect((await audit(file)).map(({ detail }) => detail)).toContain(
        'somebody else signed it as well',
      )
    },
  )

  it('proves nothing against another by notes that do not contradict each other', async () => {
    const file = await alteredBy('UZ', async ({ raw }) => {
      const origin = signer.key.name
      const [small, same, large] = await Promise.all(
        [7n, 7n, 9n].map((size) => signedNote(size, new Uint8Array(32))),
      )
      const at = '2026-01-01T00:00:00Z'
      const fork = 'INSERT INTO log_forks (state, origin, found_at, first, second, proof)'
      const rollback = 'INSERT INTO log_rollbacks (state, origin, size, found_at, before, shown)'
      raw.prepare(`${fork} VALUES ('BY', ?, ?, ?, ?, '')`).run(origin, at, small, same)
      raw.prepare(`${rollback} VALUES ('BY', ?, 7, ?, ?, ?)`).run(origin, at, small, large)
      raw.prepare(`${rollback} VALUES ('BY', ?, 9, ?, ?, ?)`).run(origin, at, large, small)
    })
    const found = (await ofFile(file)).filter(({ code }) => code === 'peer-log-differs')
    expect(found.map(({ where, detail }) => [where.split(' ')[0], detail])).toEqual([
      ['log_forks', 'the two do not contradict each other'],
      ['log_rollbacks', 'it was not shown shorter'],
    ])
    expect(found[1]!.where).toMatch(/ 7$/)
  })

  it('is not read for ever where a node shows its documents again and again', async () => {
    let shown = 0
    const found = await ofNode(files.BY, undefined, (log) => ({
      async *documents() {
        for (;;)
          for await (const document of log.documents(-1)) {
            if (shown++ > 1_000) throw new Error('it is read for ever')
            yield document
          }
      },
    }))
    expect(found.map(({ code }) => code)).toEqual([expect.stringMatching(/^signer-revoked/)])
  })
})
