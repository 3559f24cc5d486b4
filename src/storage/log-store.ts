import { decodeBase64 } from '../encoding/base64url.ts'
import type { LogStore, StoredCheckpoint } from '../tlog/log-store.ts'
import { readFrontierRow, readLeaves, readTileRoots } from './log-tree.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** The own log over SQL; its entries and its tree are written by the journal. */
export function sqlLogStore(database: SqlDatabase): LogStore {
  async function cosigned(row: Tables['checkpoints']): Promise<StoredCheckpoint> {
    const lines = await database.query(
      sql
        .selectFrom('cosignatures')
        .select('line')
        .where('size', '=', row.size)
        .orderBy('witness')
        .compile(),
    )
    const note = row.note + lines.map(({ line }) => line).join('')
    return { size: BigInt(row.size), note, signedAt: row.signed_at }
  }

  return {
    frontier: () => readFrontierRow(database),
    leaves: (start, end) => readLeaves(database, Number(start), Number(end)),
    tileRoots: (level, start, end) => readTileRoots(database, level, Number(start), Number(end)),

    async fullTile(level, index) {
      const [row] = await database.query(
        sql
          .selectFrom('log_tiles')
          .select('hashes')
          .where('level', '=', level)
          .where('n', '=', Number(index))
          .compile(),
      )
      if (!row) return undefined
      const hashes = decodeBase64(row.hashes)
      if (!hashes) throw new Error(`Tile ${level}/${index} is damaged`)
      return hashes
    },

    async indexOf(sha256) {
      const [row] = await database.query(
        sql.selectFrom('entries').select('idx').where('sha256', '=', sha256).compile(),
      )
      return row && BigInt(row.idx)
    },

    async checkpoint() {
      const [row] = await database.query(
        sql.selectFrom('checkpoints').selectAll().orderBy('size', 'desc').limit(1).compile(),
      )
      return row && cosigned(row)
    },

    async cosignedCheckpoint(witnesses) {
      const [row] = await database.query(
        sql
          .selectFrom('checkpoints')
          .selectAll()
          .where('size', '=', (eb) =>
            eb
              .selectFrom('cosignatures')
              .select('size')
              .groupBy('size')
              .having(eb.fn.countAll(), '>=', witnesses)
              .orderBy('size', 'desc')
              .limit(1),
          )
          .compile(),
      )
      return row && cosigned(row)
    },

    async earliestCosigned(index, witnesses) {
      const [row] = await database.query(
        sql
          .selectFrom('checkpoints')
          .selectAll()
          .where('size', '=', (eb) =>
            eb
              .selectFrom('cosignatures')
              .select('size')
              .where('size', '>', Number(index))
              .groupBy('size')
              .having(eb.fn.countAll(), '>=', witnesses)
              .orderBy('size')
              .limit(1),
          )
          .compile(),
      )
      return row && cosigned(row)
    },

    async unwitnessedSince() {
      const [row] = await database.query(
        sql
          .selectFrom('checkpoints')
          .select('signed_at')
          .where('size', '>', (eb) =>
            eb
              .selectFrom('cosignatures')
              .select(({ fn, val }) => fn.coalesce(fn.max('size'), val(0)).as('size')),
          )
          .orderBy('size')
          .limit(1)
          .compile(),
      )
      return row?.signed_at
    },

    async cosignedSize(witness) {
      const [row] = await database.query(
        sql
          .selectFrom('cosignatures')
          .select(({ fn }) => fn.max('size').as('size'))
          .where('witness', '=', witness)
          .compile(),
      )
      return BigInt(row?.size ?? 0)
    },

    async keepCosignature({ size, witness, line, cosignedAt }) {
      await database.query(
        sql
          .insertInto('cosignatures')
          .values({ size: Number(size), witness, line, cosigned_at: cosignedAt })
          .onConflict((conflict) => conflict.columns(['size', 'witness']).doNothing())
          .compile(),
      )
    },

    async keepCheckpoint({ size, note, signedAt }) {
      await database.query(
        sql
          .insertInto('checkpoints')
          .values({ size: Number(size), note, signed_at: signedAt })
          .onConflict((conflict) => conflict.column('size').doNothing())
          .compile(),
      )
    },
  }
}
