import { appendLeaves, EMPTY_FRONTIER, rootOf } from './frontier.ts'
import type { HashReader } from './hash-reader.ts'
import { type Hash, leafHash } from './merkle.ts'
import type { Subtree } from './subtree.ts'
import { TILE_WIDTH } from './tile.ts'

const utf8 = new TextEncoder()

/**
 * Hashes of a tree of which only the leaves are at hand: a proof costs as much as hashing the tree, in
 * pieces with a pause for others between them.
 */
export function leafHashReader(
  hash: Hash,
  readLeaves: (start: bigint, end: bigint) => Promise<readonly string[]>,
): HashReader {
  async function hashOf({ level, index }: Subtree): Promise<Uint8Array> {
    const start = index << BigInt(level)
    const end = (index + 1n) << BigInt(level)
    let frontier = EMPTY_FRONTIER
    for (let at = start; at < end; at += BigInt(TILE_WIDTH)) {
      const to = at + BigInt(TILE_WIDTH) < end ? at + BigInt(TILE_WIDTH) : end
      const leaves = await readLeaves(at, to)
      if (leaves.length !== Number(to - at)) throw new Error(`Leaves from ${at} on are missing`)
      const hashes = leaves.map((leaf) => leafHash(hash, utf8.encode(leaf)))
      frontier = appendLeaves(hash, frontier, hashes).frontier
    }
    return rootOf(hash, frontier)
  }

  return {
    async read(subtrees) {
      const hashes: Uint8Array[] = []
      for (const subtree of subtrees) hashes.push(await hashOf(subtree))
      return hashes
    },
  }
}
