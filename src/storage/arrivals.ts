import { sql as raw } from 'kysely'
import { formatInstant } from '../encoding/time.ts'
import type { ArrivalStore, SignedExchange } from '../exchange/log/arrival.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** An exchange is archived when it began or was answered, a document has arrived in between. */
const AROUND_MS = 10 * 60_000
/** Two pieces of a signature: a part of the archive may end within one of them, and not in both. */
const PIECE = 40
/** More parts than the largest exchange has. */
const MAX_PARTS = 100

export function sqlArrivals(database: SqlDatabase): ArrivalStore {
  return {
    async find(peer, sha256) {
      const [came] = await database.query(
        sql
          .selectFrom('inbox')
          .innerJoin('documents', 'documents.sha256', 'inbox.sha256')
          .select(['inbox.seq', 'inbox.arrived_at', 'documents.jws'])
          .where('inbox.sender', '=', peer)
          .where('inbox.sha256', '=', sha256)
          .compile(),
      )
      if (!came) return undefined
      const { seq, arrived_at: arrivedAt, jws } = came
      const [from, until] = [-AROUND_MS, AROUND_MS].map((ms) =>
        formatInstant(new Date(Date.parse(arrivedAt) + ms)),
      )
      const signature = jws.slice(jws.lastIndexOf('.') + 1)
      const [first, last] = [signature.slice(0, PIECE), signature.slice(-PIECE)]
      const [found] = await database.query(
        raw<{ start: number }>`SELECT n - part + 1 AS start FROM exchange_archive
          WHERE peer = ${peer} AND at BETWEEN ${from} AND ${until}
            AND (CASE direction WHEN 'received' THEN instr(request, ${first}) + instr(request, ${last})
              ELSE instr(response, ${first}) + instr(response, ${last}) END) > 0
          ORDER BY at, n LIMIT 1`.compile(sql),
      )
      const exchange = found && (await exchangeFrom(database, found.start))
      return exchange && { seq, arrivedAt, exchange }
    },
  }
}

/** The exchange whose first part has this number, its parts put together. */
async function exchangeFrom(
  database: SqlDatabase,
  start: number,
): Promise<SignedExchange | undefined> {
  const rows = await database.query(
    sql
      .selectFrom('exchange_archive')
      .selectAll()
      .where('n', '>=', start)
      .where(({ eb, ref }) => eb(ref('n'), '=', eb(ref('part'), '+', start - 1)))
      .orderBy('n')
      .limit(MAX_PARTS)
      .compile(),
  )
  const [first] = rows
  if (!first) return undefined
  const { at, direction, message_id: messageId } = first
  const parts = rows.filter(({ message_id }) => message_id === messageId)
  const request = parts.map((part) => part.request).join('')
  const response = parts.map((part) => part.response ?? '').join('')
  return { at, direction, messageId, request, response }
}
