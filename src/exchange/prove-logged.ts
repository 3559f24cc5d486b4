import { sha256Sync } from '../crypto/suite.ts'
import { parseSignedCheckpoint } from '../tlog/checkpoint.ts'
import { proveInclusion } from '../tlog/inclusion.ts'
import { parseLeaf } from '../tlog/leaf.ts'
import type { LogStore, StoredCheckpoint } from '../tlog/log-store.ts'
import { logHashReader } from '../tlog/log-tiles.ts'
import { formatLogProof } from '../tlog/proof.ts'

const utf8 = new TextEncoder()

/**
 * The proof that an entry stands under a checkpoint of the own log that covers it (C2SP tlog-proof), its
 * leaf as extra data.
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
  return formatLogProof({ extra: utf8.encode(leaf), index, path, signed })
}

export interface LoggedProof {
  readonly proof: string
  /** Whether the quorum has cosigned its checkpoint. */
  readonly witnessed: boolean
  /** When the own node appended it, by its own word. */
  readonly at: string
}

/**
 * The proof that shows the earliest by when a document stood in the own log: under the oldest checkpoint
 * that the quorum has cosigned. Without one under any that covers it; undefined: none does.
 */
export function proveEarliest(log: LogStore, witnesses: number) {
  async function proven(index: bigint, by: StoredCheckpoint, witnessed: boolean) {
    const [[leaf = ''], proof] = await Promise.all([
      log.leaves(index, index + 1n),
      proveUnder(log, index, by),
    ])
    return { proof, witnessed, at: parseLeaf(leaf)?.at ?? by.signedAt }
  }
  return async (sha256: string): Promise<LoggedProof | undefined> => {
    const index = await log.indexOf(sha256)
    if (index === undefined) return undefined
    const cosigned = await log.earliestCosigned(index, witnesses)
    if (cosigned) return proven(index, cosigned, true)
    const other = (await log.earliestCosigned(index, 1)) ?? (await log.checkpoint())
    return other && other.size > index ? proven(index, other, false) : undefined
  }
}
