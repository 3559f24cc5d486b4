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
  /** The checkpoint of just this size. */
  checkpointOf(size: bigint): Promise<StoredCheckpoint | undefined>
  /** The newest checkpoint that anybody has cosigned. */
  cosignedCheckpoint(): Promise<StoredCheckpoint | undefined>
  /** The smallest size from this one on that one of these, or anybody, has cosigned. */
  cosignedFrom(size: bigint, by?: readonly Cosigner[]): Promise<bigint | undefined>
  /** The largest size up to this one that one of these, or anybody, has cosigned. */
  cosignedUpTo(size: bigint, by?: readonly Cosigner[]): Promise<bigint | undefined>
  /** Keeps the first checkpoint that was signed of a size; none while there is a doubt. */
  keepCheckpoint(checkpoint: StoredCheckpoint): Promise<void>
  /** Keeps the signature of a later log key under the checkpoint of a size; none while there is a doubt. */
  keepSignature(signature: {
    readonly size: bigint
    readonly keyId: number
    readonly line: string
    readonly signedAt: string
  }): Promise<void>
  /** When the oldest checkpoint was signed that is larger than this. */
  signedSince(size: bigint): Promise<string | undefined>
  /** The largest tree that a witness has cosigned. */
  cosignedSize(witness: WitnessName): Promise<bigint>
  /** Keeps the first cosignature of a witness under a checkpoint. */
  keepCosignature(cosignature: Cosignature): Promise<void>
  /** The epoch of the node: it changes when a database is restored. */
  epoch(): Promise<string>
  /** Why this log may not be the newest, if there is such a doubt. */
  doubt(): Promise<LogDoubt | undefined>
  /** Begins to doubt, unless it does, because of what a witness has answered. */
  contradict(witness: WitnessName, size: bigint, at: string): Promise<void>
  /** Keeps that a witness has confirmed the newest checkpoint, if there is a doubt. */
  confirm(witness: WitnessName, size: bigint, at: string): Promise<void>
  /** Ends this doubt, unless another witness has contradicted since it was read; whether it ended. */
  endDoubt(doubt: LogDoubt): Promise<boolean>
}

/** A witness as a state lists it: the name alone is anybody's. */
export interface WitnessName {
  /** Empty: the operator of this node has chosen it, no trust list names it. */
  readonly state: string
  readonly name: string
  readonly keyId: number
}

/** A witness, as far as it cosigned from and until these times. */
export interface Cosigner extends WitnessName {
  readonly from?: string | undefined
  readonly until?: string | undefined
}

/** While it lasts no checkpoint is signed: one of another tree of that size may be in the world. */
export interface LogDoubt {
  readonly since: string
  readonly reason: 'restored' | 'contradicted'
  /** What each witness has said since then of the newest checkpoint that was signed before. */
  readonly answers: readonly {
    readonly witness: WitnessName
    readonly answer: 'accepted' | 'contradicted'
    readonly size: bigint
    readonly at: string
  }[]
}

/** What a witness answered: its signature line, under the checkpoint of `size`. */
export interface Cosignature {
  readonly size: bigint
  readonly witness: WitnessName
  readonly line: string
  readonly cosignedAt: string
}
