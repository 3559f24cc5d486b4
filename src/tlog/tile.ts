/** Levels of the tree that one level of tiles spans (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8

/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 1 << TILE_HEIGHT

const MAX_TILE_LEVEL = 63

/** A tile of hashes, or the bundle of the entries behind a tile of level 0. */
export interface Tile {
  readonly level: number | 'entries'
  readonly index: bigint
  /** Less than `TILE_WIDTH` only at the right edge of the tree. */
  readonly width: number
}

/** How wide the tile is in a tree of `size` leaves; 0 where the tree has none. */
export function tileWidth({ level, index }: Omit<Tile, 'width'>, size: bigint): number {
  const width = hashesAt(level, size) - index * BigInt(TILE_WIDTH)
  if (width <= 0n) return 0
  return width < BigInt(TILE_WIDTH) ? Number(width) : TILE_WIDTH
}

/** The tiles that are new or wider in a tree that grew, level by level, without the entry bundles. */
export function* tilesOfGrowth(oldSize: bigint, newSize: bigint): Generator<Tile> {
  for (let level = 0; ; level++) {
    const before = hashesAt(level, oldSize)
    const after = hashesAt(level, newSize)
    if (after <= before) return
    const last = (after - 1n) / BigInt(TILE_WIDTH)
    for (let index = before / BigInt(TILE_WIDTH); index <= last; index++)
      yield { level, index, width: tileWidth({ level, index }, newSize) }
  }
}

function hashesAt(level: Tile['level'], size: bigint): bigint {
  return size >> BigInt(level === 'entries' ? 0 : level * TILE_HEIGHT)
}

/** The path below the log's prefix: `tile/0/x001/x234/067`, `tile/entries/000.p/17`. */
export function formatTilePath({ level, index, width }: Tile): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.../g)!
  const last = groups.pop()!
  const partial = width < TILE_WIDTH ? `.p/${width}` : ''
  return ['tile', level, ...groups.map((group) => `x${group}`), last + partial].join('/')
}

// Six groups of digits hold every index that a tree of the largest size has.
const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/

/** The tile that a path names; `undefined` for any text that `formatTilePath` would not write. */
export function parseTilePath(path: string): Tile | undefined {
  const [, level, groups, width] = PATH.exec(path) ?? []
  if (level === undefined || groups === undefined) return undefined
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: BigInt(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  if (tile.level !== 'entries' && tile.level > MAX_TILE_LEVEL) return undefined
  if (tile.width === 0) return undefined
  return formatTilePath(tile) === path ? tile : undefined
}
