import type { CoveredTable } from '../log/administrative-entry.ts'
import type { ShownCheckpoint, ShownCovering, ShownStatuses } from './audit-source.ts'
import type { StoredTrust } from './log-history.ts'

/** What a node shows to an auditor; undefined: it has no such thing. Pages go on behind `after`. */
export interface ShownLog {
  checkpoint(): Promise<string | undefined>
  tile(path: string): Promise<Uint8Array | undefined>
  /** The newest trust list of its state, and any version of it. */
  trustList(version?: number): Promise<string | undefined>
  /** Documents of the log in its order; those that were fetched before may come from elsewhere. */
  documents(after: number): AsyncIterable<ShownDocument>
  checkpoints(after: number): Promise<readonly ShownCheckpoint[]>
  trust(): Promise<StoredTrust>
  coverings(after: number): Promise<readonly ShownCovering[]>
  rows(rowsOf: CoveredTable, after: number): Promise<readonly ShownRow[]>
  statuses(after: number): Promise<ShownStatuses>
  /** Entries whose document or records a restore could not bring back, in the order of the log. */
  lost(): AsyncIterable<{ readonly idx: number; readonly epoch: string }>
  pause(): Promise<void>
}

export interface ShownDocument {
  readonly idx: number
  readonly jws: string
}

export interface ShownRow {
  readonly n: number
  readonly text: string
}

/** Tells how far a step is. */
export type Progress = (step: string, done: number, all: number) => void

/**
 * All of something that comes in pages, each entry behind the one before it. Where a page does not go on,
 * it ends: what a node could repeat for ever is not read for ever.
 */
export async function* pagesOf<T>(
  page: (after: number) => Promise<readonly T[]>,
  placeOf: (one: T) => number,
): AsyncGenerator<T> {
  let after = -1
  for (;;) {
    const found = await page(after)
    for (const one of found) {
      if (!(placeOf(one) > after)) return
      after = placeOf(one)
      yield one
    }
    if (found.length === 0) return
  }
}
