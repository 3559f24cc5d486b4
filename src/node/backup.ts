import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { formatInstant } from '../encoding/time.ts'
import type { Environment } from '../jose/environment.ts'
import { growTree } from '../storage/log-tree.ts'
import { readNodeIdentity, startEpoch } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import { differencesFromLog } from '../storage/rebuild-differences.ts'
import { commandLineActor } from './actor.ts'
import {
  BackupError,
  contradiction,
  copyDatabase,
  type DatabaseFacts,
  inspect,
  putInPlace,
} from './database-file.ts'
import { newEpoch } from './epoch.ts'
import { migrate } from './migrate.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { awaitCovered, countUncovered } from './uncovered-rows.ts'

/**
 * Copies a database that may be in use into one file, checked and on disk before it gets its name.
 * Keys are no part of it, and nothing is written to the database. A node that has it open is given some
 * seconds, `waitMs`, to put into the log what was read and told by now, so that the copy proves it;
 * `uncovered`: how many rows of the copy stand behind no entry all the same.
 *
 * @throws {BackupError}
 */
export async function backUp(
  database: string,
  out: string,
  waitMs?: number,
): Promise<DatabaseFacts & { readonly uncovered: number }> {
  await awaitCovered(database, waitMs)
  const partial = `${out}.partial`
  await copyDatabase(database, partial)
  try {
    const facts = inspect(partial)
    const uncovered = countUncovered(partial)
    await rename(partial, out)
    return { ...facts, uncovered }
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
  const next = `${database}.restored`
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
  const put = await putInPlace(next, database, now)
  if (put.outcome === 'in-use') {
    await rm(next, { force: true })
    return put
  }
  return { outcome: 'restored', facts, replaced: put.replaced }
}
