import type { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReconciliationStore } from '../../src/exchange/reconciliation/store.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlReconciliationStore } from '../../src/storage/reconciliations.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'

describe('what reconciliation reads of long tables', () => {
  let database: SqliteDatabase
  beforeAll(() => {
    database = new SqliteDatabase(':memory:')
    migrate(database)
  })
  afterAll(() => database.close())

  const behind = { key: 7, sha256: 'a', receipt: 'r', open: false }
  const page = { after: 1, upTo: 9, behind, limit: 9 }
  const AT = '2026-03-01T00:00:00Z'
  const questions: Record<string, (store: ReconciliationStore) => Promise<unknown>> = {
    sent: (store) => store.rows('sent', 'UZ', page),
    received: (store) => store.rows('received', 'UZ', page),
    decided: (store) => store.rows('decided', 'UZ', page),
    answered: (store) => store.rows('answered', 'UZ', page),
    'the last that was sent': (store) => store.lastBefore('sent', 'UZ', AT),
    'the last that arrived': (store) => store.lastBefore('received', 'UZ', AT),
    'what stands open': (store) => store.open('UZ', 9),
    'the last that was acknowledged': (store) => store.lastAcknowledged('UZ', AT),
  }
  it.each(Object.entries(questions))('is read in order by an index: %s', async (name, ask) => {
    const steps: string[] = []
    const watched: SqlDatabase = {
      atomic: (statements) => database.atomic(statements),
      query: <R>(query: CompiledQuery<R>) => {
        const plan = database.raw.prepare(`EXPLAIN QUERY PLAN ${query.sql}`)
        const rows = plan.all(query.parameters) as { detail: string }[]
        steps.push(...rows.map(({ detail }) => detail))
        return database.query(query)
      },
    }
    await ask(sqlReconciliationStore(watched))
    expect(steps[0]).toMatch(/SEARCH \w+ USING .*(recipient|sender|peer)=\?/)
    // What stands open of one peer is sorted: it is little.
    const sorted = name === 'what stands open' ? /^SCAN/ : /^SCAN|TEMP B-TREE/
    expect(steps.filter((step) => sorted.test(step))).toEqual([])
  })
})
