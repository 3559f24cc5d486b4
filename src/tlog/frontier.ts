import type { HashReader } from './hash-reader.ts'
import { joinSubtrees, nodeHash, MAX_TREE_SIZE, type Hash } from './merkle.ts'
import { subtreesOf, type Subtree } from './subtree.ts'

/** The complete subtrees that make up a tree, largest first: all of the past that appending needs. */
export interface Frontier {
  readonly size: bigint
  readonly hashes: readonly Uint8Array[]
}

/** A complete subtree and its hash; it never changes again. */
export interface SubtreeHash extends Subtree {
  readonly hash: Uint8Array
}

export const EMPTY_FRONTIER: Frontier = { size: 0n, hashes: [] }

/**
 * Appends leaf hashes: the new frontier, and every subtree that became complete, leaves among them.
 *
 * @throws {Error} the frontier is not one of its size, or the tree would outgrow its limit
 */
export function appendLeaves(
  hash: Hash,
  frontier: Frontier,
  leaves: readonly Uint8Array[],
): { frontier: Frontier; completed: SubtreeHash[] } {
  assertWhole(frontier)
  const size = frontier.size + BigInt(leaves.length)
  if (size > MAX_TREE_SIZE) throw new Error('The tree would outgrow its largest size')
  const hashes = [...frontier.hashes]
  const completed: SubtreeHash[] = []
  for (const [i, leaf] of leaves.entries()) {
    let node: SubtreeHash = { level: 0, index: frontier.size + BigInt(i), hash: leaf }
    completed.push(node)
    // An odd index is a right child: its left sibling is the last subtree of the frontier.
    while ((node.index & 1n) === 1n) {
      const parent = nodeHash(hash, hashes.pop()!, node.hash)
      node = { level: node.level + 1, index: node.index >> 1n, hash: parent }
      completed.push(node)
    }
    hashes.push(node.hash)
  }
  return { frontier: { size, hashes }, completed }
}

/** The root hash of the tree (RFC 6962 §2.1). */
export function rootOf(hash: Hash, { hashes }: Frontier): Uint8Array {
  return joinSubtrees(hash, hashes)
}

/** The frontier that a stored tree had at `size`. */
export async function readFrontier(reader: HashReader, size: bigint): Promise<Frontier> {
  return { size, hashes: await reader.read(subtreesOf({ start: 0n, end: size })) }
}

function assertWhole({ size, hashes }: Frontier): void {
  if (hashes.length !== subtreesOf({ start: 0n, end: size }).length)
    throw new Error(`A frontier of ${hashes.length} subtrees is not one of ${size} leaves`)
}
