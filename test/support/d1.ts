import { readdirSync, readFileSync } from 'node:fs'
import { Miniflare } from 'miniflare'
import { type D1Binding, D1Database } from '../../src/storage/dialect/d1.ts'

const MIGRATIONS = new URL('../../migrations/', import.meta.url)

/** Runs statements against the real binding, inside workerd. */
const WORKER = `export default {
  async fetch(request, env) {
    const { database, statements, batch } = await request.json()
    try {
      const prepared = statements.map(({ sql, values }) => env[database].prepare(sql).bind(...values))
      const results = batch ? await env[database].batch(prepared) : [await prepared[0].all()]
      return Response.json({ results: results.map(({ results }) => results) })
    } catch (error) {
      return Response.json({ error: error.message })
    }
  }
}`

/** D1 as workerd runs it, with as many empty databases as a test file asks for. */
export interface LocalD1 {
  /** A database nobody has used yet, with the newest schema. */
  create(): Promise<D1Database>
  stop(): Promise<void>
}

export function startD1(databases: number): LocalD1 {
  const names = Array.from({ length: databases }, (_, i) => `DB${i}`)
  const miniflare = new Miniflare({
    modules: true,
    script: WORKER,
    compatibilityDate: '2026-04-01',
    d1Databases: Object.fromEntries(names.map((name) => [name, name])),
  })
  return {
    async create() {
      const name = names.pop()
      if (name === undefined) throw new Error(`More than ${databases} databases were asked for`)
      const binding = bindingOf(miniflare, name)
      await binding.batch(migrationStatements().map((statement) => binding.prepare(statement)))
      return new D1Database(binding)
    },
    stop: () => miniflare.dispose(),
  }
}

interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/**
 * The binding by way of a worker. Miniflare's own `getD1Database` makes a blocking call per statement
 * and loses answers when many are under way.
 */
function bindingOf(miniflare: Miniflare, database: string): D1Binding {
  const run = async (statements: readonly Statement[], batch: boolean): Promise<unknown[][]> => {
    const response = await miniflare.dispatchFetch('http://d1.example', {
      method: 'POST',
      body: JSON.stringify({ database, statements, batch }),
    })
    const answer = (await response.json()) as { results: unknown[][] } | { error: string }
    if ('error' in answer) throw new Error(answer.error)
    return answer.results
  }
  const statement = (sql: string, values: readonly unknown[]) => ({
    sql,
    values,
    bind: (...bound: unknown[]) => statement(sql, bound),
    all: async () => ({ results: (await run([{ sql, values }], false))[0] ?? [] }),
  })
  return {
    prepare: (sql) => statement(sql, []),
    batch: (statements) => run(statements as unknown as Statement[], true),
  }
}

/** The migrations as single statements, as D1 takes them; a trigger is one line, its inner `;` stays. */
function migrationStatements(): string[] {
  const files = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'))
  return files.sort().flatMap((name) =>
    readFileSync(new URL(name, MIGRATIONS), 'utf8')
      .replace(/^\s*--.*$/gm, '')
      .split(/;[ \t]*$/m)
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ''),
  )
}
