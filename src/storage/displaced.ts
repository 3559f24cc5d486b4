import { sql as raw } from 'kysely'
import type { Displaced, LostDocuments } from '../exchange/log/lost-documents.ts'
import { payloadOf } from '../exchange/registered.ts'
import { IS_OWN } from './lost-conditions.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** Certificates of this state whose bytes are here and whose number another one has. */
const DISPLACED = raw<Omit<Displaced, 'changes'>>`SELECT e.sha256, e.idx AS "index", e.at, d.jws
  FROM late_documents AS late
  JOIN entries AS e ON e.sha256 = late.sha256 JOIN documents AS d ON d.sha256 = late.sha256
  WHERE late.reason = 'taken' AND e.kind = 'certificate' AND ${IS_OWN}`

export function sqlDisplaced(database: SqlDatabase): Pick<LostDocuments, 'displaced'> {
  return {
    async displaced(sha256) {
      const [found] = await database.query(
        raw<Omit<Displaced, 'changes'>>`${DISPLACED} AND e.sha256 = ${sha256}`.compile(sql),
      )
      if (!found) return undefined
      // Of changes that have changed nothing here there are few, and they are asked for once in a lifetime.
      const changes = await database.query(
        raw<Displaced['changes'][number]>`SELECT e.sha256, e.at, d.jws
          FROM entries AS e JOIN documents AS d ON d.sha256 = e.sha256
          WHERE e.idx > ${found.index} AND e.kind = 'status-change'
            AND e.sha256 NOT IN (SELECT sha256 FROM status_changes) ORDER BY e.idx`.compile(sql),
      )
      const isAbout = ({ jws }: { jws: string }) =>
        (payloadOf(jws) as { target?: unknown }).target === sha256
      return { ...found, changes: changes.filter(isAbout) }
    },
  }
}

/** The bytes of all of them. */
export async function displacedDocuments(database: SqlDatabase): Promise<string[]> {
  const rows = await database.query(DISPLACED.compile(sql))
  return rows.map(({ jws }) => jws)
}
