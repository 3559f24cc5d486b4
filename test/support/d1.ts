import { readdirSync, readFileSync } from 'node:fs'
import { Miniflare } from 'miniflare'
import { D1_GATEWAY, d1Through, GATEWAY_SECRET } from '../../src/cli/d1-gateway.ts'
import { D1Database } from '../../src/storage/dialect/d1.ts'

const MIGRATIONS = new URL('../../migrations/', import.meta.url)
const SECRET = 'of the tests'

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
    script: D1_GATEWAY,
    bindings: { [GATEWAY_SECRET]: SECRET },
    compatibilityDate: '2026-04-01',
    d1Databases: Object.fromEntries(names.map((name) => [name, name])),
  })
  return {
    async create() {
      const name = names.pop()
      if (name === undefined) throw new Error(`More than ${databases} databases were asked for`)
      const binding = d1Through((...request) => miniflare.dispatchFetch(...request), {
        url: 'http://d1.example',
        secret: SECRET,
        database: name,
      })
      await binding.batch(migrationStatements().map((statement) => binding.prepare(statement)))
      return new D1Database(binding)
    },
    stop: () => miniflare.dispose(),
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
