import Sqlite from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { chmod, open, rename, rm } from 'node:fs/promises'

/** What a database file holds, as read from it after its integrity was checked. */
export interface DatabaseFacts {
  readonly state: string
  readonly epoch: string
  readonly entries: number
  readonly lastEntryAt: string | undefined
}

export class BackupError extends Error {
  override name = 'BackupError'
  readonly code: 'damaged' | 'not-a-node' | 'contradicts-log' | 'places-collide'
  constructor(code: BackupError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const SHOWN_DIFFERENCES = 5

/** What to tell of a file whose tables say other than its log. */
export function contradiction(file: string, differences: readonly string[]): string {
  const shown = differences.slice(0, SHOWN_DIFFERENCES).map((difference) => `\n  ${difference}`)
  const more = differences.length > SHOWN_DIFFERENCES ? `\n  … ${differences.length} in all` : ''
  return `${file} was altered: it says other than its own log. Nothing was replaced; take another backup.${shown.join('')}${more}`
}

/** More pages than a database has: in smaller steps every commit of the node would begin the copy anew. */
const ALL_PAGES = 0x7fffffff

/** A consistent copy as a single file with no log beside it, readable by its owner only. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(to + suffix, { force: true })
  const source = new Sqlite(from, { readonly: true, fileMustExist: true })
  try {
    await source.backup(to, { progress: () => ALL_PAGES })
  } finally {
    source.close()
  }
  await chmod(to, 0o600)
  const copy = new Sqlite(to)
  copy.pragma('journal_mode = DELETE')
  copy.close()
  await flush(to)
}

/** Checks the integrity of a node's database and reads whose it is. */
export function inspect(file: string): DatabaseFacts {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true })
  try {
    const faults = database.pragma('integrity_check', { simple: true })
    if (faults !== 'ok') throw new BackupError('damaged', `${file} is damaged: ${String(faults)}`)
    const node = database.prepare('SELECT state, epoch FROM node').get() as
      { state: string; epoch: string } | undefined
    if (!node) throw new BackupError('not-a-node', `${file} belongs to no node`)
    const { entries, lastEntryAt } = database
      .prepare('SELECT count(*) AS entries, max(at) AS lastEntryAt FROM entries')
      .get() as { entries: number; lastEntryAt: string | null }
    return { ...node, entries, lastEntryAt: lastEntryAt ?? undefined }
  } catch (cause) {
    if (!(cause instanceof Sqlite.SqliteError)) throw cause
    if (cause.code === 'SQLITE_ERROR')
      throw new BackupError('not-a-node', `${file} is no database of a node`, { cause })
    throw new BackupError('damaged', `${file} is damaged: ${cause.message}`, { cause })
  } finally {
    database.close()
  }
}

/**
 * Gives a database that is ready the name of the node's. One that stands there is kept beside it under
 * another name; `replaced` is that name.
 */
export async function putInPlace(
  next: string,
  database: string,
  now: Date,
): Promise<{ readonly outcome: 'in-use' } | { readonly outcome: 'done'; replaced?: string }> {
  await flush(next)
  if (!existsSync(database)) {
    await rename(next, database)
    return { outcome: 'done' }
  }
  if (isInUse(database)) return { outcome: 'in-use' }
  const replaced = `${database}.replaced-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(database + suffix)) await rename(database + suffix, replaced + suffix)
  await rename(next, database)
  return { outcome: 'done', replaced }
}

/** Whether another process has the database open: only without one can its WAL be folded in. */
export function isInUse(file: string): boolean {
  const database = new Sqlite(file, { timeout: 0 })
  try {
    database.pragma('journal_mode = DELETE')
    return false
  } catch (error) {
    // One that cannot be read at all is no obstacle: it is the reason to restore.
    return error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')
  } finally {
    database.close()
  }
}

export async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
