import type { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SEARCH_VERSION } from '../../src/certificate/search-terms.ts'
import type { SearchConditions, Visibility } from '../../src/exchange/search/search-index.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlSearchIndex } from '../../src/storage/search.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'

const MANY = 9000

const begins = (kind: 'number' | 'hs' | 'party', ...terms: string[]) => ({
  kind,
  anyOf: terms.map((term) => ({ term, whole: false })),
})

describe('the statements of a search', () => {
  let database: SqliteDatabase
  beforeAll(() => {
    database = new SqliteDatabase(':memory:')
    migrate(database)
    database.raw
      .exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY - 1})
      INSERT INTO certificates SELECT 's' || i, 'BY', 'origin.ct1', 's' || i, '', 'BY.CCI.001', '[]', 'issued',
        '2026-01-01T00:00:00Z', '2026-01-01', NULL, 'issued', 'f', i, i, NULL, ${SEARCH_VERSION}, 'seal', ''
      FROM n`)
    database.raw.exec("INSERT INTO search_terms SELECT 'hs', '87', idx FROM certificates")
    database.raw.exec("INSERT INTO search_terms SELECT 'party', 'oao', idx FROM certificates")
    database.raw.exec("INSERT INTO search_terms VALUES ('party', 'rare', 7)")
  })
  afterAll(() => database.close())

  /** Runs a search; what the engine did for each of its statements. */
  async function plansOf(
    conditions: Partial<SearchConditions>,
    visibility: Visibility = { sees: 'all' },
    before?: number,
  ): Promise<{ plans: string[]; found: number }> {
    const plans: string[] = []
    const watched: SqlDatabase = {
      atomic: (statements) => database.atomic(statements),
      query: <R>(query: CompiledQuery<R>) => {
        const steps = database.raw
          .prepare(`EXPLAIN QUERY PLAN ${query.sql}`)
          .all(query.parameters) as { detail: string }[]
        plans.push(...steps.map(({ detail }) => detail))
        return database.query(query)
      },
    }
    const page = { before, limit: 20 }
    const rows = await sqlSearchIndex(watched).find({ terms: [], ...conditions }, visibility, page)
    return { plans, found: rows.length }
  }

  const dates = { from: '2026-01-01', to: '2026-12-31' }
  const questions: Record<string, [Partial<SearchConditions>, Visibility?, number?]> = {
    everything: [{}],
    'a page far back': [{}, { sees: 'all' }, 4000],
    'a broad code': [{ terms: [begins('hs', '8')] }],
    'a rare word': [{ terms: [begins('party', 'ra', 'rh')] }],
    'a rare word among broad ones': [{ terms: [begins('party', 'o'), begins('party', 'rare')] }],
    'a number nobody has': [{ terms: [begins('number', 'BYUZ')] }],
    'all that is not in the terms': [
      {
        state: 'BY',
        type: 'origin.ct1',
        status: 'issued',
        issuer: 'BY.CCI',
        usableFrom: dates,
        validOn: '2026-02-01',
        appended: dates,
      },
    ],
    'a status nobody has': [{ status: 'annulled' }],
    'an issuer': [{}, { sees: 'issued-by', party: 'BY.CCI' }],
    'another issuer': [{}, { sees: 'issued-by', party: 'BY.TESTCERT' }],
    customs: [{ terms: [begins('hs', '87')] }, { sees: 'received' }],
  }
  it.each(Object.entries(questions))('walk no table and sort nothing: %s', async (_, question) => {
    const { plans } = await plansOf(...question)
    expect(plans.length).toBeGreaterThan(1)
    expect(
      plans.filter((step) => /^SCAN (c|certificates|search_terms|entries)\b/.test(step)),
    ).toEqual([])
    expect(plans.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
  })

  it('start from the condition that fewest satisfy, and from the end of the log if none is rare', async () => {
    const rare = await plansOf({ terms: [begins('hs', '87'), begins('party', 'rare')] })
    expect(rare.found).toBe(1)
    expect(rare.plans).toContain('SEARCH c USING INDEX certificates_by_idx (idx=?)')
    const broad = await plansOf({ terms: [begins('hs', '87'), begins('party', 'oao')] })
    expect(broad.found).toBe(20)
    expect(broad.plans).toContain('SEARCH c USING INDEX certificates_by_idx (idx>? AND idx<?)')
  })
})
