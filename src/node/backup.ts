import Sqlite from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { formatInstant } from '../encoding/time.ts'
import type { Environment } from '../jose/environment.ts'
import { growTree } from '../storage/log-tree.ts'
import { readNodeIdentity, startEpoch } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import { differencesFromLog } from '../storage/rebuild-differences.ts'
import { commandLineActor } from './actor.ts'
import { newEpoch } from './epoch.ts'
import { migrate } from './migrate.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** What a database file holds, as read from it after its integrity was checked. */
export interface DatabaseFacts {
  readonly state: string
  readonly epoch: string
  readonly entries: number
  readonly lastEntryAt: string | undefined
}

export class BackupError extends Error {
  override name = 'BackupError'
  readonly code: 'damaged' | 'not-a-node' | 'contradicts-log'
  constructor(code: BackupError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** More pages than a database has: in smaller steps every commit of the node would begin the copy anew. */
const ALL_PAGES = 0x7fffffff

/**
 * Copies a database that may be in use into one file, checked and on disk before it gets its name.
 * Keys are no part of it.
 *
 * @throws {BackupError}
 */
export async function backUp(database: string, out: string): Promise<DatabaseFacts> {
  const partial = `${out}.partial`
  await copyDatabase(database, partial)
  try {
    const facts = inspect(partial)
    await rename(partial, out)
    return facts
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

export type RestoreOutcome =
  | {
      readonly outcome: 'restored'
      readonly facts: DatabaseFacts
      /** Where the database that stood there was put. */
      readonly replaced: string | undefined
    }
  | { readonly outcome: 'foreign-state'; readonly owner: string }
  | { readonly outcome: 'foreign-environment'; readonly environment: Environment }
  | { readonly outcome: 'exists' | 'in-use' }

/**
 * Puts a backup in the place of a node's database and starts a new epoch. A database that stands there is
 * kept beside it under another name, and never touched while something has it open.
 *
 * @throws {BackupError} the backup is damaged, none of a node, or says other than its own log
 */
export async function restoreBackup(request: {
  state: string
  database: string
  from: string
  replace: boolean
  now: Date
  environment?: Environment
  /** For the record of administrative acts; the login name unless said otherwise. */
  actor?: string
}): Promise<RestoreOutcome> {
  const { state, database, from, replace, now, environment = 'production' } = request
  const { actor = commandLineActor() } = request
  const { state: owner } = inspect(from)
  if (owner !== state) return { outcome: 'foreign-state', owner }
  const exists = existsSync(database)
  if (exists && !replace) return { outcome: 'exists' }

  await mkdir(dirname(database), { recursive: true })
  const next = `${database}.restoring`
  await copyDatabase(from, next)
  const restored = new SqliteDatabase(next)
  migrate(restored, actor)
  await growTree(restored)
  const identity = await readNodeIdentity(restored)
  if (identity?.environment !== environment) {
    restored.close()
    await rm(next, { force: true })
    return { outcome: 'foreign-environment', environment: identity?.environment ?? 'production' }
  }
  const differences = await differencesFromLog(restored, state)
  if (differences.length > 0) {
    restored.close()
    await rm(next, { force: true })
    throw new BackupError('contradicts-log', contradiction(from, differences))
  }
  await openLog(restored, () => now)
  const epoch = newEpoch()
  await startEpoch(restored, epoch, [
    { at: formatInstant(now), actor, act: 'restored', subject: epoch, detail: basename(from) },
  ])
  restored.raw.pragma('journal_mode = DELETE')
  restored.close()
  const facts = inspect(next)
  await flush(next)
  const replaced = `${database}.replaced-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  if (exists) {
    if (isInUse(database)) {
      await rm(next, { force: true })
      return { outcome: 'in-use' }
    }
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(database + suffix)) await rename(database + suffix, replaced + suffix)
  }
  await rename(next, database)
  return { outcome: 'restored', facts, replaced: exists ? replaced : undefined }
}

const SHOWN_DIFFERENCES = 5

function contradiction(file: string, differences: readonly string[]): string {
  const shown = differences.slice(0, SHOWN_DIFFERENCES).map((difference) => `\n  ${difference}`)
  const more = differences.length > SHOWN_DIFFERENCES ? `\n  … ${differences.length} in all` : ''
  return `${file} was altered: it says other than its own log. Nothing was replaced; take another backup.${shown.join('')}${more}`
}

/** A consistent copy as a single file with no log beside it, readable by its owner only. */
async function copyDatabase(from: string, to: string): Promise<void> {
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
function inspect(file: string): DatabaseFacts {
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

/** Whether another process has the database open: only without one can its WAL be folded in. */
function isInUse(file: string): boolean {
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

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
