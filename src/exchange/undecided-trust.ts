import { formatInstant } from '../encoding/time.ts'
import { type Addition, additionsOf } from '../trust/additions.ts'
import { NEVER, standingForks } from '../trust/counting-instants.ts'
import { readHistories } from '../trust/list-histories.ts'
import type { TrustFork } from '../trust/trust-decisions.ts'
import type { TrustStore } from '../trust/trust-store.ts'
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
  const [histories, proposals, forks, approvals] = await Promise.all([
    readHistories(store, new Map()),
    openProposals(store, now),
    store.forks(),
    store.approvals(),
  ])
  const instant = formatInstant(now)
  const pending = [...histories].flatMap(([state, versions]) =>
    versions.flatMap(({ list, sha256, additionsFrom }, i): PendingAdditions[] => {
      const before = versions[i - 1]?.list
      if (additionsFrom === undefined || additionsFrom <= instant || !before) return []
      const additions = additionsOf(before, list)
      const countsFrom = additionsFrom === NEVER ? undefined : additionsFrom
      const { version } = list
      return additions.length > 0 ? [{ state, version, sha256, countsFrom, additions }] : []
    }),
  )
  return { pending, proposals, forks: standingForks(forks, approvals) }
}
