import { formatInstant } from '../encoding/time.ts'
import { appendOneByOne } from '../exchange/journal.ts'
import {
  type CrlOutcome,
  publishCrl,
  publishTrustList,
  type PublishOutcome,
} from '../exchange/publish-trust.ts'
import type { Environment } from '../exchange/environment.ts'
import type { Outbox } from '../exchange/outbox.ts'
import type { PeerStore } from '../exchange/peer-store.ts'
import type { ClientStore } from '../http/stores.ts'
import { sqlClientStore } from '../storage/client-store.ts'
import { sqlJournal } from '../storage/journal.ts'
import { claimNode } from '../storage/node-store.ts'
import { sqlOutbox } from '../storage/outbox.ts'
import { sqlPeerStore } from '../storage/peer-store.ts'
import { sqlTrustStore } from '../storage/trust-store.ts'
import { TrustList } from '../trust/trust-list.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { newEpoch } from './epoch.ts'
import { migrate } from './migrate.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** What the operator does to a node's database from the command line, also while the node runs. */
export interface Workbench {
  readonly database: SqliteDatabase
  readonly epoch: string
  readonly trustStore: TrustStore
  readonly clients: ClientStore
  readonly peers: PeerStore
  readonly outbox: Outbox
  publishList(jws: string): Promise<PublishOutcome>
  publishCrl(der: Uint8Array, list: TrustList): Promise<CrlOutcome>
  pin(state: string, rootSha256: string): ReturnType<TrustStore['pin']>
  close(): void
}

/** The database of another state or environment: what was meant for this one must not go into it. */
export class ForeignDatabaseError extends Error {
  override name = 'ForeignDatabaseError'
}

/**
 * Opens and migrates a node's database.
 *
 * @throws {ForeignDatabaseError}
 */
export async function openWorkbench(config: {
  state: string
  environment: Environment
  database: string
}): Promise<Workbench> {
  const { state, environment } = config
  const database = new SqliteDatabase(config.database)
  migrate(database)
  const claimed = await claimNode(database, { state, environment, epoch: newEpoch() })
  const { state: owner, epoch } = claimed
  if (owner !== state || claimed.environment !== environment) {
    database.close()
    throw new ForeignDatabaseError(
      `The database ${config.database} belongs to ${owner} (${claimed.environment}), not to ${state} (${environment})`,
    )
  }
  const now = () => new Date()
  const trustStore = sqlTrustStore(database)
  const append = appendOneByOne(sqlJournal(database), now)
  const deps = { state, now, trustStore, append }
  return {
    database,
    epoch,
    trustStore,
    clients: sqlClientStore(database),
    peers: sqlPeerStore(database),
    outbox: sqlOutbox(database),
    publishList: publishTrustList(deps),
    publishCrl: publishCrl(deps),
    pin: (pinned, rootSha256) =>
      trustStore.pin({ state: pinned, rootSha256, pinnedAt: formatInstant(now()) }),
    close: () => database.close(),
  }
}
