import { flawOfCosignature } from '../../exchange/audit/signed-notes.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { parseSignatureLines } from '../../tlog/signed-note.ts'
import { parseVerifierKey } from '../../tlog/verifier-key.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { migratedAt, OLDER_PROCESS_MS } from './migrated-at.ts'
import type { AuditRow } from './read-table.ts'

/** The version of the tables since which the line of every cosignature is kept. */
const LINES_SINCE = '0007-further-hardening.sql'

interface CosignedContext {
  /** The node whose database this is: it has cosigned. */
  readonly state: string
  readonly history: Pick<TrustHistory, 'versions'>
}

/**
 * What is wrong with the line by which the node itself cosigned a checkpoint, and with the time beside it;
 * `unknown`: no list names such a key of it.
 */
export async function cosignedFlaws(database: SqlDatabase, { state, history }: CosignedContext) {
  const since = await migratedAt(database, LINES_SINCE)
  const logs = history.versions(state).flatMap(({ list }) => list.logs)
  const keys = logs.flatMap(({ key }) => {
    const parsed = parseVerifierKey(key, 'cosignature/v1')
    return 'malformed' in parsed ? [] : [parsed]
  })
  return async ({ note, at, cosignature: line }: AuditRow<'witnessed'>) => {
    if (line === null) return flawOfNone(at, since)
    const lines = parseSignatureLines(line)
    if ('malformed' in lines || !lines[0]) return { flaw: 'it stands beside no cosignature' }
    const { name: witness, keyId } = lines[0]
    return flawOfCosignature(note, { witness, keyId, line, cosignedAt: at }, keys)
  }
}

/** A process that does not know of the lines keeps none; nobody can tell that from one that was taken away. */
function flawOfNone(at: string, since: string | undefined) {
  if (since === undefined || at < since) return undefined
  if (Date.parse(at) < Date.parse(since) + OLDER_PROCESS_MS)
    return { unknown: 'its cosignature is missing: an older version kept none' }
  return { flaw: 'its cosignature is missing' }
}
