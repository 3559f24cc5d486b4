import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import type { Effect } from '../../src/exchange/effect.ts'
import { appendOneByOne, type NewEntry } from '../../src/exchange/journal.ts'
import { sqlCertificateStore } from '../../src/storage/certificate-store.ts'
import { sqlInbox } from '../../src/storage/inbox.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlOutbox } from '../../src/storage/outbox.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { sqlMirrorStore } from '../../src/storage/mirror-store.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { sqlWitnessStore } from '../../src/storage/witness-store.ts'
import { type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import {
  certificateEntry,
  changeEntry,
  plainEntry,
  sampleCertificate,
  sampleDocument,
} from './storage-samples.ts'

const AT = '2026-03-02T09:15:00Z'
const LATER = '2026-03-02T10:00:00Z'
const digest = (name: string) => sampleDocument(name).sha256

/** What every engine promises of the stores that read the log's projections. */
export function storageContract(name: string, engine: Engine): void {
  describe(`on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const append = async (entries: readonly NewEntry[], effects: readonly Effect[] = []) =>
      appendOneByOne(sqlJournal(open.database), () => new Date(AT))({ entries, effects })

    describe('the certificate store', () => {
      const store = () => sqlCertificateStore(open.another)
      const id = (number: string) =>
        parseCertificateId({ state: 'BY', type: 'origin.ct1', number })!

      it('finds a certificate by identity and by digest, as it was written', async () => {
        const certificate = sampleCertificate('BY1', {
          usableUntil: undefined,
          recipients: ['KZ', 'UZ'],
        })
        await append([certificateEntry('BY1', ['KZ', 'UZ'], certificate)])
        expect(await store().find(id('BY1'))).toEqual({
          ...certificate,
          appendedAt: AT,
          idx: 0,
        })
        expect(await store().findByDigest(digest('BY1'))).toEqual({
          ...certificate,
          appendedAt: AT,
          idx: 0,
        })
        expect(await store().find(id('BY2'))).toBeUndefined()
        expect(await store().findByDigest(digest('BY2'))).toBeUndefined()
      })

      it('tells who saw a document, as far as what they saw holds', async () => {
        const log = { state: 'BY', origin: 'exchange.by/log/1' }
        const [mirror, witnessed] = [sqlMirrorStore(open.database), sqlWitnessStore(open.database)]
        const own = sqlLogStore(open.database)
        await append([certificateEntry('BY1'), changeEntry('suspend', 'BY1', 1)])
        const proofs = async (of: string) => (await store().findProven(digest(of))).proofs
        const appended = { index: 0, at: AT }
        expect(await proofs('BY1')).toEqual({ appended, cosigned: [], mirrored: undefined })

        // Two states, and one that nobody lists, under the first of two checkpoints.
        const cosigned = async (size: bigint, state: string, at: string) => {
          const note = `exchange.uz/log/1\n${size}\nroot\n\n`
          await own.keepCheckpoint({ size, note, signedAt: at })
          const witness = { state, name: `${state}/witness`, keyId: 7 }
          await own.keepCosignature({ size, witness, line: `by ${state}`, cosignedAt: at })
        }
        await cosigned(1n, '', AT)
        await cosigned(2n, 'KZ', LATER)
        await cosigned(2n, 'BY', AT)
        await cosigned(9n, 'AM', LATER)
        const by = (state: string, at: string) => ({ state, witness: `${state}/witness`, at })
        const origin = 'exchange.uz/log/1'
        expect((await proofs('BY1')).cosigned.toSorted((a, b) => (a.at < b.at ? -1 : 1))).toEqual([
          { ...by('BY', AT), origin },
          { ...by('KZ', LATER), origin },
        ])

        const [early, soon] = ['2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z']
        const seen = [
          { seq: 1, sha256: digest('BY1'), index: 4n },
          { seq: 2, sha256: digest('suspend'), index: 5n },
          { seq: 3, sha256: digest('not here'), index: 6n },
        ]
        const mirroredUpTo = (n: number, size: bigint) =>
          mirror.extend(log, {
            head: {
              n,
              frontier: { size, hashes: [] },
              note: 'note',
              size: 9n,
              wholeNote: undefined,
              addressed: 3,
              lastSeq: 3,
            },
            leaves: [],
            addressed: n === 1 ? seen : [],
            at: LATER,
          })
        const checkpoint = { rootHash: new Uint8Array(32), note: 'note', cosignature: 'line' }
        const room = { day: '2026-03-02', most: 1000 }
        await witnessed.keep(log, { n: 1, size: 5n, at: early, ...checkpoint }, room)
        await witnessed.keep(log, { n: 2, size: 8n, at: soon, ...checkpoint }, room)
        expect((await proofs('BY1')).mirrored).toBeUndefined()
        await mirroredUpTo(1, 7n)
        expect((await proofs('BY1')).mirrored).toEqual({ ...log, index: 4, at: early })
        const change = async () => (await store().statusChanges(digest('BY1')))[0]
        // What the mirror has not compared with the leaves says nothing yet.
        expect(await change()).toMatchObject({ at: AT, provenAt: AT })
        expect((await proofs('not here')).mirrored).toBeUndefined()
        await witnessed.keep(
          { state: 'BY', origin: 'exchange.by/log/2' },
          { n: 1, size: 9n, at: early, ...checkpoint },
          room,
        )
        expect((await proofs('not here')).mirrored).toBeUndefined()
        await mirroredUpTo(2, 9n)
        expect(await store().findProven(digest('not here'))).toEqual({
          stored: undefined,
          proofs: {
            appended: undefined,
            cosigned: [],
            mirrored: { ...log, index: 6, at: soon },
          },
        })
        expect(await change()).toMatchObject({ at: AT, provenAt: soon })

        const fork = { ...log, foundAt: LATER, first: 'one', second: 'other', proof: [] }
        expect(await witnessed.keepFork(fork)).toBe(true)
        expect((await proofs('BY1')).mirrored).toBeUndefined()
        expect((await proofs('not here')).mirrored).toBeUndefined()
      })

      it('finds certificates by the hundred, and those in whose place one of them stands', async () => {
        const names = Array.from({ length: 130 }, (_, i) => `C${i}`)
        await append(names.map((name) => certificateEntry(name)))
        const replace = (change: string, target: string, successor: string): NewEntry => ({
          ...plainEntry(change),
          kind: 'status-change',
          effects: [
            {
              effect: 'status-change',
              target: digest(target),
              n: 1,
              sha256: digest(change),
              status: 'replaced',
              replacedBy: digest(successor),
            },
          ],
        })
        await append([replace('r1', 'C0', 'C1')])
        await append([replace('r3', 'C3', 'C2'), replace('r2', 'C2', 'absent')])
        const found = await store().findByDigests([...names.map(digest), digest('absent')])
        expect(new Set(found.map(({ number }) => number))).toEqual(new Set(names))
        expect(await store().findByDigests([])).toEqual([])
        const replacedBy = async (...successors: string[]) =>
          (await store().findReplacedBy(successors.map(digest))).map(({ number }) => number)
        expect(await replacedBy('C1')).toEqual(['C0'])
        expect(await replacedBy('absent')).toEqual(['C2'])
        expect(await replacedBy('C0', 'C3')).toEqual([])
        expect(new Set(await replacedBy(...names))).toEqual(new Set(['C0', 'C3']))
        expect((await store().findByDigest(digest('C0')))?.replacedBy).toBe(digest('C1'))
      })

      it('reads documents by the hundred and leaves out those it has not', async () => {
        const names = Array.from({ length: 200 }, (_, i) => `document ${i}`)
        await append(names.map((name) => plainEntry(name)))
        const found = await store().documents([...names.map(digest), digest('absent')])
        expect(found.size).toBe(200)
        for (const name of names) expect(found.get(digest(name))).toBe(sampleDocument(name).jws)
        expect(await store().document(digest('document 7'))).toBe(sampleDocument('document 7').jws)
        expect(await store().document(digest('absent'))).toBeUndefined()
      })

      it('tells what is in the log from what has only arrived', async () => {
        const arrival = { sender: 'UZ', seq: 1, arrivedAt: AT, waitsFor: 'target' } as const
        await append(
          [plainEntry('logged')],
          [{ effect: 'arrival', ...sampleDocument('waiting'), ...arrival }],
        )
        expect(await store().document(digest('waiting'))).toBeDefined()
        expect(await store().isLogged(digest('waiting'))).toBe(false)
        expect(await store().isLogged(digest('logged'))).toBe(true)
        expect(await store().isLogged(digest('absent'))).toBe(false)
      })

      it('tells the changes of a certificate in the order of the log, and its state after them', async () => {
        await append([certificateEntry('target'), certificateEntry('bystander')])
        for (const n of [1, 2, 3]) await append([changeEntry(`change ${n}`, 'target', n)])
        const changes = await store().statusChanges(digest('target'))
        expect(changes).toEqual(
          [1, 2, 3].map((n) => ({ ...sampleDocument(`change ${n}`), at: AT, provenAt: AT })),
        )
        expect((await store().findByDigest(digest('target')))?.status).toBe('annulled')
        expect((await store().findByDigest(digest('bystander')))?.status).toBe('issued')
      })
    })

    describe('the outbox', () => {
      const outbox = () => sqlOutbox(open.another)

      it('gives the oldest unacknowledged messages of one recipient in order', async () => {
        await append([
          plainEntry('1', ['UZ']),
          plainEntry('2', ['KZ', 'UZ']),
          plainEntry('3', ['UZ']),
        ])
        const messages = await outbox().unreceived('UZ', 10, 1e6)
        expect(messages).toEqual(
          ['1', '2', '3'].map((name, i) => ({ seq: i + 1, ...sampleDocument(name) })),
        )
        expect(await outbox().unreceived('UZ', 2, 1e6)).toEqual(messages.slice(0, 2))
        await outbox().markReceived('UZ', [digest('1'), digest('3')], AT)
        expect(await outbox().unreceived('UZ', 10, 1e6)).toEqual([messages[1]])
        expect(await outbox().unreceived('KZ', 10, 1e6)).toEqual([
          { seq: 1, ...sampleDocument('2') },
        ])
      })

      it('gives as many messages as fit, and one that alone does not', async () => {
        const long = (name: string) => ({ ...plainEntry(name, ['UZ']), jws: name.repeat(1000) })
        await append([long('a'), long('b'), long('c')])
        expect(await outbox().unreceived('UZ', 10, 2500)).toHaveLength(2)
        expect(await outbox().unreceived('UZ', 10, 10)).toHaveLength(1)
      })

      it('keeps the first time at which a message was received', async () => {
        await append([plainEntry('1', ['UZ'])])
        await outbox().markReceived('UZ', [digest('1')], AT)
        await outbox().markReceived('UZ', [digest('1')], LATER)
        expect(await outbox().delivery('UZ', digest('1'))).toEqual({
          recipient: 'UZ',
          seq: 1,
          sha256: digest('1'),
          receivedAt: AT,
          decision: undefined,
        })
      })

      it('acknowledges more messages than one statement takes', async () => {
        const names = Array.from({ length: 200 }, (_, i) => `m${i}`)
        await append(names.map((name) => plainEntry(name, ['UZ'])))
        await outbox().markReceived('UZ', names.map(digest), AT)
        expect(await outbox().backlog('UZ')).toEqual({ waiting: 0, undecided: 200 })
      })

      it('keeps the first decision of a peer, and only on its own copy', async () => {
        await append([plainEntry('1', ['KZ', 'UZ'])])
        const decided = (outcome: 'accepted' | 'refused', receipt: string): NewEntry => ({
          ...plainEntry(receipt),
          kind: 'receipt',
          effects: [
            {
              effect: 'decided-by-peer',
              recipient: 'UZ',
              sha256: digest('1'),
              outcome,
              findings: ['Ў-1'],
              at: AT,
              receipt: digest(receipt),
            },
          ],
        })
        await append([decided('accepted', 'first')])
        await append([decided('refused', 'second')])
        const [KZ, UZ] = await outbox().deliveries(digest('1'))
        expect(KZ?.decision).toBeUndefined()
        expect(UZ?.decision).toEqual({
          outcome: 'accepted',
          findings: ['Ў-1'],
          at: AT,
          receipt: digest('first'),
        })
        expect(await outbox().backlog('UZ')).toEqual({
          waiting: 1,
          undecided: 0,
          waitingSince: AT,
        })
        expect(await outbox().backlog('KZ')).toMatchObject({ waiting: 1, undecided: 1 })
      })

      it('keeps late receipts until they are delivered', async () => {
        const names = ['r1', 'r2', 'r3']
        const late = names.map((name): Effect => ({
          effect: 'late-receipt',
          sha256: digest(name),
          recipient: name === 'r3' ? 'KZ' : 'UZ',
        }))
        await append(
          names.map((name) => plainEntry(name)),
          late,
        )
        const waiting = await outbox().lateReceipts('UZ', 10, 1e6)
        expect(new Set(waiting.map(({ jws }) => jws))).toEqual(
          new Set(['r1', 'r2'].map((name) => sampleDocument(name).jws)),
        )
        expect(await outbox().lateReceipts('UZ', 1, 1e6)).toHaveLength(1)
        expect(await outbox().lateReceipts('UZ', 10, 10)).toHaveLength(1)
        await outbox().markReceiptsDelivered([digest('r1')], AT)
        expect(await outbox().lateReceipts('UZ', 10, 1e6)).toEqual([sampleDocument('r2')])
      })
    })

    describe('the comparison of projections with the log', () => {
      it('reads a log of many pages', async () => {
        const names = Array.from({ length: 1100 }, (_, i) => `entry ${i}`)
        for (let i = 0; i < names.length; i += 275)
          await append(names.slice(i, i + 275).map((name) => plainEntry(name, ['KZ', 'UZ'])))
        expect(await differencesFromLog(open.database, 'BY')).toEqual([])
        await rows(open.database, "DELETE FROM outgoing WHERE recipient = 'UZ' AND seq = 700")
        await rows(
          open.database,
          "UPDATE outgoing SET seq = 2000 WHERE recipient = 'KZ' AND seq = 5",
        )
        expect((await differencesFromLog(open.another, 'BY')).sort()).toEqual([
          'outgoing KZ 2000: not in the log',
          'outgoing KZ 5: missing',
          'outgoing UZ 700: missing',
        ])
      })
    })

    describe('the inbox', () => {
      const inbox = () => sqlInbox(open.another)
      const arrival = (name: string, seq: number, waitsFor?: string): Effect => ({
        effect: 'arrival',
        ...sampleDocument(name),
        sender: 'UZ',
        seq,
        arrivedAt: AT,
        waitsFor,
      })
      const decided = (name: string): NewEntry => ({
        ...plainEntry(`receipt of ${name}`),
        kind: 'receipt',
        effects: [
          {
            effect: 'decision',
            sha256: digest(name),
            sender: 'UZ',
            outcome: 'accepted-with-findings',
            findings: ['CT1-1', 'Қ'],
            at: LATER,
            receipt: digest(`receipt of ${name}`),
          },
        ],
      })

      it('lists what waits by arrival and sequence until it is decided', async () => {
        await append([], [arrival('b', 2, 'target'), arrival('a', 3, 'target')])
        await append([], [{ ...arrival('c', 1, 'list'), arrivedAt: LATER } as Effect])
        await append([], [arrival('d', 1, 'list')])
        const waiting = await inbox().waiting(undefined, 10)
        expect(waiting.map(({ jws }) => jws)).toEqual(
          ['d', 'b', 'a', 'c'].map((name) => sampleDocument(name).jws),
        )
        expect(waiting[0]).toEqual({
          ...sampleDocument('d'),
          sender: 'UZ',
          arrivedAt: AT,
          seq: 1,
          waitsFor: 'list',
        })
        await append([decided('d')])
        expect(await inbox().waiting(undefined, 10)).toEqual(waiting.slice(1))
      })

      it('finds what waits for one of many things, and what was changed earlier', async () => {
        const change = (name: string, seq: number, target: string, waitsFor?: string): Effect => ({
          ...(arrival(name, seq, waitsFor) as Extract<Effect, { effect: 'arrival' }>),
          target: digest(target),
        })
        const many = Array.from({ length: 150 }, (_, i) => `target t${i}`)
        await append(
          [],
          [
            change('a', 9, 't7', 'target t7'),
            change('b', 3, 't149', 'target t149'),
            change('c', 5, 'elsewhere', 'message 4'),
            change('d', 4, 'elsewhere', 'crl'),
            change('e', 6, 't7'),
            change('g', 10, 't7', 'change a'),
            { ...change('f', 1, 't7', 'target t7'), sender: 'KZ' } as Effect,
          ],
        )
        const seqs = async (awaited: readonly string[], limit: number) =>
          (await inbox().waitingFor('UZ', awaited, limit)).map(({ seq }) => seq)
        expect(await seqs(['message 4', ...many], 10)).toEqual([3, 5, 9])
        expect(await seqs(['message 4', ...many], 2)).toEqual([3, 5])
        expect(await seqs(['message 4'], 10)).toEqual([5])
        expect(await seqs([], 10)).toEqual([])
        const earlier = (target: string, seq: number) =>
          inbox().earlierChange({ sender: 'UZ', target: digest(target), seq })
        expect(await earlier('t7', 11)).toBe(digest('g'))
        expect(await earlier('t7', 10)).toBe(digest('a'))
        expect(await earlier('t7', 9)).toBeUndefined()
        expect(await earlier('t149', 3)).toBeUndefined()
        expect(await earlier('absent', 99)).toBeUndefined()
        expect(await inbox().seqOf('UZ', digest('a'))).toBe(9)
        expect(await inbox().seqOf('KZ', digest('a'))).toBeUndefined()
      })

      it('tells the first number between two others that has not arrived', async () => {
        await append(
          [],
          [1, 2, 4, 5, 6].map((seq) => arrival(`m${seq}`, seq)),
        )
        await append([], [{ ...arrival('other', 3), sender: 'KZ' } as Effect])
        // Two documents under one number are still one number.
        await append([], [arrival('twin', 5)])
        const missing = (after: number, before: number) =>
          inbox().firstMissing('UZ', { after, before })
        expect(await missing(0, 3)).toBeUndefined()
        expect(await missing(2, 4)).toBe(3)
        expect(await missing(1, 6)).toBe(3)
        expect(await missing(0, 9)).toBe(3)
        expect(await missing(3, 7)).toBeUndefined()
        expect(await missing(3, 8)).toBe(7)
        expect(await missing(3, 20)).toBe(7)
        expect(await missing(7, 20)).toBe(8)
        expect(await missing(5, 5)).toBeUndefined()
        expect(await missing(9, 2)).toBeUndefined()
      })

      it('keeps what a document waits for up to date until it is decided', async () => {
        await append([], [arrival('a', 1, 'target')])
        await append([], [arrival('a', 1, 'earlier')])
        expect((await inbox().waiting(undefined, 10)).map(({ waitsFor }) => waitsFor)).toEqual([
          'earlier',
        ])
        await append([decided('a')], [arrival('a', 1)])
        await append([], [arrival('a', 1, 'target')])
        expect(await inbox().waiting(undefined, 10)).toEqual([])
      })

      it('tells whether so many documents of a sender wait', async () => {
        const has = (sender: string, atLeast: number) => inbox().hasWaiting(sender, atLeast)
        expect(await has('UZ', 1)).toBe(false)
        await append([], [arrival('a', 1, 'list'), arrival('b', 2, 'target'), arrival('c', 3)])
        expect(await Promise.all([has('UZ', 1), has('UZ', 2), has('UZ', 3)])).toEqual([
          true,
          true,
          false,
        ])
        expect(await has('KZ', 1)).toBe(false)
        await append([decided('a')])
        expect(await Promise.all([has('UZ', 1), has('UZ', 2)])).toEqual([true, false])
      })

      it('pages what waits', async () => {
        const names = Array.from({ length: 12 }, (_, i) => `w${i}`)
        await append(
          [],
          names.map((name, i) => arrival(name, 1 + (i % 5), 'list')),
        )
        const all = await inbox().waiting(undefined, 100)
        expect(all).toHaveLength(12)
        const paged: unknown[] = []
        let page = await inbox().waiting(undefined, 5)
        while (page.length > 0) {
          paged.push(...page)
          page = await inbox().waiting(page.at(-1), 5)
        }
        expect(paged).toEqual(all)
      })

      it('finds documents with the one decision on each', async () => {
        await append([decided('a')], [arrival('a', 1), arrival('b', 2, 'target')])
        const found = await inbox().find('UZ', [digest('a'), digest('b'), digest('absent')])
        expect(found.size).toBe(2)
        expect(found.get(digest('a'))).toEqual({
          sha256: digest('a'),
          sender: 'UZ',
          arrivedAt: AT,
          waitsFor: undefined,
          decision: {
            sha256: digest('a'),
            outcome: 'accepted-with-findings',
            findings: ['CT1-1', 'Қ'],
            at: LATER,
            receipt: digest('receipt of a'),
          },
        })
        expect(found.get(digest('b'))).toMatchObject({ waitsFor: 'target', decision: undefined })
      })

      it('keeps the first arrival of a document, and its decision', async () => {
        await append([decided('a')], [arrival('a', 1)])
        await append([], [{ ...arrival('a', 9, 'list'), arrivedAt: LATER } as Effect])
        expect((await inbox().find('UZ', [digest('a')])).get(digest('a'))).toMatchObject({
          arrivedAt: AT,
          waitsFor: undefined,
          decision: { outcome: 'accepted-with-findings' },
        })
      })

      it('keeps what each peer sent apart', async () => {
        await append(
          [decided('a')],
          [arrival('a', 1), { ...arrival('a', 4, 'list'), sender: 'KZ' } as Effect],
        )
        const of = async (sender: string) =>
          (await inbox().find(sender, [digest('a')])).get(digest('a'))
        expect(await of('UZ')).toMatchObject({ decision: { outcome: 'accepted-with-findings' } })
        expect(await of('KZ')).toMatchObject({ waitsFor: 'list', decision: undefined })
        expect(await of('AM')).toBeUndefined()
      })

      it('finds more documents than one statement takes', async () => {
        const names = Array.from({ length: 200 }, (_, i) => `d${i}`)
        await append(
          [],
          names.map((name, i) => arrival(name, i + 1)),
        )
        expect((await inbox().find('UZ', names.map(digest))).size).toBe(200)
      })

      it('finds the bytes of a document that came before it was decided, once it is', async () => {
        await append([], [arrival('a', 1, 'target')])
        await append([certificateEntry('a', [], { origin: 'received' }), decided('a')])
        expect(await sqlCertificateStore(open.database).document(digest('a'))).toBe(
          sampleDocument('a').jws,
        )
      })
    })
  })
}
