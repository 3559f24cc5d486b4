import type { SubtreeHash } from '../tlog/frontier.ts'
import { TILE_HEIGHT, TILE_WIDTH } from '../tlog/tile.ts'

/**
 * Hashes of the tiles at the right edge, as far as this process has appended them itself: a tile that
 * becomes full need not be read back. What stands at a place of the log never changes, so what is known
 * stays true; of what other processes append nothing is known.
 */
export class OpenTiles {
  readonly #tiles = new Map<number, { n: number; hashes: (Uint8Array | undefined)[] }>()

  /** Remembers what was appended for good. */
  keep(completed: readonly SubtreeHash[]): void {
    for (const { level, index, hash } of completed) {
      if (level % TILE_HEIGHT !== 0) continue
      const place = Number(index)
      const n = Math.floor(place / TILE_WIDTH)
      let tile = this.#tiles.get(level)
      if (tile?.n !== n) {
        tile = { n, hashes: nothingKnown() }
        this.#tiles.set(level, tile)
      }
      tile.hashes[place % TILE_WIDTH] = hash
    }
  }

  /** The hashes of a tile over subtrees of this level, where they are known. */
  of(level: number, n: number): (Uint8Array | undefined)[] {
    const tile = this.#tiles.get(level)
    return tile?.n === n ? [...tile.hashes] : nothingKnown()
  }
}

function nothingKnown(): undefined[] {
  return Array.from({ length: TILE_WIDTH })
}
