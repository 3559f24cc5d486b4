/** The newest checkpoint of a log that this witness has cosigned. */
export interface WitnessedCheckpoint {
  /** How many there are of this log. */
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
}

/** A log as its state names it: another state's log of the same origin is another log. */
export interface LogName {
  readonly state: string
  readonly origin: string
}

/** What a witness remembers of the logs of others, durable. */
export interface WitnessStore {
  newest(log: LogName): Promise<WitnessedCheckpoint | undefined>
  /**
   * Keeps the next checkpoint of a log. `overtaken`: another is already the `n`-th; nothing is written.
   */
  keep(
    log: LogName,
    checkpoint: WitnessedCheckpoint & { readonly at: string },
  ): Promise<'kept' | 'overtaken'>
  /** Keeps the proof of a fork; false when these two are kept already. */
  keepFork(fork: LogFork): Promise<boolean>
  forks(): Promise<LogFork[]>
}
