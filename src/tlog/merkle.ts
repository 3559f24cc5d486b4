const utf8 = new TextEncoder()

/** SHA-256 without a promise: hashes are ready before the atomic append that stores them. */
export type Hash = (bytes: Uint8Array) => Uint8Array

export const HASH_LENGTH = 32

/** Sizes fit a signed 64-bit integer, as databases and the other implementations hold them. */
export const MAX_TREE_SIZE = (1n << 63n) - 1n

/** No proof of a tree that large has more nodes (C2SP merkle-tree: log2 of the size, plus one). */
export const MAX_PROOF_LENGTH = 64

/** The root hash of a tree without leaves (RFC 6962 §2.1). */
export function emptyRoot(hash: Hash): Uint8Array {
  return hash(new Uint8Array())
}

/** The hash of a leaf over the entry's bytes (RFC 6962 §2.1). */
export function leafHash(hash: Hash, entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return hash(input)
}

/** `leafHash` of the UTF-8 of a text. */
export function textLeafHash(hash: Hash, entry: string): Uint8Array {
  // U+0000 is the octet that goes before a leaf: one encoding, no copy.
  return hash(utf8.encode(`\0${entry}`))
}

/** The hash of an inner node over its two children (RFC 6962 §2.1). */
export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_LENGTH)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + HASH_LENGTH)
  return hash(input)
}

/** The root over so many subtrees of one size, a power of two of them. */
export function joinEqual(hash: Hash, hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes
  while (row.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(hash, row[i]!, row[i + 1]!))
    row = above
  }
  return row[0]!
}

/** The root over complete subtrees that lie side by side, each one larger than all behind it. */
export function joinSubtrees(hash: Hash, hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot(hash)
  return hashes.reduceRight((right, left) => nodeHash(hash, left, right))
}

export function isTreeSize(size: bigint): boolean {
  return size >= 0n && size <= MAX_TREE_SIZE
}
