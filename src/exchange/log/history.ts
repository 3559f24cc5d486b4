import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import {
  type Checkpoint,
  parseSignedCheckpoint,
  type SignedCheckpoint,
} from '../../tlog/checkpoint.ts'
import { proveConsistency, verifyConsistency } from '../../tlog/consistency.ts'
import { readFrontier, rootOf } from '../../tlog/frontier.ts'
import type { HashReader } from '../../tlog/hash-reader.ts'

type Seen = Pick<Checkpoint, 'size' | 'rootHash'>

/** `proof`: that the later tree begins with another one; see `LogFork`. `unknown`: the hashes say nothing. */
export type History =
  'continued' | 'unknown' | { readonly forked: true; readonly proof: readonly Uint8Array[] }

/**
 * Whether a checkpoint continues an earlier one, by hashes of the later tree that anybody may have sent.
 * Only what leads to its signed root counts: a damaged hash blames nobody.
 */
export async function historyOf(earlier: Seen, later: Seen, reader: HashReader): Promise<History> {
  if (earlier.size === later.size)
    return isSameOctets(earlier.rootHash, later.rootHash)
      ? 'continued'
      : { forked: true, proof: [] }
  if (earlier.size === 0n) return 'continued'
  const proof = await proveConsistency(sha256Sync, reader, earlier.size, later.size)
  const claim = { oldSize: earlier.size, newSize: later.size, newRootHash: later.rootHash, proof }
  if (verifyConsistency(sha256Sync, { ...claim, oldRootHash: earlier.rootHash })) return 'continued'
  const other = rootOf(sha256Sync, await readFrontier(reader, earlier.size))
  if (!verifyConsistency(sha256Sync, { ...claim, oldRootHash: other })) return 'unknown'
  return { forked: true, proof: [other, ...proof] }
}

/** A checkpoint that was verified before it was stored. @throws {Error} it is damaged */
export function storedCheckpoint(note: string): Checkpoint {
  return parsedCheckpoint(note).checkpoint
}

/** The same with its signatures. @throws {Error} it is damaged */
export function parsedCheckpoint(note: string): SignedCheckpoint {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  if ('malformed' in signed) throw new Error(`A stored checkpoint is damaged: ${signed.malformed}`)
  return signed
}
