import { type CompiledQuery, sql as raw } from 'kysely'
import { newNonce } from '../exchange/log/administrative-entry.ts'
import { firstIdAfterRestore, STATUS_LIST_SIZE } from '../status-list/position.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import { changeWithActs } from './admin-acts.ts'
import { formatInstant } from '../encoding/time.ts'
import { doubtStatements } from './log-doubts.ts'
import { openLog } from './open-log.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** Whose database this is, in which environment it works, and in which epoch its log stands. */
export interface NodeIdentity {
  readonly state: string
  readonly epoch: string
  readonly environment: Tables['node']['environment']
}

export async function readNodeIdentity(database: SqlDatabase): Promise<NodeIdentity | undefined> {
  const [row] = await database.query(
    sql.selectFrom('node').select(['state', 'epoch', 'environment']).compile(),
  )
  return row
}

/**
 * Gives a new database its owner; of two callers one wins, both get the winner's identity. `acts` are
 * written in the same step, if it is new.
 */
export async function claimNode(
  database: SqlDatabase,
  identity: NodeIdentity,
  acts: readonly AdminAct[] = [],
): Promise<NodeIdentity> {
  const known = await readNodeIdentity(database)
  if (known) return known
  const { state, epoch, environment } = identity
  const claim = sql
    .insertInto('node')
    .values({ id: 1, state, epoch, environment, trust_revision: 1 })
    .compile()
  const [act] = acts
  // The migrations that made the database were before this.
  if (act) await openLog(database, () => new Date(act.at))
  await changeWithActs(database, [claim], acts)
  const stored = await readNodeIdentity(database)
  if (!stored) throw new Error('The node row is missing')
  return stored
}

/**
 * Starts a new epoch after a restore: no cursor of before is taken for one of after. No status list goes
 * on, because nobody knows which of its positions were given out after the backup was made, and the next
 * one bears a number that none can have had that was opened since. No checkpoint is signed before the
 * witnesses have confirmed that they have seen no longer log; and the witness of this node cosigns nothing
 * before it has read back what it had cosigned.
 */
export async function startEpoch(
  database: SqlDatabase,
  epoch: string,
  acts: readonly AdminAct[] = [],
): Promise<void> {
  const at = acts[0]?.at ?? formatInstant(new Date())
  const change = [
    sql.updateTable('node').set({ epoch }).compile(),
    sql
      .updateTable('status_lists')
      .set(({ ref }) => ({ next: ref('size') }))
      .compile(),
    firstListStatement(new Date(at)),
    ...doubtStatements('restored', at),
    sql.insertInto('witness_recalls').values({ epoch, origin: '', at }).compile(),
  ]
  await changeWithActs(database, change, acts)
}

function firstListStatement(at: Date): CompiledQuery {
  return raw`INSERT INTO status_lists (id, permutation_key, size, next)
    SELECT max(${firstIdAfterRestore(at)}, coalesce(max(id), 0) + 1), ${newNonce()}, ${STATUS_LIST_SIZE}, 0
    FROM status_lists`.compile(sql)
}
