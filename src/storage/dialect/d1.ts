import type { CompiledQuery } from 'kysely'
import type { SqlDatabase } from '../sql-database.ts'

/** What we use of Cloudflare's D1 binding. */
export interface D1Binding {
  prepare(sql: string): D1Statement
  batch(statements: D1Statement[]): Promise<unknown>
}
interface D1Statement {
  bind(...values: unknown[]): D1Statement
  all(): Promise<{ results: unknown[] }>
}

/** D1: `batch()` is its only transaction. */
export class D1Database implements SqlDatabase {
  readonly #binding: D1Binding

  constructor(binding: D1Binding) {
    this.#binding = binding
  }

  async query<R>(query: CompiledQuery<R>): Promise<R[]> {
    const { results } = await this.#prepare(query).all()
    return results as R[]
  }

  async atomic(statements: readonly CompiledQuery[]): Promise<'done' | 'collision'> {
    // D1 takes an empty batch for a mistake.
    if (statements.length === 0) return 'done'
    try {
      await this.#binding.batch(statements.map((statement) => this.#prepare(statement)))
      return 'done'
    } catch (error) {
      if (error instanceof Error && error.message.includes('UNIQUE constraint failed'))
        return 'collision'
      throw error
    }
  }

  #prepare(query: CompiledQuery): D1Statement {
    return this.#binding.prepare(query.sql).bind(...query.parameters)
  }
}
