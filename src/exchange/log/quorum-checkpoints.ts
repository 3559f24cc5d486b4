import { formatInstant } from '../../encoding/time.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import type { Cosigner, LogStore, StoredCheckpoint } from '../../tlog/log-store.ts'
import { missingForQuorum, quorumReachedAt, witnessesOfQuorum } from '../../tlog/quorum.ts'
import { judgeQuorum } from './judge-quorum.ts'
import { type AppliedPolicy, namesOf } from './policy.ts'

type Cosigned = Pick<LogStore, 'cosignedFrom' | 'cosignedUpTo' | 'checkpointOf' | 'checkpoint'>

/**
 * Looked at between two sizes that the quorum might have cosigned together. Witnesses that so seldom
 * cosign the same checkpoint make no quorum here.
 */
const MOST_STEPS = 64

/**
 * The oldest checkpoint behind an entry that the quorum has cosigned while its log key was in force: it
 * dates the entry best. A key that has ended in an emergency may go on signing until its node holds the
 * next one, and verifiers believe nothing of that.
 */
export async function earliestByQuorum(
  log: Cosigned,
  applied: AppliedPolicy,
  index: bigint,
): Promise<StoredCheckpoint | undefined> {
  const first = await find(log, applied, index + 1n, 'ahead')
  if (!first || (await countsByItsKey(first, applied))) return first
  const newest = await newestByQuorum(log, applied)
  if (!newest || !(await countsByItsKey(newest, applied))) return undefined
  // Once another key signs it goes on: what counts is all behind what does not.
  let found = newest
  let [low, high] = [first.size + 1n, newest.size]
  while (low < high) {
    const middle = (low + high) / 2n
    const next = await find(log, applied, middle, 'ahead')
    if (next && (await countsByItsKey(next, applied))) {
      found = next
      high = middle
    } else low = (next?.size ?? middle) + 1n
  }
  return found
}

/** Whether the log key under a checkpoint had not ended when the quorum was complete. */
async function countsByItsKey(
  { note }: StoredCheckpoint,
  applied: AppliedPolicy,
): Promise<boolean> {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  // What is damaged is told when something is proven under it.
  if ('malformed' in signed) return true
  const keys = applied.logKeys.filter(({ key }) =>
    signed.note.signatures.some(({ name, keyId }) => name === key.name && keyId === key.keyId),
  )
  if (keys.length === 0 || keys.some(({ until }) => until === undefined)) return true
  const judged = await judgeQuorum(signed, applied)
  return 'at' in judged && keys.some(({ until = '' }) => formatInstant(judged.at) <= until)
}

/** The newest checkpoint that the quorum has cosigned. */
export async function newestByQuorum(
  log: Cosigned,
  applied: AppliedPolicy,
): Promise<StoredCheckpoint | undefined> {
  const newest = await log.checkpoint()
  return newest && find(log, applied, newest.size, 'back')
}

/** Whom the quorum lacks under the checkpoint of a size, for people. */
export async function missingAt(
  log: Pick<LogStore, 'cosignedFrom'>,
  applied: AppliedPolicy,
  size: bigint,
): Promise<string> {
  const has = new Set<string>()
  for (const name of witnessesOfQuorum(applied.policy)) {
    const next = await log.cosignedFrom(size, cosigners(applied, name))
    if (next === size) has.add(name)
  }
  return missingForQuorum(applied.policy, (name) => has.has(name))
}

/**
 * Goes from one size to the next at which the quorum can be met at all, so that nothing is read of the
 * many that it has not cosigned; where a needed witness has never cosigned, that is at once.
 */
async function find(
  log: Cosigned,
  applied: AppliedPolicy,
  start: bigint,
  direction: 'ahead' | 'back',
): Promise<StoredCheckpoint | undefined> {
  const { policy } = applied
  const names = witnessesOfQuorum(policy)
  const sign = direction === 'ahead' ? 1 : -1
  const nextOf = (size: bigint, by: Cosigner[]) =>
    direction === 'ahead' ? log.cosignedFrom(size, by) : log.cosignedUpTo(size, by)
  let from = start
  for (let step = 0; step < MOST_STEPS; step++) {
    const found = await Promise.all(
      names.map(async (name) => [name, await nextOf(from, cosigners(applied, name))] as const),
    )
    const sizes = new Map(found)
    const reached = quorumReachedAt(policy, (name) => {
      const size = sizes.get(name)
      return size === undefined ? undefined : sign * Number(size)
    })
    if (reached === undefined) return undefined
    const size = BigInt(sign * reached)
    const together = (name: string) => (sizes.get(name) === size ? 0 : undefined)
    if (quorumReachedAt(policy, together) !== undefined) return log.checkpointOf(size)
    from = size
  }
  return undefined
}

function cosigners({ witnesses }: AppliedPolicy, name: string): Cosigner[] {
  const witness = witnesses.get(name)
  if (!witness) return []
  const { from, until } = witness
  return namesOf(witness).map((one) => ({ ...one, from, until }))
}
