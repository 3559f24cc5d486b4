import type { OfficialsStore } from '../exchange/keep-trust/officials.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

export function sqlOfficialsStore(database: SqlDatabase): OfficialsStore {
  return {
    async newest(state) {
      const [row] = await database.query(
        sql
          .selectFrom('officials_registers')
          .innerJoin('documents', 'documents.sha256', 'officials_registers.sha256')
          .select(['version', 'officials_registers.sha256', 'documents.jws'])
          .where('state', '=', state)
          .orderBy('version', 'desc')
          .limit(1)
          .compile(),
      )
      return row
    },

    versions: (state) =>
      database.query(
        sql
          .selectFrom('officials_registers')
          .select(['version', 'sha256'])
          .where('state', '=', state)
          .orderBy('version')
          .compile(),
      ),
  }
}
