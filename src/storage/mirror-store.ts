import type { CompiledQuery } from 'kysely'
import type { MirrorStore } from '../tlog/mirror-store.ts'
import { TILE_WIDTH } from '../tlog/tile.ts'
import type { LogName } from '../tlog/witness-store.ts'
import { encodeHashes, frontierOf } from './log-tree.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** Mirrors of the logs of others, over SQL: their leaves in bundles of 256, line by line. */
export function sqlMirrorStore(database: SqlDatabase): MirrorStore {
  async function bundles({ state, origin }: LogName, from: number, to: number) {
    const rows = await database.query(
      sql
        .selectFrom('mirrored_bundles')
        .select('leaves')
        .where('state', '=', state)
        .where('origin', '=', origin)
        .where('n', '>=', from)
        .where('n', '<=', to)
        .orderBy('n')
        .compile(),
    )
    return rows.flatMap(({ leaves }) => leaves.split('\n'))
  }

  return {
    async head({ state, origin }) {
      const [row] = await database.query(
        sql
          .selectFrom('mirrors')
          .selectAll()
          .where('state', '=', state)
          .where('origin', '=', origin)
          .compile(),
      )
      if (!row) return undefined
      const { n, note, seen_size } = row
      return { n, frontier: frontierOf(row), note, size: BigInt(seen_size) }
    },

    logsOf(state) {
      return database.query(
        sql.selectFrom('mirrors').select(['state', 'origin']).where('state', '=', state).compile(),
      )
    },

    async compare({ state, origin }, { mirroredBefore, limit }) {
      const messages = sql
        .selectFrom('addressed')
        .leftJoin('inbox', (join) =>
          join
            .onRef('inbox.sha256', '=', 'addressed.sha256')
            .onRef('inbox.sender', '=', 'addressed.sender'),
        )
        .where('addressed.sender', '=', state)
        .where('addressed.origin', '=', origin)
        .$if(mirroredBefore !== undefined, (query) =>
          query.where('addressed.mirrored_at', '<', mirroredBefore!),
        )
      const list = messages
        .select(['addressed.seq', 'addressed.sha256', 'addressed.idx', 'inbox.seq as received'])
        .orderBy('addressed.idx')
        .limit(limit)
      const [[counts], missing, misnumbered] = await Promise.all([
        database.query(
          messages
            .select(({ fn }) => [
              fn.countAll<number>().as('addressed'),
              fn.count<number>('inbox.seq').as('received'),
            ])
            .compile(),
        ),
        database.query(list.where('inbox.seq', 'is', null).compile()),
        database.query(list.whereRef('inbox.seq', '<>', 'addressed.seq').compile()),
      ])
      const told = ({ seq, sha256, idx }: { seq: number; sha256: string; idx: number }) => ({
        seq,
        sha256,
        index: BigInt(idx),
      })
      return {
        ...counts!,
        missing: missing.map(told),
        misnumbered: misnumbered.map((row) => ({ ...told(row), receivedAs: row.received! })),
      }
    },

    async leaves(log, start, end) {
      if (end <= start) return []
      const first = Number(start / BigInt(TILE_WIDTH))
      const last = Number((end - 1n) / BigInt(TILE_WIDTH))
      const held = await bundles(log, first, last)
      const skipped = Number(start) - first * TILE_WIDTH
      return held.slice(skipped, skipped + Number(end - start))
    },

    async extend(log, { head, leaves, addressed, at }) {
      const { state, origin } = log
      const before = Number(head.frontier.size) - leaves.length
      const first = Math.floor(before / TILE_WIDTH)
      const open = before % TILE_WIDTH === 0 ? [] : await bundles(log, first, first)
      const all = [...open, ...leaves]
      const statements: CompiledQuery[] = [
        sql
          .deleteFrom('mirrors')
          .where('state', '=', state)
          .where('origin', '=', origin)
          .where('n', '=', head.n - 1)
          .compile(),
        // Collides while the row of another step stands there.
        sql
          .insertInto('mirrors')
          .values({
            state,
            origin,
            n: head.n,
            size: Number(head.frontier.size),
            frontier: encodeHashes(head.frontier.hashes),
            seen_size: Number(head.size),
            note: head.note,
            at,
          })
          .compile(),
      ]
      for (let i = 0; i < all.length && leaves.length > 0; i += TILE_WIDTH) {
        const text = all.slice(i, i + TILE_WIDTH).join('\n')
        statements.push(
          sql
            .insertInto('mirrored_bundles')
            .values({ state, origin, n: first + i / TILE_WIDTH, leaves: text })
            .onConflict((conflict) =>
              conflict.columns(['state', 'origin', 'n']).doUpdateSet({ leaves: text }),
            )
            .compile(),
        )
      }
      for (const { seq, sha256, index } of addressed)
        statements.push(
          sql
            .insertInto('addressed')
            .values({ sender: state, origin, idx: Number(index), seq, sha256, mirrored_at: at })
            .onConflict((conflict) => conflict.doNothing())
            .compile(),
        )
      return (await database.atomic(statements)) === 'done' ? 'extended' : 'overtaken'
    },
  }
}
