import { type ArchivedExchange, flawOfExchange } from '../../exchange/audit/archived-exchange.ts'
import { everListed } from '../../exchange/audit/ever-listed.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { nodeKeyResolver } from '../../exchange/node-keys.ts'
import type { SqlDatabase } from '../sql-database.ts'
import type { StretchMoment } from './read-stretch.ts'
import { peerTimes } from './audit-peer-times.ts'
import { migratedAt } from './migrated-at.ts'
import { type AuditRow, rowsOf } from './read-table.ts'

export interface ArchiveContext {
  /** The node whose database this is. */
  readonly state: string
  readonly history: Pick<TrustHistory, 'now' | 'versions'>
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
  const signedAloneFrom = await signedAloneSince(database)
  const judged = { ...context, signedAloneFrom, listed: everListed(context.history) }
  let unsigned = 0
  const judge = async () => {
    const exchange = exchangeOf(parts, report)
    if (!exchange) return
    times.take(exchange)
    const where = `exchange_archive ${parts[0]!.n}`
    if (await isUnsigned(exchange, where, judged, report)) unsigned++
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

/** A database that was made by a version since then holds nothing of an older one. */
async function signedAloneSince(database: SqlDatabase): Promise<string | undefined> {
  const [made, since] = [
    await migratedAt(database, '0001-initial.sql'),
    await migratedAt(database, SIGNED_ALONE_SINCE),
  ]
  if (made === undefined || since === undefined) return since
  return Date.parse(since) - Date.parse(made) < 60_000 ? EVER : since
}

const EVER = '1970-01-01T00:00:00Z'

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
  context: ArchiveContext & {
    readonly signedAloneFrom: string | undefined
    readonly listed: ReturnType<typeof everListed>
  },
  report: Report,
): Promise<boolean> {
  const { state: self, history, paths, signedAloneFrom, listed } = context
  const doubted = new Set<string>()
  const resolveKeyAt = (instant: Date) => {
    const resolve = nodeKeyResolver({ now: () => instant, trust: () => history.now(), paths })
    return async (keyid: string) => {
      const known = await resolve(keyid)
      if (known) return known
      for (const state of [self, exchange.peer]) {
        const found = await listed(state, keyid, instant)
        if (!found) continue
        doubted.add(keyid)
        return found
      }
      return undefined
    }
  }
  const flaw = await flawOfExchange(exchange, { self, signedAloneFrom, resolveKeyAt })
  if (flaw && 'flaw' in flaw) {
    report('record-differs', where, flaw.flaw)
    return false
  }
  if (flaw && 'lossy' in flaw)
    report('signature-undecided', where, `${flaw.lossy}; not all of it is text`)
  else for (const keyid of doubted) report('signature-undecided', where, endedSince(keyid))
  return flaw !== undefined && 'unsigned' in flaw
}

const endedSince = (keyid: string) => `the signature holds, but by now node key ${keyid} does not`
