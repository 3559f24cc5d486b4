import type { AdminAct } from '../trust/admin-act.ts'

/** The record of what those who run the node changed. Only ever added to. */
export interface AdminActLog {
  /** For changes outside the database; those inside write their act in the same atomic step. */
  record(acts: readonly AdminAct[]): Promise<void>
  /** At most `limit` of them, oldest first. */
  list(after: number, limit: number): Promise<(Omit<AdminAct, 'act'> & RecordedAct)[]>
  /** The newest of one kind. */
  last(act: AdminAct['act']): Promise<(Omit<AdminAct, 'act'> & RecordedAct) | undefined>
}

interface RecordedAct {
  readonly n: number
  /** The entry of the log that covers it. */
  readonly idx?: number
  /** May be of a newer program. */
  readonly act: string
}
