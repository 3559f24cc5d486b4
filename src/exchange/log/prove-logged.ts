import { sha256Sync } from '../../crypto/suite.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import { proveInclusion } from '../../tlog/inclusion.ts'
import { parseLeaf } from '../../tlog/leaf.ts'
import type { LogStore, StoredCheckpoint } from '../../tlog/log-store.ts'
import { LogDamaged, logHashReader } from '../../tlog/log-tiles.ts'
import { formatLogProof, provesInclusion } from '../../tlog/proof.ts'
import type { AppliedPolicy } from './policy.ts'
import { earliestByQuorum, missingAt } from './quorum-checkpoints.ts'

const utf8 = new TextEncoder()

/**
 * The proof that an entry stands under a checkpoint of the own log that covers it (C2SP tlog-proof), its
 * leaf as extra data.
 *
 * @throws {LogDamaged} what is stored proves nothing: it was altered since
 */
export async function proveUnder(
  log: LogStore,
  index: bigint,
  stored: StoredCheckpoint,
): Promise<string> {
  const signed = parseSignedCheckpoint(utf8.encode(stored.note))
  if ('malformed' in signed)
    throw new Error(`The checkpoint at ${stored.size} is damaged: ${signed.malformed}`)
  const { size } = signed.checkpoint
  const reader = logHashReader(sha256Sync, log, size)
  const [[leaf], path] = await Promise.all([
    log.leaves(index, index + 1n),
    proveInclusion(sha256Sync, reader, index, size),
  ])
  const proof = { extra: utf8.encode(leaf), index, path, signed }
  if (!provesInclusion(sha256Sync, proof, proof.extra))
    throw new LogDamaged(`entry ${index} is not the one of the checkpoint at ${size}`)
  return formatLogProof(proof)
}

export interface LoggedProof {
  readonly proof: string
  /** Whom the quorum lacks under its checkpoint, for people; undefined: nobody. */
  readonly lacks: string | undefined
  /** When the own node appended it, by its own word. */
  readonly at: string
}

/**
 * The proof that shows the earliest by when a document stood in the own log: under the oldest checkpoint
 * that the quorum has cosigned. Without one under any that covers it; undefined: none does.
 */
export function proveEarliest(log: LogStore, quorum: AppliedPolicy | undefined) {
  async function proven(index: bigint, by: StoredCheckpoint, lacks: string | undefined) {
    const [[leaf = ''], proof] = await Promise.all([
      log.leaves(index, index + 1n),
      proveUnder(log, index, by),
    ])
    return { proof, lacks, at: parseLeaf(leaf)?.at ?? by.signedAt }
  }
  return async (sha256: string): Promise<LoggedProof | undefined> => {
    const index = await log.indexOf(sha256)
    if (index === undefined) return undefined
    const byQuorum = quorum && (await earliestByQuorum(log, quorum, index))
    if (byQuorum) return proven(index, byQuorum, undefined)
    const cosigned = await log.cosignedFrom(index + 1n)
    const other = cosigned === undefined ? await log.checkpoint() : await log.checkpointOf(cosigned)
    if (!other || other.size <= index) return undefined
    if (!quorum) return proven(index, other, NO_WITNESS)
    return proven(index, other, (await missingAt(log, quorum, other.size)) || NO_LOG_KEY)
  }
}

const NO_LOG_KEY = 'a checkpoint under a log key that has not ended'
const NO_WITNESS = 'a witness: no trust list of another state names one'
