import { formatInstant } from '../../encoding/time.ts'
import { type Addition, additionsOf } from '../../trust/additions.ts'
import { countingInstants, NEVER, standingForks } from '../../trust/counting-instants.ts'
import { readList } from '../../trust/list-histories.ts'
import type { TrustFork } from '../../trust/trust-decisions.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { openProposals } from './four-eyes.ts'

/** What a version of a state's list adds and does not count at this node yet. */
export interface PendingAdditions {
  readonly state: string
  readonly version: number
  readonly sha256: string
  /** Absent: frozen, until a fork is settled. */
  readonly countsFrom: string | undefined
  readonly additions: Addition[]
}

export interface UndecidedTrust {
  readonly pending: PendingAdditions[]
  readonly proposals: Awaited<ReturnType<typeof openProposals>>
  readonly forks: TrustFork[]
}

type Store = Pick<TrustStore, 'accepted' | 'version' | 'approvals' | 'forks' | 'proposals' | 'pins'>

/** What of trust waits: additions for their instant, proposals and forks for people. */
export async function undecidedTrust(store: Store, now: Date): Promise<UndecidedTrust> {
  const [accepted, proposals, forks, approvals] = await Promise.all([
    store.accepted(),
    openProposals(store, now),
    store.forks(),
    store.approvals(),
  ])
  const instants = countingInstants(accepted, approvals, forks)
  const instant = formatInstant(now)
  const waiting = accepted.filter(({ sha256 }) => (instants.get(sha256) ?? '') > instant)
  const pending = await Promise.all(
    waiting.map(async ({ state, version, sha256 }): Promise<PendingAdditions[]> => {
      const additionsFrom = instants.get(sha256)!
      const [before, list] = await Promise.all(
        [version - 1, version].map((one) => readList(store, state, one)),
      )
      const additions = additionsOf(before!, list!)
      const countsFrom = additionsFrom === NEVER ? undefined : additionsFrom
      return additions.length > 0 ? [{ state, version, sha256, countsFrom, additions }] : []
    }),
  )
  return { pending: pending.flat(), proposals, forks: standingForks(forks, approvals) }
}
