import { createHash } from 'node:crypto'
import { CompiledQuery } from 'kysely'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { coverEveryTable, coverRows } from '../../src/exchange/log/cover-rows.ts'
import { type Append, appendOneByOne } from '../../src/exchange/journal.ts'
import { changeWithActs, sqlAdminActs } from '../../src/storage/admin-acts.ts'
import { verifyAdministrativeLeaves } from '../../src/storage/administrative-check.ts'
import { sqlCoverableRows } from '../../src/storage/administrative-records.ts'
import { sqlClientStore } from '../../src/storage/client-store.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { openLog } from '../../src/storage/open-log.ts'
import { sqlAccessLog } from '../../src/storage/records.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import type { AdminAct } from '../../src/trust/admin-act.ts'
import { contents, type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import { plainEntry } from './storage-samples.ts'

const at = '2026-03-02T09:15:00Z'
const now = () => new Date(at)
const added = (subject: string): AdminAct => {
  return { at, actor: 'user:anna', act: 'client-added', subject, detail: 'ў' }
}
const client = (id: string) => ({ id, role: 'issuer', party: 'BY.CCI', jwk: {} }) as const
const access = (certificate: string, officer?: string) => ({
  at,
  client: 'post',
  party: 'UZ.CUSTOMS',
  role: 'customs',
  operation: 'getCertificate',
  certificate,
  context: officer === undefined ? undefined : { officer },
})

/** A row of each table that comes to stand behind an entry after it was written, but accesses. */
const GROWING: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  alarms: { at, kind: 'log-forked', detail: 'ў' },
  reports: { client: 'post', id: 'r', party: 'UZ.CUSTOMS', created_at: at, body: '{"id":"r"}' },
  reconciliation_verdicts: {
    reason: 'rows-differ',
    sha256: 'x',
    view: 'sent',
    at,
    outcome: 'differs',
    differences: '[]',
    complete: 1,
  },
  log_forks: { found_at: at, state: 'UZ', origin: 'o', first: 'a', second: 'b', proof: '' },
  log_rollbacks: { found_at: at, state: 'UZ', origin: 'o', size: 7, before: 'a', shown: 'b' },
  trust_forks: { seen_at: at, sha256: 'x', part: 1, state: 'UZ', version: 2, jws: 'a.b.c' },
  kept_evidence: {
    stored_at: at,
    state: 'UZ',
    ski: 'ab',
    serial: '5a',
    status: 'revoked',
    this_update: at,
    sha256: 'x',
  },
}

interface Covering {
  readonly idx: number
  readonly rows_of: string
  readonly first: number
  readonly last: number
  readonly nonce: string
  readonly sha256: string
  readonly leaf: string
}

/** Acts and accesses, and the leaves that cover them. */
export function administrativeRecordsContract(name: string, engine: Engine): void {
  describe(`administrative records on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
      const identity = { state: 'BY', epoch: 'x', environment: 'production' } as const
      await claimNode(open.database, identity, [{ ...added('BY'), act: 'node-created' }])
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const records = () =>
      rows<Covering>(
        open.another,
        'SELECT r.*, e.sha256, e.leaf FROM administrative_records r JOIN entries e USING (idx) ORDER BY idx',
      )
    const verified = async (database: SqlDatabase = open.another) => {
      const differences: string[] = []
      const check = await verifyAdministrativeLeaves(database, (one) => differences.push(one))
      return { ...check, differences }
    }
    const differences = async (database?: SqlDatabase) => (await verified(database)).differences
    const cover = (database: SqlDatabase, append?: Append) =>
      coverRows(
        {
          coverable: sqlCoverableRows(database),
          append: append ?? appendOneByOne(sqlJournal(database), now),
          pause: () => Promise.resolve(),
        },
        'accesses',
      )

    it('cover each act in the step of its change, by a digest that others can compute', async () => {
      const store = sqlClientStore(open.database)
      await store.register(client('a'), at, [added('a'), { ...added('a'), act: 'key-added' }])
      await store.disable('a', at, [{ ...added('a'), act: 'client-disabled' }])
      const covering = (await records()).filter(({ rows_of }) => rows_of === 'admin_acts')
      const acts = await rows(open.another, 'SELECT * FROM admin_acts ORDER BY n')
      expect(covering.slice(-2).map(({ first, last }) => last - first + 1)).toEqual([2, 1])
      for (const { first, last, nonce, sha256, leaf } of covering) {
        let chain = Buffer.alloc(32)
        const covered = acts.filter(({ n }) => Number(n) >= first && Number(n) <= last)
        for (const { at: when, actor, act, subject, detail } of covered) {
          const row = { at: when, actor, act, subject, ...(detail !== null && { detail }) }
          chain = sha(Buffer.concat([chain, Buffer.from(JSON.stringify(row))]))
        }
        const text = `{"v":1,"nonce":"${nonce}","rows":${covered.length},"chain":"${chain.toString('base64url')}"}`
        expect(sha(Buffer.from(text)).toString('base64url')).toBe(sha256)
        expect(JSON.parse(leaf)).toMatchObject({ kind: 'administrative', sha256, to: {} })
        expect(Buffer.from(nonce, 'base64url')).toHaveLength(32)
      }
      expect(await differences()).toEqual([])
      const listed = await sqlAdminActs(open.another).list(0, 100)
      expect(listed.at(-1)).toMatchObject({ act: 'client-disabled', idx: covering.at(-1)!.idx })
    })

    it('leave nothing of a change, an act or a leaf when the step breaks at any statement', async () => {
      const before = await contents(open.database)
      let breaks = 0
      const statements = async (database: SqlDatabase) =>
        sqlClientStore(database).register(client('a'), at, [added('a')])
      for (let nth = 0; ; nth++) {
        const broken = breaking(open.database, nth)
        const result = await statements(broken).catch(() => 'broken' as const)
        if (result === 'registered') break
        expect(await contents(open.database)).toEqual(before)
        breaks++
      }
      // The client, the entry, the tree, the act, the record.
      expect(breaks).toBeGreaterThanOrEqual(5)
      expect(await differences()).toEqual([])
    })

    it('are written once by whoever races for the head of the log or for the same change', async () => {
      const journals = [open.database, open.another].map((database) =>
        appendOneByOne(sqlJournal(database), now),
      )
      const results = await Promise.all([
        ...Array.from({ length: 12 }, async (_, i) => {
          const database = i % 2 ? open.database : open.another
          const id = `client ${i % 8}`
          return sqlClientStore(database).register(client(id), at, [added(id)])
        }),
        ...Array.from({ length: 8 }, (_, i) =>
          journals[i % 2]!({ entries: [plainEntry(`document ${i}`)] }),
        ),
      ])
      expect(results.filter((result) => result === 'registered')).toHaveLength(8)
      expect(results.filter((result) => result === 'exists')).toHaveLength(4)
      const acts = await sqlAdminActs(open.database).list(0, 100)
      expect(acts.filter(({ act }) => act === 'client-added')).toHaveLength(8)
      expect(await differences()).toEqual([])
    })

    it('say nothing of a CRL that another process overtook in the same moment', async () => {
      const crl = (number: string) => {
        return { ski: 'aa', state: 'BY', der: number, number, thisUpdate: at, nextUpdate: at }
      }
      const overtaking: SqlDatabase = {
        query: (query) => open.database.query(query),
        atomic: async (statements) => {
          await sqlTrustStore(open.another).putCrl(crl('02'), at)
          return open.database.atomic(statements)
        },
      }
      const published = [{ ...added('BY aa'), act: 'crl-published' } as const]
      const before = await records()
      const outcome = await sqlTrustStore(overtaking).putCrl(crl('01'), at, published)
      expect(outcome).toBe('not-newer')
      expect(await sqlAdminActs(open.database).last('crl-published')).toBeUndefined()
      expect(await records()).toEqual(before)
    })

    it('cover what was read since the last time by one leaf, also when two do it at once', async () => {
      const log = sqlAccessLog(open.database)
      await log.record([access('one', 'Каримов А.'), access('two')])
      expect((await verified()).uncovered).toEqual([
        { rowsOf: 'accesses', first: 1, rows: 2, since: at },
      ])
      await Promise.all([cover(open.database), cover(open.another)])
      expect(await cover(open.database)).toBe(0)
      await log.record([access('one')])
      expect(await cover(open.database)).toBe(1)
      const ofAccesses = (await records()).filter(({ rows_of }) => rows_of === 'accesses')
      expect(ofAccesses).toMatchObject([
        { first: 1, last: 2 },
        { first: 3, last: 3 },
      ])
      await log.record([access('one')])
      const [first, second] = ofAccesses
      expect((await log.of('one', 0, 10)).map(({ idx }) => idx)).toEqual([
        first!.idx,
        second!.idx,
        undefined,
      ])
      expect(await differences()).toEqual([])
    })

    it('cover the rows of a batch that was lost, and none of one that only seemed lost', async () => {
      const log = sqlAccessLog(open.database)
      await log.record([access('one')])
      const lost: Append = () => Promise.reject(new Error('write lost'))
      await expect(cover(open.database, lost)).rejects.toThrow('write lost')
      await log.record([access('two')])
      const append = appendOneByOne(sqlJournal(open.database), now)
      const kept: Append = async (step) => {
        await append(step)
        throw new Error('reported lost')
      }
      await expect(cover(open.database, kept)).rejects.toThrow('reported lost')
      expect(await cover(open.database)).toBe(0)
      expect((await records()).filter(({ rows_of }) => rows_of === 'accesses')).toMatchObject([
        { first: 1, last: 2 },
      ])
      expect(await differences()).toEqual([])
    })

    it('of more rows than are read at once are one', async () => {
      const log = sqlAccessLog(open.database)
      for (let i = 0; i < 9; i++)
        await log.record(Array.from({ length: 500 }, (_, j) => access(`${i} ${j}`, 'ў')))
      expect(await cover(open.database)).toBe(4500)
      expect((await records()).at(-1)).toMatchObject({ first: 1, last: 4500 })
      expect(await verified()).toMatchObject({
        differences: [],
        compared: { accesses: 4500 },
        uncovered: [],
      })
    })

    it('cover every other table that only grows, one leaf each, and tell any row that is another', async () => {
      for (const [table, row] of Object.entries(GROWING)) {
        const marks = Object.keys(row).map(() => '?')
        await rows(
          open.database,
          `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${marks.join(', ')})`,
          ...Object.values(row),
        )
      }
      const deps = {
        coverable: sqlCoverableRows(open.database),
        append: appendOneByOne(sqlJournal(open.database), now),
        pause: () => Promise.resolve(),
      }
      const count = Object.keys(GROWING).length
      expect([await coverEveryTable(deps), await coverEveryTable(deps)]).toEqual([count, 0])
      expect(await verified()).toMatchObject({ differences: [], uncovered: [] })
      await dropGuards(open.database)
      for (const [table, row] of Object.entries(GROWING)) {
        const [column] = Object.keys(row)
        await rows(open.database, `UPDATE ${table} SET ${column} = 'another'`)
        expect((await differences()).join('\n'), table).toMatch(
          new RegExp(`${table} 1 to 1: they are not what was logged`),
        )
        await rows(open.database, `DELETE FROM ${table}`)
        expect(await differences(), table).toContain(`${table} 1: missing`)
      }
    })

    it('are made for acts of before there were any when the log is opened, once', async () => {
      const other = await engine.open()
      try {
        const insert = "INSERT INTO admin_acts (at, actor, act, subject) VALUES (?, 'a', ?, ?)"
        for (const act of ['client-added', 'migrated', 'client-added'])
          await rows(other.database, insert, at, act, 'x')
        await Promise.all([openLog(other.database, now), openLog(other.another, now)])
        await openLog(other.database, now)
        const covering = await rows(other.another, 'SELECT * FROM administrative_records')
        expect(covering).toHaveLength(1)
        expect(await differences(other.another)).toEqual([])
        expect(await sqlAdminActs(other.another).last('client-added')).toMatchObject({ idx: 0 })
      } finally {
        await other.close()
      }
    })

    it.each([
      ["UPDATE admin_acts SET actor = 'nobody' WHERE act = 'client-added'", /not what was logged/],
      ["UPDATE admin_acts SET detail = NULL WHERE act = 'client-added'", /not what was logged/],
      ["DELETE FROM admin_acts WHERE act = 'client-added'", /admin_acts \d+: missing/],
      [
        "INSERT INTO admin_acts (at, actor, act, subject) VALUES ('2026', 'x', 'client-added', 'y')",
        /no entry of the log covers it/,
      ],
      ['UPDATE accesses SET context = NULL WHERE n = 2', /not what was logged/],
      ["UPDATE accesses SET certificate = 'another' WHERE n = 3", /not what was logged/],
      ['DELETE FROM accesses WHERE n = 2', /accesses 2: missing/],
      ['UPDATE accesses SET n = -n WHERE n IN (1, 2)', /accesses 1 to 2: missing/],
      ['DELETE FROM administrative_records WHERE idx > 0', /covers are missing/],
      ["UPDATE administrative_records SET nonce = 'AAAA'", /not what was logged/],
      [
        "UPDATE administrative_records SET last = last - 1 WHERE rows_of = 'accesses'",
        /not what was logged/,
      ],
      ["DELETE FROM entries WHERE kind = 'administrative'", /is no administrative one/],
    ])('tell what was done by %s', async (statement, words) => {
      await sqlClientStore(open.database).register(client('a'), at, [added('a')])
      await sqlAccessLog(open.database).record(['x', 'y', 'z'].map((name) => access(name, name)))
      await cover(open.database)
      expect(await differences()).toEqual([])
      await dropGuards(open.database)
      await rows(open.database, statement)
      expect((await differences()).join('\n')).toMatch(words)
    })

    it('cannot hide what was deleted before it was covered', async () => {
      await sqlAccessLog(open.database).record(['x', 'y', 'z'].map((name) => access(name)))
      await dropGuards(open.database)
      await rows(open.database, 'DELETE FROM accesses WHERE n = 2')
      await cover(open.database)
      expect(await differences()).toContain('accesses 2: missing')
    })

    it.each(['UPDATE administrative_records SET nonce = 1', 'DELETE FROM administrative_records'])(
      'refuse %s',
      async (statement) => {
        await expect(rows(open.database, statement)).rejects.toThrow(/never change|are kept/)
      },
    )

    it('let the overseers ask by client, officer and time, page by page', async () => {
      const log = sqlAccessLog(open.database)
      const times = ['08:00:00', '09:00:00', '09:00:00', '10:00:00', '11:00:00']
      await log.record(
        times.map((time, i) => ({
          ...access(`c${i}`, i % 2 ? 'Б' : 'А'),
          at: `2026-03-02T${time}Z`,
          client: i < 3 ? 'post 1' : 'post 2',
        })),
      )
      const asked = async (query: Parameters<typeof log.search>[0], limit = 10) =>
        (await log.search(query, limit)).map(({ certificate }) => certificate)
      expect(await asked({})).toEqual(['c0', 'c1', 'c2', 'c3', 'c4'])
      expect(await asked({ client: 'post 2' })).toEqual(['c3', 'c4'])
      expect(await asked({ officer: 'Б' })).toEqual(['c1', 'c3'])
      expect(await asked({ officer: 'Б', client: 'post 1' })).toEqual(['c1'])
      expect(await asked({ officer: 'В' })).toEqual([])
      const [from, to] = ['2026-03-02T09:00:00Z', '2026-03-02T11:00:00Z']
      expect(await asked({ from, to })).toEqual(['c1', 'c2', 'c3'])
      const [first, second] = await log.search({ from }, 2)
      expect(first).toMatchObject({ certificate: 'c1', context: { officer: 'Б' } })
      expect(await asked({ from, after: second })).toEqual(['c3', 'c4'])
    })

    it('without acts change nothing of the log', async () => {
      const before = await records()
      await changeWithActs(open.database, [], [])
      await sqlClientStore(open.database).register(client('a'), at)
      expect(await records()).toEqual(before)
    })
  })
}

/** Steps break at their statement with this number, counted from 0. */
function breaking(database: SqlDatabase, nth: number): SqlDatabase {
  return {
    query: (query) => database.query(query),
    atomic: (statements) =>
      nth < statements.length
        ? database.atomic([
            ...statements.slice(0, nth),
            CompiledQuery.raw('INSERT INTO nowhere VALUES (1)'),
            ...statements.slice(nth),
          ])
        : database.atomic(statements),
  }
}

/** As whoever holds the file can. */
async function dropGuards(database: SqlDatabase): Promise<void> {
  const triggers = await rows<{ name: string }>(
    database,
    "SELECT name FROM sqlite_master WHERE type = 'trigger'",
  )
  for (const { name } of triggers) await rows(database, `DROP TRIGGER ${name}`)
}

function sha(bytes: Buffer): Buffer<ArrayBuffer> {
  return createHash('sha256').update(bytes).digest()
}
