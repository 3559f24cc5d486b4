import { sha256Sync } from '../../../src/crypto/suite.ts'
import { appendLeaves, EMPTY_FRONTIER } from '../../../src/tlog/frontier.ts'
import type { HashReader } from '../../../src/tlog/hash-reader.ts'
import { HASH_LENGTH, leafHash } from '../../../src/tlog/merkle.ts'
import { TILE_HEIGHT, TILE_WIDTH } from '../../../src/tlog/tile.ts'
import type { ReadTile } from '../../../src/tlog/tile-reader.ts'

/** Entries that all differ. */
export function entry(index: number): Uint8Array {
  return new TextEncoder().encode(`entry ${index}`)
}

/** RFC 6962 §2.1 word by word, over the first entries of the tree; slow, and remembers what it hashed. */
export function naiveTree(entries: (index: number) => Uint8Array) {
  const known = new Map<string, Uint8Array>()

  /** MTH(D[from:to]). */
  function mth(from: number, to: number): Uint8Array {
    const name = `${from}:${to}`
    const held = known.get(name)
    if (held) return held
    const n = to - from
    const made =
      n === 0
        ? sha256Sync(new Uint8Array())
        : n === 1
          ? sha256Sync(new Uint8Array([0, ...entries(from)]))
          : sha256Sync(
              new Uint8Array([1, ...mth(from, from + split(n)), ...mth(from + split(n), to)]),
            )
    known.set(name, made)
    return made
  }

  /** PATH(m, D[from:to]). */
  function path(m: number, from: number, to: number): Uint8Array[] {
    const n = to - from
    if (n === 1) return []
    const k = split(n)
    return m < k
      ? [...path(m, from, from + k), mth(from + k, to)]
      : [...path(m - k, from + k, to), mth(from, from + k)]
  }

  /** SUBPROOF(m, D[from:to], b). */
  function subproof(m: number, from: number, to: number, b: boolean): Uint8Array[] {
    const n = to - from
    if (m === n) return b ? [] : [mth(from, to)]
    const k = split(n)
    return m <= k
      ? [...subproof(m, from, from + k, b), mth(from + k, to)]
      : [...subproof(m - k, from + k, to, false), mth(from, from + k)]
  }

  return {
    root: (size: number) => mth(0, size),
    inclusion: (index: number, size: number) => path(index, 0, size),
    consistency: (oldSize: number, newSize: number) => subproof(oldSize, 0, newSize, true),
  }
}

function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

export function leafHashes(from: number, to: number): Uint8Array[] {
  return Array.from({ length: to - from }, (_, i) => leafHash(sha256Sync, entry(from + i)))
}

/** What a log keeps of a tree of `size` leaves: every hash, and the tiles of every eighth level. */
export function storedTree(size: number): { reader: HashReader; readTile: ReadTile } {
  const { completed } = appendLeaves(sha256Sync, EMPTY_FRONTIER, leafHashes(0, size))
  const hashes = new Map(completed.map(({ level, index, hash }) => [`${level}/${index}`, hash]))
  const get = (level: number, index: bigint): Uint8Array => {
    const hash = hashes.get(`${level}/${index}`)
    if (!hash) throw new Error(`no hash ${level}/${index}`)
    return hash
  }
  return {
    reader: { read: async (all) => all.map(({ level, index }) => get(level, index)) },
    readTile: async ({ level, index, width }) => {
      const tile = new Uint8Array(width * HASH_LENGTH)
      for (let i = 0; i < width; i++) {
        const at = index * BigInt(TILE_WIDTH) + BigInt(i)
        tile.set(get(Number(level) * TILE_HEIGHT, at), i * HASH_LENGTH)
      }
      return tile
    },
  }
}
