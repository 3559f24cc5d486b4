import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import type { StatusPosition } from '../../src/exchange/status-lists/status-positions.ts'
import { joinWork } from '../../src/exchange/join.ts'
import { sqlClientStore, sqlTokenStore, sqlUsedOnce } from '../../src/storage/client-store.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode, readNodeIdentity, startEpoch } from '../../src/storage/node-store.ts'
import { sqlPeerStore } from '../../src/storage/peer-store.ts'
import {
  sqlAccessLog,
  sqlAlarmLog,
  sqlExchangeArchive,
  sqlReportStore,
} from '../../src/storage/records.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { sqlStatusPositions } from '../../src/storage/status-positions.ts'
import { sql } from '../../src/storage/tables.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import { type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import { sampleDocument, trustListEntry } from './storage-samples.ts'

const AT = '2026-03-02T09:15:00Z'
const LATER = '2026-03-02T10:00:00Z'

/** What every engine promises of the stores of working state, trust and records. */
export function workingStorageContract(name: string, engine: Engine): void {
  describe(`on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
      await claimNode(open.database, { state: 'BY', environment: 'production', epoch: 'first' })
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    describe('the node row', () => {
      it('has one owner, whoever else claims the database', async () => {
        const claimed = await claimNode(open.another, {
          state: 'UZ',
          environment: 'production',
          epoch: 'other',
        })
        expect(claimed).toEqual({ state: 'BY', environment: 'production', epoch: 'first' })
        await startEpoch(open.another, 'second')
        expect(await readNodeIdentity(open.database)).toMatchObject({ epoch: 'second' })
      })
    })

    describe('status positions', () => {
      const positions = (database: SqlDatabase, blockSize = 8, join = joinWork()) =>
        sqlStatusPositions(database, {
          publicUrl: 'https://by.example',
          blockSize,
          join,
          randomKey: () => 'key',
        })
      const smallList = (size: number) =>
        rows(
          open.database,
          'INSERT INTO status_lists (id, permutation_key, size, next) VALUES (1, ?, ?, 0)',
          'small',
          size,
        )
      const distinct = (taken: readonly StatusPosition[]) =>
        new Set(taken.map(({ uri, idx }) => `${uri} ${idx}`)).size

      it('are never given twice by processes that reserve at once', async () => {
        const processes = [
          positions(open.database),
          positions(open.another),
          positions(open.database),
        ]
        const taken = await Promise.all(
          Array.from({ length: 120 }, (_, i) => processes[i % 3]!.reserve()),
        )
        expect(distinct(taken)).toBe(120)
        expect(new Set(taken.map(({ uri }) => uri))).toEqual(
          new Set(['https://by.example/status/1']),
        )
      })

      it('are never given again by a process that starts after another was killed', async () => {
        const taken: StatusPosition[] = []
        for (let life = 0; life < 5; life++) {
          const process = positions(open.database)
          for (let n = 0; n < 3; n++) taken.push(await process.reserve())
        }
        expect(distinct(taken)).toBe(15)
        const [list] = await rows<{ next: number }>(open.database, 'SELECT next FROM status_lists')
        expect(list?.next).toBe(40)
      })

      it('go on in a new list when one is full, to its last whole block', async () => {
        await smallList(27)
        const processes = [positions(open.database), positions(open.another)]
        const taken = await Promise.all(
          Array.from({ length: 60 }, (_, i) => processes[i % 2]!.reserve()),
        )
        expect(distinct(taken)).toBe(60)
        const inFirst = taken.filter(({ uri }) => uri.endsWith('/1'))
        const inSecond = taken.filter(({ uri }) => uri.endsWith('/2'))
        expect(inFirst.length).toBe(24)
        expect(inSecond.length).toBe(36)
        expect(await rows(open.database, 'SELECT id, next FROM status_lists ORDER BY id')).toEqual([
          { id: 1, next: 24 },
          { id: 2, next: 40 },
        ])
      })

      it('do not leave a new list behind when another process has just opened it', async () => {
        await smallList(8)
        const fast = positions(open.another)
        for (let n = 0; n < 8; n++) await fast.reserve()
        let overtaken = false
        const slow = positions({
          atomic: (statements) => open.database.atomic(statements),
          // The other process opens the next list between "this one is full" and "which is the last".
          query: async (query) => {
            if (query.sql.startsWith('select') && !overtaken) {
              overtaken = true
              await fast.reserve()
            }
            return open.database.query(query)
          },
        })
        await slow.reserve()
        expect(overtaken).toBe(true)
        expect(await rows(open.database, 'SELECT id, next FROM status_lists ORDER BY id')).toEqual([
          { id: 1, next: 8 },
          { id: 2, next: 16 },
        ])
      })
    })

    describe('a new epoch', () => {
      it('gives no position of a list that was in use before the restore', async () => {
        const reserve = () =>
          sqlStatusPositions(open.database, {
            publicUrl: 'https://by.example',
            blockSize: 8,
            join: joinWork(),
            randomKey: () => 'key',
          }).reserve()
        expect((await reserve()).uri).toBe('https://by.example/status/1')
        await startEpoch(open.database, 'second', [
          { at: '2026-03-02T09:15:00Z', actor: 'operator', act: 'restored', subject: 'second' },
        ])
        // Not the second: that may have been opened after the backup was made.
        expect((await reserve()).uri).toBe('https://by.example/status/177244290')
        expect((await reserve()).uri).toBe('https://by.example/status/177244290')
      })
    })

    describe('values used once', () => {
      it('are fresh for exactly one of many who bring them at once', async () => {
        const stores = [sqlUsedOnce(open.database), sqlUsedOnce(open.another)]
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, i) => stores[i % 2]!.insertOnce('nonce', 'n', LATER)),
        )
        expect(results.filter((result) => result === 'fresh')).toHaveLength(1)
        expect(await stores[0]!.insertOnce('jti', 'n', LATER)).toBe('fresh')
      })

      it('are forgotten after their window, not before', async () => {
        const once = sqlUsedOnce(open.database)
        await once.insertOnce('nonce', 'short', AT)
        await once.insertOnce('nonce', 'long', LATER)
        await once.prune(AT)
        expect(await once.insertOnce('nonce', 'short', AT)).toBe('replayed')
        await once.prune('2026-03-02T09:15:01Z')
        expect(await once.insertOnce('nonce', 'short', AT)).toBe('fresh')
        expect(await once.insertOnce('nonce', 'long', LATER)).toBe('replayed')
      })
    })

    describe('clients and tokens', () => {
      const client = {
        id: 'c1',
        role: 'issuer',
        party: 'BY.CCI',
        jwk: { kty: 'EC', x: '№' },
      } as const

      it('register once under one id', async () => {
        const stores = [sqlClientStore(open.database), sqlClientStore(open.another)]
        const results = await Promise.all(stores.map((store) => store.register(client, AT)))
        expect(results.sort()).toEqual(['exists', 'registered'])
        expect(await stores[0]!.find('c1')).toEqual({ ...client, disabledAt: undefined })
        expect(await stores[0]!.find('c2')).toBeUndefined()
        expect(await stores[0]!.all()).toHaveLength(1)
      })

      it('lose every token with the client, and each after its time', async () => {
        const store = sqlClientStore(open.database)
        const tokens = sqlTokenStore(open.another)
        await store.register(client, AT)
        await tokens.insert('t1', 'c1', LATER)
        expect(await tokens.clientOf('t1', AT)).toMatchObject({ id: 'c1', role: 'issuer' })
        expect(await tokens.clientOf('t1', LATER)).toBeUndefined()
        expect(await tokens.clientOf('t2', AT)).toBeUndefined()
        expect(await store.disable('c1', AT)).toBe('disabled')
        expect(await store.disable('c2', AT)).toBe('unknown')
        expect(await tokens.clientOf('t1', AT)).toBeUndefined()
      })
    })

    describe('the peer store', () => {
      it('knows nothing of a peer before the first contact', async () => {
        expect(await sqlPeerStore(open.database).find('UZ')).toEqual({ state: 'UZ', attempts: 0 })
        expect(await sqlPeerStore(open.database).all()).toEqual([])
      })

      it('holds back after a failure until something goes through', async () => {
        const peers = sqlPeerStore(open.database)
        await peers.sendFailed('UZ', { attempts: 3, nextAttemptAt: LATER, error: 'no answer' })
        expect(await sqlPeerStore(open.another).find('UZ')).toMatchObject({
          attempts: 3,
          nextAttemptAt: LATER,
          lastError: 'no answer',
        })
        await peers.sendSucceeded('UZ', AT)
        expect(await peers.find('UZ')).toEqual({ state: 'UZ', attempts: 0, lastSentAt: AT })
        await peers.sendFailed('UZ', { attempts: 1, nextAttemptAt: LATER, error: 'no answer' })
        await peers.heard('UZ', LATER, false)
        expect(await peers.find('UZ')).toMatchObject({ attempts: 0, nextAttemptAt: undefined })
      })

      it('remembers when it first and last heard of a peer and was complete', async () => {
        const peers = sqlPeerStore(open.database)
        await peers.heard('UZ', AT, true)
        await peers.heard('UZ', LATER, false)
        await peers.trustChecked('UZ', AT)
        expect(await peers.find('UZ')).toMatchObject({
          firstHeardAt: AT,
          lastHeardAt: LATER,
          completeAt: AT,
          trustCheckedAt: AT,
        })
        await peers.heard('KZ', AT, false)
        expect((await peers.all()).map(({ state }) => state)).toEqual(['KZ', 'UZ'])
      })
    })

    describe('the trust store', () => {
      const crl = (n: number, der: string, state = 'UZ') => ({
        ski: 'aa',
        state,
        der,
        number: n.toString(16).padStart(40, '0'),
        thisUpdate: AT,
        nextUpdate: '2026-04-01T00:00:00Z',
      })

      const approval = (subject: string, kind: 'root' | 'additions' | 'fork' = 'root') => ({
        kind,
        state: 'UZ',
        subject,
        proposedBy: 'user:a',
        approvedAt: AT,
        approvedBy: 'user:b',
      })
      const pinOf = (rootSha256: string) => ({ state: 'UZ', rootSha256, pinnedAt: AT })

      it('pins a root once, and another of the same state beside it', async () => {
        const [mine, theirs] = [sqlTrustStore(open.database), sqlTrustStore(open.another)]
        const approve = (store: typeof mine, root: string) =>
          store.approve(approval(root), pinOf(root), [])
        expect(
          (await Promise.all([approve(mine, 'root'), approve(theirs, 'root')])).sort(),
        ).toEqual(['already-approved', 'approved'])
        expect(await approve(theirs, 'other')).toBe('approved')
        const pins = await mine.pins()
        expect(pins.map(({ rootSha256 }) => rootSha256).sort()).toEqual(['other', 'root'])
        expect(await mine.approvals()).toHaveLength(2)
      })

      it('takes no approval of whoever proposed, and pins nothing by it', async () => {
        const store = sqlTrustStore(open.database)
        const alone = { ...approval('root'), approvedBy: 'user:a' }
        await expect(store.approve(alone, pinOf('root'), [])).rejects.toThrow()
        expect(await store.pins()).toEqual([])
        expect(await store.approvals()).toEqual([])
      })

      it('keeps proposals in their order', async () => {
        const store = sqlTrustStore(open.database)
        const proposal = { kind: 'root', state: 'UZ', subject: 'root', proposedAt: AT } as const
        const all = ['user:a', 'user:b'].map((proposedBy) => ({ ...proposal, proposedBy }))
        for (const one of all) await store.propose(one, [])
        expect(await sqlTrustStore(open.another).proposals()).toEqual(all)
      })

      it('keeps a list of a fork once, however long it is', async () => {
        const store = sqlTrustStore(open.database)
        const fork = { state: 'UZ', version: 2, sha256: 'fork', seenAt: AT }
        const jws = 'Ж'.repeat(1_000_000)
        expect(await store.keepFork(fork, jws)).toBe('kept')
        expect(await store.keepFork({ ...fork, seenAt: 'later' }, jws)).toBe('known')
        expect(await store.forks()).toEqual([{ of: 'list', ...fork }])
        expect(await store.forkedList('fork')).toBe(jws)
        expect(await store.forkedList('other')).toBeUndefined()
      })

      it('tells of every accepted version when it was, and when what it adds counts', async () => {
        const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
        const { sha256 } = sampleDocument('UZ 2')
        const version = { state: 'UZ', version: 2, sha256 }
        const additionsFrom = '2026-03-01T00:00:00Z'
        const delay = { effect: 'additions-from', ...version, additionsFrom } as const
        await append({ entries: [trustListEntry('UZ 1', 'UZ', 1)] })
        await append({ entries: [trustListEntry('UZ 2', 'UZ', 2)], effects: [delay] })
        const accepted = await sqlTrustStore(open.another).accepted()
        expect(accepted).toMatchObject([
          { version: 1, acceptedAt: AT, additionsFrom: undefined },
          { version: 2, acceptedAt: AT, additionsFrom },
        ])
      })

      it('tells the newest list of every state and each version', async () => {
        const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
        for (const version of [1, 2, 10])
          await append({ entries: [trustListEntry(`UZ ${version}`, 'UZ', version)] })
        await append({ entries: [trustListEntry('BY 1', 'BY', 1)] })
        const store = sqlTrustStore(open.another)
        const newest = (await store.newest()).sort((a, b) => (a.state < b.state ? -1 : 1))
        expect(newest).toEqual([
          { state: 'BY', version: 1, ...sampleDocument('BY 1') },
          { state: 'UZ', version: 10, ...sampleDocument('UZ 10') },
        ])
        expect(await store.version('UZ', 2)).toBe(sampleDocument('UZ 2').jws)
        expect(await store.version('UZ', 3)).toBeUndefined()
        expect((await store.versions('UZ')).map(({ version }) => version)).toEqual([1, 2, 10])
      })

      it('keeps the CRL of a CA with the highest number, in whatever order they come', async () => {
        const store = sqlTrustStore(open.database)
        expect(await store.putCrl(crl(1, 'one'), AT)).toBe('stored')
        expect(await store.putCrl(crl(30, 'thirty'), AT)).toBe('stored')
        expect(await store.putCrl(crl(2, 'two'), AT)).toBe('not-newer')
        expect(await store.putCrl(crl(30, 'thirty'), AT)).toBe('not-newer')
        expect(await store.putCrl(crl(1, 'of another', 'KZ'), AT)).toBe('stored')
        expect(await store.crl('UZ', 'aa')).toEqual({ ...crl(30, 'thirty'), storedAt: AT })
        expect(await store.crls()).toHaveLength(2)
        expect(await store.crl('UZ', 'bb')).toBeUndefined()
        expect(await store.crl('BY', 'aa')).toBeUndefined()
      })

      it('says stored of no CRL that lost against one that came at the same time', async () => {
        const newer = crl(3, 'newer')
        const overtaking: SqlDatabase = {
          query: (query) => open.database.query(query),
          atomic: async (statements) => {
            await sqlTrustStore(open.another).putCrl(newer, AT)
            return open.database.atomic(statements)
          },
        }
        const older = crl(1, 'older')
        expect(await sqlTrustStore(overtaking).putCrl(older, AT)).toBe('not-newer')
        expect(await sqlTrustStore(open.database).crl('UZ', 'aa')).toEqual({
          ...newer,
          storedAt: AT,
        })
        const told = await open.database.query(
          sql.selectFrom('kept_evidence').selectAll().compile(),
        )
        expect(told.map(({ number }) => number)).toEqual([newer.number])
      })

      it('has a revision that grows with every pin, list and CRL, and only then', async () => {
        const store = sqlTrustStore(open.database)
        const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
        const steps: [() => Promise<unknown>, number][] = [
          [() => store.approve(approval('root'), pinOf('root'), []), 1],
          [() => store.approve(approval('root'), pinOf('root'), []), 0],
          [() => store.approve(approval('list', 'additions'), undefined, []), 1],
          [() => store.keepFork({ state: 'UZ', version: 2, sha256: 'f', seenAt: AT }, 'f'), 1],
          [() => store.keepFork({ state: 'UZ', version: 2, sha256: 'f', seenAt: AT }, 'f'), 0],
          [() => append({ entries: [trustListEntry('UZ 1', 'UZ', 1)] }), 1],
          [() => append({ entries: [trustListEntry('UZ 1', 'UZ', 1)] }), 0],
          [() => store.putCrl(crl(1, 'one'), AT), 1],
          [() => store.putCrl(crl(1, 'one'), AT), 0],
        ]
        for (const [step, growth] of steps) {
          const before = await store.revision()
          await step()
          expect((await store.revision()) - before).toBe(growth)
        }
      })
    })

    describe('records', () => {
      const access = {
        at: AT,
        client: 'c1',
        party: 'UZ.CUSTOMS',
        role: 'customs',
        operation: 'validate',
        certificate: 'sha',
        context: { officer: 'Намунаев Н.' },
      }

      it('keep reports word for word', async () => {
        const reports = sqlReportStore(open.database)
        const report = {
          id: 'r1',
          client: 'c1',
          party: 'UZ.CUSTOMS',
          createdAt: AT,
          body: { ў: [1, null] },
        }
        await reports.insert([report, { ...report, id: 'r2' }], [])
        await reports.insert([], [])
        expect(await sqlReportStore(open.another).find('r1')).toEqual(report)
        expect(await reports.find('r3')).toBeUndefined()
        await expect(reports.insert([{ ...report, id: 'r3' }, report], [])).rejects.toThrow(/twice/)
        expect(await reports.find('r3')).toBeUndefined()
      })

      it('keep a report and who read what it shows, both or neither', async () => {
        const reports = sqlReportStore(open.database)
        const report = { id: 'r1', client: 'c', party: 'p', createdAt: AT, body: {} }
        await reports.insert([report], [access])
        await expect(reports.insert([report], [access])).rejects.toThrow(/twice/)
        expect(await sqlAccessLog(open.database).of('sha', 0, 10)).toHaveLength(1)
      })

      it('page the accesses to a certificate', async () => {
        const log = sqlAccessLog(open.database)
        await log.record([
          access,
          { ...access, certificate: 'other' },
          { ...access, context: undefined },
        ])
        await log.record([])
        const [first] = await log.of('sha', 0, 1)
        expect(first).toMatchObject(access)
        const rest = await log.of('sha', first!.n, 10)
        expect(rest).toMatchObject([{ context: undefined }])
      })

      it('page the alarms', async () => {
        const alarms = sqlAlarmLog(open.database)
        const alarm = { at: AT, kind: 'identity-conflict', peer: 'UZ', detail: 'ў' } as const
        await alarms.raise(alarm)
        await alarms.raise({ ...alarm, peer: undefined })
        const [first] = await alarms.list(0, 1)
        expect(first).toMatchObject(alarm)
        expect(await alarms.list(first!.n, 10)).toMatchObject([{ peer: undefined }])
      })

      it('keep an exchange that is longer than a row may be, word for word', async () => {
        const request = `${'a'.repeat(299_999)}😀${'я'.repeat(900_000)}`
        const response = 'b'.repeat(1_000_001)
        const exchange = { at: '2026-01-01T00:00:00Z', peer: 'UZ', direction: 'sent' } as const
        const archive = sqlExchangeArchive(open.database)
        await archive.keep({ ...exchange, messageId: 'long', request, response })
        await archive.keep({ ...exchange, messageId: 'none', request: '', response: undefined })
        const kept = await rows<{ message_id: string; request: string; response: string | null }>(
          open.database,
          "SELECT message_id, request, response FROM exchange_archive WHERE message_id IN ('long', 'none') ORDER BY n, part",
        )
        const long = kept.filter(({ message_id }) => message_id === 'long')
        expect(long.map((part) => part.request).join('') === request).toBe(true)
        expect(long.map((part) => part.response ?? '').join('') === response).toBe(true)
        expect(kept.at(-1)).toEqual({ message_id: 'none', request: '', response: null })
      })

      it.each(['accesses', 'reports', 'exchange_archive'])('never change: %s', async (table) => {
        await sqlAccessLog(open.database).record([access])
        const report = { id: 'r', client: 'c', party: 'p', createdAt: AT, body: {} }
        await sqlReportStore(open.database).insert([report], [])
        await sqlExchangeArchive(open.database).keep({
          at: AT,
          peer: 'UZ',
          direction: 'sent',
          messageId: 'm',
          request: 'q',
          response: undefined,
        })
        const before = await rows(open.database, `SELECT * FROM ${table}`)
        expect(before).toHaveLength(1)
        const column = Object.keys(before[0]!)[1]
        for (const statement of [`UPDATE ${table} SET ${column} = 'x'`, `DELETE FROM ${table}`])
          await expect(rows(open.database, statement)).rejects.toThrow(
            /append-only|never change|are kept/,
          )
        expect(await rows(open.database, `SELECT * FROM ${table}`)).toEqual(before)
      })
    })
  })
}
