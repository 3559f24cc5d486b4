import { type Selectable, sql as raw } from 'kysely'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import { FORKS_OF_A_LOG, type WitnessStore } from '../tlog/witness-store.ts'
import { decodeHashes, encodeHashes } from './log-tree.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** What a witness remembers, over SQL; the primary key lets exactly one be the n-th of an origin. */
export function sqlWitnessStore(database: SqlDatabase): WitnessStore {
  return {
    async newest(origin) {
      const [row] = await database.query(
        sql
          .selectFrom('witnessed')
          .selectAll()
          .where('origin', '=', origin)
          .orderBy('n', 'desc')
          .limit(1)
          .compile(),
      )
      return row && { ...witnessedOf(row), state: row.state }
    },

    async ofSize({ state, origin }, size) {
      const [row] = await database.query(
        sql
          .selectFrom('witnessed')
          .selectAll()
          .where('origin', '=', origin)
          .where('size', '=', Number(size))
          .where('state', '=', state)
          .limit(1)
          .compile(),
      )
      return row && witnessedOf(row)
    },

    async keep({ state, origin }, { n, size, rootHash, note, at }) {
      const root = encodeBase64(rootHash)
      const row = { state, origin, n, size: Number(size), root, note, at }
      const done = await database.atomic([sql.insertInto('witnessed').values(row).compile()])
      return done === 'done' ? 'kept' : 'overtaken'
    },

    async keepFork({ state, origin, foundAt, first, second, proof }) {
      const kept = await database.query(
        raw`INSERT INTO log_forks (state, origin, found_at, first, second, proof)
          SELECT ${state}, ${origin}, ${foundAt}, ${first}, ${second}, ${encodeHashes(proof)}
          WHERE (SELECT count(*) FROM log_forks WHERE state = ${state} AND origin = ${origin})
            < ${FORKS_OF_A_LOG}
          ON CONFLICT DO NOTHING RETURNING state`.compile(sql),
      )
      return kept.length > 0
    },

    async forks(limit) {
      const rows = await database.query(
        sql.selectFrom('log_forks').selectAll().orderBy('found_at', 'desc').limit(limit).compile(),
      )
      return rows
        .map(({ found_at: foundAt, proof, ...fork }) => ({
          ...fork,
          foundAt,
          proof: decodeHashes(proof),
        }))
        .toReversed()
    },
  }
}

function witnessedOf({ n, size, root, note }: Selectable<Tables['witnessed']>) {
  return { n, size: BigInt(size), rootHash: decodeBase64(root)!, note }
}
