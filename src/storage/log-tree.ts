import { CompiledQuery } from 'kysely'
import { sha256Sync } from '../crypto/suite.ts'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { appendLeaves, type Frontier, type SubtreeHash } from '../tlog/frontier.ts'
import { LogDamaged } from '../tlog/log-tiles.ts'
import { HASH_LENGTH, joinEqual, textLeafHash } from '../tlog/merkle.ts'
import { TILE_HEIGHT, TILE_WIDTH } from '../tlog/tile.ts'
import { OpenTiles } from './open-tiles.ts'
import type { SqlDatabase } from './sql-database.ts'
import { insertOf, sql } from './tables.ts'

/** The hash of an entry's leaf. */
export function hashOfLeaf(leaf: string): Uint8Array {
  return textLeafHash(sha256Sync, leaf)
}

/**
 * The statements that move the tree to this frontier, and never back; full tiles need hashes of entries
 * before. `known`: those that need not be read. `ifAbsent`: a tile that another process has built stays
 * as it is.
 *
 * @throws {LogDamaged} the entries that are stored are not those of the tree: nothing may be built over them
 */
export async function treeStatements(
  database: SqlDatabase,
  frontier: Frontier,
  completed: readonly SubtreeHash[],
  { known = new OpenTiles(), ifAbsent = false }: TreeOptions = {},
): Promise<CompiledQuery[]> {
  const tiles = await Promise.all(
    completed
      .filter(({ level }) => level > 0 && level % TILE_HEIGHT === 0)
      .map(async ({ level, index, hash }) => {
        const [below, n] = [level - TILE_HEIGHT, Number(index)]
        const row = {
          level: below / TILE_HEIGHT,
          n,
          hashes: encodeHashes(await tileHashes(database, completed, known.of(below, n), below, n)),
          root: encodeBase64(hash),
        }
        return ifAbsent ? insertTileIfAbsent(row) : insertTile(row)
      }),
  )
  return [...tiles, moveHead(Number(frontier.size), encodeHashes(frontier.hashes))]
}

interface TreeOptions {
  readonly known?: OpenTiles
  readonly ifAbsent?: boolean
}

const insertTile = insertOf('log_tiles', ['level', 'n', 'hashes', 'root'])
const insertTileIfAbsent = insertOf('log_tiles', ['level', 'n', 'hashes', 'root'], {
  ifAbsent: ['level', 'n'],
})

function moveHead(size: number, frontier: string): CompiledQuery {
  return CompiledQuery.raw(
    `INSERT INTO log_head (id, size, frontier) VALUES (1, ?, ?)
      ON CONFLICT (id) DO UPDATE SET size = excluded.size, frontier = excluded.frontier
      WHERE log_head.size < excluded.size`,
    [size, frontier],
  )
}

/** The hashes of the n-th tile over subtrees of `level`, which this step has made full. */
async function tileHashes(
  database: SqlDatabase,
  completed: readonly SubtreeHash[],
  known: (Uint8Array | undefined)[],
  level: number,
  n: number,
): Promise<readonly Uint8Array[]> {
  const first = n * TILE_WIDTH
  let missing = TILE_WIDTH
  let root: Uint8Array | undefined
  for (const subtree of completed) {
    const place = Number(subtree.index) - first
    if (subtree.level === level + TILE_HEIGHT && Number(subtree.index) === n) root = subtree.hash
    if (subtree.level !== level || place < 0 || place >= TILE_WIDTH) continue
    known[place] = subtree.hash
    // What this step did not add stands before what it did.
    missing = Math.min(missing, place)
  }
  // A tile never changes: what it says must lead to the root that the tree has there.
  const isWhole = (hashes: readonly (Uint8Array | undefined)[]): hashes is Uint8Array[] =>
    hashes.length === TILE_WIDTH &&
    hashes.every((hash) => hash !== undefined) &&
    root !== undefined &&
    isSameOctets(joinEqual(sha256Sync, hashes), root)
  if (isWhole(known)) return known
  const earlier =
    level === 0
      ? (await readLeaves(database, first, first + missing)).map(hashOfLeaf)
      : await readTileRoots(database, level / TILE_HEIGHT - 1, first, first + missing)
  const hashes = [...earlier, ...known.slice(missing)]
  if (isWhole(hashes)) return hashes
  throw new LogDamaged(`what is stored below tile ${level / TILE_HEIGHT}/${n} was altered`)
}

export async function readLeaves(
  database: SqlDatabase,
  start: number,
  end: number,
): Promise<string[]> {
  if (end <= start) return []
  const rows = await database.query<{ leaf: string }>(
    CompiledQuery.raw('SELECT leaf FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx', [
      start,
      end,
    ]),
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
  const rows = await database.query<{ root: string }>(
    CompiledQuery.raw(
      'SELECT root FROM log_tiles WHERE level = ? AND n >= ? AND n < ? ORDER BY n',
      [level, start, end],
    ),
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

/** @throws {LogDamaged} the row was damaged */
export function decodeHashes(text: string): Uint8Array<ArrayBuffer>[] {
  const octets = decodeBase64(text)
  if (!octets || octets.length % HASH_LENGTH !== 0)
    throw new LogDamaged('stored hashes of the log are damaged')
  return Array.from({ length: octets.length / HASH_LENGTH }, (_, i) =>
    octets.slice(i * HASH_LENGTH, (i + 1) * HASH_LENGTH),
  )
}
