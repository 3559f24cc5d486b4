import type { Report } from '../../exchange/audit/finding.ts'
import { epochOfAct } from '../../exchange/node-created.ts'
import { readNodeIdentity } from '../node-store.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'

/** The epoch is the one that the newest act began which begins one. */
export async function auditEpoch(database: SqlDatabase, report: Report): Promise<void> {
  const [act] = await database.query(
    sql
      .selectFrom('admin_acts')
      .select(['act', 'subject', 'detail'])
      .where('act', 'in', ['node-created', 'restored'])
      .orderBy('n', 'desc')
      .limit(1)
      .compile(),
  )
  const begun = act && epochOfAct(act)
  const node = await readNodeIdentity(database)
  if (begun !== undefined && begun !== node?.epoch)
    report('record-differs', 'node', `epoch ${begun} was begun, and it is in ${node?.epoch}`)
}
