import { CompiledQuery } from 'kysely'
import type { Report } from '../../exchange/audit/finding.ts'
import type { Effect } from '../../exchange/effect.ts'
import { WAITS_FOR_ITS_PLACE } from '../../exchange/incoming/waiting-changes.ts'
import { type LoggedDocument, replayLog } from '../../exchange/rebuild.ts'
import { readStored } from '../../exchange/registered.ts'
import { openDocument } from '../../exchange/validation/opened-document.ts'
import { lostListOf } from '../lost-documents.ts'
import { placeOf } from '../places.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import { linesOf } from './read-table.ts'

const STRAY: Readonly<Record<string, string>> = {
  'lost, and neither the log nor a receipt names it': `SELECT 'lost_documents', sha256 FROM lost_documents AS l
     WHERE NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.sha256 = l.sha256 AND e.idx = l.idx AND e.kind = l.kind)
       AND NOT (l.idx IS NULL AND l.kind = 'refused' AND l.sha256 IN (SELECT sha256 FROM decisions))
       AND NOT (l.idx IS NULL AND l.kind IN ('unmirrored', 'replaced', 'replaced-change'))`,
  'listed as lost by no restore': `SELECT 'lost_documents', count(*), epoch FROM lost_documents
     WHERE epoch NOT IN (SELECT subject FROM admin_acts WHERE act = 'documents-lost') GROUP BY epoch`,
  'settled otherwise than the record of acts says': `SELECT 'lost_numbers', n.sha256 FROM lost_numbers AS n
     WHERE NOT EXISTS (SELECT 1 FROM admin_acts AS x WHERE x.act = 'lost-number-settled' AND x.subject = n.sha256
       AND x.at = n.settled_at AND CASE WHEN n.type IS NULL AND n.folded_number IS NULL
         THEN substr(x.detail, 1, 6) = 'none: ' ELSE x.detail = n.type || ' ' || n.folded_number END)`,
  'its number was settled, and is missing': `SELECT 'admin_acts', n FROM admin_acts
     WHERE act = 'lost-number-settled' AND subject NOT IN (SELECT sha256 FROM lost_numbers)`,
  'a change is settled otherwise than the record of acts says': `SELECT 'settled_changes', s.sha256
     FROM settled_changes AS s WHERE s.sha256 NOT IN (SELECT sha256 FROM lost_documents)
       OR NOT EXISTS (SELECT 1 FROM admin_acts AS x WHERE x.act = 'lost-change-settled'
         AND x.subject = s.sha256 AND x.at = s.settled_at)`,
  'a change was settled, and that is missing': `SELECT 'admin_acts', n FROM admin_acts
     WHERE act = 'lost-change-settled' AND subject NOT IN (SELECT sha256 FROM settled_changes)`,
  'without effect, and no restore gave it up': `SELECT 'late_documents', sha256 FROM late_documents
     WHERE sha256 NOT IN (SELECT sha256 FROM lost_documents) OR sha256 NOT IN (SELECT sha256 FROM entries)`,
  'without effect, and not even here': `SELECT 'late_documents', sha256 FROM late_documents
     WHERE sha256 NOT IN (SELECT sha256 FROM documents)`,
  'it waits for its place, and has it': `SELECT 'inbox', sha256, sender FROM inbox
     WHERE waits_for = '${WAITS_FOR_ITS_PLACE}' AND sha256 NOT IN (SELECT sha256 FROM late_documents)`,
}

/** What restores listed as lost, as their acts tell of it, and what became of it since. */
export async function auditLost(
  database: SqlDatabase,
  context: { readonly state: string },
  report: Report,
): Promise<void> {
  for (const [what, statement] of Object.entries(STRAY))
    for (const line of await linesOf(database, statement)) report('record-differs', line, what)
  const acts = await database.query(
    sql
      .selectFrom('admin_acts')
      .select(['subject', 'detail'])
      .where('act', '=', 'documents-lost')
      .compile(),
  )
  for (const { subject: epoch, detail } of acts) {
    const { count, sha256 } = await lostListOf(database, epoch)
    if (detail !== `${count} listed; ${sha256}`)
      report('record-differs', `lost_documents of ${epoch}`, 'it is not the list that was made')
  }
  await auditTaken(database, context, report)
}

/** Whether another document has the number of those that are said to be without effect for that. */
async function auditTaken(
  database: SqlDatabase,
  { state }: { readonly state: string },
  report: Report,
): Promise<void> {
  const taken = await database.query(
    sql
      .selectFrom('late_documents')
      .innerJoin('entries', 'entries.sha256', 'late_documents.sha256')
      .innerJoin('documents', 'documents.sha256', 'late_documents.sha256')
      .select(['entries.sha256', 'kind', 'jws'])
      .where('reason', '=', 'taken')
      .compile(),
  )
  for (const { sha256, kind, jws } of taken) {
    const { parsed } = await openDocument(jws)
    const document = { kind: kind as LoggedDocument['kind'], sha256 }
    let isTaken = false
    try {
      for (const effect of replayLog(state)({ ...document, ...readStored(parsed) }))
        isTaken ||= await isHeldByAnother(database, effect, sha256)
    } catch {
      // It cannot be read, and so has no number.
    }
    if (!isTaken)
      report('record-differs', `late_documents ${sha256}`, 'no other document has its number')
  }
}

async function isHeldByAnother(
  database: SqlDatabase,
  effect: Effect,
  sha256: string,
): Promise<boolean> {
  const place = placeOf(effect)
  if (!place) return false
  const { table, columns } = place
  const where = Object.keys(columns).map((column) => `${column} = ?`)
  const found = await database.query(
    CompiledQuery.raw(`SELECT 1 FROM ${table} WHERE ${where.join(' AND ')} AND sha256 <> ?`, [
      ...Object.values(columns),
      sha256,
    ]),
  )
  return found.length > 0
}
