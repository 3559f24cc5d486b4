import { type CompiledQuery, sql as raw } from 'kysely'
import { sha256Sync } from '../crypto/suite.ts'
import { encodeBase64 } from '../encoding/base64url.ts'
import { appendLeaves, EMPTY_FRONTIER, rootOf } from '../tlog/frontier.ts'
import type { AddressedMessage, MirrorHead, MirrorStore } from '../tlog/mirror-store.ts'
import { TILE_WIDTH } from '../tlog/tile.ts'
import type { LogName } from '../tlog/witness-store.ts'
import { decodeHashes, encodeHashes, frontierOf, hashOfLeaf } from './log-tree.ts'
import { sqlMirrorComparison } from './mirror-comparison.ts'
import { spendBytes } from './peer-log-bytes.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** Mirrors of the logs of others, over SQL: their leaves in bundles of 256, line by line. */
export function sqlMirrorStore(database: SqlDatabase): MirrorStore {
  const bundlesOf = ({ state, origin }: LogName, from: number, to: number) =>
    sql
      .selectFrom('mirrored_bundles')
      .where('state', '=', state)
      .where('origin', '=', origin)
      .where('n', '>=', from)
      .where('n', '<=', to)
      .orderBy('n')

  async function bundles(log: LogName, from: number, to: number) {
    const rows = await database.query(bundlesOf(log, from, to).select('leaves').compile())
    return rows.flatMap(({ leaves }) => leaves.split('\n'))
  }

  return {
    ...sqlMirrorComparison(database),

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
      const { n, note, seen_size, whole_note, addressed, last_seq: lastSeq } = row
      const seen = { note, size: BigInt(seen_size), wholeNote: whole_note ?? undefined }
      return { n, frontier: frontierOf(row), ...seen, addressed, lastSeq }
    },

    logsOf(state) {
      return database.query(
        sql.selectFrom('mirrors').select(['state', 'origin']).where('state', '=', state).compile(),
      )
    },

    async leaves(log, start, end) {
      if (end <= start) return []
      const first = Number(start / BigInt(TILE_WIDTH))
      const last = Number((end - 1n) / BigInt(TILE_WIDTH))
      const held = await bundles(log, first, last)
      const skipped = Number(start) - first * TILE_WIDTH
      return held.slice(skipped, skipped + Number(end - start))
    },

    async bundleRoots(log, start, end) {
      const full = bundlesOf(log, Number(start), Number(end) - 1).where('root', '<>', '')
      const rows = await database.query(full.select('root').compile())
      return rows.map(({ root }) => decodeHashes(root)[0]!)
    },

    async extend(log, { head, leaves, addressed, at }) {
      const before = Number(head.frontier.size) - leaves.length
      const first = Math.floor(before / TILE_WIDTH)
      const open = before % TILE_WIDTH === 0 ? [] : await bundles(log, first, first)
      const statements = headStatements(log, head, at)
      if (leaves.length > 0) statements.push(...bundleStatements(log, first, [...open, ...leaves]))
      if (addressed.length > 0) statements.push(addressedStatement(log, addressed, at))
      return (await database.atomic(statements)) === 'done' ? 'extended' : 'overtaken'
    },

    async looks() {
      const rows = await database.query(sql.selectFrom('mirror_looks').selectAll().compile())
      return rows.map(({ state, first_at, whole_at, failure, compared_until, newer_than }) => ({
        state,
        firstAt: first_at,
        wholeAt: whole_at ?? undefined,
        failure: failure ?? undefined,
        comparedUntil: compared_until,
        newerThan: newer_than ?? undefined,
      }))
    },

    spend: (state, intake) => spendBytes(database, { store: 'mirror', state, ...intake }),

    async looked(state, { at, whole, failure = null, newerThan }) {
      const grown = newerThan !== undefined && { newer_than: newerThan }
      const seen = { failure, ...(whole && { whole_at: at }), ...grown }
      await database.query(
        sql
          .insertInto('mirror_looks')
          .values({ state, first_at: at, compared_until: '', whole_at: null, ...seen })
          .onConflict((conflict) => conflict.column('state').doUpdateSet(seen))
          .compile(),
      )
    },
  }
}

/** Collide while the row of another step stands there. */
function headStatements({ state, origin }: LogName, head: MirrorHead, at: string): CompiledQuery[] {
  return [
    sql
      .deleteFrom('mirrors')
      .where('state', '=', state)
      .where('origin', '=', origin)
      .where('n', '=', head.n - 1)
      .compile(),
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
        whole_note: head.wholeNote ?? null,
        addressed: head.addressed,
        last_seq: head.lastSeq,
        at,
      })
      .compile(),
  ]
}

/** `leaves` from the beginning of bundle `first`. */
function bundleStatements(
  { state, origin }: LogName,
  first: number,
  leaves: readonly string[],
): CompiledQuery[] {
  const statements: CompiledQuery[] = []
  for (let i = 0; i < leaves.length; i += TILE_WIDTH) {
    const bundle = leaves.slice(i, i + TILE_WIDTH)
    const row = {
      leaves: bundle.join('\n'),
      root: bundle.length < TILE_WIDTH ? '' : rootOfBundle(bundle),
    }
    statements.push(
      sql
        .insertInto('mirrored_bundles')
        .values({ state, origin, n: first + i / TILE_WIDTH, ...row })
        .onConflict((conflict) => conflict.columns(['state', 'origin', 'n']).doUpdateSet(row))
        .compile(),
    )
  }
  return statements
}

function rootOfBundle(leaves: readonly string[]): string {
  const hashes = leaves.map(hashOfLeaf)
  return encodeBase64(rootOf(sha256Sync, appendLeaves(sha256Sync, EMPTY_FRONTIER, hashes).frontier))
}

/** One statement for all of them: D1 takes only so many in one step. */
function addressedStatement(
  { state, origin }: LogName,
  messages: readonly AddressedMessage[],
  at: string,
): CompiledQuery {
  const rows = messages.map(({ seq, sha256, index }) => [Number(index), seq, sha256])
  return raw`INSERT INTO addressed (sender, origin, idx, seq, sha256, mirrored_at, settled)
    SELECT ${state}, ${origin}, json_extract(value, '$[0]'), json_extract(value, '$[1]'),
      json_extract(value, '$[2]'), ${at}, 0
    FROM json_each(${JSON.stringify(rows)}) WHERE true ON CONFLICT DO NOTHING`.compile(sql)
}
