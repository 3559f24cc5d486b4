import { copyFileSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { KEYS, type Projection } from '../../src/storage/projected-rows.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { flawsOf } from '../support/crash.ts'
import { startFullHistory } from '../support/full-history.ts'
import { rowsOf } from '../support/hostile.ts'
import type { TestNode } from '../support/two-nodes.ts'

describe('projections', () => {
  let nodes: Awaited<ReturnType<typeof startFullHistory>>
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-rebuild-'))
    nodes = await startFullHistory()
  })
  afterAll(async () => {
    await nodes.close()
    await rm(folder, { recursive: true })
  })

  const states = ['BY', 'UZ'] as const
  type State = (typeof states)[number]

  /** A copy of a node's database in which everything may be altered. */
  function altered(state: State): SqliteDatabase {
    const source = new SqliteDatabase(join(nodes[state].data, 'node.sqlite'))
    source.raw.pragma('wal_checkpoint(TRUNCATE)')
    source.close()
    const file = join(folder, `${state}.sqlite`)
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
    copyFileSync(join(nodes[state].data, 'node.sqlite'), file)
    const database = new SqliteDatabase(file)
    const triggers = database.raw
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .pluck()
      .all() as string[]
    for (const trigger of triggers) database.raw.exec(`DROP TRIGGER ${trigger}`)
    database.raw.pragma('ignore_check_constraints = ON')
    return database
  }

  async function differencesAfter(database: SqliteDatabase, state: State, statement: string) {
    database.raw.exec('BEGIN')
    try {
      const { changes } = database.raw.prepare(statement).run()
      expect(changes, statement).toBeGreaterThan(0)
      return await differencesFromLog(database, state)
    } finally {
      database.raw.exec('ROLLBACK')
    }
  }

  it('hold what the history was meant to make', () => {
    const [BY, UZ] = states.map((state) => nodes[state]) as [TestNode, TestNode]
    const outcomes = new Set(rowsOf(UZ, 'decisions').map(({ outcome }) => outcome))
    expect(outcomes).toEqual(
      new Set(['accepted', 'accepted-with-findings', 'refused', 'not-readable']),
    )
    const kinds = (node: TestNode) => new Set(rowsOf(node, 'entries').map(({ kind }) => kind))
    expect(kinds(UZ)).toEqual(
      new Set([
        'certificate',
        'status-change',
        'trust-list',
        'officials-register',
        'receipt',
        'security-notice',
        'second-signature',
        'attestation',
        'reconciliation',
        'administrative',
        'unknown',
      ]),
    )
    expect(rowsOf(BY, 'trust_lists')).toHaveLength(3)
    expect(rowsOf(BY, 'alarms').map(({ kind }) => kind)).toContain('contradicting-receipt')
    expect(rowsOf(UZ, 'alarms').map(({ kind }) => kind)).toContain('identity-conflict')
  })

  it.each(states)('of %s are what its log says', async (state) => {
    const database = new SqliteDatabase(join(nodes[state].data, 'node.sqlite'))
    expect(await differencesFromLog(database, state)).toEqual([])
    expect(flawsOf(database.raw)).toEqual([])
    database.close()
  })

  it.each(states)('of %s that were altered in any column are found', async (state) => {
    const database = altered(state)
    let tried = 0
    for (const table of Object.keys(KEYS) as Projection[]) {
      const columns = database.raw.pragma(`table_info(${table})`) as {
        name: string
        type: string
      }[]
      const [key] = KEYS[table]
      const filled = database.raw.prepare(`SELECT max(${key}) FROM ${table}`).pluck().get()
      expect(filled, `${table} has a row`).not.toBeNull()
      for (const { name, type } of columns) {
        if (['received_at', 'search_version'].includes(name)) continue
        const value = type === 'TEXT' ? `coalesce(${name}, '') || 'x'` : `${name} + 1000`
        const where = `(${KEYS[table].join(', ')}) = (SELECT ${KEYS[table].join(', ')} FROM ${table} LIMIT 1)`
        const statement = `UPDATE ${table} SET ${name} = ${value} WHERE ${where}`
        const found = await differencesAfter(database, state, statement)
        expect(found.join('\n'), statement).toMatch(new RegExp(`^${table} .*`, 'm'))
        tried++
      }
    }
    expect(tried).toBeGreaterThan(30)
    database.close()
  })

  it.each(states)('of %s from which a row was taken are found', async (state) => {
    const database = altered(state)
    for (const table of Object.keys(KEYS) as Projection[]) {
      const [key] = KEYS[table]
      const where = `${key} = (SELECT ${key} FROM ${table} LIMIT 1)`
      const found = await differencesAfter(database, state, `DELETE FROM ${table} WHERE ${where}`)
      expect(found.join('\n')).toMatch(new RegExp(`^${table} .*: missing$`, 'm'))
    }
    database.close()
  })

  it.each(states)('of %s to which a row was added are found', async (state) => {
    const database = altered(state)
    const added = {
      certificates: `INSERT INTO certificates SELECT 'x', state, type, 'x', number, issuer, recipients, origin,
        appended_at, usable_from, usable_until, status, status_uri, -1, -1, NULL, 0, NULL, NULL
        FROM certificates LIMIT 1`,
      search_terms: `INSERT INTO search_terms SELECT kind, term || 'x', idx FROM search_terms LIMIT 1`,
      status_changes: `INSERT INTO status_changes SELECT target, n + 1, 'x' FROM status_changes LIMIT 1`,
      security_notices: `INSERT INTO security_notices (notice, n, sha256, idx, change)
        SELECT notice, 99, 'x', -1, 'release' FROM security_notices LIMIT 1`,
      reconciliations:
        "INSERT INTO reconciliations VALUES ('x', 'BY', 'UZ', 'x', '2026-01-01T00:00:00Z')",
      second_signatures: `INSERT INTO second_signatures SELECT target, n + 9, 'x' FROM second_signatures LIMIT 1`,
      attestations: `INSERT INTO attestations SELECT target, n + 9, 'x', issuer, verified_at
        FROM attestations LIMIT 1`,
      outgoing: `INSERT INTO outgoing SELECT 'KZ', seq, sha256, received_at, outcome, findings, decided_at,
        receipt FROM outgoing LIMIT 1`,
      recipients: "INSERT INTO recipients VALUES ('KZ', 7)",
      decisions: `INSERT INTO decisions SELECT 'x', sender, outcome, findings, at, receipt FROM decisions LIMIT 1`,
      further_receipts: "INSERT INTO further_receipts VALUES ('x', 'y')",
      trust_lists: `INSERT INTO trust_lists SELECT state, 99, 'x' FROM trust_lists LIMIT 1`,
      officials_registers: `INSERT INTO officials_registers SELECT state, 99, 'x' FROM officials_registers LIMIT 1`,
    } satisfies Record<Projection, string>
    for (const [table, statement] of Object.entries(added)) {
      const found = await differencesAfter(database, state, statement)
      expect(found).toEqual([expect.stringMatching(new RegExp(`^${table} .*: not in the log$`))])
    }
    database.close()
  })

  const first = "(SELECT min(idx) FROM entries WHERE kind = 'certificate')"
  const tampering: Record<string, [string, RegExp]> = {
    'bytes of a document': [
      `UPDATE documents SET jws = jws || 'x' WHERE sha256 = (SELECT sha256 FROM entries WHERE idx = ${first})`,
      /^entry \d+: document .* has other bytes$/m,
    ],
    'a document taken away': [
      `DELETE FROM documents WHERE sha256 = (SELECT sha256 FROM entries WHERE idx = ${first})`,
      /^entry \d+: document .* is missing$/m,
    ],
    'an entry taken away': [
      `DELETE FROM entries WHERE idx = ${first}`,
      /^entry \d+: \d+ would be next$/m,
    ],
    'the last entry taken away': [
      'DELETE FROM entries WHERE idx = (SELECT max(idx) FROM entries)',
      /not in the log|by the log/m,
    ],
    'the time of an entry': [
      `UPDATE entries SET at = '2020-01-01T00:00:00Z' WHERE idx = ${first}`,
      /^entry \d+: its leaf is not that of the entry$/m,
    ],
    'the kind of an entry': [
      `UPDATE entries SET kind = 'unknown' WHERE idx = ${first}`,
      /^entry \d+: its leaf is not that of the entry$/m,
    ],
    'a sequence number in a leaf': [
      `UPDATE entries SET leaf = json_set(leaf, '$.to.UZ', 999) WHERE idx = ${first}`,
      /^entry \d+: message 999 to UZ is out of sequence$/m,
    ],
  }
  it.each(Object.entries(tampering))(
    'and a log that was altered (%s) are told apart',
    async (_, [statement, found]) => {
      const database = altered('BY')
      expect((await differencesAfter(database, 'BY', statement)).join('\n')).toMatch(found)
      database.close()
    },
  )
})
