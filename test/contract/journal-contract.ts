import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Effect } from '../../src/exchange/effect.ts'
import {
  appendOneByOne,
  type Head,
  type Journal,
  type NewEntry,
  numberEntries,
} from '../../src/exchange/journal.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { contents, type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import {
  certificateEntry,
  changeEntry,
  plainEntry,
  sampleDocument,
  trustListEntry,
} from './storage-samples.ts'

const now = () => new Date('2026-03-02T09:15:00Z')
const AT = '2026-03-02T09:15:00Z'

/** `name` takes the place of `receipt`. */
function furtherReceipt(name: string, receipt: string, decided: readonly string[]): Effect {
  const digest = (of: string) => sampleDocument(of).sha256
  const [sha256, before] = [digest(name), digest(receipt)]
  const [recipient, documents] = ['UZ', decided.map(digest)]
  return { effect: 'further-receipt', receipt: before, sha256, recipient, decided: documents }
}

/** What every engine's journal promises (src/exchange/journal.ts). */
export function journalContract(name: string, engine: Engine): void {
  describe(`the journal on ${name}`, () => {
    let open: OpenDatabase
    let journal: Journal
    let other: Journal
    beforeEach(async () => {
      open = await engine.open()
      journal = sqlJournal(open.database)
      other = sqlJournal(open.another)
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    /** Appends at this head or at the present one, without trying again. */
    async function append(
      entries: readonly NewEntry[],
      options: { at?: Head; by?: Journal; effects?: Effect[] } = {},
    ) {
      const { at, by = journal, effects = [] } = options
      const head = at ?? (await by.head())
      const numbered = numberEntries(head, entries, now())
      return by.append({ ...numbered, effects, expectedHead: head })
    }

    it('begins at nothing', async () => {
      expect(await journal.head()).toMatchObject({ size: 0, lastSeq: {} })
    })

    it('keeps document, leaf, message and projection of an entry, and moves the head', async () => {
      expect(await append([certificateEntry('one', ['UZ', 'KZ'])])).toBe('appended')
      const { sha256, jws } = sampleDocument('one')
      expect(await journal.head()).toMatchObject({ size: 1, lastSeq: { KZ: 1, UZ: 1 } })
      expect(await rows(open.database, 'SELECT * FROM documents')).toEqual([{ sha256, jws }])
      expect(await rows(open.database, 'SELECT * FROM entries')).toEqual([
        {
          idx: 0,
          sha256,
          kind: 'certificate',
          at: AT,
          leaf: `{"v":1,"kind":"certificate","sha256":"${sha256}","to":{"KZ":1,"UZ":1},"at":"${AT}"}`,
        },
      ])
      const nothing = {
        received_at: null,
        outcome: null,
        findings: null,
        decided_at: null,
        receipt: null,
      }
      expect(await rows(open.database, 'SELECT * FROM outgoing')).toEqual([
        { recipient: 'KZ', seq: 1, sha256, ...nothing },
        { recipient: 'UZ', seq: 1, sha256, ...nothing },
      ])
      expect(await rows(open.database, 'SELECT * FROM certificates')).toMatchObject([
        { sha256, number: 'one', recipients: '["UZ"]', appended_at: AT, status: 'issued' },
      ])
    })

    it('keeps every character of a document', async () => {
      const jws = 'Намунаев Oʻzbekiston ʼ № € \u{1F33E} \u200d e\u0301 "\'\\;--\n\t\u0001.\uffff'
      const entry = { ...plainEntry('unicode'), jws }
      expect(await append([entry])).toBe('appended')
      const [stored] = await rows<{ jws: string; hex: string }>(
        open.another,
        'SELECT jws, hex(CAST(jws AS BLOB)) AS hex FROM documents',
      )
      expect(stored?.jws).toBe(jws)
      expect(stored?.hex).toBe(Buffer.from(jws).toString('hex').toUpperCase())
    })

    it('numbers the messages of every recipient without a gap', async () => {
      await append([plainEntry('a', ['UZ']), plainEntry('b'), plainEntry('c', ['KZ', 'UZ'])])
      await append([plainEntry('d', ['KZ'])])
      await append([plainEntry('e', ['UZ'])], { by: other })
      const messages = await rows<{ recipient: string; seq: number }>(
        open.database,
        'SELECT recipient, seq FROM outgoing ORDER BY recipient, seq',
      )
      expect(messages.map(({ recipient, seq }) => `${recipient} ${seq}`)).toEqual([
        'KZ 1',
        'KZ 2',
        'UZ 1',
        'UZ 2',
        'UZ 3',
      ])
      expect(await journal.head()).toMatchObject({ size: 5, lastSeq: { KZ: 2, UZ: 3 } })
    })

    it('lets exactly one of two writers with the same expected head append', async () => {
      const head = await journal.head()
      const results = await Promise.all([
        append([plainEntry('mine', ['UZ'])], { at: head }),
        append([plainEntry('theirs', ['UZ'])], { at: head, by: other }),
      ])
      expect(results.sort()).toEqual(['appended', 'head-moved'])
      expect(await journal.head()).toMatchObject({ size: 1, lastSeq: { UZ: 1 } })
    })

    it('writes nothing when the head has moved', async () => {
      const stale = await journal.head()
      await append([certificateEntry('first')])
      const before = await contents(open.database)
      const effects: Effect[] = [{ effect: 'late-receipt', sha256: 'x', recipient: 'UZ' }]
      expect(await append([certificateEntry('second')], { at: stale, effects })).toBe('head-moved')
      expect(await contents(open.database)).toEqual(before)
    })

    describe('refuses as a duplicate, with nothing of the step written,', () => {
      const arrival = (name: string): Effect => ({
        effect: 'arrival',
        ...sampleDocument(name),
        sender: 'UZ',
        seq: 1,
        arrivedAt: AT,
        waitsFor: undefined,
      })
      const decision = (name: string): Effect => ({
        effect: 'decision',
        sha256: sampleDocument(name).sha256,
        sender: 'UZ',
        outcome: 'accepted',
        findings: [],
        at: AT,
        receipt: sampleDocument(`receipt of ${name}`).sha256,
      })
      const further = (name: string) => furtherReceipt(name, 'receipt of arrived', ['arrived'])
      const cases: Record<string, { entries: NewEntry[]; effects?: Effect[] }> = {
        'a document that is in the log': { entries: [plainEntry('stored', ['UZ'])] },
        'the same document twice in one step': {
          entries: [plainEntry('twin', ['UZ']), plainEntry('twin', ['UZ'])],
        },
        'an identity that is taken': {
          entries: [certificateEntry('other bytes', ['UZ'], { foldedNumber: 'certificate' })],
        },
        'a place in a status list that is taken': {
          entries: [
            certificateEntry('same place', ['UZ'], {
              statusIdx: 5,
              statusUri: 'https://node.example/status/9',
            }),
          ],
        },
        'a second first change of one certificate': {
          entries: [changeEntry('another change', 'certificate', 1)],
        },
        'another document under the version of a trust list': {
          entries: [trustListEntry('another list', 'UZ', 1)],
        },
        'a second decision on one document': {
          entries: [{ ...plainEntry('receipt'), kind: 'receipt', effects: [decision('arrived')] }],
          effects: [arrival('brought along')],
        },
        'a receipt in the place of one that has given way': {
          entries: [{ ...plainEntry('third receipt'), effects: [further('third receipt')] }],
        },
        'a late receipt that waits already': {
          entries: [],
          effects: [
            arrival('brought along'),
            { effect: 'late-receipt', sha256: 'receipt', recipient: 'UZ' },
          ],
        },
      }

      beforeEach(async () => {
        const statusUri = 'https://node.example/status/9'
        const stored = [
          plainEntry('stored', ['UZ']),
          certificateEntry('certificate', ['UZ'], { statusIdx: 5, statusUri }),
          changeEntry('change', 'certificate', 1),
          trustListEntry('list', 'UZ', 1),
          { ...plainEntry('receipt of arrived'), effects: [decision('arrived')] },
          { ...plainEntry('second receipt'), effects: [further('second receipt')] },
        ]
        const effects: Effect[] = [
          arrival('arrived'),
          { effect: 'late-receipt', sha256: 'receipt', recipient: 'UZ' },
        ]
        expect(await append(stored, { effects })).toBe('appended')
      })

      it.each(Object.entries(cases))('%s', async (_, { entries, effects = [] }) => {
        const before = await contents(open.database)
        const companions = [
          certificateEntry('companion', ['UZ', 'TJ']),
          changeEntry('companion change', 'companion', 1),
        ]
        expect(await append([...companions, ...entries], { effects })).toBe('duplicate')
        expect(await contents(open.database)).toEqual(before)
      })

      it('while the same step without the duplicate is appended', async () => {
        const companions = [certificateEntry('companion', ['UZ', 'TJ'])]
        expect(await append(companions, { effects: [arrival('brought along')] })).toBe('appended')
        expect(await journal.head()).toMatchObject({ size: 7, lastSeq: { TJ: 1, UZ: 4 } })
      })
    })

    it('gives decisions the receipt that takes the place of another, and delivers that one no more', async () => {
      const decided = (name: string, receipt: string): Effect => ({
        effect: 'decision',
        sha256: sampleDocument(name).sha256,
        sender: 'UZ',
        outcome: 'accepted',
        findings: [],
        at: AT,
        receipt: sampleDocument(receipt).sha256,
      })
      const late = (name: string): Effect => {
        return { effect: 'late-receipt', sha256: sampleDocument(name).sha256, recipient: 'UZ' }
      }
      const first = [decided('one', 'first'), decided('two', 'first'), late('first')]
      await append([
        { ...plainEntry('first'), effects: first },
        { ...plainEntry('other'), effects: [decided('three', 'other')] },
      ])
      const effects = [furtherReceipt('second', 'first', ['one', 'two', 'three']), late('second')]
      expect(await append([{ ...plainEntry('second'), effects }])).toBe('appended')
      const found = await rows<{ sha256: string; receipt: string }>(
        open.another,
        'SELECT sha256, receipt FROM decisions',
      )
      const digest = (name: string) => sampleDocument(name).sha256
      expect(Object.fromEntries(found.map(({ sha256, receipt }) => [sha256, receipt]))).toEqual({
        [digest('one')]: digest('second'),
        [digest('two')]: digest('second'),
        [digest('three')]: digest('other'),
      })
      const waiting = await rows(open.another, 'SELECT sha256 FROM late_receipts')
      expect(waiting).toEqual([{ sha256: digest('second') }])
    })

    it('raises the alarm of a step with it, and not at all without it', async () => {
      const alarm = { at: AT, kind: 'identity-conflict', peer: 'UZ', detail: 'ў' } as const
      const effects: Effect[] = [{ effect: 'alarm', alarm }]
      expect(await append([certificateEntry('first')], { effects })).toBe('appended')
      expect(await append([certificateEntry('first')], { effects })).toBe('duplicate')
      expect(await rows(open.another, 'SELECT * FROM alarms')).toEqual([{ n: 1, ...alarm }])
    })

    it('appends nothing of a step whose last statement the schema refuses', async () => {
      const before = await contents(open.database)
      const decision = {
        effect: 'decision',
        sha256: 'x',
        sender: 'UZ',
        outcome: 'novelty' as 'refused',
        findings: [],
        at: '2026-02-10T09:15:00Z',
        receipt: 'x',
      } as const
      const broken = { ...plainEntry('broken'), effects: [decision] }
      await expect(append([certificateEntry('whole'), broken])).rejects.toThrow(/CHECK/)
      expect(await contents(open.database)).toEqual(before)
    })

    it.each([
      'UPDATE entries SET at = at',
      'DELETE FROM entries',
      'UPDATE documents SET jws = jws',
      'DELETE FROM documents',
    ])('refuses %s', async (statement) => {
      await append([certificateEntry('kept')])
      const before = await contents(open.database)
      await expect(rows(open.database, statement)).rejects.toThrow(
        /append-only|never change|are kept/,
      )
      expect(await contents(open.database)).toEqual(before)
    })

    it('takes a step of 500 entries with their effects', async () => {
      const entries = Array.from({ length: 500 }, (_, i) => certificateEntry(`large ${i}`))
      expect(await append(entries)).toBe('appended')
      expect(await journal.head()).toMatchObject({ size: 500, lastSeq: { UZ: 500 } })
    })

    it('takes a step that holds no entry, and one that holds nothing', async () => {
      const effects: Effect[] = [{ effect: 'late-receipt', sha256: 'x', recipient: 'UZ' }]
      expect(await append([], { effects })).toBe('appended')
      expect(await append([])).toBe('appended')
      expect(await journal.head()).toMatchObject({ size: 0, lastSeq: {} })
    })

    it('gives concurrent writers a log without gaps that holds every document once', async () => {
      const writers = [...Array(64).keys()]
      await Promise.all(
        writers.map(async (writer) => {
          const write = appendOneByOne(writer % 2 === 0 ? journal : other, now)
          const step = { entries: [certificateEntry(`writer ${writer}`, ['UZ'])] }
          expect(await write(step)).toEqual({ at: AT })
        }),
      )
      const entries = await rows<{ idx: number; sha256: string }>(
        open.database,
        'SELECT idx, sha256 FROM entries ORDER BY idx',
      )
      expect(entries.map(({ idx }) => idx)).toEqual(writers)
      expect(new Set(entries.map(({ sha256 }) => sha256))).toEqual(
        new Set(writers.map((writer) => sampleDocument(`writer ${writer}`).sha256)),
      )
      const messages = await rows<{ seq: number }>(
        open.database,
        'SELECT seq FROM outgoing ORDER BY seq',
      )
      expect(messages.map(({ seq }) => seq)).toEqual(writers.map((writer) => writer + 1))
    })

    it('gives writers of one and the same document one appended and many duplicates', async () => {
      const results = await Promise.all(
        [...Array(8).keys()].map((writer) =>
          appendOneByOne(
            writer % 2 === 0 ? journal : other,
            now,
          )({
            entries: [certificateEntry('contested')],
          }),
        ),
      )
      expect(results.filter((result) => result !== 'duplicate')).toEqual([{ at: AT }])
      expect(await journal.head()).toMatchObject({ size: 1, lastSeq: { UZ: 1 } })
    })
  })
}
