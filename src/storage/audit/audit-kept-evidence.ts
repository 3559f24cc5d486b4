import type { Report } from '../../exchange/audit/finding.ts'
import {
  earlierThan,
  type EvidenceName,
  type EvidenceRank,
  evidenceName,
  isNewerEvidence,
  type ToldEvidence,
  toldEvidences,
} from '../../exchange/audit/told-evidence.ts'
import { evidenceDigest } from '../../trust/evidence-digest.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { migratedAt, OLDER_PROCESS_MS } from './migrated-at.ts'
import { rowsOf } from './read-table.ts'

/** The version of the tables since which it is told of what is kept. */
const TOLD_SINCE = '0008-kept-evidence.sql'

interface KeptEvidence extends EvidenceName, EvidenceRank {
  readonly der: string
  readonly stored_at: string
}

/**
 * The CRL of every authority, and every OCSP response, is the newest that a row of `kept_evidence` tells of:
 * whoever puts an earlier one back takes revocations away. Of what older versions kept there is no row, nor of
 * an OCSP response that says `good` or repeats what is told of: it only must not be older.
 */
export async function auditKeptEvidence(database: SqlDatabase, report: Report): Promise<void> {
  const told = toldEvidences(report)
  for await (const { n, ...row } of rowsOf(database, 'kept_evidence', ['n'])) {
    const filled = Object.entries(row).filter(([, value]) => value !== null)
    told.take(n, Object.fromEntries(filled))
  }
  const untoldUntil = await untoldBefore(database)
  const missing = new Map([...told.all()].map((one) => [evidenceName(one), one]))
  for await (const kept of keptEvidence(database)) {
    const last = told.last(kept)
    missing.delete(evidenceName(kept))
    const flaw = flawOf(kept, last, untoldUntil)
    if (flaw !== undefined) report('record-differs', evidenceName(kept), flaw)
  }
  for (const [where, { stored_at: since }] of missing)
    report('record-missing', where, `it was kept since ${since}`)
}

/** What older versions keep, or one that goes on beside this one, is told of in no row. */
async function untoldBefore(database: SqlDatabase): Promise<number> {
  const since = await migratedAt(database, TOLD_SINCE)
  return since === undefined ? Infinity : Date.parse(since) + OLDER_PROCESS_MS
}

async function* keptEvidence(database: SqlDatabase): AsyncGenerator<KeptEvidence> {
  for await (const { state, ski, number, this_update, der, stored_at } of rowsOf(database, 'crls', [
    'state',
    'ski',
  ]))
    yield { state, ski, number, this_update, der, stored_at }
  yield* rowsOf(database, 'ocsp_responses', ['state', 'ski', 'serial'])
}

function flawOf(
  kept: KeptEvidence,
  last: ToldEvidence | undefined,
  untoldUntil: number,
): string | undefined {
  const isTold = last?.sha256 === evidenceDigest(kept.der)
  if (isTold) return last.stored_at === kept.stored_at ? undefined : `kept since ${last.stored_at}`
  if (last && !isNewerEvidence(last, kept)) return earlierThan(last)
  if (kept.status === 'good' || (last && kept.status && kept.status === last.status))
    return undefined
  return Date.parse(kept.stored_at) < untoldUntil ? undefined : 'nothing tells that it was kept'
}
