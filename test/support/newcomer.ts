import { appendOneByOne } from '../../src/exchange/journal.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlStores } from '../../src/storage/sql-stores.ts'
import { currentTrust } from '../../src/trust/trust.ts'
import type { TestNode } from './two-nodes.ts'

/** A third state that meets a node for the first time, after its root was shown: how that went. */
export async function firstMeeting(
  { state, url }: Pick<TestNode, 'state' | 'url'>,
  rootSha256: string,
  call: typeof fetch = fetch,
): Promise<{ polled: { ok: true } | { error: string }; version: number | undefined }> {
  const database = new SqliteDatabase(':memory:')
  try {
    migrate(database)
    const environment = 'production'
    await claimNode(database, { state: 'KZ', environment, epoch: 'first' })
    const stores = sqlStores(database)
    const { trustStore } = stores
    const now = () => new Date()
    const poll = pollTrust({
      ...stores,
      state: 'KZ',
      environment,
      policy: DEFAULT_POLICY,
      now,
      fetch: call,
      append: appendOneByOne(sqlJournal(database), now),
      trust: currentTrust(trustStore, environment),
    })
    await pinForDevelopment(trustStore, state, rootSha256)
    const polled = await poll(state, url)
    return { polled, version: (await trustStore.versions(state)).at(-1)?.version }
  } finally {
    database.close()
  }
}
