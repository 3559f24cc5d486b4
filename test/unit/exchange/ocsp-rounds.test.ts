import { expect, it } from 'vitest'
import { fetchOcsp } from '../../../src/exchange/keep-trust/fetch-ocsp.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { claimNode } from '../../../src/storage/node-store.ts'
import { sqlStores } from '../../../src/storage/sql-stores.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { listedState, NOW } from '../../support/hostile-lists.ts'

it('What a trust list does not name any more is forgotten, and asked about when it names it again', async () => {
  const BY = await listedState('BY', [], 'https://by.example/ocsp')
  const database = new SqliteDatabase(':memory:')
  migrate(database)
  await claimNode(database, { state: 'UZ', environment: 'production', epoch: 'test' })
  let list: TrustList = BY.list
  let asked = 0
  const ask = fetchOcsp({
    ...sqlStores(database),
    publicUrl: 'https://uz.example',
    now: () => NOW,
    random: () => 0.5,
    // It answers with what is no response: not worth asking again at once.
    fetch: async () => {
      asked++
      return new Response('no', { headers: { 'content-type': 'application/ocsp-response' } })
    },
    trust: () => trustOf({ pins: [BY.pin], lists: [list], crls: [], revision: 1 }),
  })
  await ask()
  const first = asked
  expect(first).toBeGreaterThan(0)
  list = { ...BY.list }
  await ask()
  expect(asked).toBe(first)
  list = { ...BY.list, cas: [], keys: [] }
  await ask()
  list = { ...BY.list }
  await ask()
  expect(asked).toBe(2 * first)
  database.close()
})
