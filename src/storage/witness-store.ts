import { type RawBuilder, type Selectable, sql as raw } from 'kysely'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import {
  FORKS_OF_A_LOG,
  type LogName,
  UNPROVEN_OF_A_LOG,
  type WitnessStore,
} from '../tlog/witness-store.ts'
import { decodeHashes, encodeHashes } from './log-tree.ts'
import { logForkSubject } from '../trust/trust-decisions.ts'
import { hasRoom, spending } from './peer-log-bytes.ts'
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

  async function stands(condition: RawBuilder<boolean>): Promise<boolean> {
    const rows = await database.query<{ stands: number }>(
      raw`SELECT ${condition} AS stands`.compile(sql),
    )
    return rows[0]?.stands === 1
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

    async newestUpTo({ state, origin }, size) {
      const [row] = await database.query(
        sql
          .selectFrom('witnessed')
          .select(['size', 'at'])
          .where('origin', '=', origin)
          .where('size', '<=', Number(size))
          .where('state', '=', state)
          .orderBy('size', 'desc')
          .limit(1)
          .compile(),
      )
      return row && { size: BigInt(row.size), at: row.at }
    },

    async keep(log, { n, size, rootHash, note, at, cosignature }, { day, most }) {
      const { state, origin } = log
      const bytes = note.length + cosignature.length
      const intake = { store: 'witness', state, day, bytes, most } as const
      const mayBeKept = raw<boolean>`${hasRoom(intake)} AND NOT (${isForked(log)})`
      const done = await database.atomic([
        raw`INSERT INTO witnessed (state, origin, n, size, root, note, at, cosignature)
          SELECT ${state}, ${origin}, ${n}, ${Number(size)}, ${encodeBase64(rootHash)}, ${note}, ${at}, ${cosignature}
          WHERE ${mayBeKept}`.compile(sql),
        // What is not kept is not counted, whichever of the two it fails for.
        spending(intake, mayBeKept).compile(sql),
      ])
      if (done === 'collision') return 'overtaken'
      const [row] = await database.query(
        sql
          .selectFrom('witnessed')
          .select('note')
          .where('origin', '=', origin)
          .where('n', '=', n)
          .compile(),
      )
      if (row) return row.note === note ? 'kept' : 'overtaken'
      return (await stands(isForked(log))) ? 'forked' : 'no-room'
    },

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

    mustRecall: (origin) =>
      stands(raw`EXISTS (SELECT 1 FROM witness_recalls JOIN node USING (epoch) WHERE origin = '')
        AND NOT EXISTS (SELECT 1 FROM witness_recalls JOIN node USING (epoch)
          WHERE origin = ${origin})`),

    async recallingSince(origin) {
      const [row] = await database.query<{ at: string }>(
        raw`SELECT at FROM witness_recalls JOIN node USING (epoch) WHERE origin = ''
          AND NOT EXISTS (SELECT 1 FROM witness_recalls JOIN node USING (epoch)
            WHERE origin = ${origin})`.compile(sql),
      )
      return row?.at
    },

    async recalled(origin, at) {
      await database.query(
        raw`INSERT INTO witness_recalls (epoch, origin, at) SELECT epoch, ${origin}, ${at} FROM node
          WHERE true ON CONFLICT DO NOTHING`.compile(sql),
      )
    },

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

    isForked: (log) => stands(isForked(log)),

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
        .map(({ n: _, found_at: foundAt, size, ...row }) => {
          return { ...row, foundAt, size: BigInt(size) }
        })
        .toReversed()
    },

    async forks(limit) {
      const rows = await database.query(
        sql.selectFrom('log_forks').selectAll().orderBy('found_at', 'desc').limit(limit).compile(),
      )
      return rows
        .map(({ n: _, found_at: foundAt, proof, ...fork }) => ({
          ...fork,
          foundAt,
          proof: decodeHashes(proof),
        }))
        .toReversed()
    },
  }
}

/** There is a proof that the log has two histories, and two persons have not settled it. */
function isForked({ state, origin }: LogName): RawBuilder<boolean> {
  return raw`EXISTS (SELECT 1 FROM log_forks WHERE state = ${state} AND origin = ${origin})
    AND NOT EXISTS (SELECT 1 FROM trust_approvals
      WHERE kind = 'fork' AND state = ${state} AND subject = ${logForkSubject({ state, origin })})`
}

function witnessedOf({ n, size, root, note }: Selectable<Tables['witnessed']>) {
  return { n, size: BigInt(size), rootHash: decodeBase64(root)!, note }
}
