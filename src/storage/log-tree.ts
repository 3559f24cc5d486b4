import type { CompiledQuery } from 'kysely'
import { sha256Sync } from '../crypto/suite.ts'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import { appendLeaves, type Frontier, type SubtreeHash } from '../tlog/frontier.ts'
import { HASH_LENGTH, leafHash } from '../tlog/merkle.ts'
import { TILE_HEIGHT, TILE_WIDTH } from '../tlog/tile.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

const utf8 = new TextEncoder()

/** The hash of an entry's leaf. */
export function hashOfLeaf(leaf: string): Uint8Array {
  return leafHash(sha256Sync, utf8.encode(leaf))
}

/**
 * The statements that move the tree to this frontier, and never back; full tiles need hashes of entries
 * before. `ifAbsent`: a tile that another process has built stays as it is.
 */
export async function treeStatements(
  database: SqlDatabase,
  frontier: Frontier,
  completed: readonly SubtreeHash[],
  { ifAbsent = false }: { readonly ifAbsent?: boolean } = {},
): Promise<CompiledQuery[]> {
  const known = new Map(completed.map((subtree) => [placeOf(subtree), subtree.hash]))
  const tiles = await Promise.all(
    completed
      .filter(({ level }) => level > 0 && level % TILE_HEIGHT === 0)
      .map(({ level, index, hash }) => {
        const tile = { level: level / TILE_HEIGHT - 1, n: Number(index), hash, ifAbsent }
        return tileStatement(database, known, tile)
      }),
  )
  const size = Number(frontier.size)
  const edge = encodeHashes(frontier.hashes)
  return [
    ...tiles,
    sql
      .insertInto('log_head')
      .values({ id: 1, size, frontier: edge })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ size, frontier: edge })
          .where('log_head.size', '<', size),
      )
      .compile(),
  ]
}

async function tileStatement(
  database: SqlDatabase,
  known: ReadonlyMap<string, Uint8Array>,
  { level, n, hash, ifAbsent }: { level: number; n: number; hash: Uint8Array; ifAbsent: boolean },
): Promise<CompiledQuery> {
  const first = n * TILE_WIDTH
  const places = Array.from({ length: TILE_WIDTH }, (_, i) =>
    known.get(placeOf({ level: level * TILE_HEIGHT, index: BigInt(first + i) })),
  )
  // What this step did not add stands before what it did.
  const before = places.findIndex((place) => place !== undefined)
  const missing = before < 0 ? TILE_WIDTH : before
  const earlier =
    level === 0
      ? (await readLeaves(database, first, first + missing)).map(hashOfLeaf)
      : await readTileRoots(database, level - 1, first, first + missing)
  const hashes = [...earlier, ...places.slice(missing)]
  if (!hashes.every((known) => known !== undefined) || hashes.length !== TILE_WIDTH)
    throw new Error(`Hashes of tile ${level}/${n} are missing`)
  return sql
    .insertInto('log_tiles')
    .values({ level, n, hashes: encodeHashes(hashes), root: encodeBase64(hash) })
    .$if(ifAbsent, (insert) => insert.onConflict((conflict) => conflict.doNothing()))
    .compile()
}

function placeOf({ level, index }: { level: number; index: bigint }): string {
  return `${level}/${index}`
}

export async function readLeaves(
  database: SqlDatabase,
  start: number,
  end: number,
): Promise<string[]> {
  if (end <= start) return []
  const rows = await database.query(
    sql
      .selectFrom('entries')
      .select('leaf')
      .where('idx', '>=', start)
      .where('idx', '<', end)
      .orderBy('idx')
      .compile(),
  )
  return rows.map(({ leaf }) => leaf)
}

export async function readTileRoots(
  database: SqlDatabase,
  level: number,
  start: number,
  end: number,
): Promise<Uint8Array[]> {
  if (end <= start) return []
  const rows = await database.query(
    sql
      .selectFrom('log_tiles')
      .select('root')
      .where('level', '=', level)
      .where('n', '>=', start)
      .where('n', '<', end)
      .orderBy('n')
      .compile(),
  )
  return rows.map(({ root }) => decodeHashes(root)[0]!)
}

/** Entries hashed in one step of `growTree`. */
const GROWN_AT_ONCE = 4096

/**
 * Builds what the tree lacks of the entries: those that a program appended which builds no tree. Many may
 * do it at once, and beside writers: each step is a function of the entries alone.
 */
export async function growTree(database: SqlDatabase): Promise<void> {
  for (;;) {
    const frontier = await readFrontierRow(database)
    const start = Number(frontier.size)
    const leaves = await readLeaves(database, start, start + GROWN_AT_ONCE)
    if (leaves.length === 0) return
    const grown = appendLeaves(sha256Sync, frontier, leaves.map(hashOfLeaf))
    const { frontier: next, completed } = grown
    await database.atomic(await treeStatements(database, next, completed, { ifAbsent: true }))
  }
}

/** Whether entries stand behind the tree: a program that builds none has appended them. */
export async function isTreeBehind(database: SqlDatabase): Promise<boolean> {
  const [row] = await database.query(
    sql
      .selectFrom('entries')
      .select('idx')
      .where('idx', '>=', (eb) =>
        eb
          .selectFrom('log_head')
          .select(({ fn, val }) => fn.coalesce(fn.max('size'), val(0)).as('size')),
      )
      .limit(1)
      .compile(),
  )
  return row !== undefined
}

export async function readFrontierRow(database: SqlDatabase): Promise<Frontier> {
  const [row] = await database.query(
    sql.selectFrom('log_head').select(['size', 'frontier']).compile(),
  )
  return row ? frontierOf(row) : { size: 0n, hashes: [] }
}

export function frontierOf(row: { size: number; frontier: string }): Frontier {
  return { size: BigInt(row.size), hashes: decodeHashes(row.frontier) }
}

export function encodeHashes(hashes: readonly Uint8Array[]): string {
  const octets = new Uint8Array(hashes.length * HASH_LENGTH)
  for (const [i, hash] of hashes.entries()) octets.set(hash, i * HASH_LENGTH)
  return encodeBase64(octets)
}

/** @throws {Error} the row was damaged */
export function decodeHashes(text: string): Uint8Array<ArrayBuffer>[] {
  const octets = decodeBase64(text)
  if (!octets || octets.length % HASH_LENGTH !== 0) throw new Error('Stored hashes are damaged')
  return Array.from({ length: octets.length / HASH_LENGTH }, (_, i) =>
    octets.slice(i * HASH_LENGTH, (i + 1) * HASH_LENGTH),
  )
}
