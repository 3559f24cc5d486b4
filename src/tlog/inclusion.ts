import { isSameOctets } from '../encoding/octets.ts'
import { readRanges, type HashReader } from './hash-reader.ts'
import { HASH_LENGTH, MAX_PROOF_LENGTH, isTreeSize, nodeHash, type Hash } from './merkle.ts'
import { splitPoint, type LeafRange } from './subtree.ts'

/** What an inclusion proof claims: this leaf stands at `index` in the tree of `size` leaves. */
export interface InclusionClaim {
  readonly index: bigint
  readonly size: bigint
  readonly leafHash: Uint8Array
  readonly rootHash: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * The audit path of a leaf in the tree that the log had at `size` (RFC 6962 §2.1.1).
 *
 * @throws {RangeError} there is no such leaf
 */
export async function proveInclusion(
  hash: Hash,
  reader: HashReader,
  index: bigint,
  size: bigint,
): Promise<Uint8Array[]> {
  if (!isTreeSize(size) || index < 0n || index >= size)
    throw new RangeError(`A tree of ${size} leaves has no leaf ${index}`)
  return readRanges(hash, reader, pathRanges(index, size))
}

/** The sibling of each node on the way from the leaf up to the root. */
function pathRanges(index: bigint, size: bigint): LeafRange[] {
  const fromRoot: LeafRange[] = []
  let start = 0n
  let end = size
  while (end - start > 1n) {
    const middle = start + splitPoint(end - start)
    if (index < middle) {
      fromRoot.push({ start: middle, end })
      end = middle
    } else {
      fromRoot.push({ start, end: middle })
      start = middle
    }
  }
  return fromRoot.reverse()
}

/** Verifies an inclusion proof (RFC 9162 §2.1.3.2); the root hash is trusted, all else is claimed. */
export function verifyInclusion(hash: Hash, claim: InclusionClaim): boolean {
  const { index, size, proof, rootHash } = claim
  if (!isTreeSize(size) || index < 0n || index >= size) return false
  if (proof.length > MAX_PROOF_LENGTH) return false
  if ([claim.leafHash, rootHash, ...proof].some(({ length }) => length !== HASH_LENGTH))
    return false
  let fn = index
  let sn = size - 1n
  let r = claim.leafHash
  for (const p of proof) {
    if (sn === 0n) return false
    if ((fn & 1n) === 1n || fn === sn) {
      r = nodeHash(hash, p, r)
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else r = nodeHash(hash, r, p)
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && isSameOctets(r, rootHash)
}
