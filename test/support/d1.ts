import { readdirSync, readFileSync } from 'node:fs'
import { Miniflare } from 'miniflare'
import { type D1Binding, D1Database } from '../../src/storage/dialect/d1.ts'

const MIGRATIONS = new URL('../../migrations/', import.meta.url)

/** D1 as workerd runs it, with as many empty databases as a test file asks for. */
export interface LocalD1 {
  /** A database nobody has used yet, with the newest schema. */
  create(): Promise<D1Binding>
  stop(): Promise<void>
}

export function startD1(databases: number): LocalD1 {
  const names = Array.from({ length: databases }, (_, i) => `DB${i}`)
  const miniflare = new Miniflare({
    modules: true,
    script: 'export default { fetch: () => new Response(null, { status: 404 }) }',
    compatibilityDate: '2026-04-01',
    d1Databases: Object.fromEntries(names.map((name) => [name, name])),
  })
  return {
    async create() {
      const name = names.pop()
      if (name === undefined) throw new Error(`More than ${databases} databases were asked for`)
      const binding = (await miniflare.getD1Database(name)) as unknown as D1Binding
      for (const statement of migrationStatements()) await binding.prepare(statement).all()
      return binding
    },
    stop: () => miniflare.dispose(),
  }
}

export const openD1 = (binding: D1Binding): D1Database => new D1Database(binding)

/** The migrations as single statements, as D1 takes them; a trigger is one line, its inner `;` stays. */
export function migrationStatements(): string[] {
  const files = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'))
  return files.sort().flatMap((name) =>
    readFileSync(new URL(name, MIGRATIONS), 'utf8')
      .replace(/^\s*--.*$/gm, '')
      .split(/;[ \t]*$/m)
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ''),
  )
}
