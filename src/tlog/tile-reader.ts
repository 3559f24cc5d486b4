import type { HashReader } from './hash-reader.ts'
import { HASH_LENGTH, joinEqual, type Hash } from './merkle.ts'
import type { Subtree } from './subtree.ts'
import { formatTilePath, TILE_HEIGHT, TILE_WIDTH, tileWidth, type Tile } from './tile.ts'

/** The hashes of a tile, one behind the other; a wider form of the same tile serves as well. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array>

/**
 * Reads the hashes of a tree of `size` leaves from its tiles, each tile once per reading. The levels
 * between those of the tiles are hashed anew. What the tiles say is believed: a proof made of it is
 * worth what its verification against a signed root says.
 */
export function tileHashReader(hash: Hash, readTile: ReadTile, size: bigint): HashReader {
  return {
    async read(subtrees) {
      const tiles = new Map<string, Promise<Uint8Array>>()
      return Promise.all(
        subtrees.map(async (subtree) => {
          const { tile, from, to } = placeOf(subtree, size)
          const path = formatTilePath(tile)
          const bytes = tiles.get(path) ?? readTile(tile)
          tiles.set(path, bytes)
          return joinEqual(hash, hashesOf(await bytes, tile, from, to))
        }),
      )
    },
  }
}

/** The tile that holds a subtree, and which of its hashes the subtree spans. */
function placeOf(
  { level, index }: Subtree,
  size: bigint,
): { tile: Tile; from: number; to: number } {
  const span = 1 << (level % TILE_HEIGHT)
  const first = index * BigInt(span)
  const place = { level: Math.floor(level / TILE_HEIGHT), index: first / BigInt(TILE_WIDTH) }
  const tile = { ...place, width: tileWidth(place, size) }
  const from = Number(first % BigInt(TILE_WIDTH))
  if (from + span > tile.width)
    throw new RangeError(`No subtree ${level}/${index} is complete in a tree of ${size} leaves`)
  return { tile, from, to: from + span }
}

function hashesOf(bytes: Uint8Array, tile: Tile, from: number, to: number): Uint8Array[] {
  if (bytes.length < tile.width * HASH_LENGTH)
    throw new Error(`${formatTilePath(tile)} has only ${bytes.length} bytes`)
  const hashes: Uint8Array[] = []
  for (let i = from; i < to; i++) hashes.push(bytes.slice(i * HASH_LENGTH, (i + 1) * HASH_LENGTH))
  return hashes
}
