import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { octetsToHex } from '../../../src/encoding/octets.ts'
import {
  appendLeaves,
  EMPTY_FRONTIER,
  readFrontier,
  rootOf,
  type Frontier,
} from '../../../src/tlog/frontier.ts'
import { leafHash, MAX_TREE_SIZE } from '../../../src/tlog/merkle.ts'
import { entry, leafHashes, naiveTree, storedTree } from './trees.ts'

const SIZES = 300
const naive = naiveTree(entry)
const small = storedTree(SIZES).reader

function treeOf(size: number): Frontier {
  return appendLeaves(sha256Sync, EMPTY_FRONTIER, leafHashes(0, size)).frontier
}

describe('the tree', () => {
  it('has the root hashes of RFC 6962, known for eight leaves', () => {
    const hexes = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657']
    hexes.push('606162636465666768696a6b6c6d6e6f')
    const leaves = hexes.map((hex) => leafHash(sha256Sync, Buffer.from(hex, 'hex')))
    const { frontier } = appendLeaves(sha256Sync, EMPTY_FRONTIER, leaves)
    expect(octetsToHex(rootOf(sha256Sync, frontier))).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    )
    expect(octetsToHex(rootOf(sha256Sync, EMPTY_FRONTIER))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })

  it(`grows leaf by leaf as the naive tree does, up to ${SIZES}`, () => {
    let frontier = EMPTY_FRONTIER
    for (let size = 1; size <= SIZES; size++) {
      frontier = appendLeaves(sha256Sync, frontier, leafHashes(size - 1, size)).frontier
      expect(frontier.size).toBe(BigInt(size))
      expect(rootOf(sha256Sync, frontier)).toEqual(naive.root(size))
    }
  })

  it('grows the same in batches, and names every subtree that became complete once', () => {
    const batches = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 })
    fc.assert(
      fc.property(batches, (lengths) => {
        let frontier = EMPTY_FRONTIER
        let size = 0
        const names: string[] = []
        for (const length of lengths) {
          const step = appendLeaves(sha256Sync, frontier, leafHashes(size, size + length))
          frontier = step.frontier
          size += length
          names.push(...step.completed.map(({ level, index }) => `${level}/${index}`))
        }
        expect(frontier).toEqual(treeOf(size))
        const { completed } = appendLeaves(sha256Sync, EMPTY_FRONTIER, leafHashes(0, size))
        expect(names).toEqual(completed.map(({ level, index }) => `${level}/${index}`))
        // 2n minus one for every subtree that still waits for its sibling.
        expect(new Set(names).size).toBe(names.length)
        expect(names.length).toBe(2 * size - frontier.hashes.length)
      }),
      { numRuns: 30 },
    )
  })

  it('appends in a logarithm of hashes', () => {
    let hashed = 0
    const counting = (bytes: Uint8Array) => {
      hashed++
      return sha256Sync(bytes)
    }
    const frontier: Frontier = { size: (1n << 40n) - 1n, hashes: leafHashes(0, 40) }
    const { frontier: next } = appendLeaves(counting, frontier, leafHashes(0, 1))
    expect({ hashed, size: next.size, subtrees: next.hashes.length }).toEqual({
      hashed: 40,
      size: 1n << 40n,
      subtrees: 1,
    })
  })

  it('gives back the frontier of every former size', async () => {
    for (let size = 0; size <= SIZES; size++)
      expect(await readFrontier(small, BigInt(size))).toEqual(treeOf(size))
  })

  it('refuses a frontier that is not one of its size, and growth past the limit', () => {
    const broken = { size: 5n, hashes: leafHashes(0, 3) }
    expect(() => appendLeaves(sha256Sync, broken, leafHashes(0, 1))).toThrow('not one of 5')
    const full = { size: MAX_TREE_SIZE, hashes: leafHashes(0, 63) }
    expect(() => appendLeaves(sha256Sync, full, leafHashes(0, 1))).toThrow('largest size')
  })
})
