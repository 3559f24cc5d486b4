import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { octetsToHex } from '../../../src/encoding/octets.ts'
import { proveConsistency, verifyConsistency } from '../../../src/tlog/consistency.ts'
import {
  appendLeaves,
  EMPTY_FRONTIER,
  readFrontier,
  rootOf,
  type Frontier,
} from '../../../src/tlog/frontier.ts'
import { proveInclusion, verifyInclusion } from '../../../src/tlog/inclusion.ts'
import { leafHash, MAX_TREE_SIZE } from '../../../src/tlog/merkle.ts'
import { entry, leafHashes, naiveTree, storedTree } from './trees.ts'

const SIZES = 300
const LARGE = 5_000
const naive = naiveTree(entry)
const small = storedTree(SIZES).reader
const large = storedTree(LARGE).reader

function treeOf(size: number): Frontier {
  return appendLeaves(sha256Sync, EMPTY_FRONTIER, leafHashes(0, size)).frontier
}

/** Some other octets of the same length. */
function flipped(octets: Uint8Array, at: number): Uint8Array {
  return octets.map((octet, i) => (i === at % octets.length ? octet ^ (1 << (at % 8)) : octet))
}

/** Ways to spoil a proof; every result differs from the proof. */
function spoiled(proof: readonly Uint8Array[], at: number): Uint8Array[][] {
  const i = at % Math.max(proof.length, 1)
  const node = proof[i] ?? naive.root(1)
  return [
    [...proof, node],
    [node, ...proof],
    ...(proof.length === 0
      ? []
      : [
          proof.slice(1),
          proof.slice(0, -1),
          proof.with(i, flipped(node, at)),
          proof.with(i, node.subarray(1)),
          proof.with(i, new Uint8Array([...node, 0])),
        ]),
    ...(proof.length > 1 ? [proof.toReversed()] : []),
  ]
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

describe('inclusion proofs', () => {
  it(`are those of the naive tree and verify, every leaf of every size up to ${SIZES}`, async () => {
    for (let size = 1; size <= SIZES; size++)
      for (let index = 0; index < size; index++) {
        const proof = await proveInclusion(sha256Sync, small, BigInt(index), BigInt(size))
        const claim = {
          index: BigInt(index),
          size: BigInt(size),
          leafHash: leafHash(sha256Sync, entry(index)),
          rootHash: naive.root(size),
          proof,
        }
        if (Buffer.concat(proof).compare(Buffer.concat(naive.inclusion(index, size))) !== 0)
          expect.fail(`another path of leaf ${index} in ${size}`)
        if (!verifyInclusion(sha256Sync, claim)) expect.fail(`leaf ${index} in ${size}`)
      }
  })

  it('hold in larger trees, and no spoiled one does', async () => {
    const places = fc
      .tuple(fc.integer({ min: 1, max: LARGE }), fc.nat(), fc.nat())
      .map(([size, i, at]) => ({ size, index: i % size, at }))
    await fc.assert(
      fc.asyncProperty(places, async ({ size, index, at }) => {
        const proof = await proveInclusion(sha256Sync, large, BigInt(index), BigInt(size))
        const claim = {
          index: BigInt(index),
          size: BigInt(size),
          leafHash: leafHash(sha256Sync, entry(index)),
          rootHash: naive.root(size),
          proof,
        }
        expect(verifyInclusion(sha256Sync, claim)).toBe(true)
        const other = BigInt(at % (size + 1))
        const wrong = [
          ...spoiled(proof, at).map((proof) => ({ proof })),
          { leafHash: flipped(claim.leafHash, at) },
          { leafHash: claim.leafHash.subarray(1) },
          { rootHash: flipped(claim.rootHash, at) },
          { rootHash: new Uint8Array() },
          { index: claim.index - BigInt(size) },
          { index: 1n << 64n },
          { size: 0n },
          { size: -claim.size },
          ...(other === claim.index ? [] : [{ index: other }]),
        ]
        for (const change of wrong)
          expect(verifyInclusion(sha256Sync, { ...claim, ...change })).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('are made of existing leaves only', async () => {
    for (const [index, size] of [
      [0n, 0n],
      [5n, 5n],
      [-1n, 5n],
      [0n, -1n],
      [0n, MAX_TREE_SIZE + 1n],
    ] as const)
      await expect(proveInclusion(sha256Sync, small, index, size)).rejects.toThrow(RangeError)
  })
})

describe('consistency proofs', () => {
  it(`are those of the naive tree and verify, every pair of sizes up to ${SIZES}`, async () => {
    for (let newSize = 1; newSize <= SIZES; newSize++)
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const sizes = { oldSize: BigInt(oldSize), newSize: BigInt(newSize) }
        const proof = await proveConsistency(sha256Sync, small, sizes.oldSize, sizes.newSize)
        const claim = {
          ...sizes,
          oldRootHash: naive.root(oldSize),
          newRootHash: naive.root(newSize),
          proof,
        }
        if (Buffer.concat(proof).compare(Buffer.concat(naive.consistency(oldSize, newSize))) !== 0)
          expect.fail(`another proof from ${oldSize} to ${newSize}`)
        if (!verifyConsistency(sha256Sync, claim)) expect.fail(`${oldSize} to ${newSize}`)
      }
  })

  it('hold in larger trees, and no spoiled one does', async () => {
    const sizes = fc
      .tuple(fc.integer({ min: 2, max: LARGE }), fc.nat(), fc.nat())
      .map(([newSize, i, at]) => ({ newSize, oldSize: 1 + (i % (newSize - 1)), at }))
    await fc.assert(
      fc.asyncProperty(sizes, async ({ newSize, oldSize, at }) => {
        const proof = await proveConsistency(sha256Sync, large, BigInt(oldSize), BigInt(newSize))
        const claim = {
          oldSize: BigInt(oldSize),
          newSize: BigInt(newSize),
          oldRootHash: naive.root(oldSize),
          newRootHash: naive.root(newSize),
          proof,
        }
        expect(verifyConsistency(sha256Sync, claim)).toBe(true)
        const wrong = [
          ...spoiled(proof, at).map((proof) => ({ proof })),
          { oldRootHash: flipped(claim.oldRootHash, at) },
          { newRootHash: flipped(claim.newRootHash, at) },
          { oldRootHash: claim.newRootHash, newRootHash: claim.oldRootHash },
          { oldRootHash: claim.newRootHash },
          { oldRootHash: new Uint8Array() },
          { oldSize: 0n },
          { oldSize: -claim.oldSize },
          { oldSize: claim.newSize },
          { oldSize: claim.newSize, newSize: claim.oldSize },
          { newSize: claim.oldSize },
          { newSize: 1n << 64n },
        ]
        for (const change of wrong)
          expect(verifyConsistency(sha256Sync, { ...claim, ...change })).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('are empty from nothing and from the same size, and exist in one direction', async () => {
    expect(await proveConsistency(sha256Sync, small, 0n, 7n)).toEqual([])
    expect(await proveConsistency(sha256Sync, small, 7n, 7n)).toEqual([])
    await expect(proveConsistency(sha256Sync, small, 8n, 7n)).rejects.toThrow(RangeError)
    await expect(proveConsistency(sha256Sync, small, -1n, 7n)).rejects.toThrow(RangeError)
  })

  it('end at once with a thousand nodes', () => {
    const proof = Array.from({ length: 1_000 }, () => naive.root(1))
    const refuse = () => {
      throw new Error('hashed')
    }
    const root = naive.root(1)
    const sizes = { oldSize: 3n, newSize: MAX_TREE_SIZE }
    expect(
      verifyConsistency(refuse, { ...sizes, oldRootHash: root, newRootHash: root, proof }),
    ).toBe(false)
    const place = { index: 3n, size: MAX_TREE_SIZE }
    expect(verifyInclusion(refuse, { ...place, leafHash: root, rootHash: root, proof })).toBe(false)
  })
})
