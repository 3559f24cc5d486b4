import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import type { WitnessStore } from '../tlog/witness-store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** What a witness remembers, over SQL; the primary key lets exactly one be the n-th of a log. */
export function sqlWitnessStore(database: SqlDatabase): WitnessStore {
  return {
    async newest({ state, origin }) {
      const [row] = await database.query(
        sql
          .selectFrom('witnessed')
          .select(['n', 'size', 'root', 'note'])
          .where('state', '=', state)
          .where('origin', '=', origin)
          .orderBy('n', 'desc')
          .limit(1)
          .compile(),
      )
      if (!row) return undefined
      const { n, size, note } = row
      return { n, size: BigInt(size), rootHash: decodeBase64(row.root)!, note }
    },

    async keep({ state, origin }, { n, size, rootHash, note, at }) {
      const root = encodeBase64(rootHash)
      const row = { state, origin, n, size: Number(size), root, note, at }
      const done = await database.atomic([sql.insertInto('witnessed').values(row).compile()])
      return done === 'done' ? 'kept' : 'overtaken'
    },

    async keepFork({ state, origin, foundAt, first, second }) {
      const row = { state, origin, found_at: foundAt, first, second }
      return (await database.atomic([sql.insertInto('log_forks').values(row).compile()])) === 'done'
    },

    async forks() {
      const rows = await database.query(
        sql.selectFrom('log_forks').selectAll().orderBy('found_at').compile(),
      )
      return rows.map(({ found_at: foundAt, ...fork }) => ({ ...fork, foundAt }))
    },
  }
}
