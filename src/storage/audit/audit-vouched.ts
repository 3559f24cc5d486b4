import type { Report } from '../../exchange/audit/finding.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { areLate, type EntriesFrom, tellUnwitnessed } from '../../exchange/audit/tell-unvouched.ts'
import { CompiledQuery } from 'kysely'
import type { SqlDatabase } from '../sql-database.ts'
import { linesOf } from './read-table.ts'

/** Up to which size of the log somebody vouches for its entries. */
export interface VouchedSizes {
  /** By a checkpoint of the log key. */
  readonly signed: number
  /** By a cosignature of another state, or of a witness that the auditor names. */
  readonly cosigned: number
}

/** The entries from a size on. */
export async function entriesFrom(database: SqlDatabase, size: number): Promise<EntriesFrom> {
  const [row] = await database.query<{ count: number; since: string | null }>(
    CompiledQuery.raw('SELECT count(*) AS count, min(at) AS since FROM entries WHERE idx >= ?', [
      size,
    ]),
  )
  return { count: row?.count ?? 0, since: row?.since ?? '' }
}

/**
 * Entries that nobody vouches for though they are no news: without a checkpoint over them whoever has the
 * file could have written them anew, without a cosignature whoever has the log key.
 */
export async function auditVouched(
  database: SqlDatabase,
  {
    state,
    history,
    asOf,
    sizes: { signed, cosigned },
    hasPolicy,
  }: {
    readonly state: string
    readonly history: Pick<TrustHistory, 'keysAt'>
    readonly asOf: Date
    readonly sizes: VouchedSizes
    /** Whom it lacks is told by the quorum. */
    readonly hasPolicy: boolean
  },
  report: Report,
): Promise<void> {
  const unsigned = await entriesFrom(database, signed)
  if (areLate(unsigned, asOf)) {
    const words = `${unsigned.count} entries since ${unsigned.since} stand under no checkpoint`
    const [doubt] = await linesOf(database, 'SELECT reason, since FROM log_doubts')
    const hasKey = history.keysAt('ed25519', asOf).some((listed) => listed.state === state)
    if (doubt !== undefined)
      report('entries-unproven', `entry ${signed}`, `${words}: the log is in doubt (${doubt})`)
    else if (!hasKey)
      report('entries-unproven', `entry ${signed}`, `${words}: no list names a key of the log`)
    else report('entries-unsigned', `entry ${signed}`, words)
  }
  if (hasPolicy) return
  const behind = await entriesFrom(database, cosigned)
  tellUnwitnessed({ cosigned, behind, asOf }, report)
}
