import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Environment } from '../jose/environment.ts'
import { NEWEST_MIGRATION } from '../storage/dialect/d1-schema.ts'
import { growTree } from '../storage/log-tree.ts'
import { claimNode, readNodeIdentity } from '../storage/node-store.ts'
import { differencesFromLog } from '../storage/rebuild-differences.ts'
import { sqlRestoringLog } from '../storage/restoring-log.ts'
import { BackupError, contradiction, copyDatabase, inspect } from './database-file.ts'
import { newEpoch } from './epoch.ts'
import { migrate } from './migrate.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** A database on its way to become that of a node, which survives a crash. */
export interface RestoringFile {
  readonly path: string
  readonly database: SqliteDatabase
  /** That of the database when it is done. */
  readonly epoch: string
  /** Entries that the backup had. */
  readonly ofBackup: bigint
  /** An attempt before this one has begun it. */
  readonly resumed: boolean
  /** From here on the next attempt begins anew, whatever becomes of this one. */
  seal(): Promise<void>
  /** Removes it: the next attempt begins anew. */
  discard(): Promise<void>
}

export type Opened =
  | { readonly outcome: 'opened'; readonly file: RestoringFile }
  | { readonly outcome: 'foreign-state'; readonly owner: string }
  | { readonly outcome: 'foreign-environment'; readonly environment: Environment }

interface Origin {
  readonly state: string
  readonly environment: Environment
  /** None: an empty database. */
  readonly from: string | undefined
  readonly actor: string
}

/** What stands beside the file: whence it comes, so that another backup or program begins anew. */
interface Mark {
  readonly from: string
  readonly epoch: string
  readonly entries: number
}

/**
 * Takes up what an attempt before has left, if it came of the same backup and gave up nothing yet, or
 * begins anew with a checked copy of it.
 *
 * @throws {BackupError} the backup is damaged, none of a node, or says other than its own log
 */
export async function openRestoringFile(database: string, origin: Origin): Promise<Opened> {
  const path = `${database}.restoring`
  const mark = markOf(`${path}.json`)
  const from = sourceOf(origin)
  if (mark?.from === from && existsSync(path)) {
    const resumed = new SqliteDatabase(path)
    return { outcome: 'opened', file: restoringFile(path, resumed, mark, true) }
  }
  await remove(path)
  await mkdir(dirname(database), { recursive: true })
  const begun = await begin(path, origin)
  if ('outcome' in begun) return begun
  const { size } = await sqlRestoringLog(begun).frontier()
  const fresh: Mark = { from, epoch: newEpoch(), entries: Number(size) }
  await write(`${path}.json`, fresh)
  return { outcome: 'opened', file: restoringFile(path, begun, fresh, false) }
}

function restoringFile(
  path: string,
  database: SqliteDatabase,
  { epoch, entries }: Mark,
  resumed: boolean,
): RestoringFile {
  return {
    path,
    database,
    epoch,
    ofBackup: BigInt(entries),
    resumed,
    // Without its mark it is nobody's.
    seal: () => rm(`${path}.json`, { force: true }),
    async discard() {
      if (database.raw.open) database.close()
      await remove(path)
    },
  }
}

async function begin(
  path: string,
  { state, environment, from, actor }: Origin,
): Promise<SqliteDatabase | Exclude<Opened, { outcome: 'opened' }>> {
  if (from === undefined) {
    const empty = new SqliteDatabase(path)
    migrate(empty, actor)
    await claimNode(empty, { state, environment, epoch: newEpoch() })
    return empty
  }
  const { state: owner } = inspect(from)
  if (owner !== state) return { outcome: 'foreign-state', owner }
  await copyDatabase(from, path)
  const copy = new SqliteDatabase(path)
  migrate(copy, actor)
  await growTree(copy)
  const identity = await readNodeIdentity(copy)
  if (identity?.environment !== environment) {
    copy.close()
    await remove(path)
    return { outcome: 'foreign-environment', environment: identity?.environment ?? 'production' }
  }
  const differences = await differencesFromLog(copy, state)
  if (differences.length === 0) return copy
  copy.close()
  await remove(path)
  throw new BackupError('contradicts-log', contradiction(from, differences))
}

async function remove(path: string): Promise<void> {
  // The mark first: without it the rest is nobody's.
  for (const suffix of ['.json', '', '-wal', '-shm', '-journal'])
    await rm(path + suffix, { force: true })
}

/** The file that a restore begins with, as it is now, and the tables that it is brought to. */
function sourceOf({ state, environment, from }: Origin): string {
  const node = `${state} ${environment} ${NEWEST_MIGRATION}`
  if (from === undefined) return `${node}, without a backup`
  const { size, mtimeMs } = statSync(from)
  return `${node} ${resolve(from)} ${size} ${mtimeMs}`
}

function markOf(file: string): Mark | undefined {
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as Partial<Mark>
    return mark.entries === undefined ? undefined : (mark as Mark)
  } catch {
    return undefined
  }
}

async function write(file: string, mark: Mark): Promise<void> {
  const handle = await open(`${file}.partial`, 'w')
  await handle.writeFile(JSON.stringify(mark))
  await handle.sync()
  await handle.close()
  await rename(`${file}.partial`, file)
}
