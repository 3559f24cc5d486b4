import { copyFileSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dayAt } from '../../src/certificate/day.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { digestOf } from '../../src/exchange/authenticate.ts'
import { publishOfficials } from '../../src/exchange/officials.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import type { Seal } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { makeTrustList, signByListSigner, signTrustList } from '../../src/node/trust-list-maker.ts'
import { KEYS, type Projection } from '../../src/storage/rebuild.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { flawsOf } from '../support/crash.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { attestationBy, startStatesWithServices } from '../support/trust-service.ts'
import { eventually, type TestNode } from '../support/two-nodes.ts'

const today = dayAt(new Date(), 180)

async function issue(
  client: ApiClient,
  name: string,
  to?: string[],
): Promise<DemoCertificate & { sha256: string }> {
  const certificate = await freshCertificate(name)
  const { status, body } = await client.post('/v1/certificates', { certificate, to })
  expect(status, JSON.stringify(body)).toBe(201)
  return { ...certificate, sha256: (body as { sha256: string }).sha256 }
}

async function annul(client: ApiClient, state: string, { type, number }: DemoCertificate) {
  const path = `/v1/certificates/${state}/${type}/${encodeURIComponent(number)}/status-changes`
  const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка в графе 3' }
  const { status, body } = await client.post(path, change)
  expect(status, JSON.stringify(body)).toBe(201)
}

/** Issues and annulments in both directions while trust data is there, and while it is not. */
async function ordinaryDays(BY: TestNode, UZ: TestNode): Promise<void> {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const certifier = await BY.client('issuer', 'BY.TESTCERT')
  const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
  const issued = await Promise.all([1, 2, 3, 4, 5].map(() => issue(chamber, 'origin-ct1-tractors')))
  await Promise.all([
    issue(certifier, 'conformity-eaeu-certificate', ['UZ']),
    issue(certifier, 'conformity-eaeu-declaration', ['UZ']),
    annul(chamber, 'BY', issued[0]!),
    annul(chamber, 'BY', issued[1]!),
  ])
  const fruit = await Promise.all([1, 2].map(() => issue(expert, 'origin-ct1-uz-dried-fruit')))
  await annul(expert, 'UZ', fruit[0]!)
  await settled(BY, UZ)

  const database = new SqliteDatabase(join(UZ.data, 'node.sqlite'))
  database.raw.exec(
    "DELETE FROM crls WHERE state = 'BY'; UPDATE node SET trust_revision = trust_revision + 1",
  )
  database.close()
  const late = await issue(chamber, 'origin-ct1-tractors')
  await annul(chamber, 'BY', late)
  await settled(BY, UZ)
  expect(rowsOf(UZ, 'late_receipts')).not.toEqual([])
}

/** What a peer with its real keys may send besides: findings, a conflict, a version nobody knows. */
async function strangeDays(BY: TestNode, UZ: TestNode): Promise<void> {
  const seal = await sealOf(BY, 'BY.CCI.001')
  const peer = await peerOf(BY)
  const first = await freshCertificate()
  const [item] = first['items'] as { netKg: number; grossKg: number }[]
  const lighter = { ...item, grossKg: item!.netKg - 1 }
  const claims = [
    claimsFor(BY, await freshCertificate()),
    claimsFor(BY, first),
    claimsFor(BY, { ...first, issuedOn: first['issuedOn'] }),
    claimsFor(BY, { ...(await freshCertificate()), items: [lighter] }),
    claimsFor(BY, await freshCertificate(), { schema: 'origin.ct1/9' }),
  ]
  const documents = await Promise.all(claims.map((payload) => forge(seal, { payload })))
  const messages = documents.map((document, i) => ({ seq: 1000 + i, document }))
  const answer = await postAs(peer, UZ, '/exchange/v1/messages', { messages })
  expect(answer.status, answer.text).toBe(200)

  const [sent] = rowsOf(BY, 'outgoing') as { sha256: string }[]
  const at = '2026-01-01T00:00:00Z'
  const contradiction = await forge(await sealOf(UZ, 'registry-seal'), {
    typ: 'receipt+jwt',
    payload: {
      schema: 'receipt/1',
      iss: 'UZ.REGISTRY',
      aud: ['BY'],
      decisions: [{ sha256: sent!.sha256, outcome: 'refused', findings: ['CONFLICT'], at }],
    },
  })
  const receipts = { receipts: [contradiction] }
  const taken = await postAs(await peerOf(UZ), BY, '/exchange/v1/receipts', receipts)
  expect(taken.body).toEqual({ taken: [digest(contradiction)] })
}

/** A notice about a seal and what amends it; then one about a CA that stands. */
async function suspicion(BY: TestNode): Promise<void> {
  const authority = await BY.client('authority', 'BY.CCI')
  const { x5tS256 } = await sealOf(BY, 'BY.TESTCERT')
  const from = '2020-01-01T00:00:00Z'
  const tell = async (body: object) => {
    const answer = await authority.post('/v1/security-notices', { reason: 'Проверка', ...body })
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return (answer.body as { notice: string }).notice
  }
  const declared = { change: 'declare', severity: 'suspected', advice: 'Проверьте' }
  const subject = { state: 'BY', x5tS256 }
  const notice = await tell({ ...declared, subject, measure: 'hold', interval: { from } })
  const interval = { from, until: '2021-01-01T00:00:00Z' }
  await tell({ change: 'narrow', notice, interval })
  await tell({ change: 'release', notice })
  await tell({ ...declared, subject, measure: 'inform', interval })
}

/** A register of officials, for the peer alone. */
async function register(node: TestNode): Promise<void> {
  const list = {
    schema: 'officials-register/1',
    state: node.state,
    version: 1,
    previous: null,
    issuedAt: `${new Date().toISOString().slice(0, 19)}Z`,
    officials: [],
    deputies: [],
  }
  const typ = 'officials-register+jwt'
  const signed = await signByListSigner(typ, list, node.pki, node.passphrase)
  const published = await publishOfficials(node.running.deps)(signed, 'user:test')
  expect(published).toMatchObject({ outcome: 'published' })
  node.running.deps.outgoing()
}

/** A national signature that a service attests. */
async function secondSignatures(BY: TestNode, service: Seal): Promise<void> {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const authority = await BY.client('authority', 'BY.GOSSTANDART')
  const { type, number } = await issue(chamber, 'origin-ct1-tractors')
  const value = 'MIICEXAMPLEA'
  const signature = { over: 'document', container: '1.2.840.113549.1.7.2', value }
  const path = `/v1/certificates/BY/${type}/${encodeURIComponent(number)}/second-signatures`
  const added = await chamber.post(path, signature)
  const { sha256: target } = added.body as { sha256: string }
  const document = await attestationBy(service, { iss: 'BY.NCES', target, value })
  const attested = await authority.post('/v1/attestations', { document })
  expect([added.status, attested.status]).toEqual([201, 201])
}

async function newTrustList(UZ: TestNode): Promise<void> {
  const authority = await UZ.client('authority', 'UZ.EXPERTIZA')
  const { jws } = (await UZ.running.deps.trustStore.newest()).find(({ state }) => state === 'UZ')!
  const list = await makeTrustList({
    pki: UZ.pki,
    bodies: UZ.bodies,
    url: UZ.url,
    now: new Date(),
    validDays: 60,
    previous: { list: TrustList.parse(payloadOf(jws)), sha256: await digestOf(jws) },
  })
  const signed = await signTrustList(list, UZ.pki, UZ.passphrase)
  const { status } = await authority.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
  expect(status).toBe(201)
}

async function settled(BY: TestNode, UZ: TestNode): Promise<void> {
  await eventually('everything is delivered and decided', async () =>
    [BY, UZ].every(
      (node) =>
        rowsOf(node, 'outgoing').every(
          ({ received_at: r, outcome }) => r !== null && outcome !== null,
        ) &&
        rowsOf(node, 'late_receipts').every(({ delivered_at: at }) => at !== null) &&
        rowsOf(node, 'inbox').every(({ waits_for: waits }) => waits === null),
    ),
  )
}

describe('projections', () => {
  let nodes: Awaited<ReturnType<typeof startStatesWithServices>>
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-rebuild-'))
    nodes = await startStatesWithServices()
    const { BY, UZ } = nodes
    await ordinaryDays(BY, UZ)
    await strangeDays(BY, UZ)
    await suspicion(BY)
    await secondSignatures(BY, nodes.services.BY)
    await newTrustList(UZ)
    for (const node of [BY, UZ]) await register(node)
    await settled(BY, UZ)
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
      second_signatures: `INSERT INTO second_signatures SELECT target, n + 9, 'x' FROM second_signatures LIMIT 1`,
      attestations: `INSERT INTO attestations SELECT target, n + 9, 'x' FROM attestations LIMIT 1`,
      outgoing: `INSERT INTO outgoing SELECT 'KZ', seq, sha256, received_at, outcome, findings, decided_at,
        receipt FROM outgoing LIMIT 1`,
      recipients: "INSERT INTO recipients VALUES ('KZ', 7)",
      decisions: `INSERT INTO decisions SELECT 'x', sender, outcome, findings, at, receipt FROM decisions LIMIT 1`,
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
