import type { HashReader } from './hash-reader.ts'
import type { Subtree } from './subtree.ts'
import { TILE_HEIGHT } from './tile.ts'

/** As many as the upper levels of a log of two million entries have; some 2 MB. */
const MAX_REMEMBERED = 16_384

/**
 * Hashes of complete subtrees, which never change: those above the lowest tiles and those at the right
 * edge, because every proof under one checkpoint needs some of them. Those asked for last are kept.
 */
export class SubtreeMemory {
  readonly #hashes = new Map<string, Uint8Array>()

  /** Asks the reader of a tree of `size` leaves for nothing that is known. */
  before(reader: HashReader, size: bigint): HashReader {
    return {
      read: async (subtrees) => {
        const known = subtrees.map((subtree) => this.#find(subtree))
        const unknown = subtrees.filter((_, i) => known[i] === undefined)
        if (unknown.length === 0) return known as Uint8Array[]
        const read = await reader.read(unknown)
        for (const [i, subtree] of unknown.entries())
          if (isShared(subtree, size)) this.#keep(subtree, read[i]!)
        let next = 0
        return known.map((hash) => hash ?? read[next++]!)
      },
    }
  }

  #find({ level, index }: Subtree): Uint8Array | undefined {
    const place = `${level}/${index}`
    const hash = this.#hashes.get(place)
    // The order of the map is that of the last use.
    if (hash && this.#hashes.delete(place)) this.#hashes.set(place, hash)
    return hash
  }

  #keep({ level, index }: Subtree, hash: Uint8Array): void {
    const [oldest] = this.#hashes.keys()
    if (this.#hashes.size >= MAX_REMEMBERED && oldest !== undefined) this.#hashes.delete(oldest)
    this.#hashes.set(`${level}/${index}`, hash)
  }
}

/** In the lowest tiles only what lies in the last one, which is not full, is asked for again. */
function isShared({ level, index }: Subtree, size: bigint): boolean {
  if (level >= TILE_HEIGHT) return true
  return index >> BigInt(TILE_HEIGHT - level) === size >> BigInt(TILE_HEIGHT)
}
