import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SEARCH_VERSION, type SearchTerm } from '../../src/certificate/search-terms.ts'
import type { CertificateRecord } from '../../src/exchange/effect.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import type {
  SearchConditions,
  TermCondition,
  Visibility,
} from '../../src/exchange/search/search-index.ts'
import { reindexSearch } from '../../src/exchange/search/search-reindex.ts'
import { sqlCertificateStore } from '../../src/storage/certificate-store.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { growTree } from '../../src/storage/log-tree.ts'
import { sqlSearchIndex } from '../../src/storage/search.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import { certificateEntry, changeEntry, sampleDocument } from './storage-samples.ts'

const ALL: Visibility = { sees: 'all' }
const begins = (kind: TermCondition['kind'], ...terms: string[]): TermCondition => ({
  kind,
  anyOf: terms.map((term) => ({ term, whole: false })),
})
const whole = (kind: TermCondition['kind'], term: string): TermCondition => ({
  kind,
  anyOf: [{ term, whole: true }],
})

/** What every engine promises of the search index. */
export function searchContract(name: string, engine: Engine): void {
  describe(`the search index on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const add = async (
      certificate: string,
      terms: readonly SearchTerm[] = [],
      with_: Partial<CertificateRecord> = {},
      at = '2026-03-02T09:15:00Z',
    ) => {
      const entries = [certificateEntry(certificate, ['UZ'], with_, terms)]
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(at))
      expect(await append({ entries })).not.toBe('duplicate')
    }
    const find = async (
      conditions: Partial<SearchConditions>,
      visibility = ALL,
      page = { before: undefined as number | undefined, limit: 100 },
    ) => {
      const found = await sqlSearchIndex(open.another).find(
        { terms: [], ...conditions },
        visibility,
        page,
      )
      return found.map(({ number }) => number)
    }
    const byTerms = (...terms: TermCondition[]) => find({ terms })

    it('finds by a whole term, or by its beginning, and by nothing else', async () => {
      await add('a', [
        ['number', 'BYUZ1'],
        ['hs', '870191'],
      ])
      await add('b', [
        ['number', 'BYUZ12'],
        ['invoice', 'BYUZ1'],
      ])
      expect(await byTerms(whole('number', 'BYUZ1'))).toEqual(['a'])
      expect(await byTerms(begins('number', 'BYUZ1'))).toEqual(['b', 'a'])
      expect(await byTerms(whole('invoice', 'BYUZ1'))).toEqual(['b'])
      for (const prefix of ['87', '8701', '870191'])
        expect(await byTerms(begins('hs', prefix))).toEqual(['a'])
      for (const [kind, term] of [
        ['hs', '8702'],
        ['hs', '8701911'],
        ['number', 'BYUZ2'],
        ['number', 'byuz'],
        ['party', 'BYUZ'],
      ] as const)
        expect(await byTerms(begins(kind, term))).toEqual([])
    })

    it('takes no character for a wildcard', async () => {
      await add('a', [['number', 'AB_1']])
      await add('b', [['number', 'ABX1']])
      await add('c', [['number', "%'; DROP TABLE search_terms --"]])
      expect(await byTerms(begins('number', 'AB_'))).toEqual(['a'])
      expect(await byTerms(begins('number', '%'))).toEqual(['c'])
      expect(await byTerms(begins('number', 'AB%'))).toEqual([])
      expect(await byTerms(begins('number', 'A*'))).toEqual([])
      expect(await byTerms(begins('number', '\u0000'))).toEqual([])
    })

    it('finds letters of every script and those beyond the basic plane by their beginning', async () => {
      await add('a', [['party', '钢铁𠀀']])
      await add('b', [['party', '钢铁\u{10fffe}']])
      expect(await byTerms(begins('party', '钢铁'))).toEqual(['b', 'a'])
      expect(await byTerms(begins('party', '钢铁𠀀'))).toEqual(['a'])
    })

    it('demands every condition, each satisfied by any of its beginnings', async () => {
      const words = (...terms: string[]) => terms.map((term): SearchTerm => ['party', term])
      await add('a', [...words('gomselmash', 'buhara'), ['hs', '843351']])
      await add('b', [...words('gomel', 'bukovina'), ['hs', '870191']])
      expect(await byTerms(begins('party', 'gom'))).toEqual(['b', 'a'])
      expect(await byTerms(begins('party', 'gom'), begins('party', 'buk', 'buh'))).toEqual([
        'b',
        'a',
      ])
      expect(await byTerms(begins('party', 'gom'), begins('party', 'buk'))).toEqual(['b'])
      expect(await byTerms(begins('party', 'gom'), begins('hs', '84'))).toEqual(['a'])
      expect(await byTerms(begins('party', 'buk'), begins('hs', '84'))).toEqual([])
    })

    it('narrows by issuing state, type, status, issuer and dates', async () => {
      await add('a')
      await add('b', [], { state: 'UZ', issuer: 'UZ.EXPERTIZA', type: 'conformity.uz' })
      await add('c', [], { usableFrom: '2026-04-01', usableUntil: undefined, issuer: 'BY.CCI' })
      await add('d', [], { issuer: 'BY.CCI-X' }, '2026-05-01T00:00:00Z')
      await appendOneByOne(
        sqlJournal(open.database),
        () => new Date(),
      )({
        entries: [changeEntry('change of a', 'a', 1)],
      })
      expect(await find({ state: 'UZ' })).toEqual(['b'])
      expect(await find({ type: 'conformity.uz' })).toEqual(['b'])
      expect(await find({ type: 'origin.ct1', state: 'UZ' })).toEqual([])
      expect(await find({ status: 'annulled' })).toEqual(['a'])
      expect(await find({ issuer: 'BY.CCI' })).toEqual(['c', 'a'])
      expect(await find({ issuer: 'BY.CCI.001' })).toEqual(['a'])
      expect(await find({ issuer: 'BY.CC' })).toEqual([])
      expect(await find({ usableFrom: { from: '2026-03-03' } })).toEqual(['c'])
      expect(await find({ usableFrom: { to: '2026-03-02' } })).toEqual(['d', 'b', 'a'])
      expect(await find({ usableFrom: { from: '2026-03-03', to: '2026-03-31' } })).toEqual([])
      expect(await find({ validOn: '2026-03-02' })).toEqual(['d', 'b', 'a'])
      expect(await find({ validOn: '2027-03-02' })).toEqual(['d', 'c', 'b', 'a'])
      expect(await find({ validOn: '2027-03-03' })).toEqual(['c'])
      expect(await find({ appended: { from: '2026-05-01T00:00:00Z' } })).toEqual(['d'])
      expect(await find({ appended: { to: '2026-03-02T09:15:00Z' } })).toEqual(['c', 'b', 'a'])
    })

    it('shows every reader what he sees, and full pages of it', async () => {
      for (let i = 0; i < 6; i++) {
        await add(`ours ${i}`, [['hs', '87']], { issuer: 'BY.CCI.001' })
        await add(`other ${i}`, [['hs', '87']], { issuer: 'BY.TESTCERT' })
        await add(`came ${i}`, [['hs', '87']], { issuer: 'UZ.EXPERTIZA', origin: 'received' })
        // A party of the own name space in a peer's document is none of ours.
        await add(`odd ${i}`, [['hs', '87']], { issuer: 'BY.CCI.001', origin: 'received' })
      }
      const hs = { terms: [begins('hs', '8')] }
      const page = { before: undefined, limit: 5 }
      const named = (name: string, ...numbers: number[]) => numbers.map((n) => `${name} ${n}`)
      for (const conditions of [hs, {}]) {
        const issuer = { sees: 'issued-by', party: 'BY.CCI' } as const
        expect(await find(conditions, issuer, page)).toEqual(named('ours', 5, 4, 3, 2, 1))
        expect(await find(conditions, { sees: 'issued-by', party: 'BY.CCI.0' })).toEqual([])
        expect(await find(conditions, { sees: 'received' }, page)).toEqual([
          'odd 5',
          'came 5',
          'odd 4',
          'came 4',
          'odd 3',
        ])
        expect(await find(conditions, ALL)).toHaveLength(24)
      }
    })

    it('pages from the newest to the oldest, before a place in the log', async () => {
      for (let i = 0; i < 7; i++) await add(`${i}`, [['hs', '87']])
      for (const terms of [[begins('hs', '87')], []]) {
        const read: string[] = []
        let before: number | undefined
        for (;;) {
          const page = await sqlSearchIndex(open.another).find({ terms }, ALL, { before, limit: 3 })
          read.push(...page.map(({ number }) => number))
          if (page.length < 3) break
          before = page.at(-1)!.idx
        }
        expect(read).toEqual(['6', '5', '4', '3', '2', '1', '0'])
      }
    })

    it('finds the same whether few certificates satisfy a condition or many', async () => {
      await add('rare, old', [
        ['hs', '87'],
        ['party', 'rare'],
      ])
      await fill(open.database, 20_000)
      await add('rare, new', [
        ['hs', '87'],
        ['party', 'rare'],
      ])
      const many = await find({ terms: [begins('hs', '8')] })
      expect(many).toHaveLength(100)
      expect(many.slice(0, 2)).toEqual(['rare, new', 'filler 19999'])
      expect(await byTerms(begins('hs', '8'), begins('party', 'r'))).toEqual([
        'rare, new',
        'rare, old',
      ])
      expect(await byTerms(begins('hs', '87'), begins('party', 'filler'))).toHaveLength(100)
      expect(await byTerms(begins('hs', '87'), whole('invoice', 'F'))).toEqual([])
    })

    it('gives way to others while it looks through the log', async () => {
      await fill(open.database, 20_000)
      let pauses = 0
      const index = sqlSearchIndex(open.database, () => Promise.resolve(pauses++))
      const page = { before: undefined, limit: 10 }
      const dense = { terms: [begins('hs', '87')] }
      expect(await index.find(dense, ALL, page)).toHaveLength(10)
      expect(pauses).toBe(0)
      // Many certificates satisfy each of these, none both.
      const disjoint = { terms: [whole('invoice', 'EVEN'), whole('tax-id', 'ODD')] }
      expect(await index.find(disjoint, ALL, page)).toEqual([])
      expect(pauses).toBe(2)
    })

    it('answers as many conditions as a question can have', async () => {
      await add('a', [
        ['number', 'N'],
        ['tax-id', '1'],
        ['invoice', 'I'],
        ['hs', '87'],
        ...Array.from({ length: 8 }, (_, i): SearchTerm => ['party', `w${i}`]),
      ])
      const words = Array.from({ length: 8 }, (_, i) => begins('party', `w${i}`, `v${i}`, `u${i}`))
      const terms = [
        ...words,
        begins('number', 'N'),
        begins('hs', '8'),
        whole('tax-id', '1'),
        whole('invoice', 'I'),
      ]
      const found = await find(
        {
          terms,
          state: 'BY',
          type: 'origin.ct1',
          status: 'issued',
          issuer: 'BY.CCI',
          usableFrom: { from: '2026-01-01', to: '2026-12-31' },
          validOn: '2026-06-01',
          appended: { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' },
        },
        { sees: 'issued-by', party: 'BY' },
        { before: 10, limit: 10 },
      )
      expect(found).toEqual(['a'])
    })

    it('takes a certificate with as many terms as one may have, in its one step', async () => {
      const terms = Array.from({ length: 651 }, (_, i): SearchTerm => ['party', `слово"${i}`])
      await add('a', terms)
      expect(await rows(open.database, 'SELECT count(*) AS n FROM search_terms')).toEqual([
        { n: 651 },
      ])
      expect(await byTerms(whole('party', 'слово"650'))).toEqual(['a'])
    })

    it('is not kept from a certificate by terms that somebody left at its place', async () => {
      await rows(open.database, "INSERT INTO search_terms VALUES ('hs', '87', 0)")
      await add('a', [['hs', '87']])
      expect(await byTerms(whole('hs', '87'))).toEqual(['a'])
    })

    it('is made again page by page, past documents that cannot be read', async () => {
      for (let i = 0; i < 60; i++) await add(`${i}`, [['party', 'old']])
      await rows(open.database, 'UPDATE certificates SET search_version = 0')
      const reindex = reindexSearch({
        certificates: sqlCertificateStore(open.database),
        search: sqlSearchIndex(open.database),
      })
      const done: number[] = []
      do done.push(await reindex())
      while (done.at(-1)! > 0)
      expect(done).toEqual([50, 10, 0])
      expect(await rows(open.database, 'SELECT * FROM search_terms')).toEqual([])
    })

    it('lists the certificates that an older version indexed, and puts new terms in place', async () => {
      const index = sqlSearchIndex(open.database)
      for (const name of ['a', 'b', 'c']) await add(name, [['party', `old ${name}`]])
      expect(await index.outdated(10)).toEqual([])
      await rows(
        open.database,
        `UPDATE certificates SET search_version = ${SEARCH_VERSION - 1} WHERE number <> 'b'`,
      )
      expect(await index.outdated(10)).toEqual([
        { idx: 0, sha256: sampleDocument('a').sha256 },
        { idx: 2, sha256: sampleDocument('c').sha256 },
      ])
      expect(await index.outdated(1)).toHaveLength(1)
      const signature = { seal: 'seal of a', signedAt: '2026-03-02T09:00:00Z' }
      const unreadable = { seal: undefined, signedAt: undefined }
      await index.rewrite([
        { idx: 0, terms: [['party', 'new a']], signature },
        { idx: 2, terms: [], signature: unreadable },
      ])
      const signed = await rows(
        open.database,
        'SELECT seal, signed_at FROM certificates ORDER BY idx',
      )
      expect(signed).toEqual([
        { seal: 'seal of a', signed_at: '2026-03-02T09:00:00Z' },
        { seal: 'a-seal', signed_at: '2026-03-02T09:15:00Z' },
        { seal: null, signed_at: null },
      ])
      expect(await index.outdated(10)).toEqual([])
      expect(await rows(open.database, 'SELECT term, idx FROM search_terms ORDER BY idx')).toEqual([
        { term: 'new a', idx: 0 },
        { term: 'old b', idx: 1 },
      ])
    })
  })
}

/** So many certificates that no list of them is short. */
async function fill(database: SqlDatabase, n: number): Promise<void> {
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${n - 1})`
  await rows(
    database,
    `${numbers} INSERT INTO entries SELECT i + 1, 's' || i, 'certificate', '', '' FROM n`,
  )
  await rows(
    database,
    `${numbers} INSERT INTO certificates SELECT 's' || i, 'BY', 'origin.ct1', 's' || i, 'filler ' || i,
      'BY.CCI', '[]', 'issued', '', '', NULL, 'issued', 'f', i, i + 1, NULL, ${SEARCH_VERSION}, 'seal', ''
      FROM n`,
  )
  for (const [kind, term, where] of [
    ['hs', '87', 'true'],
    ['party', 'filler', 'true'],
    ['invoice', 'EVEN', 'i % 2 = 0'],
    ['tax-id', 'ODD', 'i % 2 = 1'],
  ])
    await rows(
      database,
      `${numbers} INSERT INTO search_terms SELECT '${kind}', '${term}', i + 1 FROM n WHERE ${where}`,
    )
  await growTree(database)
}
