import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { proveConsistency } from '../../../src/tlog/consistency.ts'
import { appendLeaves, EMPTY_FRONTIER, readFrontier, rootOf } from '../../../src/tlog/frontier.ts'
import { proveInclusion } from '../../../src/tlog/inclusion.ts'
import { formatTilePath } from '../../../src/tlog/tile.ts'
import { tileHashReader } from '../../../src/tlog/tile-reader.ts'
import { entry, leafHashes, naiveTree, storedTree } from './trees.ts'

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
