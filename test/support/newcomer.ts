import { appendOneByOne } from '../../src/exchange/journal.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { type SqlStores, sqlStores } from '../../src/storage/sql-stores.ts'
import { type CurrentTrust, currentTrust } from '../../src/trust/trust.ts'
import type { TestNode } from './two-nodes.ts'

interface FirstMeeting {
  readonly polled: { ok: true } | { error: string }
  readonly version: number | undefined
}

/** A third state that meets a node for the first time, after its root was shown: how that went. */
export function firstMeeting(
  node: Pick<TestNode, 'state' | 'url'>,
  rootSha256: string,
  call: typeof fetch = fetch,
): Promise<FirstMeeting> {
  return newcomer(node, rootSha256, call, ({ meet }) => meet())
}

/** A third state to which the root of a node was shown, and that has not met it yet. */
export async function newcomer<T>(
  { state, url }: Pick<TestNode, 'state' | 'url'>,
  rootSha256: string,
  call: typeof fetch,
  use: (newcomer: {
    readonly stores: SqlStores
    readonly trust: CurrentTrust
    readonly meet: () => Promise<FirstMeeting>
  }) => Promise<T>,
): Promise<T> {
  const database = new SqliteDatabase(':memory:')
  try {
    migrate(database)
    const environment = 'production'
    await claimNode(database, { state: 'KZ', environment, epoch: 'first' })
    const stores = sqlStores(database)
    const { trustStore } = stores
    const now = () => new Date()
    const trust = currentTrust(trustStore, environment)
    const poll = pollTrust({
      ...stores,
      state: 'KZ',
      environment,
      policy: DEFAULT_POLICY,
      now,
      fetch: call,
      append: appendOneByOne(sqlJournal(database), now),
      trust,
    })
    await pinForDevelopment(trustStore, state, rootSha256)
    const meet = async () => {
      const polled = await poll(state, url)
      return { polled, version: (await trustStore.versions(state)).at(-1)?.version }
    }
    return await use({ stores, trust, meet })
  } finally {
    database.close()
  }
}
