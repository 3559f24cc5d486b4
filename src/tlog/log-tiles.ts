import type { LogStore } from './log-store.ts'
import { encodeEntryBundle } from './entry-bundle.ts'
import { HASH_LENGTH, textLeafHash, type Hash } from './merkle.ts'
import type { HashReader } from './hash-reader.ts'
import { SubtreeMemory } from './subtree-memory.ts'
import { formatTilePath, TILE_WIDTH, tileWidth, type Tile } from './tile.ts'
import { tileHashReader } from './tile-reader.ts'

const utf8 = new TextEncoder()

/** What tiles are made of. */
export type TileStore = Pick<LogStore, 'leaves' | 'fullTile' | 'tileRoots'>

/** What is stored of a log is not what was appended to it: something is missing or cannot be read. */
export class LogDamaged extends Error {}

/**
 * The bytes of a tile or entry bundle in the tree of `size` leaves (C2SP tlog-tiles), a narrower form of a
 * tile that has grown since among them; `undefined` where that tree has no such tile.
 */
export async function readLogTile(
  hash: Hash,
  store: TileStore,
  tile: Tile,
  size: bigint,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { level, index, width } = tile
  if (tileWidth(tile, size) < width) return undefined
  const start = index * BigInt(TILE_WIDTH)
  const end = start + BigInt(width)
  if (level === 'entries')
    return encodeEntryBundle((await leaves(store, start, end)).map((leaf) => utf8.encode(leaf)))
  const full = await store.fullTile(level, index)
  if (full && full.length !== TILE_WIDTH * HASH_LENGTH)
    throw new LogDamaged(`tile ${level}/${index} has ${full.length} bytes`)
  if (full) return full.slice(0, width * HASH_LENGTH)
  const hashes =
    level === 0
      ? (await leaves(store, start, end)).map((leaf) => textLeafHash(hash, leaf))
      : await store.tileRoots(level - 1, start, end)
  if (hashes.length !== width)
    throw new LogDamaged(`the log lacks hashes of tile ${level}/${index}`)
  return joined(hashes)
}

const remembered = new WeakMap<LogStore, SubtreeMemory>()

/**
 * Hashes of the tree that the log had at `size`, for proofs: what many of them need is computed once, so
 * that a proof in a long log costs what it does in a short one.
 */
export function logHashReader(hash: Hash, store: LogStore, size: bigint): HashReader {
  let memory = remembered.get(store)
  if (!memory) remembered.set(store, (memory = new SubtreeMemory()))
  return memory.before(storedHashReader(hash, store, size), size)
}

/** The same hashes as they follow from what is stored now. */
export function storedHashReader(hash: Hash, store: TileStore, size: bigint): HashReader {
  const readTile = async (tile: Tile) => {
    const bytes = await readLogTile(hash, store, tile, size)
    if (!bytes) throw new LogDamaged(`the log lacks ${formatTilePath(tile)}`)
    return bytes
  }
  return tileHashReader(hash, readTile, size)
}

async function leaves(store: TileStore, start: bigint, end: bigint): Promise<string[]> {
  const found = await store.leaves(start, end)
  if (found.length !== Number(end - start))
    throw new LogDamaged(`the log lacks leaves from ${start} on`)
  return found
}

function joined(hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(hashes.length * HASH_LENGTH)
  for (const [i, hash] of hashes.entries()) octets.set(hash, i * HASH_LENGTH)
  return octets
}
