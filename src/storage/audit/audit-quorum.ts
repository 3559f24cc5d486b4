import type { Report } from '../../exchange/audit/finding.ts'
import { judgeQuorum } from '../../exchange/log/judge-quorum.ts'
import { appliedPolicy, type LogPolicy } from '../../exchange/log/policy.ts'
import { missingAt, newestByQuorum } from '../../exchange/log/quorum-checkpoints.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import type { TrustView } from '../../trust/trust-view.ts'
import { areLate } from '../../exchange/audit/tell-unvouched.ts'
import { sqlLogStore } from '../log-store.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { entriesFrom } from './audit-vouched.ts'

/**
 * Whether the quorum of the auditor's policy has cosigned the log, up to the last minutes before `asOf`:
 * what it has not is not proven to anybody else.
 */
export async function auditQuorum(
  database: SqlDatabase,
  about: {
    readonly state: string
    readonly view: TrustView
    readonly policy: LogPolicy
    readonly asOf: Date
  },
  report: Report,
): Promise<void> {
  const { state, view, policy, asOf } = about
  const log = sqlLogStore(database)
  const applied = appliedPolicy(view, state, { further: [], policy })!
  const reached = await newestByQuorum(log, applied)
  const parsed = reached && parseSignedCheckpoint(new TextEncoder().encode(reached.note))
  if (parsed && !('malformed' in parsed)) {
    const verdict = await judgeQuorum(parsed, applied)
    if ('lacks' in verdict)
      report('quorum-missing', `checkpoint ${reached.size}`, `it lacks ${verdict.lacks}`)
  }
  const behind = await entriesFrom(database, Number(reached?.size ?? 0n))
  if (!areLate(behind, asOf)) return
  const newest = await log.checkpoint()
  const what = newest
    ? `it lacks ${await missingAt(log, applied, newest.size)}`
    : 'no checkpoint was signed'
  report('quorum-missing', `checkpoint ${newest?.size ?? 0}`, `since ${behind.since} ${what}`)
}
