import { sql as raw } from 'kysely'
import type { LostDocuments } from '../exchange/log/lost-documents.ts'
import { changeWithActs } from './admin-acts.ts'
import { AWAITS_CHANGE } from './lost-conditions.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

const MOST_NAMED = 10

/** A change goes to the recipients of its certificate, all of them and nobody else. */
const SAME_RECIPIENTS = raw`NOT EXISTS (SELECT 1 FROM json_each(c.recipients) AS r
    WHERE r.value NOT IN (SELECT key FROM json_each(e.leaf, '$.to')))
  AND NOT EXISTS (SELECT 1 FROM json_each(e.leaf, '$.to') AS t
    WHERE t.key NOT IN (SELECT value FROM json_each(c.recipients)))`

/**
 * Behind an end of the log stands only what was appended before the restore that met it: before the entry
 * of its act. By their places, because the clock of a new host may lag behind that of the old one.
 */
const OF_BEFORE = raw`c.idx < coalesce((SELECT r.idx FROM administrative_records AS r
  WHERE r.rows_of = 'admin_acts' AND r.last >= (SELECT max(a.n) FROM admin_acts AS a
    WHERE a.act = 'documents-lost' AND a.subject = l.epoch)
  ORDER BY r.last LIMIT 1), c.idx + 1)`

/** Asked with every validation of an own certificate, and few nodes have lost anything. */
const ANY_LOST = sql.selectFrom('lost_documents').select('kind').limit(1).compile()

/** Status changes of this state that a restore could not bring back. */
export function sqlLostChanges(
  database: SqlDatabase,
): Pick<LostDocuments, 'changesOf' | 'settleChange'> {
  return {
    async changesOf({ sha256 }) {
      const anyLost = await database.query(ANY_LOST)
      if (anyLost.length === 0) return []
      const rows = await database.query(
        raw<{ sha256: string }>`SELECT l.sha256 FROM certificates AS c
            JOIN lost_documents AS l ON l.kind = 'status-change' AND l.idx > c.idx
            JOIN entries AS e ON e.idx = l.idx
            WHERE c.sha256 = ${sha256} AND c.origin = 'issued' AND ${AWAITS_CHANGE} AND ${SAME_RECIPIENTS}
          UNION ALL SELECT l.sha256 FROM certificates AS c
            JOIN lost_documents AS l ON l.idx IS NULL
            LEFT JOIN entries AS e ON e.idx = l.idx
            WHERE c.sha256 = ${sha256} AND c.origin = 'issued' AND ${AWAITS_CHANGE} AND ${OF_BEFORE}
          LIMIT ${MOST_NAMED}`.compile(sql),
      )
      return rows.map((row) => row.sha256)
    },

    async settleChange(sha256, at, acts) {
      const [row] = await database.query(
        raw<{ settled: 0 | 1; awaits: 0 | 1 }>`SELECT ${AWAITS_CHANGE} AS awaits,
            EXISTS (SELECT 1 FROM settled_changes AS s WHERE s.sha256 = l.sha256) AS settled
          FROM lost_documents AS l LEFT JOIN entries AS e ON e.idx = l.idx
          WHERE l.sha256 = ${sha256}`.compile(sql),
      )
      if (row?.settled) return 'settled-before'
      if (!row?.awaits) return 'not-lost'
      const insert = sql.insertInto('settled_changes').values({ sha256, settled_at: at })
      const done = await changeWithActs(database, [insert.compile()], acts)
      return done === 'done' ? 'settled' : 'settled-before'
    },
  }
}
