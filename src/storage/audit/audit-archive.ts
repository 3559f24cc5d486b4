import { flawOfExchange } from '../../exchange/audit/archived-exchange.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { nodeKeyResolver } from '../../exchange/node-keys.ts'
import type { SqlDatabase } from '../sql-database.ts'
import type { StretchMoment } from './read-stretch.ts'
import { type AuditRow, rowsOf } from './read-table.ts'

export interface ArchiveContext {
  /** The node whose database this is. */
  readonly state: string
  readonly history: Pick<TrustHistory, 'now'>
  readonly paths: StretchMoment['paths']
}

/** Every archived exchange by the signatures of both nodes, with the keys that lists name for its time. */
export async function auditArchive(
  database: SqlDatabase,
  context: ArchiveContext,
  report: Report,
): Promise<void> {
  let parts: AuditRow<'exchange_archive'>[] = []
  for await (const row of rowsOf(database, 'exchange_archive', ['n'])) {
    if (row.part === 1 && parts.length > 0) {
      await auditExchange(parts, context, report)
      parts = []
    }
    parts.push(row)
  }
  if (parts.length > 0) await auditExchange(parts, context, report)
}

async function auditExchange(
  parts: readonly AuditRow<'exchange_archive'>[],
  { state: self, history, paths }: ArchiveContext,
  report: Report,
): Promise<void> {
  const { n, at, peer, direction, message_id: messageId } = parts[0]!
  const where = `exchange_archive ${n}`
  if (parts.some(({ part }, i) => part !== i + 1))
    return report('record-differs', where, 'its parts are not one exchange')
  const request = parts.map((part) => part.request).join('')
  const response = parts.map((part) => part.response ?? '').join('')
  const flaw = await flawOfExchange(
    { at, peer, direction, messageId, request, response },
    {
      self,
      resolveKeyAt: (instant) =>
        nodeKeyResolver({ now: () => instant, trust: () => history.now(), paths }),
    },
  )
  if (!flaw) return
  if ('flaw' in flaw) report('record-differs', where, flaw.flaw)
  else report('signature-undecided', where, `${flaw.lossy}; not all of it is text`)
}
