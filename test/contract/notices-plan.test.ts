import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlNoticeStore } from '../../src/storage/notices.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'

describe('the statements about security notices', () => {
  let database: SqliteDatabase
  beforeAll(() => {
    database = new SqliteDatabase(':memory:')
    migrate(database)
  })
  afterAll(() => database.close())

  /** What the engine does for each statement of a look-up. */
  async function planOf(look: (store: ReturnType<typeof sqlNoticeStore>) => Promise<unknown>) {
    const steps: string[] = []
    const watched: SqlDatabase = {
      atomic: (statements) => database.atomic(statements),
      query: (query) => {
        const plan = database.raw.prepare(`EXPLAIN QUERY PLAN ${query.sql}`).all(query.parameters)
        steps.push(...(plan as { detail: string }[]).map(({ detail }) => detail))
        return database.query(query)
      },
    }
    await look(sqlNoticeStore(watched))
    expect(steps.length).toBeGreaterThan(0)
    return steps
  }

  // Every validation asks: a peer that tells of thousands of keys must not slow it down.
  const looks = {
    'about a seal': (store) => store.about('BY', 'x'),
    'about a seal and its CAs': (store) => store.naming('BY', 'x', ['aa', 'bb']),
    'about any CA of a state': (store) => store.namesAuthorities('BY'),
    'of a state, to count them': (store) => store.countOf('BY'),
    'about one document': (store) => store.find('x'),
    'that count': (store) => store.count('BY', { state: 'BY', ski: 'aa' }),
    'about the certificates of seals': (store) =>
      store.concerned('BY', ['x', 'y'], { from: '2026-01-01T00:00:00Z' }, { after: 5, limit: 9 }),
  } as const satisfies Record<string, Parameters<typeof planOf>[0]>

  it.each(Object.entries(looks))('%s walk no table', async (_, look) => {
    const steps = await planOf(look)
    expect(steps.filter((step) => /^SCAN (?!.*SUBQUERY)/.test(step))).toEqual([])
  })
})
