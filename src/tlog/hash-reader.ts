import { joinSubtrees, type Hash } from './merkle.ts'
import { subtreesOf, type LeafRange, type Subtree } from './subtree.ts'

/** Where the hashes of a stored tree come from. */
export interface HashReader {
  /** The hashes of complete subtrees, in the order asked. Rejects when one of them is not stored. */
  read(subtrees: readonly Subtree[]): Promise<readonly Uint8Array[]>
}

/** The Merkle Tree Hash of each range (RFC 6962 §2.1), in one reading. */
export async function readRanges(
  hash: Hash,
  reader: HashReader,
  ranges: readonly LeafRange[],
): Promise<Uint8Array[]> {
  const parts = ranges.map(subtreesOf)
  const hashes = await reader.read(parts.flat())
  let at = 0
  return parts.map(({ length }) => joinSubtrees(hash, hashes.slice(at, (at += length))))
}
