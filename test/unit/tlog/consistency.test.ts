import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { proveConsistency, verifyConsistency } from '../../../src/tlog/consistency.ts'
import { MAX_TREE_SIZE } from '../../../src/tlog/merkle.ts'
import { flipped, spoiled } from './spoil.ts'
import { entry, naiveTree, storedTree } from './trees.ts'

const SIZES = 300
const LARGE = 5_000
const naive = naiveTree(entry)
const small = storedTree(SIZES).reader
const large = storedTree(LARGE).reader

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

  it('do not hold for sizes of their own choice', async () => {
    const claim = async (oldSize: bigint, newSize: bigint) => ({
      oldRootHash: naive.root(Number(oldSize)),
      newRootHash: naive.root(Number(newSize)),
      proof: await proveConsistency(sha256Sync, small, oldSize, newSize),
    })
    const low = await claim(7n, 8n)
    expect(verifyConsistency(sha256Sync, { ...low, oldSize: 7n, newSize: 8n })).toBe(true)
    expect(verifyConsistency(sha256Sync, { ...low, oldSize: 3n, newSize: 4n })).toBe(false)
    const high = await claim(3n, 8n)
    expect(verifyConsistency(sha256Sync, { ...high, oldSize: 3n, newSize: 8n })).toBe(true)
    expect(verifyConsistency(sha256Sync, { ...high, oldSize: 3n, newSize: 16n })).toBe(false)
  })

  it('are empty from nothing and from the same size, and exist in one direction', async () => {
    expect(await proveConsistency(sha256Sync, small, 0n, 7n)).toEqual([])
    expect(await proveConsistency(sha256Sync, small, 7n, 7n)).toEqual([])
    const root = naive.root(7)
    const same = { oldSize: 7n, newSize: 7n, oldRootHash: root, newRootHash: root }
    expect(verifyConsistency(sha256Sync, { ...same, proof: [] })).toBe(true)
    expect(verifyConsistency(sha256Sync, { ...same, proof: [root] })).toBe(false)
    await expect(proveConsistency(sha256Sync, small, 8n, 7n)).rejects.toThrow(RangeError)
    await expect(proveConsistency(sha256Sync, small, -1n, 7n)).rejects.toThrow(RangeError)
  })

  it('end at once with a thousand nodes', () => {
    const root = naive.root(1)
    const claim = { oldSize: 3n, newSize: MAX_TREE_SIZE, oldRootHash: root, newRootHash: root }
    const refuse = () => expect.fail('hashed')
    expect(verifyConsistency(refuse, { ...claim, proof: Array(1_000).fill(root) })).toBe(false)
  })
})
