import type { Environment } from '../exchange/environment.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** Whose database this is, in which environment it works, and in which epoch its log stands. */
export interface NodeIdentity {
  readonly state: string
  readonly epoch: string
  readonly environment: Environment
}

export async function readNodeIdentity(database: SqlDatabase): Promise<NodeIdentity | undefined> {
  const [row] = await database.query(
    sql.selectFrom('node').select(['state', 'epoch', 'environment']).compile(),
  )
  return row
}

/** Gives a new database its owner; of two callers one wins, both get the winner's identity. */
export async function claimNode(
  database: SqlDatabase,
  identity: NodeIdentity,
): Promise<NodeIdentity> {
  const { state, epoch, environment } = identity
  await database.atomic([
    sql
      .insertInto('node')
      .values({ id: 1, state, epoch, environment, trust_revision: 1 })
      .compile(),
  ])
  const stored = await readNodeIdentity(database)
  if (!stored) throw new Error('The node row is missing')
  return stored
}

/**
 * Starts a new epoch after a restore: no cursor of before is taken for one of after, and no status list
 * goes on, because nobody knows which of its positions were given out after the backup was made.
 */
export async function startEpoch(database: SqlDatabase, epoch: string): Promise<void> {
  await database.atomic([
    sql.updateTable('node').set({ epoch }).compile(),
    sql
      .updateTable('status_lists')
      .set(({ ref }) => ({ next: ref('size') }))
      .compile(),
  ])
}
