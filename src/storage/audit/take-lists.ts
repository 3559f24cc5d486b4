import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import type { Stretch } from './compare-certificates.ts'

/** Takes the trust lists of a stretch of the log into the history, without judging them. */
export async function takeLists(
  database: SqlDatabase,
  history: Pick<TrustHistory, 'takeSigned'>,
  { from, to }: Stretch,
): Promise<void> {
  if (from >= to) return
  const lists = await database.query(
    sql
      .selectFrom('entries')
      .innerJoin('documents', 'documents.sha256', 'entries.sha256')
      .select(['entries.sha256', 'entries.at', 'documents.jws'])
      .where('idx', '>=', from)
      .where('idx', '<', to)
      .where('kind', '=', 'trust-list')
      .orderBy('idx')
      .compile(),
  )
  for (const { sha256, at, jws } of lists) history.takeSigned(jws, sha256, new Date(at))
}

/**
 * By the digest of a trust list: the first entry behind it whose acts a restore lists as lost. What two
 * persons hastened is such an act, and nothing else tells of it.
 */
export async function lostActsBehindLists(
  database: SqlDatabase,
): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query(
    sql
      .selectFrom('entries')
      .innerJoin('lost_documents as lost', (join) =>
        join.onRef('lost.idx', '>', 'entries.idx').on('lost.kind', '=', 'administrative'),
      )
      .select(({ fn }) => ['entries.sha256', fn.min('lost.idx').as('first')])
      .where('entries.kind', '=', 'trust-list')
      .groupBy('entries.sha256')
      .compile(),
  )
  return new Map(rows.map(({ sha256, first }) => [sha256, Number(first)]))
}
