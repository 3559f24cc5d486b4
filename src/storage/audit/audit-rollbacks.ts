import type { Report } from '../../exchange/audit/finding.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { flawOfPeerNote, type PeerLogContext, sizeIn } from './peer-notes.ts'
import { rowsOf } from './read-table.ts'

/** Proofs of rollbacks: two notes that their log signed, the one shown later smaller than the other. */
export async function auditRollbacks(
  database: SqlDatabase,
  { history }: PeerLogContext,
  report: Report,
): Promise<void> {
  for await (const row of rowsOf(database, 'log_rollbacks', ['state', 'origin', 'size'])) {
    const { state, origin, size, before, shown } = row
    const where = `log_rollbacks ${state} ${origin} ${size}`
    const keys = history.logKeys(state, origin)
    const smaller = sizeIn(shown) ?? 0
    const flaws = [
      await flawOfPeerNote({ note: before, origin }, keys, size),
      await flawOfPeerNote({ note: shown, origin }, keys, smaller),
      smaller < size ? undefined : 'it was not shown shorter',
    ]
    for (const flaw of flaws) if (flaw !== undefined) report('peer-log-differs', where, flaw)
  }
}
