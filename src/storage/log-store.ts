import { CompiledQuery, sql as raw } from 'kysely'
import { decodeBase64 } from '../encoding/base64url.ts'
import type { Cosigner, LogStore, StoredCheckpoint, WitnessName } from '../tlog/log-store.ts'
import { LogDamaged } from '../tlog/log-tiles.ts'
import { MAX_SIGNATURES } from '../tlog/signed-note.ts'
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
          .select(['state', 'line'])
          .where('size', '=', row.size)
          .orderBy('cosigned_at')
          .orderBy('witness')
          .orderBy('state')
          .compile(),
      ),
    ])
    const lines = [...signatures, ...inTurn(cosignatures)].map(({ line }) => line)
    const note = row.note + lines.slice(0, MAX_SIGNATURES - 1).join('')
    return { size: BigInt(row.size), note, signedAt: row.signed_at }
  }

  /** The nearest size on one side that a witness, or anybody, has cosigned. */
  async function nearest(
    by: Cosigner | 'anybody',
    side: '>=' | '<=',
    size: bigint,
  ): Promise<bigint | undefined> {
    let query = sql
      .selectFrom('cosignatures')
      .select('size')
      .where('size', side, Number(size))
      .orderBy('size', side === '>=' ? 'asc' : 'desc')
      .limit(1)
    if (by !== 'anybody') {
      query = query
        .where('state', '=', by.state)
        .where('witness', '=', by.name)
        .where('key_id', '=', by.keyId)
      if (by.from !== undefined) query = query.where('cosigned_at', '>=', by.from)
      if (by.until !== undefined) query = query.where('cosigned_at', '<=', by.until)
    }
    const [row] = await database.query(query.compile())
    return row && BigInt(row.size)
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
      const [row] = await database.query<{ hashes: string }>(
        CompiledQuery.raw('SELECT hashes FROM log_tiles WHERE level = ? AND n = ?', [
          level,
          Number(index),
        ]),
      )
      if (!row) return undefined
      const hashes = decodeBase64(row.hashes)
      if (!hashes) throw new LogDamaged(`tile ${level}/${index} is damaged`)
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

    async checkpointOf(size) {
      const [row] = await database.query(
        sql.selectFrom('checkpoints').selectAll().where('size', '=', Number(size)).compile(),
      )
      return row && cosigned(row)
    },

    async cosignedCheckpoint() {
      const [row] = await database.query(
        sql
          .selectFrom('checkpoints')
          .selectAll()
          .where('size', '=', (eb) =>
            eb.selectFrom('cosignatures').select(({ fn }) => fn.max('size').as('size')),
          )
          .compile(),
      )
      return row && cosigned(row)
    },

    async cosignedFrom(size, by) {
      const found = await Promise.all(cosignersOf(by).map((one) => nearest(one, '>=', size)))
      return found.filter((one) => one !== undefined).toSorted((a, b) => Number(a - b))[0]
    },

    async cosignedUpTo(size, by) {
      const found = await Promise.all(cosignersOf(by).map((one) => nearest(one, '<=', size)))
      return found.filter((one) => one !== undefined).toSorted((a, b) => Number(b - a))[0]
    },

    async signedSince(size) {
      const [row] = await database.query(
        sql
          .selectFrom('checkpoints')
          .select('signed_at')
          .where('size', '>', Number(size))
          .orderBy('size')
          .limit(1)
          .compile(),
      )
      return row?.signed_at
    },

    async epoch() {
      const [row] = await database.query(sql.selectFrom('node').select('epoch').compile())
      return row?.epoch ?? ''
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

/** The first of each state, then the second of each: nobody's lines push another's out of a note. */
function inTurn<T extends { readonly state: string }>(lines: readonly T[]): T[] {
  const turns: T[][] = []
  const had = new Map<string, number>()
  for (const line of lines) {
    const turn = had.get(line.state) ?? 0
    had.set(line.state, turn + 1)
    ;(turns[turn] ??= []).push(line)
  }
  return turns.flat()
}

function cosignersOf(by: readonly Cosigner[] | undefined): readonly (Cosigner | 'anybody')[] {
  return by ?? ['anybody']
}
