import type { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Inbox } from '../../src/exchange/incoming/inbox.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlInbox } from '../../src/storage/inbox.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'

describe('what every arrival asks of the inbox', () => {
  let database: SqliteDatabase
  beforeAll(() => {
    database = new SqliteDatabase(':memory:')
    migrate(database)
  })
  afterAll(() => database.close())

  const questions: Record<string, [(inbox: Inbox) => Promise<unknown>, RegExp]> = {
    'who waits for these': [
      (inbox) => inbox.waitingFor('UZ', ['message 7', 'target a', 'change b'], 200),
      /inbox_waiting_by_reason \(sender=\? AND waits_for=\?\)/,
    ],
    'whether anything waits': [
      (inbox) => inbox.hasWaiting('UZ', 1),
      /inbox_waiting_by_\w+ \(sender=\?/,
    ],
    'the change before': [
      (inbox) => inbox.earlierChange({ sender: 'UZ', target: 'a', seq: 9 }),
      /inbox_waiting_by_target \(sender=\? AND target=\? AND seq<\?\)/,
    ],
    'the first hole': [
      (inbox) => inbox.firstMissing('UZ', { after: 1, before: 9 }),
      /inbox_by_seq \(sender=\? AND seq[>=]\?/,
    ],
  }
  it.each(Object.entries(questions))(
    'is found by an index, without sorting: %s',
    async (_, [ask, index]) => {
      const plans: string[][] = []
      const watched: SqlDatabase = {
        atomic: (statements) => database.atomic(statements),
        query: <R>(query: CompiledQuery<R>) => {
          const steps = database.raw
            .prepare(`EXPLAIN QUERY PLAN ${query.sql}`)
            .all(query.parameters) as { detail: string }[]
          plans.push(steps.map(({ detail }) => detail))
          return database.query(query)
        },
      }
      await ask(sqlInbox(watched))
      expect(plans).not.toEqual([])
      for (const [first, ...rest] of plans) {
        expect(first).toMatch(index)
        expect(rest.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([])
      }
    },
  )
})
