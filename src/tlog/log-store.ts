import type { Frontier } from './frontier.ts'

/** A checkpoint as its log signed it. */
export interface StoredCheckpoint {
  readonly size: bigint
  /** The signed note (C2SP tlog-checkpoint) with the cosignatures that came so far, as text. */
  readonly note: string
  readonly signedAt: string
}

/** What a log holds, durable; it grows with every append and never shrinks. */
export interface LogStore {
  /** The tree at this moment. */
  frontier(): Promise<Frontier>
  /** The leaves from `start` up to and without `end`, as text; fewer where the log ends before. */
  leaves(start: bigint, end: bigint): Promise<string[]>
  /** The hashes of a full tile, one behind the other; `undefined` as long as it is not full. */
  fullTile(level: number, index: bigint): Promise<Uint8Array | undefined>
  /** The hashes of the subtrees that full tiles of a level make up, from `start` without `end`. */
  tileRoots(level: number, start: bigint, end: bigint): Promise<Uint8Array[]>
  /** Where the document with this digest stands. */
  indexOf(sha256: string): Promise<bigint | undefined>
  /** The checkpoint of the largest tree that was signed. */
  checkpoint(): Promise<StoredCheckpoint | undefined>
  /** The newest checkpoint that so many witnesses have cosigned. */
  cosignedCheckpoint(witnesses: number): Promise<StoredCheckpoint | undefined>
  /** The oldest checkpoint behind an entry that so many witnesses have cosigned. */
  earliestCosigned(index: bigint, witnesses: number): Promise<StoredCheckpoint | undefined>
  /** Keeps the first checkpoint that was signed of a size. */
  keepCheckpoint(checkpoint: StoredCheckpoint): Promise<void>
  /** When the oldest checkpoint was signed that is larger than all that were cosigned. */
  unwitnessedSince(): Promise<string | undefined>
  /** The largest tree that a witness has cosigned. */
  cosignedSize(witness: string): Promise<bigint>
  /** Keeps the first cosignature of a witness under a checkpoint. */
  keepCosignature(cosignature: Cosignature): Promise<void>
}

/** What a witness answered: its signature line, under the checkpoint of `size`. */
export interface Cosignature {
  readonly size: bigint
  /** The name of its key. */
  readonly witness: string
  readonly line: string
  readonly cosignedAt: string
}
