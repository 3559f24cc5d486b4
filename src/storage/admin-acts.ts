import type { CompiledQuery, Selectable } from 'kysely'
import type { AdminActLog } from '../exchange/admin-acts.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** For the atomic step of the change that the act is about. */
export function adminActStatement({ at, actor, act, subject, detail }: AdminAct): CompiledQuery {
  return sql
    .insertInto('admin_acts')
    .values({ at, actor, act, subject, detail: detail ?? null })
    .compile()
}

export function sqlAdminActs(database: SqlDatabase): AdminActLog {
  return {
    async record(acts) {
      await database.atomic(acts.map(adminActStatement))
    },
    async list(after, limit) {
      const rows = await database.query(
        sql
          .selectFrom('admin_acts')
          .selectAll()
          .where('n', '>', after)
          .orderBy('n')
          .limit(limit)
          .compile(),
      )
      return rows.map(actOf)
    },
    async last(act) {
      const [row] = await database.query(
        sql
          .selectFrom('admin_acts')
          .selectAll()
          .where('act', '=', act)
          .orderBy('n', 'desc')
          .limit(1)
          .compile(),
      )
      return row && actOf(row)
    },
  }
}

function actOf({ detail, ...row }: Selectable<Tables['admin_acts']>) {
  return { ...row, ...(detail !== null && { detail }) }
}
