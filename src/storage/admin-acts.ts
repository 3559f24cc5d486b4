import type { CompiledQuery, Selectable } from 'kysely'
import type { AdminActLog } from '../exchange/admin-acts.ts'
import { actsEntry } from '../exchange/log/administrative-entry.ts'
import { coverRows } from '../exchange/log/cover-rows.ts'
import { appendOneByOne } from '../exchange/journal.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import { coveringEntry, sqlCoverableRows } from './administrative-records.ts'
import { sqlJournal } from './journal.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/**
 * Writes a change, the acts that it is, and their entry in the log in one step. `collision`: the change
 * cannot be made, and nothing was written.
 */
export async function changeWithActs(
  database: SqlDatabase,
  change: readonly CompiledQuery[],
  acts: readonly AdminAct[],
): Promise<'done' | 'collision'> {
  const [act] = acts
  if (!act) return database.atomic(change)
  const append = appendOneByOne(sqlJournal(database, change), () => new Date(act.at))
  const appended = await append({ entries: [actsEntry(acts)] })
  return appended === 'duplicate' ? 'collision' : 'done'
}

/**
 * Acts of before the log had entries for them, and of migrations, which come before there is a log: they
 * get theirs when the database is opened.
 */
export async function coverActs(database: SqlDatabase, now: () => Date): Promise<void> {
  const append = appendOneByOne(sqlJournal(database), now)
  const deps = { coverable: sqlCoverableRows(database), append, pause: () => Promise.resolve() }
  while ((await coverRows(deps, 'admin_acts')) > 0);
}

export function sqlAdminActs(database: SqlDatabase): AdminActLog {
  return {
    async record(acts) {
      await changeWithActs(database, [], acts)
    },
    async list(after, limit) {
      const rows = await database.query(
        acts().where('n', '>', after).orderBy('n').limit(limit).compile(),
      )
      return rows.map(actOf)
    },
    async last(act) {
      const [row] = await database.query(
        acts().where('act', '=', act).orderBy('n', 'desc').limit(1).compile(),
      )
      return row && actOf(row)
    },
  }
}

/** With the place in the log that covers each. */
function acts() {
  return sql
    .selectFrom('admin_acts')
    .selectAll()
    .select((eb) => coveringEntry(eb, 'admin_acts').as('idx'))
}

function actOf({ detail, idx, ...row }: Selectable<Tables['admin_acts']> & { idx: number | null }) {
  return { ...row, ...(detail !== null && { detail }), ...(idx !== null && { idx }) }
}
