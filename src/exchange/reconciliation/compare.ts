import { formatInstant } from '../../encoding/time.ts'
import { type Effort, newEffort } from './find-differences.ts'
import { GRACE_MS, type JudgeViewDependencies, judgeView } from './judge-view.ts'
import type { OpenCheck, StoredReconciliation, StoredVerdict } from './store.ts'
import type { AlarmLog } from '../records.ts'

export interface CompareReconciliationDependencies extends JudgeViewDependencies {
  readonly alarms: Pick<AlarmLog, 'raiseOnce'>
}

const HOUR_MS = 3_600_000
/** Views compared in one call, so that no peer keeps a node busy with documents. */
const AT_ONCE = 8

/**
 * Compares what is due of a peer's documents with what is here. What differs, and does so still when the
 * peer is asked now, is told to the operators; what cannot be told is compared again. One call costs so
 * much at most, whatever the peer says and answers.
 */
export function compareReconciliations(deps: CompareReconciliationDependencies) {
  return async (peer: string): Promise<void> => {
    const now = deps.now()
    const due = await deps.reconciliations.due(peer, formatInstant(now), AT_ONCE)
    const effort = newEffort()
    const faults: unknown[] = []
    for (const check of due) {
      if (effort.calls <= 0 || effort.rows <= 0) break
      try {
        // Before anything is read: what breaks or ends a process must not be the first again next time.
        const claimed = await deps.reconciliations.claim(check, nextCheckAt(check, now))
        if (claimed) await compareOne(deps, claimed, effort)
      } catch (error) {
        // A document that is damaged here must not keep the others from being compared.
        faults.push(error)
      }
    }
    if (faults.length > 0) throw faults[0]
  }
}

async function compareOne(
  deps: CompareReconciliationDependencies,
  check: OpenCheck,
  effort: Effort,
): Promise<void> {
  const { reconciliations: store, alarms } = deps
  const { sha256, view, peer } = check
  const stored = await store.find(sha256)
  if (!stored) throw new Error(`The reconciliation document ${sha256} is missing`)
  const { comparedUpTo, ...judged } = await judgeView(deps, stored, check, effort)
  const at = formatInstant(deps.now())
  const last = await store.lastVerdict(sha256, view)
  const verdict: StoredVerdict = { ...judged, view, at }
  const agrees = judged.outcome === 'agrees'
  const changed = isSame(last, verdict) ? undefined : verdict
  if (!(await store.settle(check, { verdict: changed, agrees, comparedUpTo }))) return
  if (agrees) await store.closeContradictions(peer, view, stored.until)
  if (judged.outcome !== 'differs') return
  const detail = detailOf(stored, verdict)
  const key = `reconciliation-differs ${sha256} ${view}`
  await alarms.raiseOnce(key, { at, kind: 'reconciliation-differs', peer, detail })
}

/** When what was on its way must have come, then every hour of a day, then every day. */
function nextCheckAt({ since, checks }: OpenCheck, now: Date): string {
  const graceEnds = Date.parse(since) + GRACE_MS
  const next =
    now.getTime() < graceEnds ? graceEnds : now.getTime() + (checks < 24 ? HOUR_MS : 24 * HOUR_MS)
  return formatInstant(new Date(next))
}

function isSame(last: StoredVerdict | undefined, next: StoredVerdict): boolean {
  const shown = ({ outcome, reason, differences, complete }: StoredVerdict) =>
    JSON.stringify([outcome, reason, differences, complete])
  return last !== undefined && shown(last) === shown(next)
}

function detailOf({ sha256, maker, until }: StoredReconciliation, verdict: StoredVerdict): string {
  const { view, reason, differences, complete } = verdict
  const [first] = differences
  const count = `${differences.length}${complete ? '' : ' or more'}`
  const what = first
    ? `${count} rows differ, the first at ${first.key}: here ${first.here?.sha256 ?? 'nothing'}, there ${first.there?.sha256 ?? 'nothing'}`
    : reason
  return `what ${maker} says it ${view} until ${until} (${sha256}) is not what is here: ${what}; /v1/peers/${maker}/reconciliations`
}
