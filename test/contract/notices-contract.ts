import fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatInstant } from '../../src/encoding/time.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { mayFallInto, type NoticeInterval } from '../../src/exchange/notices/interval.ts'
import type { NoticeRecord } from '../../src/exchange/notices/store.ts'
import type { NoticeSubject } from '../../src/exchange/notices/security-notice.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlNoticeStore } from '../../src/storage/notices.ts'
import { type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import { certificateEntry, sampleDocument } from './storage-samples.ts'

const SEAL: NoticeSubject = { state: 'BY', body: 'BY.CCI.001', x5tS256: 'one' }
const CA: NoticeSubject = { state: 'BY', ski: 'aa' }
const FROM = '2026-03-02T09:00:00Z'
const second = (n: number) => formatInstant(new Date(Date.parse(FROM) + n * 1000))
const digest = (name: string) => sampleDocument(name).sha256

/** What every engine promises of security notices and the certificates that they concern. */
export function noticesContract(name: string, engine: Engine): void {
  describe(`security notices on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const store = () => sqlNoticeStore(open.another)
    const append = (at = FROM) => appendOneByOne(sqlJournal(open.database), () => new Date(at))

    function add(record: NoticeRecord, document: string) {
      const { sha256, jws } = sampleDocument(document)
      const effects = [{ effect: 'security-notice', record }] as const
      return append()({ entries: [{ kind: 'security-notice', sha256, jws, to: [], effects }] })
    }
    const declare = (document: string, subject = SEAL, issuer = 'BY') => {
      const sha256 = digest(document)
      const said = { issuer, subject, measure: 'hold', interval: { from: FROM } } as const
      return add({ sha256, notice: sha256, n: 0, change: 'declare', ...said }, document)
    }
    const place = (document: string, of: string, n: number) => ({
      sha256: digest(document),
      notice: digest(of),
      n,
    })
    const narrow = (document: string, of: string, n: number, interval: NoticeInterval) =>
      add({ ...place(document, of, n), change: 'narrow', interval }, document)
    const release = (document: string, of: string, n: number) =>
      add({ ...place(document, of, n), change: 'release' }, document)

    it('are what their amendments left, under the digest of each of their documents', async () => {
      await declare('a')
      await narrow('b', 'a', 1, { from: second(5), until: second(9) })
      const narrowed = {
        sha256: digest('a'),
        issuer: 'BY',
        subject: SEAL,
        measure: 'hold',
        interval: { from: second(5), until: second(9) },
        released: false,
        documents: [digest('a'), digest('b')],
        idx: 0,
      }
      const links = [
        { sha256: digest('a'), change: 'declare', interval: { from: FROM }, at: FROM },
        { sha256: digest('b'), change: 'narrow', interval: narrowed.interval, at: FROM },
      ]
      expect(await store().find(digest('a'))).toEqual({ ...narrowed, links })
      expect(await store().find(digest('b'))).toEqual({ ...narrowed, links })
      await release('c', 'a', 2)
      expect(await store().find(digest('c'))).toEqual({
        ...narrowed,
        released: true,
        documents: ['a', 'b', 'c'].map(digest),
        links: [
          ...links,
          { sha256: digest('c'), change: 'release', interval: undefined, at: FROM },
        ],
      })
      expect(await store().find(digest('nothing'))).toBeUndefined()
    })

    it('take one document at each place of a chain', async () => {
      await declare('a')
      expect(await narrow('b', 'a', 1, { from: second(1) })).not.toBe('duplicate')
      expect(await release('c', 'a', 1)).toBe('duplicate')
      expect((await store().find(digest('a')))?.released).toBe(false)
    })

    it('are found by the seal that they name, with those about any CA of its state', async () => {
      await declare('a')
      await declare('b', CA, 'UZ')
      await declare('other seal', { ...SEAL, x5tS256: 'two' })
      await declare('other state', { state: 'UZ', body: 'UZ.X', x5tS256: 'one' })
      const found = async (state: string, x5t: string) =>
        (await store().about(state, x5t)).map(({ sha256 }) => sha256)
      expect(await found('BY', 'one')).toEqual([digest('a'), digest('b')])
      expect(await found('BY', 'three')).toEqual([digest('b')])
      expect(await found('UZ', 'one')).toEqual([digest('other state')])
      expect(await found('KZ', 'one')).toEqual([])
    })

    it('are found with their last interval, released or not, of CAs only those asked for', async () => {
      await declare('a')
      await narrow('a1', 'a', 1, { from: second(5), until: second(9) })
      await declare('b', CA, 'UZ')
      await declare('other CA', { ...CA, ski: 'bb' })
      await declare('gone')
      await narrow('gone1', 'gone', 1, { from: second(3) })
      await release('gone2', 'gone', 2)
      const naming = (seal: string, authorities: string[]) =>
        store().naming('BY', seal, authorities)
      const ofSeal = {
        sha256: digest('a'),
        issuer: 'BY',
        subject: SEAL,
        measure: 'hold',
        interval: { from: second(5), until: second(9) },
      }
      const gone = { sha256: digest('gone'), released: true }
      expect(await naming('one', [])).toMatchObject([{ ...ofSeal, released: false }, gone])
      const ofCa = { ...ofSeal, sha256: digest('b'), issuer: 'UZ', subject: CA }
      expect(await naming('one', ['aa', 'cc'])).toMatchObject([
        ofSeal,
        { ...ofCa, interval: { from: FROM } },
        gone,
      ])
      expect(await naming('three', ['cc'])).toEqual([])
      expect(await store().namesAuthorities('BY')).toBe(true)
      expect(await store().namesAuthorities('UZ')).toBe(false)
    })

    it('are counted by issuer and subject', async () => {
      await declare('a')
      await declare('b')
      await release('c', 'a', 1)
      await declare('d', CA)
      await declare('e', SEAL, 'UZ')
      expect(await store().count('BY', SEAL)).toBe(2)
      expect(await store().count('UZ', SEAL)).toBe(1)
      expect(await store().count('BY', CA)).toBe(1)
      // Every CA of a state counts: each validation looks through them all.
      expect(await store().count('BY', { state: 'BY', ski: 'bb' })).toBe(1)
      expect(await store().count('BY', { state: 'UZ', ski: 'aa' })).toBe(0)
      expect(await store().countOf('BY')).toBe(3)
    })

    it('are listed in the order of the log, page by page', async () => {
      await declare('a')
      await declare('b', CA)
      await release('c', 'a', 1)
      await declare('d')
      const page = async (after: number, limit: number) =>
        (await store().list(after, limit)).map(({ sha256 }) => sha256)
      expect(await page(-1, 2)).toEqual([digest('a'), digest('b')])
      expect(await page(1, 2)).toEqual([digest('d')])
    })

    it('concern just the certificates that their seals may have signed in the interval', async () => {
      const times: { name: string; seal: string; proven: string; claimed: string }[] = []
      for (const [i, [proven, claimed]] of [
        [0, 0],
        [1, 9],
        [2, 0],
        [3, 3],
        [4, 1],
        [5, 5],
        [6, 2],
        [7, 7],
      ].entries()) {
        const name = `c${i}`
        const seal = i % 4 === 3 ? 'two' : 'one'
        times.push({ name, seal, proven: second(proven!), claimed: second(claimed!) })
        const with_ = { seal, signedAt: second(claimed!) }
        const entries = [certificateEntry(name, ['UZ'], with_)]
        expect(await append(second(proven!))({ entries })).not.toBe('duplicate')
      }
      const moment = fc.integer({ min: 0, max: 8 })
      await fc.assert(
        fc.asyncProperty(
          moment,
          fc.option(moment, { nil: undefined }),
          fc.subarray(['one', 'two', 'three']),
          fc.integer({ min: 1, max: 3 }),
          async (from, until, seals, limit) => {
            const interval = {
              from: second(from),
              ...(until !== undefined && { until: second(from + until) }),
            }
            const found: string[] = []
            for (let after = -1; ;) {
              const page = await store().concerned('BY', seals, interval, { after, limit })
              found.push(...page.map(({ number }) => number))
              if (page.length < limit) break
              after = page.at(-1)!.idx
            }
            const expected = times.filter(
              ({ seal, proven, claimed }) =>
                seals.includes(seal) &&
                mayFallInto(interval, { proven, claimed, now: second(1000) }),
            )
            expect(found).toEqual(expected.map((certificate) => certificate.name))
          },
        ),
        { numRuns: 60, endOnFailure: true },
      )
      expect(
        await store().concerned('UZ', ['one'], { from: FROM }, { after: -1, limit: 9 }),
      ).toEqual([])
    })

    it('concern the certificates of many seals, the first in the log first', async () => {
      const seals = Array.from({ length: 200 }, (_, i) => `seal ${i}`)
      for (const i of [199, 3, 85, 120])
        await append()({ entries: [certificateEntry(`c${i}`, ['UZ'], { seal: `seal ${i}` })] })
      const page = { after: -1, limit: 3 }
      const found = await store().concerned('BY', seals, { from: FROM }, page)
      expect(found.map(({ number }) => number)).toEqual(['c199', 'c3', 'c85'])
    })

    it('are not complete while certificates of before wait to be indexed', async () => {
      await append()({ entries: [certificateEntry('c')] })
      expect(await store().isComplete()).toBe(true)
      await rows(open.database, 'UPDATE certificates SET search_version = 0')
      expect(await store().isComplete()).toBe(false)
    })
  })
}
