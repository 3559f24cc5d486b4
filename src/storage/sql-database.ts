import type { CompiledQuery } from 'kysely'

/**
 * What an engine must do for us. There are no interactive transactions: D1 has none, and one atomic
 * list of statements is enough (see docs/decisions/0003-no-interactive-transactions.md).
 */
export interface SqlDatabase {
  /** Runs one statement; the rows it returns. */
  query<R>(query: CompiledQuery<R>): Promise<R[]>
  /**
   * Runs the statements in order, all or none, durable before it returns.
   * `collision`: a UNIQUE or PRIMARY KEY constraint refused one of them and nothing was written.
   * Any other failure throws, nothing written.
   */
  atomic(statements: readonly CompiledQuery[]): Promise<'done' | 'collision'>
}

/** Values in one `IN` list: D1 takes at most 100 parameters a statement. */
export const MAX_PARAMETERS = 90
