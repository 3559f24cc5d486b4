import type { TrustApproval, TrustFork } from './trust-decisions.ts'
import type { AcceptedVersion } from './trust-store.ts'

/** Whatever it is a fork of, it freezes the same. */
type Frozen = Pick<TrustFork, 'state' | 'sha256' | 'seenAt'>

/** Of what is frozen by a fork that nobody has settled. */
export const NEVER = '9999-12-31T23:59:59Z'

/**
 * From when on what each accepted version adds counts at this node, by its SHA-256; without an entry: at
 * once. All of it follows from what is stored, so that an answer once given stays: the instant decided
 * when the version was accepted, an approval of two persons that comes before it, and forks. What did not
 * count yet when a fork was seen counts when it is settled.
 */
export function countingInstants(
  accepted: readonly AcceptedVersion[],
  approvals: readonly TrustApproval[],
  forks: readonly Frozen[],
): Map<string, string> {
  const approvedAt = (kind: TrustApproval['kind'], state: string, sha256: string) =>
    approvals.find(
      (approval) =>
        approval.kind === kind && approval.state === state && approval.subject === sha256,
    )?.approvedAt
  const instants = new Map<string, string>()
  for (const { state, sha256, additionsFrom } of accepted) {
    if (additionsFrom === undefined) continue
    const hastenedAt = approvedAt('additions', state, sha256)
    let from = hastenedAt !== undefined && hastenedAt < additionsFrom ? hastenedAt : additionsFrom
    // By the instant at which they were seen: what one fork puts off may fall under the next.
    for (const fork of forks.filter((one) => one.state === state).toSorted(bySight)) {
      const settledAt = approvedAt('fork', state, fork.sha256) ?? NEVER
      if (from > fork.seenAt && from < settledAt) from = settledAt
    }
    instants.set(sha256, from)
  }
  return instants
}

/** Forks of a state that nobody has settled. */
export function standingForks<F extends Frozen>(
  forks: readonly F[],
  approvals: readonly TrustApproval[],
): F[] {
  return forks.filter(
    ({ state, sha256 }) =>
      !approvals.some(
        (approval) =>
          approval.kind === 'fork' && approval.state === state && approval.subject === sha256,
      ),
  )
}

function bySight(a: Frozen, b: Frozen): number {
  return a.seenAt < b.seenAt ? -1 : a.seenAt > b.seenAt ? 1 : 0
}
