import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { proveConsistency } from '../../../src/tlog/consistency.ts'
import { encodeEntryBundle, parseEntryBundle } from '../../../src/tlog/entry-bundle.ts'
import { appendLeaves, EMPTY_FRONTIER, readFrontier, rootOf } from '../../../src/tlog/frontier.ts'
import { proveInclusion } from '../../../src/tlog/inclusion.ts'
import { formatTilePath, parseTilePath, tilesOfGrowth, tileWidth } from '../../../src/tlog/tile.ts'
import { tileHashReader } from '../../../src/tlog/tile-reader.ts'
import { entry, leafHashes, naiveTree, storedTree } from './trees.ts'

describe('tile paths', () => {
  it.each([
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067n, width: 256 }],
    ['tile/0/000', { level: 0, index: 0n, width: 256 }],
    ['tile/63/999.p/255', { level: 63, index: 999n, width: 255 }],
    ['tile/1/x001/000.p/1', { level: 1, index: 1000n, width: 1 }],
    ['tile/entries/x123/456.p/17', { level: 'entries' as const, index: 123_456n, width: 17 }],
    [
      'tile/entries/x036/x028/x797/x018/x963/967',
      { level: 'entries' as const, index: 36_028_797_018_963_967n, width: 256 },
    ],
  ])('%s', (path, tile) => {
    expect(parseTilePath(path)).toEqual(tile)
    expect(formatTilePath(tile)).toBe(path)
  })

  it.each([
    '',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/x000/001',
    'tile/0/x001/x002',
    'tile/0/001/002',
    'tile/0/X001/002',
    'tile/0/000.p/0',
    'tile/0/000.p/00',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/999',
    'tile/0/000.p',
    'tile/0/000.p/',
    'tile/0/000/',
    'tile/0/000\n',
    'tile/0/../000',
    '/tile/0/000',
    'tile/8/0/000',
    'tile/entries/١٢٣',
    'tile/data/000',
    'tile/0/x001/x001/x001/x001/x001/x001/001',
  ])('refuses %j', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  it('go back and forth, and no other text is one', () => {
    const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }))
    const index = fc.bigInt({ min: 0n, max: (1n << 55n) - 1n })
    const tile = fc.record({ level, index, width: fc.integer({ min: 1, max: 256 }) })
    fc.assert(
      fc.property(tile, (tile) => expect(parseTilePath(formatTilePath(tile))).toEqual(tile)),
    )
    const unit = fc.constantFrom(...'tile/entries/0019x.p/ ')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (tail) => {
        const path = `tile/0/${tail}`
        const parsed = parseTilePath(path)
        if (parsed) expect(formatTilePath(parsed)).toBe(path)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('tiles of a tree', () => {
  /** The definition: which tiles there are, and how wide, by counting hashes. */
  function allTiles(size: bigint): Map<string, number> {
    const tiles = new Map<string, number>()
    for (let level = 0; level < 8; level++)
      for (let i = 0n; i < size / 256n ** BigInt(level); i++) {
        const name = `${level}/${i / 256n}`
        tiles.set(name, (tiles.get(name) ?? 0) + 1)
      }
    return tiles
  }

  it('are those of the specification for 70,000 leaves', () => {
    const tiles = [...tilesOfGrowth(0n, 70_000n)]
    const of = (level: number) => tiles.filter((tile) => tile.level === level)
    expect(of(0)).toHaveLength(274)
    expect(of(0).at(-1)).toEqual({ level: 0, index: 273n, width: 112 })
    expect(of(1).map(({ width }) => width)).toEqual([256, 17])
    expect(of(2).map(({ width }) => width)).toEqual([1])
    expect(tiles).toHaveLength(277)
    expect([...tilesOfGrowth(0n, 256n)].map(formatTilePath)).toEqual([
      'tile/0/000',
      'tile/1/000.p/1',
    ])
  })

  it('are new or wider after growth, and no others', () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 0, max: 3_000 }))
    fc.assert(
      fc.property(sizes, ([from, growth]) => {
        const [oldSize, newSize] = [BigInt(from), BigInt(from + growth)]
        const before = allTiles(oldSize)
        const changed = [...allTiles(newSize)].filter(([name, width]) => before.get(name) !== width)
        const tiles = [...tilesOfGrowth(oldSize, newSize)]
        expect(tiles.map((tile) => [`${tile.level}/${tile.index}`, tile.width])).toEqual(changed)
      }),
      { numRuns: 40 },
    )
    expect([...tilesOfGrowth(7n, 7n)]).toEqual([])
    expect([...tilesOfGrowth(8n, 7n)]).toEqual([])
  })

  it('have a width in each tree, also the bundles', () => {
    expect(tileWidth({ level: 0, index: 1n }, 300n)).toBe(44)
    expect(tileWidth({ level: 'entries', index: 1n }, 300n)).toBe(44)
    expect(tileWidth({ level: 'entries', index: 0n }, 300n)).toBe(256)
    expect(tileWidth({ level: 0, index: 2n }, 512n)).toBe(0)
    expect(tileWidth({ level: 63, index: 0n }, 1n << 62n)).toBe(0)
  })
})

describe('reading through tiles', () => {
  const SIZE = 66_000
  const stored = storedTree(SIZE)
  const naive = naiveTree(entry)

  it('gives the proofs and the roots of the naive tree', async () => {
    const edges = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, SIZE]
    const size = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 1, max: SIZE }))
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), async (size, n) => {
        const reader = tileHashReader(sha256Sync, stored.readTile, BigInt(size))
        const index = n % size
        const path = await proveInclusion(sha256Sync, reader, BigInt(index), BigInt(size))
        expect(path).toEqual(naive.inclusion(index, size))
        const proof = await proveConsistency(sha256Sync, reader, BigInt(index + 1), BigInt(size))
        expect(proof).toEqual(naive.consistency(index + 1, size))
        const frontier = await readFrontier(reader, BigInt(size))
        expect(rootOf(sha256Sync, frontier)).toEqual(naive.root(size))
      }),
      { numRuns: 60, examples: edges.map((size): [number, number] => [size, size - 1]) },
    )
  })

  it('reads each tile once, at the width that the tree has', async () => {
    const paths: string[] = []
    const reader = tileHashReader(
      sha256Sync,
      (tile) => {
        paths.push(formatTilePath(tile))
        return stored.readTile(tile)
      },
      65_800n,
    )
    await proveInclusion(sha256Sync, reader, 300n, 65_800n)
    expect(paths.toSorted()).toEqual([
      'tile/0/001',
      'tile/0/257.p/8',
      'tile/1/000',
      'tile/1/001.p/1',
    ])
  })

  it('takes a full tile in place of a partial one, and nothing shorter', async () => {
    const full = tileHashReader(
      sha256Sync,
      (tile) => stored.readTile({ ...tile, width: 256 }),
      300n,
    )
    expect(await proveInclusion(sha256Sync, full, 299n, 300n)).toEqual(naive.inclusion(299, 300))
    const short = tileHashReader(sha256Sync, async () => new Uint8Array(31), 300n)
    await expect(proveInclusion(sha256Sync, short, 299n, 300n)).rejects.toThrow('only 31 bytes')
  })

  it('has no subtree beyond its size', async () => {
    const reader = tileHashReader(sha256Sync, stored.readTile, 300n)
    await expect(reader.read([{ level: 0, index: 300n }])).rejects.toThrow(RangeError)
    await expect(reader.read([{ level: 3, index: 37n }])).rejects.toThrow(RangeError)
    expect(await reader.read([{ level: 2, index: 74n }])).toHaveLength(1)
  })

  it('stores every eighth level and rebuilds the rest', () => {
    const { completed } = appendLeaves(sha256Sync, EMPTY_FRONTIER, leafHashes(0, 600))
    const kept = completed.filter(({ level }) => level % 8 === 0)
    expect(kept.filter(({ level }) => level === 0)).toHaveLength(600)
    expect(kept.filter(({ level }) => level === 8).map(({ index }) => index)).toEqual([0n, 1n])
  })
})

describe('entry bundles', () => {
  it('are lengths and entries', () => {
    const bundle = encodeEntryBundle([Uint8Array.of(7, 8, 9), new Uint8Array(), Uint8Array.of(1)])
    expect([...bundle]).toEqual([0, 3, 7, 8, 9, 0, 0, 0, 1, 1])
  })

  it('go back and forth', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 256 })
    fc.assert(
      fc.property(entries, (entries) => {
        const bundle = encodeEntryBundle(entries)
        expect(parseEntryBundle(bundle, entries.length)).toEqual(entries)
        expect(parseEntryBundle(bundle, entries.length + 1)).toHaveProperty('malformed')
        expect(parseEntryBundle(bundle, entries.length - 1)).toHaveProperty('malformed')
        expect(parseEntryBundle(bundle.subarray(0, -1), entries.length)).toHaveProperty('malformed')
      }),
      { numRuns: 50 },
    )
  })

  it('hold the longest entry and no longer one, and between 1 and 256 of them', () => {
    const longest = new Uint8Array(65_535)
    expect(parseEntryBundle(encodeEntryBundle([longest]), 1)).toEqual([longest])
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError)
    expect(() => encodeEntryBundle([])).toThrow(RangeError)
    expect(() => encodeEntryBundle(Array(257).fill(longest))).toThrow(RangeError)
  })

  it('are read from any octets without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (octets, n) => {
        const entries = parseEntryBundle(octets, n)
        if (!('malformed' in entries)) expect(encodeEntryBundle(entries)).toEqual(octets)
      }),
      { numRuns: 2_000 },
    )
  })
})
