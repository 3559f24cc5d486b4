import { type ArchivedExchange, flawOfExchange } from '../../exchange/audit/archived-exchange.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { nodeKeyResolver } from '../../exchange/node-keys.ts'
import type { SqlDatabase } from '../sql-database.ts'
import type { StretchMoment } from './read-stretch.ts'
import { sql } from '../tables.ts'
import { peerTimes } from './audit-peer-times.ts'
import { type AuditRow, rowsOf } from './read-table.ts'

export interface ArchiveContext {
  /** The node whose database this is. */
  readonly state: string
  readonly history: Pick<TrustHistory, 'now'>
  readonly paths: StretchMoment['paths']
}

/** The version of the tables since which nothing is archived but what is signed. */
const SIGNED_ALONE_SINCE = '0006-hardening.sql'

/**
 * Every archived exchange by the signatures of both nodes, with the keys that lists name for its time, and
 * when peers were heard by them. How many hold what nobody signed, of a time when all was archived.
 */
export async function auditArchive(
  database: SqlDatabase,
  context: ArchiveContext,
  report: Report,
): Promise<number> {
  let parts: AuditRow<'exchange_archive'>[] = []
  const times = await peerTimes(database)
  const signedAloneFrom = await migratedAt(database, SIGNED_ALONE_SINCE)
  let unsigned = 0
  const judge = async () => {
    const exchange = exchangeOf(parts, report)
    if (!exchange) return
    times.take(exchange)
    const where = `exchange_archive ${parts[0]!.n}`
    if (await isUnsigned(exchange, where, { ...context, signedAloneFrom }, report)) unsigned++
  }
  for await (const row of rowsOf(database, 'exchange_archive', ['n'])) {
    if (row.part === 1 && parts.length > 0) {
      await judge()
      parts = []
    }
    parts.push(row)
  }
  if (parts.length > 0) await judge()
  times.end(report)
  return unsigned
}

/** When the tables came to this version, by the act that says so. */
async function migratedAt(database: SqlDatabase, name: string): Promise<string | undefined> {
  const [act] = await database.query(
    sql
      .selectFrom('admin_acts')
      .select('at')
      .where('act', '=', 'migrated')
      .where('subject', '=', name)
      .orderBy('n')
      .limit(1)
      .compile(),
  )
  return act?.at
}

function exchangeOf(
  parts: readonly AuditRow<'exchange_archive'>[],
  report: Report,
): ArchivedExchange | undefined {
  const { n, at, peer, direction, message_id: messageId } = parts[0]!
  if (parts.some(({ part }, i) => part !== i + 1)) {
    report('record-differs', `exchange_archive ${n}`, 'its parts are not one exchange')
    return undefined
  }
  const request = parts.map((part) => part.request).join('')
  const response = parts.map((part) => part.response ?? '').join('')
  return { at, peer, direction, messageId, request, response }
}

/** Whether it holds what nobody signed, and nothing is wrong with what somebody did. */
async function isUnsigned(
  exchange: ArchivedExchange,
  where: string,
  context: ArchiveContext & { readonly signedAloneFrom: string | undefined },
  report: Report,
): Promise<boolean> {
  const { state: self, history, paths, signedAloneFrom } = context
  const flaw = await flawOfExchange(exchange, {
    self,
    signedAloneFrom,
    resolveKeyAt: (instant) =>
      nodeKeyResolver({ now: () => instant, trust: () => history.now(), paths }),
  })
  if (!flaw) return false
  if ('unsigned' in flaw) return true
  if ('flaw' in flaw) report('record-differs', where, flaw.flaw)
  else report('signature-undecided', where, `${flaw.lossy}; not all of it is text`)
  return false
}
