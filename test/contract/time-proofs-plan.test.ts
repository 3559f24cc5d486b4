import type { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlCertificateStore } from '../../src/storage/certificate-store.ts'

let database: SqliteDatabase
beforeAll(() => {
  database = new SqliteDatabase(':memory:')
  migrate(database)
})
afterAll(() => database.close())

it('what proves the time of a certificate comes with it, in one statement that reads no table', async () => {
  const plans: string[][] = []
  const store = sqlCertificateStore({
    atomic: (statements) => database.atomic(statements),
    query: <R>(query: CompiledQuery<R>) => {
      const explained = database.raw.prepare(`EXPLAIN QUERY PLAN ${query.sql}`)
      const steps = explained.all(query.parameters) as { detail: string }[]
      plans.push(steps.map(({ detail }) => detail))
      return database.query(query)
    },
  })
  await store.findProven('a')
  await store.statusChanges('a')
  expect(plans).toHaveLength(2)
  // A row for each peer, and the row that was asked for.
  const scanned = plans.flat().filter((step) => step.startsWith('SCAN'))
  for (const step of scanned) expect(step).toMatch(/^SCAN (CONSTANT ROW|mirrors\b|\(subquery)/)
  for (const [index, columns] of [
    ['addressed_documents', 'sender=? AND sha256=?'],
    ['witnessed_by_size', 'origin=? AND size>?'],
  ])
    expect(plans[0]!.filter((step) => step.includes(`${index} (${columns})`))).not.toEqual([])
})
