import { midnightBefore } from './make.ts'
import type { ReconciliationStore, VERDICT_OUTCOMES } from './store.ts'

/** Whether two nodes agree by now, as far as this one can tell. */
export function reconciliationState({
  state,
  now,
  reconciliations,
}: {
  readonly state: string
  readonly now: () => Date
  readonly reconciliations: Pick<ReconciliationStore, 'open' | 'newest'>
}) {
  return async (peer: string): Promise<(typeof VERDICT_OUTCOMES)[number]> => {
    const [first] = await reconciliations.open(peer, 1)
    if (first?.verdict?.outcome === 'differs') return 'differs'
    const newest = await reconciliations.newest(peer, state)
    const isCurrent = newest !== undefined && newest.until >= midnightBefore(now())
    return isCurrent && !first ? 'agrees' : 'cannot-tell'
  }
}
