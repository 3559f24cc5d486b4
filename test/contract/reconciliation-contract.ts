import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Effect } from '../../src/exchange/effect.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import type { ReconciledView } from '../../src/exchange/reconciliation/payload.ts'
import type { ReconciledRow, StoredVerdict } from '../../src/exchange/reconciliation/store.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlOutbox } from '../../src/storage/outbox.ts'
import { sqlReconciliationStore } from '../../src/storage/reconciliations.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import { sqlWitnessStore } from '../../src/storage/witness-store.ts'
import { logForkSubject } from '../../src/trust/trust-decisions.ts'
import { type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import { sampleDocument } from './storage-samples.ts'

const AT = '2026-03-02T09:00:00Z'
const day = (n: number) => `2026-03-0${n}T00:00:00Z`

/** What every engine promises of reconciliation, and of what freezes trust. */
export function reconciliationContract(name: string, engine: Engine): void {
  describe(`reconciliation on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const store = () => sqlReconciliationStore(open.another)
    const append = (...documents: Parameters<ReturnType<typeof appendOneByOne>>[0]['entries']) =>
      appendOneByOne(sqlJournal(open.database), () => new Date(AT))({ entries: documents })
    const entry = (document: string, effects: readonly Effect[], to: readonly string[] = []) => {
      return { kind: 'reconciliation', ...sampleDocument(document), to, effects } as const
    }
    const digest = (document: string) => sampleDocument(document).sha256
    const said = (document: string, maker: string, until: string, epoch = 'e') => {
      const recipient = maker === 'BY' ? 'UZ' : 'BY'
      const record = { sha256: digest(document), maker, recipient, epoch, until }
      return entry(document, [{ effect: 'reconciliation', record }])
    }

    it('has one document of a maker for each end and epoch', async () => {
      await append(said('a', 'BY', day(1)))
      expect(await append(said('b', 'BY', day(1)))).toBe('duplicate')
      await append(said('b', 'BY', day(1), 'restored'))
      const ending = await store().endingAt('BY', 'UZ', day(1))
      expect(ending.map(({ epoch }) => epoch).sort()).toEqual(['e', 'restored'])
    })

    it('tells the first and the newest of a maker, and lists both makers page by page', async () => {
      await append(said('a', 'BY', day(1)))
      await append(said('b', 'UZ', day(1)))
      await append(said('c', 'BY', day(3)))
      await append(said('d', 'BY', day(3), 'restored'))
      await append(said('e', 'BY', day(2)))
      expect((await store().first('BY', 'UZ'))?.sha256).toBe(digest('a'))
      expect(await store().newest('BY', 'UZ')).toMatchObject(sampleDocument('d'))
      expect(await store().newest('BY', 'UZ', day(2))).toMatchObject(sampleDocument('e'))
      expect(await store().newest('UZ', 'KZ')).toBeUndefined()
      expect(await store().find(digest('b'))).toMatchObject({ maker: 'UZ', until: day(1) })
      const listed: string[] = []
      for (let after: string | undefined; ;) {
        const page = await store().list('UZ', { after, limit: 2 })
        listed.push(...page.map(({ until, sha256 }) => `${until} ${sha256}`))
        after = page.at(-1)?.sha256
        if (page.length < 2) break
      }
      expect(listed).toHaveLength(5)
      const newestFirst = listed.toSorted((x, y) => {
        const [a, b] = [x.slice(0, 20), y.slice(0, 20)]
        return a === b ? (x < y ? -1 : 1) : a < b ? 1 : -1
      })
      expect(listed).toEqual(newestFirst)
      expect(await store().list('KZ', { after: undefined, limit: 9 })).toEqual([])
    })

    async function all(view: ReconciledView, range: { after: number; upTo: number }) {
      const found: ReconciledRow[] = []
      for (;;) {
        const behind = found.at(-1)
        const page = await store().rows(view, 'UZ', { ...range, behind, limit: 2 })
        found.push(...page)
        if (page.length < 2) return found
      }
    }

    it('has the rows of every view in their order, and knows what is not acknowledged', async () => {
      const names = ['one', 'two', 'three', 'four', 'five']
      const decided = (document: string, at: string): Effect => {
        const decision = { sha256: digest(document), outcome: 'accepted', findings: [] } as const
        return { effect: 'decided-by-peer', recipient: 'UZ', ...decision, at, receipt: 'r' }
      }
      const seconds = [4, 3, 3, 9, 1].map((second) => `2026-03-01T00:00:0${second}Z`)
      for (const document of names) await append(entry(document, [], ['UZ']))
      const outbox = sqlOutbox(open.database)
      await outbox.markReceived('UZ', names.slice(0, 3).map(digest), AT)
      await append(
        entry(
          'r1',
          names.map((one, i) => decided(one, seconds[i]!)),
        ),
      )
      const sent = await all('sent', { after: 1, upTo: 5 })
      expect(sent).toEqual(
        [2, 3, 4, 5].map((key) => {
          return { key, sha256: digest(names[key - 1]!), open: key > 3 }
        }),
      )
      const base = Date.parse('2026-03-01T00:00:00Z') / 1000
      const answered = await all('answered', { after: base, upTo: base + 5 })
      expect(answered.map(({ key }) => key - base)).toEqual([1, 3, 3, 4])
      expect(new Set(answered.map(({ sha256 }) => sha256)).size).toBe(4)
      expect(answered.every(({ receipt }) => receipt === 'r')).toBe(true)
      expect(await store().outcomes('answered', 'UZ', { after: base, upTo: base + 5 })).toEqual([
        ['accepted', 4],
      ])
      expect(await store().lastBefore('sent', 'UZ', '2026-03-03T00:00:00Z')).toBe(5)
      expect(await store().lastBefore('sent', 'UZ', AT)).toBe(0)
      expect(await store().lastAcknowledged('UZ', '2026-03-03T00:00:00Z')).toBe(3)
      const heads = await store().heads(names.map(digest))
      expect(heads.toSorted()).toEqual(
        names.map((one) => sampleDocument(one).jws.slice(0, 160)).toSorted(),
      )

      for (const [i, document] of ['p', 'q', 's'].entries()) {
        const { sha256, jws } = sampleDocument(document)
        const arrival = { effect: 'arrival', sender: 'UZ', seq: 7, arrivedAt: AT } as const
        const decision: Effect = {
          effect: 'decision',
          sha256,
          sender: 'UZ',
          outcome: 'refused',
          findings: [],
          at: seconds[i]!,
          receipt: digest(`r${i + 5}`),
        }
        const late = { effect: 'late-receipt', sha256: digest('r5'), recipient: 'UZ' } as const
        await append(entry(`r${i + 5}`, [decision, ...(i === 0 ? [late] : [])]))
        await appendOneByOne(
          sqlJournal(open.database),
          () => new Date(AT),
        )({
          entries: [],
          effects: [{ ...arrival, sha256, jws, waitsFor: undefined }],
        })
      }
      const received = await all('received', { after: 0, upTo: 7 })
      expect(received.map(({ sha256 }) => sha256)).toEqual(['p', 'q', 's'].map(digest).toSorted())
      const own = await all('decided', { after: base, upTo: base + 5 })
      expect(own.map(({ key, open: isOpen }) => [key - base, isOpen])).toEqual([
        [3, false],
        [3, false],
        [4, true],
      ])
    })

    const compare = (document: string, view: ReconciledView, peer = 'UZ'): Effect => {
      return { effect: 'compare', sha256: digest(document), view, peer, since: AT }
    }
    const differs: Omit<StoredVerdict, 'view'> = {
      at: AT,
      outcome: 'differs',
      reason: 'rows-differ',
      differences: [{ key: 3, here: { sha256: 'x' } }],
      complete: false,
    }
    async function appendOpen(document: string, until: string, views: readonly ReconciledView[]) {
      const { effects, ...rest } = said(document, 'UZ', until)
      await append({
        ...rest,
        effects: [...effects, ...views.map((one) => compare(document, one))],
      })
    }

    it('keeps what a comparison came to, and compares again what is not agreed', async () => {
      await appendOpen('a', day(1), ['sent', 'received'])
      const [check, other] = await store().due('UZ', AT, 9)
      expect([check!.view, other!.view].sort()).toEqual(['received', 'sent'])
      expect(await store().due('UZ', day(2), 9)).toEqual([])
      expect(await store().unsettledDocuments('UZ')).toBe(0)
      const claimed = (await store().claim(check!, day(3)))!
      expect((await store().due('UZ', AT, 9)).map(({ view }) => view)).toEqual([other!.view])
      expect(
        (await store().due('UZ', day(3), 9)).map(({ view, checks }) => [view, checks]),
      ).toEqual([
        [other!.view, 0],
        [check!.view, 1],
      ])
      const verdict = { ...differs, view: check!.view }
      expect(await store().settle(claimed, { verdict, agrees: false })).toBe(true)
      expect(await store().lastVerdict(digest('a'), check!.view)).toEqual(verdict)
      expect(await store().unsettledDocuments('UZ')).toBe(1)
      const again = (await store().claim(claimed, AT))!
      const agreed = { ...verdict, outcome: 'agrees', reason: 'agreed-since' } as const
      expect(await store().settle(again, { verdict: agreed, agrees: true })).toBe(true)
      const [listed] = await store().list('UZ', { after: undefined, limit: 1 })
      expect(listed!.verdicts).toEqual([agreed])
      expect(await store().open('UZ', 9)).toMatchObject([{ view: other!.view, verdict: undefined }])
      expect(await store().open('KZ', 9)).toEqual([])
    })

    it('lets one process compare a view at a time, and the slower one say nothing of it', async () => {
      await appendOpen('a', day(1), ['sent'])
      const [check] = await store().due('UZ', AT, 9)
      const first = (await store().claim(check!, AT))!
      expect(await sqlReconciliationStore(open.database).claim(check!, AT)).toBeUndefined()
      // It takes so long that another one compares the view meanwhile.
      const second = (await store().claim(first, AT))!
      const agreed = { ...differs, outcome: 'agrees', view: check!.view } as const
      expect(await store().settle(second, { verdict: agreed, agrees: true })).toBe(true)
      const late = { verdict: { ...differs, view: check!.view }, agrees: false }
      expect(await store().settle(first, late)).toBe(false)
      expect(await store().settle(first, { verdict: undefined, agrees: false })).toBe(false)
      expect(await store().lastVerdict(digest('a'), 'sent')).toEqual(agreed)
      expect(await store().open('UZ', 9)).toEqual([])
    })

    it('compares from where comparing had come, whatever a document says of its beginning', async () => {
      await appendOpen('a', day(1), ['sent'])
      await appendOpen('b', day(2), ['sent'])
      await appendOpen('c', day(3), ['sent'])
      const [a, b, c] = await Promise.all(
        ['a', 'b', 'c'].map(async (document) => {
          const due = await store().due('UZ', AT, 9)
          return due.find(({ sha256 }) => sha256 === digest(document))!
        }),
      )
      expect(await store().begin(a!, { after: 0, upTo: 100, first: 0 })).toBe(0)
      expect(await store().begin(b!, { after: 200, upTo: 250, first: 0 })).toBe(100)
      // As long as it is open, also where comparing has come further meanwhile, or less far.
      expect(await store().begin(b!, { after: 200, upTo: 220, first: 0 })).toBe(100)
      expect(await store().begin(c!, { after: 240, upTo: 260, first: 0 })).toBe(240)
      const claimed = (await store().claim(b!, AT))!
      await store().settle(claimed, { verdict: undefined, agrees: false, comparedUpTo: 170 })
      expect(await store().begin(claimed, { after: 200, upTo: 250, first: 0 })).toBe(170)
    })

    it('tells what differs before what cannot be told, of one peer alone', async () => {
      for (const [i, name] of ['a', 'b', 'c'].entries())
        await appendOpen(name, day(i + 1), ['sent'])
      await append(entry('x', [compare('x', 'sent', 'AM')]))
      for (const check of await store().due('UZ', AT, 9)) {
        const claimed = (await store().claim(check, AT))!
        const outcome = check.sha256 === digest('b') ? 'differs' : 'cannot-tell'
        const verdict = { ...differs, outcome, view: check.view } as const
        await store().settle(claimed, { verdict, agrees: false })
      }
      const found = await store().open('UZ', 9)
      expect(found.map(({ verdict }) => verdict?.outcome)).toEqual([
        'differs',
        'cannot-tell',
        'cannot-tell',
      ])
      expect((await store().open('UZ', 1))[0]?.sha256).toBe(digest('b'))
    })

    it('keeps a checkpoint and counts it, or neither: overtaken, without room, or of a forked log', async () => {
      const [witnessed, another] = [sqlWitnessStore(open.database), sqlWitnessStore(open.another)]
      const log = { state: 'UZ', origin: 'exchange.uz/log/1' }
      const day = AT.slice(0, 10)
      const keep = (n: number, note: string, most = 18) => {
        const checkpoint = { n, size: BigInt(n), rootHash: new Uint8Array(32), note, at: AT }
        return witnessed.keep(log, { ...checkpoint, cosignature: 'line' }, { day, most })
      }
      const counted = async () =>
        (await rows<{ bytes: number }>(open.database, 'SELECT bytes FROM peer_log_bytes'))[0]?.bytes
      expect(await keep(1, 'first')).toBe('kept')
      expect(await keep(1, 'other')).toBe('overtaken')
      expect(await keep(2, 'longer')).toBe('no-room')
      expect(await another.newest(log.origin)).toMatchObject({ n: 1, note: 'first' })
      expect(await counted(), 'the note and the line').toBe(9)
      expect(await keep(2, 'longer', 19)).toBe('kept')
      expect(await counted()).toBe(19)
      const third = { n: 3, size: 3n, rootHash: new Uint8Array(32), note: 'next', at: AT }
      const next = { ...third, cosignature: 'line' }
      const tomorrow = { day: '2026-03-03', most: 10 }
      await claimNode(open.database, { state: 'BY', epoch: 'e', environment: 'production' })
      await another.keepFork({ ...log, foundAt: AT, first: 'a', second: 'b', proof: [] })
      expect(await witnessed.keep(log, next, tomorrow)).toBe('forked')
      expect(await counted()).toBe(19)
      await rows(
        open.database,
        "INSERT INTO trust_approvals VALUES ('fork', 'UZ', ?, 'one', 'then', 'another')",
        logForkSubject(log),
      )
      expect(await witnessed.keep(log, next, tomorrow)).toBe('kept')
      expect(await counted()).toBe(8)
    })

    it('freezes trust by a log that was forked or rolled back, once each, until it is settled', async () => {
      const [witnessed, trust] = [sqlWitnessStore(open.database), sqlTrustStore(open.another)]
      await claimNode(open.database, { state: 'BY', epoch: 'e', environment: 'production' })
      const before = await trust.revision()
      const log = { state: 'UZ', origin: 'exchange.uz/log/1' }
      const fork = { ...log, first: 'a', second: 'b', proof: [] }
      expect(await witnessed.keepFork({ ...fork, foundAt: AT })).toBe(true)
      expect(await witnessed.keepFork({ ...fork, foundAt: day(1) })).toBe(false)
      expect(await witnessed.keepFork({ ...fork, second: 'c', foundAt: day(1) })).toBe(true)
      const rollback = { ...log, size: 9n, foundAt: day(3), before: 'a', shown: 'b' }
      expect(await witnessed.keepRollback(rollback)).toBe(true)
      expect(await witnessed.keepRollback({ ...rollback, foundAt: AT })).toBe(false)
      expect(await witnessed.rollbacks(9)).toEqual([rollback])
      expect(await trust.revision()).toBe(before + 3)
      const sha256 = logForkSubject(log)
      expect(await trust.forks()).toEqual([
        { of: 'log', ...log, proof: 'forked', sha256, seenAt: day(1) },
        { of: 'log', ...log, proof: 'rolled-back', sha256: logForkSubject(log, 9), seenAt: day(3) },
      ])
      expect(await witnessed.isForked(log)).toBe(true)
      const people = { proposedBy: 'user:a', approvedBy: 'user:b', approvedAt: day(3) }
      const approval = { kind: 'fork', state: 'UZ', subject: sha256, ...people } as const
      expect(await trust.approve(approval, undefined, [])).toBe('approved')
      expect(await witnessed.isForked(log)).toBe(false)
    })
  })
}
