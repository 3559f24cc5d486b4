import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Generated } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate, MigrationError } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import type { Tables } from '../../src/storage/tables.ts'

/** How a column of this row type must be declared. */
type Declared<Column> = [Column] extends [Generated<number>]
  ? 'INTEGER GENERATED'
  : null extends Column
    ? Exclude<Column, null> extends string
      ? 'TEXT'
      : 'INTEGER'
    : Column extends string
      ? 'TEXT NOT NULL'
      : 'INTEGER NOT NULL'

/** The row types as data: does not compile when it differs from tables.ts. */
const ROW_TYPES: { [T in keyof Tables]: { [C in keyof Tables[T]]: Declared<Tables[T][C]> } } = {
  node: {
    id: 'INTEGER NOT NULL',
    state: 'TEXT NOT NULL',
    epoch: 'TEXT NOT NULL',
    trust_revision: 'INTEGER NOT NULL',
    environment: 'TEXT NOT NULL',
  },
  documents: { sha256: 'TEXT NOT NULL', jws: 'TEXT NOT NULL' },
  rule_texts: { sha256: 'TEXT NOT NULL', text: 'TEXT NOT NULL' },
  entries: {
    idx: 'INTEGER NOT NULL',
    sha256: 'TEXT NOT NULL',
    kind: 'TEXT NOT NULL',
    at: 'TEXT NOT NULL',
    leaf: 'TEXT NOT NULL',
  },
  log_head: { id: 'INTEGER NOT NULL', size: 'INTEGER NOT NULL', frontier: 'TEXT NOT NULL' },
  log_tiles: {
    level: 'INTEGER NOT NULL',
    n: 'INTEGER NOT NULL',
    hashes: 'TEXT NOT NULL',
    root: 'TEXT NOT NULL',
  },
  checkpoints: { size: 'INTEGER NOT NULL', note: 'TEXT NOT NULL', signed_at: 'TEXT NOT NULL' },
  checkpoint_signatures: {
    size: 'INTEGER NOT NULL',
    key_id: 'INTEGER NOT NULL',
    line: 'TEXT NOT NULL',
    signed_at: 'TEXT NOT NULL',
  },
  log_doubts: { id: 'INTEGER NOT NULL', since: 'TEXT NOT NULL', reason: 'TEXT NOT NULL' },
  log_doubt_answers: {
    state: 'TEXT NOT NULL',
    witness: 'TEXT NOT NULL',
    key_id: 'INTEGER NOT NULL',
    answer: 'TEXT NOT NULL',
    size: 'INTEGER NOT NULL',
    at: 'TEXT NOT NULL',
  },
  alarms_once: { key: 'TEXT NOT NULL', at: 'TEXT NOT NULL' },
  mirror_looks: {
    state: 'TEXT NOT NULL',
    first_at: 'TEXT NOT NULL',
    whole_at: 'TEXT',
    failure: 'TEXT',
    compared_until: 'TEXT NOT NULL',
    newer_than: 'TEXT',
  },
  unproven_checkpoints: {
    state: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    size: 'INTEGER NOT NULL',
    root: 'TEXT NOT NULL',
    note: 'TEXT NOT NULL',
    seen_at: 'TEXT NOT NULL',
  },
  witness_recalls: { epoch: 'TEXT NOT NULL', origin: 'TEXT NOT NULL', at: 'TEXT NOT NULL' },
  peer_log_bytes: {
    state: 'TEXT NOT NULL',
    store: 'TEXT NOT NULL',
    day: 'TEXT NOT NULL',
    bytes: 'INTEGER NOT NULL',
  },
  cosignatures: {
    size: 'INTEGER NOT NULL',
    state: 'TEXT NOT NULL',
    witness: 'TEXT NOT NULL',
    key_id: 'INTEGER NOT NULL',
    line: 'TEXT NOT NULL',
    cosigned_at: 'TEXT NOT NULL',
  },
  witnessed: {
    state: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    n: 'INTEGER NOT NULL',
    size: 'INTEGER NOT NULL',
    root: 'TEXT NOT NULL',
    note: 'TEXT NOT NULL',
    at: 'TEXT NOT NULL',
    cosignature: 'TEXT',
  },
  mirrors: {
    state: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    n: 'INTEGER NOT NULL',
    size: 'INTEGER NOT NULL',
    frontier: 'TEXT NOT NULL',
    seen_size: 'INTEGER NOT NULL',
    note: 'TEXT NOT NULL',
    whole_note: 'TEXT',
    addressed: 'INTEGER NOT NULL',
    last_seq: 'INTEGER NOT NULL',
    at: 'TEXT NOT NULL',
  },
  mirrored_bundles: {
    state: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    n: 'INTEGER NOT NULL',
    leaves: 'TEXT NOT NULL',
    root: 'TEXT NOT NULL',
  },
  addressed: {
    sender: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    idx: 'INTEGER NOT NULL',
    seq: 'INTEGER NOT NULL',
    sha256: 'TEXT NOT NULL',
    mirrored_at: 'TEXT NOT NULL',
    settled: 'INTEGER NOT NULL',
  },
  log_forks: {
    n: 'INTEGER GENERATED',
    state: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    found_at: 'TEXT NOT NULL',
    first: 'TEXT NOT NULL',
    second: 'TEXT NOT NULL',
    proof: 'TEXT NOT NULL',
  },
  log_rollbacks: {
    n: 'INTEGER GENERATED',
    state: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    size: 'INTEGER NOT NULL',
    found_at: 'TEXT NOT NULL',
    before: 'TEXT NOT NULL',
    shown: 'TEXT NOT NULL',
  },
  reconciliations: {
    sha256: 'TEXT NOT NULL',
    maker: 'TEXT NOT NULL',
    recipient: 'TEXT NOT NULL',
    epoch: 'TEXT NOT NULL',
    until: 'TEXT NOT NULL',
  },
  reconciliation_checks: {
    sha256: 'TEXT NOT NULL',
    view: 'TEXT NOT NULL',
    peer: 'TEXT NOT NULL',
    since: 'TEXT NOT NULL',
    checks: 'INTEGER NOT NULL',
    next_at: 'TEXT NOT NULL',
    compared_after: 'INTEGER',
  },
  reconciled_up_to: { peer: 'TEXT NOT NULL', view: 'TEXT NOT NULL', up_to: 'INTEGER NOT NULL' },
  reconciliation_verdicts: {
    n: 'INTEGER GENERATED',
    sha256: 'TEXT NOT NULL',
    view: 'TEXT NOT NULL',
    at: 'TEXT NOT NULL',
    outcome: 'TEXT NOT NULL',
    reason: 'TEXT NOT NULL',
    differences: 'TEXT NOT NULL',
    complete: 'INTEGER NOT NULL',
  },
  certificates: {
    sha256: 'TEXT NOT NULL',
    state: 'TEXT NOT NULL',
    type: 'TEXT NOT NULL',
    folded_number: 'TEXT NOT NULL',
    number: 'TEXT NOT NULL',
    issuer: 'TEXT NOT NULL',
    recipients: 'TEXT NOT NULL',
    origin: 'TEXT NOT NULL',
    appended_at: 'TEXT NOT NULL',
    usable_from: 'TEXT NOT NULL',
    usable_until: 'TEXT',
    status: 'TEXT NOT NULL',
    status_uri: 'TEXT NOT NULL',
    status_idx: 'INTEGER NOT NULL',
    idx: 'INTEGER NOT NULL',
    replaced_by: 'TEXT',
    search_version: 'INTEGER NOT NULL',
    seal: 'TEXT',
    signed_at: 'TEXT',
  },
  security_notices: {
    notice: 'TEXT NOT NULL',
    n: 'INTEGER NOT NULL',
    sha256: 'TEXT NOT NULL',
    idx: 'INTEGER NOT NULL',
    change: 'TEXT NOT NULL',
    issuer: 'TEXT',
    subject_state: 'TEXT',
    subject_body: 'TEXT',
    seal: 'TEXT',
    ski: 'TEXT',
    measure: 'TEXT',
    from_at: 'TEXT',
    until_at: 'TEXT',
  },
  lost_documents: {
    sha256: 'TEXT NOT NULL',
    idx: 'INTEGER',
    kind: 'TEXT NOT NULL',
    epoch: 'TEXT NOT NULL',
  },
  late_documents: { sha256: 'TEXT NOT NULL', reason: 'TEXT NOT NULL' },
  settled_changes: { sha256: 'TEXT NOT NULL', settled_at: 'TEXT NOT NULL' },
  lost_numbers: {
    sha256: 'TEXT NOT NULL',
    type: 'TEXT',
    folded_number: 'TEXT',
    settled_at: 'TEXT NOT NULL',
  },
  search_terms: { kind: 'TEXT NOT NULL', term: 'TEXT NOT NULL', idx: 'INTEGER NOT NULL' },
  reservations: {
    type: 'TEXT NOT NULL',
    folded_number: 'TEXT NOT NULL',
    issuer: 'TEXT NOT NULL',
    status_uri: 'TEXT NOT NULL',
    status_idx: 'INTEGER NOT NULL',
    claims: 'TEXT NOT NULL',
    reserved_at: 'TEXT NOT NULL',
  },
  status_changes: { target: 'TEXT NOT NULL', n: 'INTEGER NOT NULL', sha256: 'TEXT NOT NULL' },
  second_signatures: { target: 'TEXT NOT NULL', n: 'INTEGER NOT NULL', sha256: 'TEXT NOT NULL' },
  attestations: {
    target: 'TEXT NOT NULL',
    n: 'INTEGER NOT NULL',
    sha256: 'TEXT NOT NULL',
    issuer: 'TEXT NOT NULL',
    verified_at: 'TEXT NOT NULL',
  },
  outgoing: {
    recipient: 'TEXT NOT NULL',
    seq: 'INTEGER NOT NULL',
    sha256: 'TEXT NOT NULL',
    received_at: 'TEXT',
    outcome: 'TEXT',
    findings: 'TEXT',
    decided_at: 'TEXT',
    receipt: 'TEXT',
  },
  recipients: { state: 'TEXT NOT NULL', last_seq: 'INTEGER NOT NULL' },
  inbox: {
    sha256: 'TEXT NOT NULL',
    sender: 'TEXT NOT NULL',
    seq: 'INTEGER NOT NULL',
    arrived_at: 'TEXT NOT NULL',
    waits_for: 'TEXT',
    target: 'TEXT',
  },
  decisions: {
    sha256: 'TEXT NOT NULL',
    sender: 'TEXT NOT NULL',
    outcome: 'TEXT NOT NULL',
    findings: 'TEXT NOT NULL',
    at: 'TEXT NOT NULL',
    receipt: 'TEXT NOT NULL',
  },
  late_receipts: { sha256: 'TEXT NOT NULL', recipient: 'TEXT NOT NULL', delivered_at: 'TEXT' },
  further_receipts: { receipt: 'TEXT NOT NULL', sha256: 'TEXT NOT NULL' },
  peers: {
    state: 'TEXT NOT NULL',
    attempts: 'INTEGER NOT NULL',
    next_attempt_at: 'TEXT',
    last_error: 'TEXT',
    last_sent_at: 'TEXT',
    first_heard_at: 'TEXT',
    last_heard_at: 'TEXT',
    complete_at: 'TEXT',
    trust_checked_at: 'TEXT',
    feed_epoch: 'TEXT',
    feed_seq: 'INTEGER NOT NULL',
    clock_ahead_ms: 'INTEGER',
  },
  status_lists: {
    id: 'INTEGER NOT NULL',
    permutation_key: 'TEXT NOT NULL',
    size: 'INTEGER NOT NULL',
    next: 'INTEGER NOT NULL',
  },
  status_list_revisions: { uri: 'TEXT NOT NULL', revision: 'INTEGER NOT NULL' },
  trust_pins: {
    state: 'TEXT NOT NULL',
    root_sha256: 'TEXT NOT NULL',
    pinned_at: 'TEXT NOT NULL',
  },
  trust_lists: { state: 'TEXT NOT NULL', version: 'INTEGER NOT NULL', sha256: 'TEXT NOT NULL' },
  officials_registers: {
    state: 'TEXT NOT NULL',
    version: 'INTEGER NOT NULL',
    sha256: 'TEXT NOT NULL',
  },
  trust_proposals: {
    n: 'INTEGER GENERATED',
    kind: 'TEXT NOT NULL',
    state: 'TEXT NOT NULL',
    subject: 'TEXT NOT NULL',
    proposed_at: 'TEXT NOT NULL',
    proposed_by: 'TEXT NOT NULL',
  },
  trust_approvals: {
    kind: 'TEXT NOT NULL',
    state: 'TEXT NOT NULL',
    subject: 'TEXT NOT NULL',
    proposed_by: 'TEXT NOT NULL',
    approved_at: 'TEXT NOT NULL',
    approved_by: 'TEXT NOT NULL',
  },
  trust_list_delays: {
    sha256: 'TEXT NOT NULL',
    state: 'TEXT NOT NULL',
    version: 'INTEGER NOT NULL',
    additions_from: 'TEXT NOT NULL',
  },
  trust_forks: {
    n: 'INTEGER GENERATED',
    sha256: 'TEXT NOT NULL',
    part: 'INTEGER NOT NULL',
    state: 'TEXT NOT NULL',
    version: 'INTEGER NOT NULL',
    seen_at: 'TEXT NOT NULL',
    jws: 'TEXT NOT NULL',
  },
  crls: {
    ski: 'TEXT NOT NULL',
    state: 'TEXT NOT NULL',
    der: 'TEXT NOT NULL',
    number: 'TEXT NOT NULL',
    this_update: 'TEXT NOT NULL',
    next_update: 'TEXT NOT NULL',
    stored_at: 'TEXT NOT NULL',
  },
  ocsp_responses: {
    state: 'TEXT NOT NULL',
    ski: 'TEXT NOT NULL',
    serial: 'TEXT NOT NULL',
    der: 'TEXT NOT NULL',
    status: 'TEXT NOT NULL',
    this_update: 'TEXT NOT NULL',
    next_update: 'TEXT NOT NULL',
    stored_at: 'TEXT NOT NULL',
  },
  kept_evidence: {
    n: 'INTEGER GENERATED',
    state: 'TEXT NOT NULL',
    ski: 'TEXT NOT NULL',
    serial: 'TEXT',
    number: 'TEXT',
    status: 'TEXT',
    this_update: 'TEXT NOT NULL',
    sha256: 'TEXT NOT NULL',
    stored_at: 'TEXT NOT NULL',
  },
  revocation_fetches: {
    url: 'TEXT NOT NULL',
    state: 'TEXT NOT NULL',
    succeeded_at: 'TEXT',
    failed_at: 'TEXT',
    failure: 'TEXT',
    attempts: 'INTEGER NOT NULL',
    next_attempt_at: 'TEXT',
  },
  clients: {
    id: 'TEXT NOT NULL',
    role: 'TEXT NOT NULL',
    party: 'TEXT NOT NULL',
    jwk: 'TEXT NOT NULL',
    registered_at: 'TEXT NOT NULL',
    disabled_at: 'TEXT',
    person: 'TEXT',
  },
  access_tokens: { sha256: 'TEXT NOT NULL', client: 'TEXT NOT NULL', expires_at: 'TEXT NOT NULL' },
  used_once: { scope: 'TEXT NOT NULL', value: 'TEXT NOT NULL', expires_at: 'TEXT NOT NULL' },
  reports: {
    n: 'INTEGER GENERATED',
    id: 'TEXT NOT NULL',
    client: 'TEXT NOT NULL',
    party: 'TEXT NOT NULL',
    created_at: 'TEXT NOT NULL',
    body: 'TEXT NOT NULL',
  },
  accesses: {
    n: 'INTEGER GENERATED',
    at: 'TEXT NOT NULL',
    client: 'TEXT NOT NULL',
    party: 'TEXT NOT NULL',
    role: 'TEXT NOT NULL',
    operation: 'TEXT NOT NULL',
    certificate: 'TEXT NOT NULL',
    context: 'TEXT',
  },
  alarms: {
    n: 'INTEGER GENERATED',
    at: 'TEXT NOT NULL',
    kind: 'TEXT NOT NULL',
    peer: 'TEXT',
    detail: 'TEXT NOT NULL',
  },
  admin_acts: {
    n: 'INTEGER GENERATED',
    at: 'TEXT NOT NULL',
    actor: 'TEXT NOT NULL',
    act: 'TEXT NOT NULL',
    subject: 'TEXT NOT NULL',
    detail: 'TEXT',
  },
  administrative_records: {
    idx: 'INTEGER NOT NULL',
    rows_of: 'TEXT NOT NULL',
    first: 'INTEGER NOT NULL',
    last: 'INTEGER NOT NULL',
    nonce: 'TEXT NOT NULL',
  },
  exchange_archive: {
    n: 'INTEGER GENERATED',
    at: 'TEXT NOT NULL',
    peer: 'TEXT NOT NULL',
    direction: 'TEXT NOT NULL',
    message_id: 'TEXT NOT NULL',
    request: 'TEXT NOT NULL',
    response: 'TEXT',
    part: 'INTEGER NOT NULL',
  },
}

const FOLDER = new URL('../../migrations/', import.meta.url)
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))

describe('the database', () => {
  it('has every commit on disk before it is answered', () => {
    const folder = mkdtempSync(join(tmpdir(), 'certex-database-'))
    const database = new SqliteDatabase(join(folder, 'node.sqlite'))
    expect(database.raw.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.raw.pragma('synchronous', { simple: true })).toBe(2)
    database.close()
    rmSync(folder, { recursive: true })
  })
})

describe('the indexes', () => {
  // A list has a million positions: a look-up that walks one list stops the node for tens of milliseconds.
  it('find a status list position without walking its list', () => {
    const database = new SqliteDatabase(':memory:')
    migrate(database)
    const plan = database.raw
      .prepare(
        'EXPLAIN QUERY PLAN SELECT sha256 FROM certificates WHERE status_uri = ? AND status_idx = ?',
      )
      .all('x', 1) as { detail: string }[]
    expect(plan.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('(status_uri=? AND status_idx=?)'),
    ])
    database.close()
  })
})

describe('migrations', () => {
  let database: SqliteDatabase
  beforeEach(() => {
    database = new SqliteDatabase(':memory:')
  })
  afterEach(() => database.close())

  it('apply once, in order, and the second time are a no-op', () => {
    expect(migrate(database)).toEqual(files.sort())
    const schema = database.raw.prepare('SELECT * FROM sqlite_master').all()
    expect(migrate(database)).toEqual([])
    expect(database.raw.prepare('SELECT * FROM sqlite_master').all()).toEqual(schema)
  })

  it('are refused when a file was edited after it was applied', () => {
    migrate(database)
    database.raw.prepare('UPDATE migrations SET sha256 = ? WHERE name = ?').run('edited', files[0])
    expect(() => migrate(database)).toThrow(MigrationError)
    expect(() => migrate(database)).toThrow(/was edited/)
  })

  it('are refused when the database is newer than the program', () => {
    migrate(database)
    database.raw.prepare("INSERT INTO migrations VALUES ('9999-future.sql', 'x', 'x')").run()
    expect(() => migrate(database)).toThrow(/9999-future.sql, which this program does not know/)
  })

  it('leave nothing behind when one fails half-way', () => {
    database.raw.exec('CREATE TABLE alarms (n INTEGER)')
    const before = database.raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    expect(() => migrate(database)).toThrow(/already exists/)
    const after = database.raw
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'migrations'")
      .all()
    expect(after).toEqual(before)
  })

  it('make exactly the tables and columns of the row types', () => {
    migrate(database)
    const columns = database.raw
      .prepare(
        `SELECT t.name AS tableName, c.name, c.type, c."notnull" OR c.pk AS required, t.sql
           FROM sqlite_master AS t, pragma_table_info(t.name) AS c
          WHERE t.type = 'table' AND t.name NOT IN ('migrations', 'sqlite_sequence')`,
      )
      .all() as { tableName: string; name: string; type: string; required: 0 | 1; sql: string }[]
    const made: Record<string, Record<string, string>> = {}
    for (const { tableName, name, type, required, sql } of columns) {
      const generated = new RegExp(`\\b${name} INTEGER PRIMARY KEY AUTOINCREMENT`).test(sql)
      const kind = generated ? ' GENERATED' : required ? ' NOT NULL' : ''
      made[tableName] = { ...made[tableName], [name]: `${type}${kind}` }
    }
    expect(made).toEqual(ROW_TYPES)
  })

  it('make no table that is not STRICT', () => {
    migrate(database)
    const tables = database.raw
      .prepare(
        "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main'",
      )
      .all() as { name: string; strict: 0 | 1 }[]
    const loose = tables.filter(({ name, strict }) => !strict && !name.startsWith('sqlite_'))
    expect(tables.length).toBeGreaterThan(20)
    expect(loose).toEqual([])
  })

  it.each(files)(
    '%s has what D1 takes: LF only, no CASE in a trigger, one line a trigger',
    (name) => {
      const text = readFileSync(new URL(name, FOLDER), 'utf8')
      expect(name).toMatch(/^\d{4}-[a-z0-9-]+\.sql$/)
      expect(text).not.toContain('\r')
      expect(text.endsWith('\n')).toBe(true)
      for (const trigger of text.match(/^CREATE TRIGGER.*$/gm) ?? []) {
        expect(trigger).toMatch(/ BEGIN .*; END;$/)
        expect(trigger).not.toMatch(/\bCASE\b/i)
      }
    },
  )

  it('guard every table of evidence against UPDATE and DELETE', () => {
    migrate(database)
    const guarded = database.raw
      .prepare(
        "SELECT tbl_name AS name, count(*) AS n FROM sqlite_master WHERE type = 'trigger' GROUP BY 1",
      )
      .all()
    expect(guarded).toEqual(
      [
        'accesses',
        'admin_acts',
        'administrative_records',
        'alarms',
        'attestations',
        'checkpoints',
        'documents',
        'entries',
        'exchange_archive',
        'further_receipts',
        'kept_evidence',
        'log_forks',
        'log_rollbacks',
        'log_tiles',
        'lost_documents',
        'lost_numbers',
        'reconciliation_verdicts',
        'reconciliations',
        'reports',
        'rule_texts',
        'second_signatures',
        'security_notices',
        'settled_changes',
        'trust_approvals',
        'trust_forks',
        'trust_list_delays',
        'trust_pins',
        'trust_proposals',
        'witnessed',
      ].map((name) => ({ name, n: 2 })),
    )
  })
})
