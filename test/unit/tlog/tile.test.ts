import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTilePath, parseTilePath, tilesOfGrowth, tileWidth } from '../../../src/tlog/tile.ts'

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
      fc.property(tile, (tile) => {
        expect(parseTilePath(formatTilePath(tile))).toEqual(tile)
      }),
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
