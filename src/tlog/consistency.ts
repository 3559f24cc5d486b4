import { isSameOctets } from '../encoding/octets.ts'
import { readRanges, type HashReader } from './hash-reader.ts'
import { HASH_LENGTH, MAX_PROOF_LENGTH, isTreeSize, nodeHash, type Hash } from './merkle.ts'
import { splitPoint, type LeafRange } from './subtree.ts'

/** What a consistency proof claims: the older tree is the beginning of the newer one. */
export interface ConsistencyClaim {
  readonly oldSize: bigint
  readonly newSize: bigint
  readonly oldRootHash: Uint8Array
  readonly newRootHash: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * The consistency proof between two sizes of the stored tree (RFC 6962 §2.1.2). Empty for equal sizes,
 * and from the empty tree.
 *
 * @throws {RangeError} the sizes are not in order
 */
export async function proveConsistency(
  hash: Hash,
  reader: HashReader,
  oldSize: bigint,
  newSize: bigint,
): Promise<Uint8Array[]> {
  if (!isTreeSize(oldSize) || !isTreeSize(newSize) || oldSize > newSize)
    throw new RangeError(`A tree does not grow from ${oldSize} to ${newSize} leaves`)
  if (oldSize === 0n) return []
  return readRanges(hash, reader, proofRanges(oldSize, newSize))
}

/** The nodes of RFC 6962 §2.1.2 SUBPROOF, unrolled. */
function proofRanges(oldSize: bigint, newSize: bigint): LeafRange[] {
  const fromRoot: LeafRange[] = []
  let start = 0n
  let end = newSize
  while (oldSize !== end) {
    const middle = start + splitPoint(end - start)
    if (oldSize <= middle) {
      fromRoot.push({ start: middle, end })
      end = middle
    } else {
      fromRoot.push({ start, end: middle })
      start = middle
    }
  }
  // A node that starts at leaf 0 is the older root itself: the verifier has it.
  if (start > 0n) fromRoot.push({ start, end })
  return fromRoot.reverse()
}

/**
 * Verifies a consistency proof (RFC 9162 §2.1.4.2). From the empty tree nothing can be proven: that is
 * refused, and a witness that meets a log for the first time decides it elsewhere.
 */
export function verifyConsistency(hash: Hash, claim: ConsistencyClaim): boolean {
  const { oldSize, newSize, oldRootHash, newRootHash, proof } = claim
  if (!isTreeSize(newSize) || oldSize <= 0n || oldSize > newSize) return false
  if (proof.length > MAX_PROOF_LENGTH) return false
  if ([oldRootHash, newRootHash, ...proof].some(({ length }) => length !== HASH_LENGTH))
    return false
  if (oldSize === newSize) return proof.length === 0 && isSameOctets(oldRootHash, newRootHash)
  if (proof.length === 0) return false

  const isPowerOfTwo = (oldSize & (oldSize - 1n)) === 0n
  const [first, ...rest] = isPowerOfTwo ? [oldRootHash, ...proof] : proof
  let fn = oldSize - 1n
  let sn = newSize - 1n
  while ((fn & 1n) === 1n) {
    fn >>= 1n
    sn >>= 1n
  }
  let fr = first!
  let sr = first!
  for (const c of rest) {
    if (sn === 0n) return false
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(hash, c, fr)
      sr = nodeHash(hash, c, sr)
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else sr = nodeHash(hash, sr, c)
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && isSameOctets(fr, oldRootHash) && isSameOctets(sr, newRootHash)
}
