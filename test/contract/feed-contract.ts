import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Effect } from '../../src/exchange/effect.ts'
import { appendOneByOne, type NewEntry } from '../../src/exchange/journal.ts'
import { sqlEvents } from '../../src/storage/events.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode, startEpoch } from '../../src/storage/node-store.ts'
import { sqlOutbox } from '../../src/storage/outbox.ts'
import { sqlPeerStore } from '../../src/storage/peer-store.ts'
import { type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import { certificateEntry, changeEntry, plainEntry, sampleDocument } from './storage-samples.ts'

const AT = '2026-03-02T09:15:00Z'
const LATER = '2026-03-02T10:00:00Z'
const digest = (name: string) => sampleDocument(name).sha256

/** What every engine promises of the stores that feeds are read from and followed in. */
export function feedContract(name: string, engine: Engine): void {
  describe(`on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
      await claimNode(open.database, { state: 'BY', environment: 'production', epoch: 'first' })
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const append = async (entries: readonly NewEntry[], effects: readonly Effect[] = []) =>
      appendOneByOne(sqlJournal(open.database), () => new Date(AT))({ entries, effects })

    describe('the feed of a recipient', () => {
      const outbox = () => sqlOutbox(open.another)

      it('is at its beginning while nothing was addressed to it', async () => {
        await append([plainEntry('1', ['KZ']), plainEntry('2')])
        expect(await outbox().feedHead('UZ')).toEqual({ epoch: 'first', lastSeq: 0 })
        expect(await outbox().feedHead('KZ')).toEqual({ epoch: 'first', lastSeq: 1 })
        await startEpoch(open.database, 'second')
        expect(await outbox().feedHead('KZ')).toEqual({ epoch: 'second', lastSeq: 1 })
      })

      it('has its messages in order, received or not, as many as fit, and no others', async () => {
        await append([
          plainEntry('1', ['UZ']),
          plainEntry('2', ['KZ']),
          plainEntry('3', ['KZ', 'UZ']),
          plainEntry('4', ['UZ']),
        ])
        await outbox().markReceived('UZ', [digest('3')], AT)
        const feed = async (after: number, limit = 10, characters = 1e6) =>
          (await outbox().feed('UZ', after, limit, characters)).map(({ seq, jws }) => [seq, jws])
        const [one, three, four] = ['1', '3', '4'].map((each) => sampleDocument(each).jws)
        expect(await feed(0)).toEqual([
          [1, one],
          [2, three],
          [3, four],
        ])
        expect(await feed(1, 1)).toEqual([[2, three]])
        expect(await feed(0, 10, 1)).toEqual([[1, one]])
        expect(await feed(3)).toEqual([])
      })

      it('is acknowledged up to a message, once, for this recipient alone', async () => {
        await append(['1', '2', '3'].map((each) => plainEntry(each, ['KZ', 'UZ'])))
        await outbox().markReceived('UZ', [digest('1')], AT)
        await outbox().markReceivedUpTo('UZ', 2, LATER)
        await outbox().markReceivedUpTo('UZ', 1, '2026-03-03T00:00:00Z')
        const received = await rows(
          open.database,
          'SELECT recipient, seq, received_at AS at FROM outgoing WHERE received_at IS NOT NULL ORDER BY seq',
        )
        expect(received).toEqual([
          { recipient: 'UZ', seq: 1, at: AT },
          { recipient: 'UZ', seq: 2, at: LATER },
        ])
      })

      it('tells what was acknowledged and not decided on, behind a message', async () => {
        await append(['1', '2', '3', '4'].map((each) => plainEntry(each, ['UZ'])))
        await outbox().markReceivedUpTo('UZ', 3, AT)
        await append([
          {
            ...plainEntry('receipt'),
            kind: 'receipt',
            effects: [
              {
                effect: 'decided-by-peer',
                recipient: 'UZ',
                sha256: digest('2'),
                outcome: 'refused',
                findings: [],
                at: AT,
                receipt: digest('receipt'),
              },
            ],
          },
        ])
        const page = { after: 0, receivedUntil: AT, limit: 10, maxCharacters: 1e6 }
        const undecided = async (after: number, limit = 10) =>
          (await outbox().undecided('UZ', { ...page, after, limit })).map(({ seq }) => seq)
        expect(await undecided(0)).toEqual([1, 3])
        expect(await undecided(1)).toEqual([3])
        expect(await undecided(0, 1)).toEqual([1])
        expect(await outbox().undecided('KZ', page)).toEqual([])
        const earlier = { ...page, receivedUntil: '2026-01-01T00:00:00Z' }
        expect(await outbox().undecided('UZ', earlier)).toEqual([])
      })

      it('sends receipts by themselves, and those again that were delivered', async () => {
        await append([plainEntry('r1'), plainEntry('r2')])
        await outbox().sendReceipts('UZ', [])
        await outbox().sendReceipts('UZ', [digest('r1')])
        await outbox().markReceiptsDelivered([digest('r1')], AT)
        expect(await outbox().lateReceipts('UZ', 10, 1e6)).toEqual([])
        await outbox().sendReceipts('UZ', [digest('r1'), digest('r2')])
        expect(await outbox().lateReceipts('KZ', 10, 1e6)).toEqual([])
        const waiting = await outbox().lateReceipts('UZ', 10, 1e6)
        expect(waiting.map(({ sha256 }) => sha256).toSorted()).toEqual(
          ['r1', 'r2'].map(digest).toSorted(),
        )
      })

      it('sends no receipt whose place another one has taken', async () => {
        const [sha256, receipt] = [digest('r2'), digest('r1')]
        const further = { effect: 'further-receipt', sha256, receipt, recipient: 'UZ' } as const
        await append([plainEntry('r1'), plainEntry('r2')], [{ ...further, decided: [] }])
        await outbox().sendReceipts('UZ', [receipt, sha256])
        const waiting = await outbox().lateReceipts('UZ', 10, 1e6)
        expect(waiting.map((each) => each.sha256)).toEqual([sha256])
      })
    })

    describe('the place in the feed of a peer', () => {
      it('only moves ahead, and only in the epoch that is followed', async () => {
        const peers = sqlPeerStore(open.database)
        const place = async () => (await sqlPeerStore(open.another).find('UZ')).feed
        await peers.advanceFeed('UZ', { epoch: 'e', seq: 3 })
        expect(await place()).toBeUndefined()
        await peers.startFeed('UZ', { epoch: 'e', seq: 0 })
        for (const [epoch, seq] of [
          ['e', 5],
          ['e', 4],
          ['other', 9],
        ] as const)
          await peers.advanceFeed('UZ', { epoch, seq })
        expect(await place()).toEqual({ epoch: 'e', seq: 5 })
        await peers.heard('UZ', AT, false)
        await peers.sendFailed('UZ', { attempts: 1, nextAttemptAt: LATER, error: 'no answer' })
        expect(await place()).toEqual({ epoch: 'e', seq: 5 })
        await peers.startFeed('UZ', { epoch: 'new', seq: 1 })
        expect(await place()).toEqual({ epoch: 'new', seq: 1 })
      })

      it('says nothing about whether a peer that asks for its feed can be reached', async () => {
        const peers = sqlPeerStore(open.database)
        await peers.sendFailed('UZ', { attempts: 3, nextAttemptAt: LATER, error: 'no answer' })
        await peers.called('UZ', AT)
        await peers.called('UZ', LATER)
        expect(await peers.find('UZ')).toMatchObject({
          attempts: 3,
          nextAttemptAt: LATER,
          firstHeardAt: AT,
          lastHeardAt: LATER,
          completeAt: undefined,
        })
      })
    })

    describe('the source of events', () => {
      const events = () => sqlEvents(open.another)
      const receiptEntry = (receipt: string, decided: readonly string[]): NewEntry => ({
        ...plainEntry(receipt),
        kind: 'receipt',
        effects: decided.map((document) => ({
          effect: 'decided-by-peer',
          recipient: 'UZ',
          sha256: digest(document),
          outcome: 'accepted-with-findings',
          findings: ['Қ'],
          at: LATER,
          receipt: digest(receipt),
        })),
      })

      it('counts the entries of the log', async () => {
        expect(await events().head()).toEqual({ epoch: 'first', lastSeq: 0 })
        expect(await events().read(0, 10)).toEqual([])
        await append([plainEntry('1'), plainEntry('2')])
        expect(await events().head()).toEqual({ epoch: 'first', lastSeq: 2 })
      })

      it('tells of every entry what it means for a certificate', async () => {
        await append([
          certificateEntry('c1'),
          certificateEntry('c2', [], { origin: 'received', issuer: 'UZ.EXPERTIZA.001' }),
          plainEntry('trust list', ['UZ']),
        ])
        await append([changeEntry('change 1', 'c1', 1)])
        await append([changeEntry('change 2', 'c1', 2)])
        await append([receiptEntry('r', ['change 1', 'trust list', 'c1'])])
        await append([receiptEntry('too late', ['c1'])])
        const found = await events().read(0, 100)
        const c1 = {
          sha256: digest('c1'),
          state: 'BY',
          type: 'origin.ct1',
          number: 'c1',
          issuer: 'BY.CCI.001',
          origin: 'issued',
        }
        const decided = {
          fact: 'decided',
          certificate: c1,
          recipient: 'UZ',
          outcome: 'accepted-with-findings',
          findings: ['Қ'],
          decidedAt: LATER,
        }
        const [first, second] = ['change 1', 'change 2'].map((each) => sampleDocument(each).jws)
        expect(found.map(({ facts }) => facts)).toEqual([
          [{ fact: 'certificate', certificate: c1 }],
          [
            {
              fact: 'certificate',
              certificate: {
                ...c1,
                sha256: digest('c2'),
                number: 'c2',
                issuer: 'UZ.EXPERTIZA.001',
                origin: 'received',
              },
            },
          ],
          [],
          [{ fact: 'status-change', certificate: c1, changes: [first] }],
          [{ fact: 'status-change', certificate: c1, changes: [first, second] }],
          [
            { ...decided, document: digest('c1') },
            { ...decided, document: digest('change 1') },
          ],
          [],
        ])
        expect(found[0]).toMatchObject({ idx: 0, sha256: digest('c1'), at: AT })
        expect(await events().read(3, 2)).toEqual(found.slice(3, 5))
        expect(await events().read(7, 2)).toEqual([])
      })
    })
  })
}
