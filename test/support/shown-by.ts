import { pagesOf, type ShownLog } from '../../src/exchange/audit/shown-log.ts'
import { storedTrust } from '../../src/exchange/audit/log-history.ts'
import { logReading } from '../../src/exchange/log/reading.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { sqlStores } from '../../src/storage/sql-stores.ts'

/** What a node with this database would show to an auditor, in pages as small as they may be. */
export function shownBy(database: SqlDatabase, state: string): ShownLog {
  const { log, audited, trustStore, coverable } = sqlStores(database)
  const reading = logReading(log, () => Promise.resolve(undefined))
  const newest = async () => (await trustStore.newest()).find((list) => list.state === state)?.jws
  const limit = { count: 10, characters: 100_000 }
  return {
    checkpoint: () => reading.checkpoint(),
    tile: (path) => reading.tile(path),
    trustList: (version) => (version === undefined ? newest() : trustStore.version(state, version)),
    documents: () =>
      pagesOf(
        (after) => audited.documents(after, limit),
        ({ idx }) => idx,
      ),
    checkpoints: (after) => audited.checkpoints(after, 10),
    trust: () => storedTrust(trustStore),
    coverings: (after) => audited.coverings(after, 10),
    rows: (table, after) => coverable.rows(table, after + 1, 10),
    statuses: (after) => audited.statuses(after, 10),
    async *lost() {},
    // What is not signed in a file never will be.
    pause: () => Promise.resolve(),
  }
}
