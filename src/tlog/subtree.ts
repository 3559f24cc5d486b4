/** A complete subtree: the leaves from `index` · 2^`level` up to (`index` + 1) · 2^`level`. */
export interface Subtree {
  readonly level: number
  readonly index: bigint
}

/** Leaves from `start` up to and without `end`. */
export interface LeafRange {
  readonly start: bigint
  readonly end: bigint
}

/** The largest power of two below `size`, where the tree splits (RFC 6962 §2.1: k); `size` > 1. */
export function splitPoint(size: bigint): bigint {
  return 1n << BigInt(bitLength(size - 1n) - 1)
}

/**
 * The complete subtrees of a range, largest first. The range is one that the tree has a node for, as
 * audit paths and consistency proofs name them: its start is a multiple of its largest part.
 */
export function subtreesOf({ start, end }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = []
  let at = start
  while (at < end) {
    const level = bitLength(end - at) - 1
    subtrees.push({ level, index: at >> BigInt(level) })
    at += 1n << BigInt(level)
  }
  return subtrees
}

function bitLength(n: bigint): number {
  return n === 0n ? 0 : n.toString(2).length
}
