import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
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
import type { Engine, OpenDatabase } from './storage-engines.ts'
import { plainEntry, sampleDocument } from './storage-samples.ts'

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
    async function messages(entries: readonly { name: string; lost?: true }[]): Promise<string[]> {
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
      const logged = entries.map(({ name: of, lost }) => {
        const { jws, ...entry } = plainEntry(of)
        return { ...entry, kind: 'certificate' as const, to: ['UZ'], ...(lost ? {} : { jws }) }
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
      expect(await store().count()).toEqual({ documents: 2, administrative: 0, unsettled: 2 })
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
