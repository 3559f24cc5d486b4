import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { proveInclusion, verifyInclusion } from '../../../src/tlog/inclusion.ts'
import { leafHash, MAX_TREE_SIZE } from '../../../src/tlog/merkle.ts'
import { flipped, spoiled } from './spoil.ts'
import { entry, naiveTree, storedTree } from './trees.ts'

const SIZES = 300
const LARGE = 5_000
const naive = naiveTree(entry)
const small = storedTree(SIZES).reader
const large = storedTree(LARGE).reader

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

  it('do not hold for a size of their own choice', async () => {
    const claim = {
      leafHash: leafHash(sha256Sync, entry(6)),
      rootHash: naive.root(7),
      proof: await proveInclusion(sha256Sync, small, 6n, 7n),
    }
    expect(verifyInclusion(sha256Sync, { ...claim, index: 6n, size: 7n })).toBe(true)
    // The same path, cut below the root and continued above it.
    expect(verifyInclusion(sha256Sync, { ...claim, index: 2n, size: 3n })).toBe(false)
    expect(verifyInclusion(sha256Sync, { ...claim, index: 14n, size: 15n })).toBe(false)
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

  it('end at once with a thousand nodes', () => {
    const root = naive.root(1)
    const claim = { index: 3n, size: MAX_TREE_SIZE, leafHash: root, rootHash: root }
    const refuse = () => expect.fail('hashed')
    expect(verifyInclusion(refuse, { ...claim, proof: Array(1_000).fill(root) })).toBe(false)
  })
})
