import { appendLeaves, EMPTY_FRONTIER, rootOf } from './frontier.ts'
import type { HashReader } from './hash-reader.ts'
import { type Hash, leafHash } from './merkle.ts'
import type { Subtree } from './subtree.ts'
import { TILE_HEIGHT, TILE_WIDTH } from './tile.ts'

const utf8 = new TextEncoder()

/** Bundle roots hashed between two pauses. */
const ROOTS_AT_ONCE = 4096

/** What is held of a log: its leaves, and the roots of full bundles of 256. */
export interface HeldLeaves {
  readonly leaves: (start: bigint, end: bigint) => Promise<readonly string[]>
  /** Roots of bundles from `start` without `end`. */
  readonly bundleRoots: (start: bigint, end: bigint) => Promise<readonly Uint8Array[]>
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>
}

/**
 * Hashes of a tree of which leaves and the roots of their bundles are at hand: a proof costs one hash for
 * 256 leaves, in pieces with a pause for others between them.
 */
export function leafHashReader(hash: Hash, held: HeldLeaves): HashReader {
  async function overBundles(start: bigint, end: bigint): Promise<Uint8Array> {
    let frontier = EMPTY_FRONTIER
    for (let at = start; at < end; at += BigInt(ROOTS_AT_ONCE)) {
      const to = at + BigInt(ROOTS_AT_ONCE) < end ? at + BigInt(ROOTS_AT_ONCE) : end
      const roots = await held.bundleRoots(at, to)
      if (roots.length !== Number(to - at)) throw new Error(`Bundles from ${at} on are missing`)
      frontier = appendLeaves(hash, frontier, roots).frontier
      await held.pause()
    }
    return rootOf(hash, frontier)
  }

  async function hashOf({ level, index }: Subtree): Promise<Uint8Array> {
    const start = index << BigInt(level)
    const end = (index + 1n) << BigInt(level)
    const width = BigInt(TILE_WIDTH)
    if (level >= TILE_HEIGHT) return overBundles(start / width, end / width)
    const leaves = await held.leaves(start, end)
    if (leaves.length !== Number(end - start))
      throw new Error(`Leaves from ${start} on are missing`)
    const hashes = leaves.map((leaf) => leafHash(hash, utf8.encode(leaf)))
    return rootOf(hash, appendLeaves(hash, EMPTY_FRONTIER, hashes).frontier)
  }

  return {
    async read(subtrees) {
      const hashes: Uint8Array[] = []
      for (const subtree of subtrees) hashes.push(await hashOf(subtree))
      return hashes
    },
  }
}
