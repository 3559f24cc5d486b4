import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { formatInstant } from '../encoding/time.ts'
import { commandLineActor } from './actor.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

const FOLDER = new URL('../../migrations/', import.meta.url)

export class MigrationError extends Error {
  override name = 'MigrationError'
}

/**
 * Brings the database to the newest schema: numbered files in order, each in one transaction, forward
 * only. Names of the migrations that were applied now; each is recorded as an act of whoever did it.
 *
 * @throws {MigrationError} an applied file was edited since, or the database is newer than this program
 */
export function migrate({ raw }: SqliteDatabase, actor = commandLineActor()): string[] {
  raw.exec(
    'CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT',
  )
  const files = readdirSync(FOLDER).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
  files.sort()
  const apply = raw.transaction(() => {
    const applied = new Map(
      (
        raw.prepare('SELECT name, sha256 FROM migrations').all() as {
          name: string
          sha256: string
        }[]
      ).map((row) => [row.name, row.sha256]),
    )
    for (const name of applied.keys())
      if (!files.includes(name))
        throw new MigrationError(
          `The database has migration ${name}, which this program does not know`,
        )
    const now: string[] = []
    const at = formatInstant(new Date())
    for (const name of files) {
      const text = readFileSync(new URL(name, FOLDER), 'utf8')
      const sha256 = createHash('sha256').update(text).digest('hex')
      const known = applied.get(name)
      if (known === sha256) continue
      if (known !== undefined)
        throw new MigrationError(`Migration ${name} was edited after it was applied`)
      raw.exec(text)
      raw
        .prepare('INSERT INTO migrations (name, sha256, applied_at) VALUES (?, ?, ?)')
        .run(name, sha256, at)
      now.push(name)
    }
    const act = raw.prepare(
      "INSERT INTO admin_acts (at, actor, act, subject) VALUES (?, ?, 'migrated', ?)",
    )
    for (const name of now) act.run(at, actor, name)
    return now
  })
  return apply.immediate()
}
