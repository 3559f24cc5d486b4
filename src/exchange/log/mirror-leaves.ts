import { parseLeaf } from '../../tlog/leaf.ts'
import type { AddressedMessage } from '../../tlog/mirror-store.ts'

/** What leaves of another's log say to this node. */
export interface LeavesRead {
  readonly addressed: readonly AddressedMessage[]
  /** Number of the last message to this node, the leaves before among them. */
  readonly lastSeq: number
  /** Where leaves stand that no log of the exchange has: whatever they say, it is hidden. */
  readonly unreadable: readonly bigint[]
  /** Messages whose number does not follow that of the one before. */
  readonly misnumbered: readonly AddressedMessage[]
}

/** Reads leaves from index `first` on, behind a message to this node with the number `lastSeq`. */
export function readLeaves(
  state: string,
  leaves: readonly string[],
  first: bigint,
  lastSeq: number,
): LeavesRead {
  const addressed: AddressedMessage[] = []
  const unreadable: bigint[] = []
  const misnumbered: AddressedMessage[] = []
  let last = lastSeq
  for (const [i, text] of leaves.entries()) {
    const index = first + BigInt(i)
    const leaf = parseLeaf(text)
    if (!leaf) unreadable.push(index)
    const seq = leaf && Object.hasOwn(leaf.to, state) ? leaf.to[state] : undefined
    if (!leaf || seq === undefined) continue
    const message = { seq, sha256: leaf.sha256, index }
    addressed.push(message)
    if (seq !== last + 1) misnumbered.push(message)
    last = Math.max(last, seq)
  }
  return { addressed, lastSeq: last, unreadable, misnumbered }
}
