import { formatInstant } from '../../encoding/time.ts'
import type { SignedCheckpoint } from '../../tlog/checkpoint.ts'
import { verifyCosignature } from '../../tlog/cosignature.ts'
import { missingForQuorum, quorumReachedAt } from '../../tlog/quorum.ts'
import { type AppliedPolicy, countsAt } from './policy.ts'

/** When each witness of a policy has cosigned a checkpoint, as far as that verifies and counts. */
export async function cosignedTimes(
  signed: SignedCheckpoint,
  { witnesses }: AppliedPolicy,
): Promise<ReadonlyMap<string, Date>> {
  const times = new Map<string, Date>()
  for (const [name, witness] of witnesses) {
    if (!witness.key) continue
    const verdict = await verifyCosignature(signed, witness.key)
    if (typeof verdict === 'string' || !countsAt(witness, formatInstant(verdict.at))) continue
    times.set(name, verdict.at)
  }
  return times
}

/** Whether the quorum has cosigned a checkpoint, and by when; or whom it lacks, for people. */
export async function judgeQuorum(
  signed: SignedCheckpoint,
  applied: AppliedPolicy,
): Promise<{ readonly at: Date } | { readonly lacks: string }> {
  const times = await cosignedTimes(signed, applied)
  const reached = quorumReachedAt(applied.policy, (name) => times.get(name)?.getTime())
  if (reached !== undefined) return { at: new Date(reached) }
  return { lacks: missingForQuorum(applied.policy, (name) => times.has(name)) }
}
