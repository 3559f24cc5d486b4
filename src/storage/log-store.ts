import { sql as raw } from 'kysely'
import { decodeBase64 } from '../encoding/base64url.ts'
import type { LogStore, StoredCheckpoint, WitnessName } from '../tlog/log-store.ts'
import { sqlLogDoubts } from './log-doubts.ts'
import { readFrontierRow, readLeaves, readTileRoots } from './log-tree.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** The own log over SQL; its entries and its tree are written by the journal. */
export function sqlLogStore(database: SqlDatabase): LogStore {
  async function cosigned(row: Tables['checkpoints']): Promise<StoredCheckpoint> {
    const [signatures, cosignatures] = await Promise.all([
      database.query(
        sql
          .selectFrom('checkpoint_signatures')
          .select('line')
          .where('size', '=', row.size)
          .orderBy('key_id')
          .compile(),
      ),
      database.query(
        sql
          .selectFrom('cosignatures')
          .select('line')
          .where('size', '=', row.size)
          .orderBy('witness')
          .orderBy('state')
          .compile(),
      ),
    ])
    const note = row.note + [...signatures, ...cosignatures].map(({ line }) => line).join('')
    return { size: BigInt(row.size), note, signedAt: row.signed_at }
  }

  async function largestCosigned(): Promise<number> {
    const [row] = await database.query(
      sql
        .selectFrom('cosignatures')
        .select(({ fn }) => fn.max('size').as('size'))
        .compile(),
    )
    return row?.size ?? 0
  }

  async function cosignedSize({ state, name, keyId }: WitnessName): Promise<number> {
    const [row] = await database.query(
      sql
        .selectFrom('cosignatures')
        .select(({ fn }) => fn.max('size').as('size'))
        .where('state', '=', state)
        .where('witness', '=', name)
        .where('key_id', '=', keyId)
        .compile(),
    )
    return row?.size ?? 0
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
              .having(raw`count(DISTINCT state)`, '>=', witnesses)
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
              .having(raw`count(DISTINCT state)`, '>=', witnesses)
              .orderBy('size')
              .limit(1),
          )
          .compile(),
      )
      return row && cosigned(row)
    },

    async unwitnessedSince(among) {
      const sizes = among ? await Promise.all(among.map(cosignedSize)) : [await largestCosigned()]
      const [row] = await database.query(
        sql
          .selectFrom('checkpoints')
          .select('signed_at')
          .where('size', '>', Math.max(0, ...sizes))
          .orderBy('size')
          .limit(1)
          .compile(),
      )
      return row?.signed_at
    },

    cosignedSize: async (witness) => BigInt(await cosignedSize(witness)),

    async keepCosignature({ size, witness, line, cosignedAt }) {
      const { state, name, keyId } = witness
      const cosigner = { state, witness: name, key_id: keyId }
      await database.query(
        sql
          .insertInto('cosignatures')
          .values({ size: Number(size), ...cosigner, line, cosigned_at: cosignedAt })
          .onConflict((conflict) => conflict.doNothing())
          .compile(),
      )
    },

    async keepCheckpoint({ size, note, signedAt }) {
      await database.query(
        raw`INSERT INTO checkpoints (size, note, signed_at)
          SELECT ${Number(size)}, ${note}, ${signedAt} WHERE NOT EXISTS (SELECT 1 FROM log_doubts)
          ON CONFLICT DO NOTHING`.compile(sql),
      )
    },

    async keepSignature({ size, keyId, line, signedAt }) {
      await database.query(
        raw`INSERT INTO checkpoint_signatures (size, key_id, line, signed_at)
          SELECT ${Number(size)}, ${keyId}, ${line}, ${signedAt}
          WHERE NOT EXISTS (SELECT 1 FROM log_doubts)
          ON CONFLICT DO NOTHING`.compile(sql),
      )
    },

    ...sqlLogDoubts(database),
  }
}
