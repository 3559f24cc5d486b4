import { sql as raw } from 'kysely'
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
 * By the digest of a trust list: the entry behind which nobody can tell whether its additions counted. That
 * is the first one behind the list whose acts a restore lists as lost: what two persons hastened is such an
 * act, and nothing else tells of it. It is the list itself where only a restore says that they waited.
 */
export async function lostActsBehindLists(
  database: SqlDatabase,
): Promise<ReadonlyMap<string, number>> {
  const acts = await database.query(
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
  const guessed = await database.query(GUESSED_DELAYS)
  return new Map([...acts, ...guessed].map(({ sha256, first }) => [sha256, Number(first)]))
}

/**
 * Lists of before a restore whose delay no act shows: those that a first contact took at once have none, and
 * of the others it may be lost.
 */
const GUESSED_DELAYS = raw<{ sha256: string; first: number }>`SELECT d.sha256, e.idx AS first
  FROM trust_list_delays AS d JOIN entries AS e ON e.sha256 = d.sha256
  WHERE NOT EXISTS (SELECT 1 FROM admin_acts AS x WHERE x.act = 'additions-delayed'
      AND substr(x.detail, 1, length(d.sha256) + 1) = d.sha256 || ';')
    AND e.idx < (SELECT r.idx FROM administrative_records AS r WHERE r.rows_of = 'admin_acts'
      AND r.last >= (SELECT max(a.n) FROM admin_acts AS a WHERE a.act = 'restored')
      ORDER BY r.last LIMIT 1)`.compile(sql)
