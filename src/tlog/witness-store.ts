/** A checkpoint of a log that this witness has cosigned. */
export interface WitnessedCheckpoint {
  /** How many there are of this origin. */
  readonly n: number
  readonly size: bigint
  readonly rootHash: Uint8Array
  /** The signed note of the log. */
  readonly note: string
}

/** Two checkpoints of one log that cannot both be true, each signed by it: who shows them proves it. */
export interface LogFork {
  readonly state: string
  readonly origin: string
  readonly foundAt: string
  readonly first: string
  readonly second: string
  /**
   * Of different sizes alone: the root that the larger tree has at the smaller size, and the consistency
   * proof between the two (RFC 9162 §2.1.4), which shows it.
   */
  readonly proof: readonly Uint8Array[]
}

/** Two checkpoints that a log signed, the larger of which it showed no longer as its newest one. */
export interface LogRollback {
  readonly state: string
  readonly origin: string
  readonly foundAt: string
  /** The size of the larger one. */
  readonly size: bigint
  readonly before: string
  readonly shown: string
}

/** A log as its state names it: another state's log of the same origin is another log. */
export interface LogName {
  readonly state: string
  readonly origin: string
}

/** A checkpoint that a log has signed, and that nothing shown so far bears out or refutes. */
export interface UnprovenCheckpoint {
  readonly size: bigint
  readonly rootHash: Uint8Array
  readonly note: string
}

/**
 * So many of them are kept of a log, the smallest: no honest one signs more between two looks into it, and
 * sizes that it will not have for long must not push out what can be compared soon.
 */
export const UNPROVEN_OF_A_LOG = 128

/** So many proofs of a fork are kept of a log: one is enough to convince anybody. */
export const FORKS_OF_A_LOG = 8

/** What a witness remembers of the logs of others, durable. There is one memory for an origin. */
export interface WitnessStore {
  /** The newest checkpoint of an origin, and the state whose log it was. */
  newest(origin: string): Promise<(WitnessedCheckpoint & { readonly state: string }) | undefined>
  /** The checkpoint of this size. */
  ofSize(log: LogName, size: bigint): Promise<WitnessedCheckpoint | undefined>
  /** The largest checkpoint that is not larger than this, and when it was cosigned (RFC 3339). */
  newestUpTo(
    log: LogName,
    size: bigint,
  ): Promise<{ readonly size: bigint; readonly at: string } | undefined>
  /**
   * Keeps the next checkpoint of a log and counts it against what the logs of its state may fill in a day,
   * both or neither. Neither if another is already the `n`-th (`overtaken`), if the log is known to have
   * two histories (`forked`), or if it would be more than `most` bytes on this day (`no-room`).
   * `cosignature`: the line by which it was cosigned at that time.
   */
  keep(
    log: LogName,
    checkpoint: WitnessedCheckpoint & { readonly at: string; readonly cosignature: string },
    room: { readonly day: string; readonly most: number },
  ): Promise<'kept' | 'overtaken' | 'forked' | 'no-room'>
  /** Keeps a checkpoint until it can be compared; false: kept already, or enough smaller ones. */
  keepUnproven(log: LogName, checkpoint: UnprovenCheckpoint, at: string): Promise<boolean>
  unproven(log: LogName): Promise<UnprovenCheckpoint[]>
  /** It was compared. */
  dropUnproven(log: LogName, checkpoint: UnprovenCheckpoint): Promise<void>
  /** Whether this database was restored and what had been cosigned of this origin was not read back yet. */
  mustRecall(origin: string): Promise<boolean>
  /** When the database was restored, if what had been cosigned of this origin was not read back since. */
  recallingSince(origin: string): Promise<string | undefined>
  /** It was read back. */
  recalled(origin: string, at: string): Promise<void>
  /** Keeps the proof of a fork; false when these two are kept already, or enough others. */
  keepFork(fork: LogFork): Promise<boolean>
  /** Whether there is a proof that this log has two histories, and two persons have not settled it. */
  isForked(log: LogName): Promise<boolean>
  /** The newest of them, the oldest first. */
  forks(limit: number): Promise<LogFork[]>
  /** Keeps the proof that a log was shown shorter than it had been, once for each size. */
  keepRollback(rollback: LogRollback): Promise<boolean>
  /** The newest of them, the oldest first. */
  rollbacks(limit: number): Promise<LogRollback[]>
}
