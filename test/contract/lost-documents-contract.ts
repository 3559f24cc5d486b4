import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import {
  WAITS_FOR_A_DECISION,
  WAITS_FOR_ITS_PLACE,
  WAITS_FOR_ITS_RECEIPT,
} from '../../src/exchange/incoming/waiting-changes.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import type { ListedKey } from '../../src/exchange/log/keys.ts'
import type { ProvenCheckpoint } from '../../src/exchange/log/proven-checkpoint.ts'
import { sql } from '../../src/storage/tables.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { sqlAdminActs } from '../../src/storage/admin-acts.ts'
import { sqlCertificateStore } from '../../src/storage/certificate-store.ts'
import { finishRestore } from '../../src/storage/finish-restore.ts'
import { sqlInbox } from '../../src/storage/inbox.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlKeptDocuments } from '../../src/storage/kept-documents.ts'
import {
  listLost,
  lostListOf,
  sqlLostDocuments,
  wouldBeLost,
} from '../../src/storage/lost-documents.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlOutbox } from '../../src/storage/outbox.ts'
import { sqlRestoringDocuments } from '../../src/storage/restoring-documents.ts'
import { sqlStatusListStore } from '../../src/storage/status-list-store.ts'
import type { Engine, OpenDatabase } from './storage-engines.ts'
import { certificateEntry, changeEntry, plainEntry, sampleDocument } from './storage-samples.ts'

const AT = '2026-03-02T09:15:00Z'
const act = (subject: string) =>
  ({ at: AT, actor: 'user:test', act: 'lost-number-settled', subject }) as const
const idOf = (number: string) => parseCertificateId({ state: 'BY', type: 'origin.ct1', number })!

/** What every engine promises of documents whose leaves stand in the log and whose bytes are gone. */
export function lostDocumentsContract(name: string, engine: Engine): void {
  describe(`lost documents on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
      await claimNode(open.database, { state: 'BY', epoch: 'first', environment: 'production' })
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const store = () => sqlLostDocuments(open.database)
    const outbox = () => sqlOutbox(open.database)

    /** Messages to UZ, of which those without bytes are as a restore leaves them. */
    async function messages(
      entries: readonly { name: string; lost?: true; to?: readonly string[] }[],
    ): Promise<string[]> {
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
      const logged = entries.map(({ name: of, lost, to = ['UZ'] }) => {
        const { jws, ...entry } = plainEntry(of)
        return { ...entry, kind: 'certificate' as const, to, ...(lost ? {} : { jws }) }
      })
      await append({ entries: logged })
      return logged.map(({ sha256 }) => sha256)
    }

    it('are listed by place, counted, and hold up no feed', async () => {
      const [first, lost, last] = await messages([
        { name: 'one' },
        { name: 'two', lost: true },
        { name: 'three', lost: true },
      ])
      expect(await wouldBeLost(open.database, 1)).toEqual({
        documents: 2,
        entries: [{ sha256: lost, index: 1, kind: 'certificate', to: { UZ: 2 } }],
      })
      await open.database.atomic(listLost('second'))
      await open.database.atomic(listLost('third'))
      const { count, sha256 } = await lostListOf(open.database, 'second')
      expect([count, sha256.length]).toEqual([2, 43])
      expect(await store().count()).toMatchObject({
        documents: 2,
        administrative: 0,
        unsettled: 2,
        changes: 0,
      })
      const [page] = await store().list(undefined, 1)
      expect(page).toMatchObject({ sha256: lost, index: 1, to: { UZ: 2 }, epoch: 'second' })
      expect(await store().list({ index: 1, sha256: lost! }, 10)).toMatchObject([{ sha256: last }])

      expect(await outbox().feedHead('UZ')).toMatchObject({ lastSeq: 1 })
      expect(await outbox().feed('UZ', 0, 10, 1_000)).toMatchObject([{ seq: 1, sha256: first }])
      expect(await outbox().backlog('UZ')).toMatchObject({ waiting: 1, undecided: 1 })
    })

    it('keep every number from being issued until each has been settled', async () => {
      const [one, two] = await messages([
        { name: 'one', lost: true },
        { name: 'two', lost: true },
      ])
      await open.database.atomic(listLost('second'))
      expect(await store().numberState(idOf('BY 1'))).toBe('unsettled')
      const settled = { sha256: one!, id: idOf('BY 1') }
      expect(await store().settle(settled, AT, [act(one!)])).toBe('settled')
      expect(await store().settle(settled, AT, [act(one!)])).toBe('settled-before')
      expect(await store().settle({ sha256: 'none', id: undefined }, AT, [])).toBe('not-lost')
      expect(await store().numberState(idOf('BY 1'))).toBe('used')
      expect(await store().numberState(idOf('BY 2'))).toBe('unsettled')
      await store().settle({ sha256: two!, id: undefined }, AT, [act(two!)])
      expect(await store().numberState(idOf('BY 2'))).toBe('free')
      expect(await store().count()).toMatchObject({ documents: 2, unsettled: 0 })
    })

    it('keep it also while their bytes are here without effect, unless another has their number', async () => {
      const [sha256] = await messages([{ name: 'one', lost: true }])
      await open.database.atomic(listLost('second'))
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
      const { jws } = sampleDocument('one')
      const late = (reason: 'order' | 'taken') => ({
        entries: [],
        effects: [{ effect: 'late' as const, sha256: sha256!, jws, reason, arrival: undefined }],
      })
      await append(late('order'))
      expect(await store().numberState(idOf('BY 1'))).toBe('unsettled')
      await append(late('taken'))
      expect(await store().numberState(idOf('BY 1'))).toBe('free')
      expect(await store().count()).toMatchObject({ documents: 1, unsettled: 0, taken: 1 })
    })

    it('keep every number as well where entries are lost that nobody can list', async () => {
      await open.database.atomic(listLost('second', 'digest of a checkpoint'))
      expect(await store().count()).toMatchObject({ documents: 1, unsettled: 1, changes: 1 })
      const [end] = await store().list(undefined, 10)
      expect(end).toMatchObject({ kind: 'unmirrored', index: undefined, to: {} })
      expect(await store().numberState(idOf('BY 1'))).toBe('unsettled')
      const { sha256 } = end!
      expect(await store().settle({ sha256, id: idOf('BY 1') }, AT, [])).toBe('not-lost')
      expect(await store().settle({ sha256, id: undefined }, AT, [act(sha256)])).toBe('settled')
      expect(await store().numberState(idOf('BY 1'))).toBe('free')
      // What was changed behind that end is another question.
      expect(await store().count()).toMatchObject({ unsettled: 0, changes: 1 })
      const changed = { ...act(sha256), act: 'lost-change-settled' } as const
      expect(await store().settleChange(sha256, AT, [changed])).toBe('settled')
      expect(await store().count()).toMatchObject({ unsettled: 0, changes: 0 })
    })

    it('behind an end of the log may have changed what stood before the restore, whatever its clock said', async () => {
      const clock = (hours: number) => new Date(Date.parse(AT) + hours * 3_600_000)
      const issueAt = (one: string, hours: number) =>
        appendOneByOne(sqlJournal(open.database), () => clock(hours))({
          entries: [certificateEntry(one)],
        })
      await issueAt('before', 0)
      await open.database.atomic(listLost('second', 'digest of a checkpoint'))
      // The new host lags two hours behind, until its clock is set.
      const lost = { at: formatInstant(clock(-2)), actor: 'user:test', subject: 'second' }
      await sqlAdminActs(open.database).record([{ ...lost, act: 'documents-lost' }])
      await issueAt('behind it', -2)
      const concerned = ['before', 'behind it'].map((one) => store().changesOf(sampleDocument(one)))
      expect((await Promise.all(concerned)).map(({ length }) => length)).toEqual([1, 0])
    })

    it('hold up the status lists of before and certificates that they may have changed, if they are own changes', async () => {
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
      const { jws: _, ...lost } = plainEntry('annulment')
      const toBoth = { recipients: ['UZ', 'KZ'] }
      await append({
        entries: [
          certificateEntry('before', ['UZ', 'KZ'], toBoth),
          certificateEntry('of others', ['UZ']),
          certificateEntry('received', [], { ...toBoth, origin: 'received' }),
          { ...lost, kind: 'status-change', to: ['KZ', 'UZ'], effects: [] },
          { sha256: sampleDocument('theirs').sha256, kind: 'status-change', to: [], effects: [] },
          certificateEntry('behind it', ['UZ', 'KZ'], toBoth),
        ],
      })
      await open.database.atomic([
        sql
          .insertInto('status_lists')
          .values([
            { id: 1, permutation_key: 'key', size: 8, next: 8 },
            { id: 2, permutation_key: 'key', size: 8, next: 4 },
          ])
          .compile(),
        ...listLost('second'),
      ])
      const complete = async () => {
        const lists = sqlStatusListStore(open.database)
        const found = [1, 2].map((id) => lists.find({ id, uri: `https://node.example/${id}` }))
        return (await Promise.all(found)).map((list) => list?.isComplete)
      }
      const concerned = async () => {
        const names = ['before', 'of others', 'received', 'behind it']
        const changes = names.map((one) => store().changesOf(sampleDocument(one)))
        return (await Promise.all(changes)).map((digests) => digests.length)
      }
      expect(await store().count()).toMatchObject({ documents: 2, unsettled: 0, changes: 1 })
      expect(await store().numberState(idOf('BY 1'))).toBe('free')
      expect(await complete()).toEqual([false, true])
      expect(await concerned()).toEqual([1, 0, 0, 0])
      const listed = await store().list(undefined, 10)
      expect(listed).toMatchObject([{ sha256: lost.sha256, awaits: ['change'] }, { awaits: [] }])

      const settle = (sha256: string) =>
        store().settleChange(sha256, AT, [{ ...act(sha256), act: 'lost-change-settled' }])
      expect(await settle(sampleDocument('theirs').sha256)).toBe('not-lost')
      expect(await settle(lost.sha256)).toBe('settled')
      expect(await settle(lost.sha256)).toBe('settled-before')
      expect(await complete()).toEqual([true, true])
      expect(await concerned()).toEqual([0, 0, 0, 0])
      const settled = await store().list(undefined, 10)
      expect(settled).toMatchObject([{ settledAt: AT, awaits: [] }, { awaits: [] }])
    })

    it('are decided on as of before only where they stand in the log', async () => {
      const [sha256] = await messages([{ name: 'one', lost: true, to: [] }])
      const documents = [
        { sha256: sha256!, document: sampleDocument('one').jws, seq: 1 },
        { sha256: 'refused', document: 'refused once, and its receipt is lost', seq: 2 },
      ]
      const settings = { at: AT, delayHours: 72 }
      await sqlRestoringDocuments(open.database, settings).keep('KZ', documents)
      await finishRestore(open.database, [], new Date(AT))
      const waiting = await sqlInbox(open.database).waiting(undefined, 10, 'KZ')
      expect(waiting.map((one) => [one.sha256, one.waitsFor])).toEqual([
        [sha256, WAITS_FOR_ITS_RECEIPT],
        ['refused', WAITS_FOR_A_DECISION],
      ])
    })

    it('are dated by no cosignature that is older than the log, or of a time to come', async () => {
      await messages([{ name: 'one' }, { name: 'two' }])
      const cosigned = (size: bigint, name: string, ago: number): ProvenCheckpoint => ({
        peer: 'UZ',
        size,
        note: `note ${size}`,
        cosignature: {
          witness: { state: 'UZ', key: { name, keyId: 1 } } as ListedKey<'cosignature/v1'>,
          line: 'line',
          cosignedAt: formatInstant(new Date(Date.parse(AT) - ago)),
        },
      })
      const minutes = 60_000
      const checkpoints = [
        cosigned(1n, 'a year ago', 365 * 24 * 60 * minutes),
        cosigned(1n, 'a clock that is behind', minutes),
        cosigned(2n, 'tomorrow', -24 * 60 * minutes),
        cosigned(2n, 'an hour after', -60 * minutes),
      ]
      const now = new Date(Date.parse(AT) + 2 * 60 * minutes)
      await finishRestore(open.database, checkpoints, now)
      const rows = await open.database.query(
        sql.selectFrom('cosignatures').select(['size', 'witness']).orderBy('size').compile(),
      )
      expect(rows).toEqual([
        { size: 1, witness: 'a clock that is behind' },
        { size: 2, witness: 'an hour after' },
      ])
      const signed = await open.database.query(
        sql.selectFrom('checkpoints').select('size').compile(),
      )
      expect(signed).toHaveLength(2)
    })

    it('that come in after all are found once, and take effect from their place', async () => {
      const [sha256] = await messages([{ name: 'one', lost: true, to: [] }])
      await open.database.atomic(listLost('second'))
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
      const standing = () => store().listed([sha256!, 'none'])
      expect(await standing()).toEqual([
        { sha256, index: 0, kind: 'certificate', at: AT, standing: 'lost' },
      ])
      const { jws } = sampleDocument('one')
      const arrival = { sender: 'KZ', seq: 4, target: undefined }
      const late = {
        ...arrival,
        sha256: sha256!,
        jws,
        arrivedAt: AT,
        waitsFor: WAITS_FOR_ITS_PLACE,
      }
      const kept = { sha256: sha256!, jws, arrival }
      await append({ entries: [], effects: [{ effect: 'late', reason: 'order', ...kept }] })
      await append({ entries: [], effects: [{ effect: 'arrival', ...late }] })
      expect(await standing()).toMatchObject([{ standing: 'late', late: 'order' }])
      expect(await store().list(undefined, 10)).toMatchObject([{ sha256, late: 'order' }])
      expect(await store().count()).toMatchObject({ documents: 1 })

      const [effect] = certificateEntry('one', [], { origin: 'received' }).effects
      const place = { sha256: sha256!, jws, index: 0, at: AT, effects: [effect!], arrival }
      const found = { entries: [], effects: [{ effect: 'found', ...place }] } as const
      expect(await append(found)).not.toBe('duplicate')
      expect(await standing()).toMatchObject([{ standing: 'found' }])
      expect(await store().count()).toMatchObject({ documents: 0 })
      const waiting = await sqlInbox(open.database).waiting(undefined, 10, 'KZ')
      expect(waiting).toMatchObject([{ sha256, waitsFor: WAITS_FOR_ITS_RECEIPT }])
      expect(await append(found)).toBe('duplicate')
      // Whoever comes too late with the word that it is late changes nothing.
      await append({ entries: [], effects: [{ effect: 'late', reason: 'order', ...kept }] })
      expect(await standing()).toMatchObject([{ standing: 'found' }])
      const stored = await sqlCertificateStore(open.database).findByDigest(sha256!)
      expect(stored).toMatchObject({ idx: 0, appendedAt: AT })
    })

    it('are put behind what was said of the same before, in the order of the log', async () => {
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
      await append({ entries: [certificateEntry('one'), changeEntry('first', 'one', 1)] })
      const [target, change] = ['one', 'first'].map((name) => sampleDocument(name).sha256)
      expect(await store().family('status-change', target!)).toMatchObject([
        { sha256: target, index: 0, kind: 'certificate' },
        { sha256: change, index: 1, kind: 'status-change' },
      ])
      expect(await store().family('second-signature', target!)).toMatchObject([{ sha256: target }])
      for (const kind of ['attestation', 'security-notice'] as const)
        expect(await store().family(kind, target!)).toEqual([])
      expect(await store().isFollowed(target!)).toBe(false)
    })

    it('that are here are given back to whom they belong', async () => {
      const [sha256] = await messages([{ name: 'one' }])
      const { jws } = sampleDocument('one')
      const kept = sqlKeptDocuments(open.database)
      const here = { sha256, jws, arrived: false, isTrustList: false, isReceipt: false }
      expect(await kept.between('UZ', [sha256!, 'none'])).toEqual([{ ...here, seq: 1 }])
      expect(await kept.between('KZ', [sha256!])).toEqual([{ ...here, seq: undefined }])
    })
  })
}
