import { afterAll, beforeAll, expect, it } from 'vitest'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { join } from 'node:path'
import { flawsOf, seededRandom } from '../support/crash.ts'
import { startLoad } from '../support/load.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes()
})
afterAll(() => nodes.close())

it('a node that is told to stop ends although its clients never pause, and keeps what it acknowledged', async () => {
  const { BY } = nodes
  const load = startLoad(await BY.client('issuer', 'BY.CCI'), 16, seededRandom(1))
  await load.issued(30)
  expect(load.broken()).toBe(0)
  const started = performance.now()
  await BY.running.stop()
  // After fifteen seconds those who never pause are cut off.
  expect(performance.now() - started).toBeLessThan(14_000)
  await load.stop()

  const issued = load.attempts.flatMap(({ issued, annulled }) =>
    [issued ?? [], annulled ?? []].flat(),
  )
  expect(issued.length).toBeGreaterThan(20)
  const database = new SqliteDatabase(join(BY.data, 'node.sqlite'))
  const kept = new Set(database.raw.prepare('SELECT sha256 FROM entries').pluck().all())
  expect(issued.filter(({ sha256 }) => !kept.has(sha256))).toEqual([])
  expect(flawsOf(database.raw)).toEqual([])
  database.close()
})
