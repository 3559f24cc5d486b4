import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** Whose database this is, and in which epoch its log stands. */
export interface NodeIdentity {
  readonly state: string
  readonly epoch: string
}

export async function readNodeIdentity(database: SqlDatabase): Promise<NodeIdentity | undefined> {
  const [row] = await database.query(sql.selectFrom('node').select(['state', 'epoch']).compile())
  return row
}

/** Gives a new database its owner; of two callers one wins, both get the winner's identity. */
export async function claimNode(
  database: SqlDatabase,
  identity: NodeIdentity,
): Promise<NodeIdentity> {
  const { state, epoch } = identity
  await database.atomic([
    sql.insertInto('node').values({ id: 1, state, epoch, trust_revision: 1 }).compile(),
  ])
  const stored = await readNodeIdentity(database)
  if (!stored) throw new Error('The node row is missing')
  return stored
}

/** Starts a new epoch, so that no cursor of before a restore is taken for one of after it. */
export async function startEpoch(database: SqlDatabase, epoch: string): Promise<void> {
  await database.query(sql.updateTable('node').set({ epoch }).compile())
}
