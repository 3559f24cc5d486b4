import type { Selectable } from 'kysely'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import {
  FORKS_OF_A_LOG,
  type LogName,
  UNPROVEN_OF_A_LOG,
  type WitnessStore,
} from '../tlog/witness-store.ts'
import { decodeHashes, encodeHashes } from './log-tree.ts'
import { logForkSubject } from '../trust/trust-decisions.ts'
import { spendBytes } from './peer-log-bytes.ts'
import type { SqlDatabase } from './sql-database.ts'
import { growTrustRevision, sql, type Tables } from './tables.ts'

/** What a witness remembers, over SQL; the primary key lets exactly one be the n-th of an origin. */
export function sqlWitnessStore(database: SqlDatabase): WitnessStore {
  const unproven = ({ state, origin }: LogName) =>
    sql
      .selectFrom('unproven_checkpoints')
      .where('state', '=', state)
      .where('origin', '=', origin)
      .orderBy('size')

  async function drop(
    { state, origin }: LogName,
    { size, root }: { readonly size: number; readonly root: string },
  ): Promise<void> {
    await database.query(
      sql
        .deleteFrom('unproven_checkpoints')
        .where('state', '=', state)
        .where('origin', '=', origin)
        .where('size', '=', size)
        .where('root', '=', root)
        .compile(),
    )
  }

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

    spend: (state, intake) => spendBytes(database, 'witness', state, intake),

    async keepUnproven(log, { size, rootHash, note }, at) {
      const { state, origin } = log
      const root = encodeBase64(rootHash)
      const held = await database.query(unproven(log).select(['size', 'root']).compile())
      if (held.some((one) => one.size === Number(size) && one.root === root)) return false
      const largest = held.at(-1)
      if (largest && held.length >= UNPROVEN_OF_A_LOG) {
        if (largest.size <= Number(size)) return false
        await drop(log, largest)
      }
      const row = { state, origin, size: Number(size), root, note, seen_at: at }
      const insert = sql.insertInto('unproven_checkpoints').values(row)
      return (await database.atomic([insert.compile()])) === 'done'
    },

    async unproven(log) {
      const rows = await database.query(unproven(log).select(['size', 'root', 'note']).compile())
      return rows.map(({ size, root, note }) => {
        return { size: BigInt(size), rootHash: decodeBase64(root)!, note }
      })
    },

    dropUnproven: (log, { size, rootHash }) =>
      drop(log, { size: Number(size), root: encodeBase64(rootHash) }),

    async keepFork({ state, origin, foundAt: found_at, first, second, proof: hashes }) {
      const known = await database.query(
        sql
          .selectFrom('log_forks')
          .select(['first', 'second'])
          .where('state', '=', state)
          .where('origin', '=', origin)
          .compile(),
      )
      const isKnown = known.some((one) => one.first === first && one.second === second)
      if (isKnown || known.length >= FORKS_OF_A_LOG) return false
      const row = { state, origin, found_at, first, second, proof: encodeHashes(hashes) }
      const insert = sql.insertInto('log_forks').values(row).compile()
      // Every process has to notice it: it freezes additions to the trust list of that state.
      return (await database.atomic([insert, growTrustRevision()])) === 'done'
    },

    async isForked({ state, origin }) {
      const rows = await database.query(
        sql
          .selectFrom('log_forks')
          .select('state')
          .where('state', '=', state)
          .where('origin', '=', origin)
          .where(({ exists, not, selectFrom }) =>
            not(
              exists(
                selectFrom('trust_approvals')
                  .select('subject')
                  .where('kind', '=', 'fork')
                  .where('trust_approvals.state', '=', state)
                  .where('subject', '=', logForkSubject({ state, origin })),
              ),
            ),
          )
          .limit(1)
          .compile(),
      )
      return rows.length > 0
    },

    async keepRollback({ size, foundAt: found_at, ...rollback }) {
      const row = { ...rollback, size: Number(size), found_at }
      const insert = sql.insertInto('log_rollbacks').values(row).compile()
      return (await database.atomic([insert, growTrustRevision()])) === 'done'
    },

    async rollbacks(limit) {
      const rows = await database.query(
        sql
          .selectFrom('log_rollbacks')
          .selectAll()
          .orderBy('found_at', 'desc')
          .limit(limit)
          .compile(),
      )
      return rows
        .map(({ found_at: foundAt, size, ...row }) => ({ ...row, foundAt, size: BigInt(size) }))
        .toReversed()
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
