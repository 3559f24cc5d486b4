import { sha256Sync } from '../../crypto/suite.ts'
import { encodeBase64 } from '../../encoding/base64url.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import {
  appendLeaves,
  EMPTY_FRONTIER,
  type Frontier,
  rootOf,
  type SubtreeHash,
} from '../../tlog/frontier.ts'
import { TILE_HEIGHT, TILE_WIDTH } from '../../tlog/tile.ts'
import { encodeHashes, hashOfLeaf } from '../log-tree.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import { rowsOf } from './read-table.ts'

/** Leaves hashed at once: whole tiles. */
const LEAVES = 4 * TILE_WIDTH

/** The tree as the leaves make it. */
export interface ComputedTree {
  readonly size: number
  readonly rootHash: Uint8Array
  /** The roots that it had at the sizes asked for; one that is missing lies beyond it. */
  readonly roots: ReadonlyMap<number, Uint8Array>
  /** When entries say that they were appended, in milliseconds; NaN: at no time. */
  readonly times: readonly number[]
}

/**
 * Hashes every leaf and compares what the tree stores with the outcome: the right edge and every full
 * tile, none missing and none too many. Memory: one open tile a level.
 *
 * @param sizes at which the root is to be told, in any order
 */
export async function auditTree(
  database: SqlDatabase,
  sizes: readonly number[],
  report: Report,
): Promise<ComputedTree> {
  const wanted = new Set(sizes)
  const asked = [...wanted].toSorted((a, b) => a - b)
  const roots = new Map<number, Uint8Array>()
  const tiles = tileCollector(async ({ level, n, hashes, root }) => {
    const where = `log_tiles ${level}/${n}`
    const stored = await readTile(database, level, n)
    if (!stored) return report('tree-differs', where, 'the full tile is missing')
    if (stored.hashes !== encodeHashes(hashes) || stored.root !== encodeBase64(root))
      report('tree-differs', where, 'its hashes are not those of the leaves')
  })
  let frontier: Frontier = EMPTY_FRONTIER
  const passed = () => {
    const size = Number(frontier.size)
    if (wanted.has(size)) roots.set(size, rootOf(sha256Sync, frontier))
  }
  const times: number[] = []
  let leaves: string[] = []
  let nextAsked = 0
  const take = async () => {
    let rest = leaves
    leaves = []
    while (rest.length > 0) {
      const start = Number(frontier.size)
      while (nextAsked < asked.length && asked[nextAsked]! <= start) nextAsked++
      const part = rest.slice(0, (asked[nextAsked] ?? Infinity) - start)
      rest = rest.slice(part.length)
      const grown = appendLeaves(sha256Sync, frontier, part.map(hashOfLeaf))
      frontier = grown.frontier
      await tiles.add(grown.completed)
      passed()
    }
  }
  for await (const { leaf, at } of rowsOf(database, 'entries', ['idx'])) {
    leaves.push(leaf)
    times.push(Date.parse(at))
    if (leaves.length === LEAVES) await take()
  }
  await take()
  await auditEdge(database, frontier, report)
  await auditCount(database, tiles.made(), report)
  return { size: Number(frontier.size), rootHash: rootOf(sha256Sync, frontier), roots, times }
}

interface FullTile {
  readonly level: number
  readonly n: number
  readonly hashes: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** Collects subtrees, in the order in which they become complete, into full tiles: the next one up is the root of the tile. */
function tileCollector(full: (tile: FullTile) => Promise<void>) {
  /** The hashes of the open tile of each level. */
  const open: Uint8Array[][] = []
  let made = 0

  async function add(completed: readonly SubtreeHash[]): Promise<void> {
    for (const { level: height, index, hash } of completed) {
      if (height % TILE_HEIGHT !== 0) continue
      const level = height / TILE_HEIGHT
      if (level > 0) {
        const hashes = open[level - 1]!
        open[level - 1] = []
        made++
        await full({ level: level - 1, n: Number(index), hashes, root: hash })
      }
      open[level] ??= []
      open[level].push(hash)
    }
  }
  return { add, made: () => made }
}

async function readTile(database: SqlDatabase, level: number, n: number) {
  const [row] = await database.query(
    sql
      .selectFrom('log_tiles')
      .select(['hashes', 'root'])
      .where('level', '=', level)
      .where('n', '=', n)
      .compile(),
  )
  return row
}

async function auditEdge(database: SqlDatabase, frontier: Frontier, report: Report) {
  const rows = await database.query(sql.selectFrom('log_head').selectAll().compile())
  const [row] = rows
  if (!row && frontier.size === 0n) return
  const isRight =
    rows.length === 1 &&
    row?.id === 1 &&
    row.size === Number(frontier.size) &&
    row.frontier === encodeHashes(frontier.hashes)
  if (!isRight) report('tree-differs', 'log_head', 'the right edge is not that of the entries')
}

async function auditCount(database: SqlDatabase, made: number, report: Report): Promise<void> {
  const [row] = await database.query(
    sql
      .selectFrom('log_tiles')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .compile(),
  )
  if (row?.n !== made)
    report('tree-differs', 'log_tiles', `${row?.n} full tiles are stored, the tree has ${made}`)
}
