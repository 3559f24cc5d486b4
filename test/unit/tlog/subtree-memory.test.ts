import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import type { HashReader } from '../../../src/tlog/hash-reader.ts'
import { proveInclusion } from '../../../src/tlog/inclusion.ts'
import type { Subtree } from '../../../src/tlog/subtree.ts'
import { SubtreeMemory } from '../../../src/tlog/subtree-memory.ts'
import { entry, naiveTree, storedTree } from './trees.ts'

const SIZE = 3 * 256 + 44
const TREE = naiveTree(entry)

/** The stored tree, and what was asked of it. */
function asked() {
  const reads: Subtree[] = []
  const { reader: stored } = storedTree(SIZE)
  const reader: HashReader = {
    read(subtrees) {
      reads.push(...subtrees)
      return stored.read(subtrees)
    },
  }
  return { reads, reader }
}

describe('the memory of subtrees', () => {
  it('changes no proof, whatever it remembers', async () => {
    const { reader } = asked()
    const memory = new SubtreeMemory()
    for (const size of [SIZE, 300, 256, 700, SIZE])
      for (const index of [0, 1, 255, 256, 299, size - 1].filter((at) => at < size)) {
        const before = memory.before(reader, BigInt(size))
        const proof = await proveInclusion(sha256Sync, before, BigInt(index), BigInt(size))
        expect(proof).toEqual(TREE.inclusion(index, size))
      }
  })

  it('asks once for what many proofs need, and remembers nothing of one entry alone', async () => {
    const { reads, reader } = asked()
    const before = new SubtreeMemory().before(reader, BigInt(SIZE))
    const prove = (index: bigint) => proveInclusion(sha256Sync, before, index, BigInt(SIZE))
    await prove(3n)
    reads.length = 0
    await prove(3n)
    expect(reads.length).toBeGreaterThan(0)
    expect(reads.every(({ level, index }) => level < 8 && index >> BigInt(8 - level) === 0n)).toBe(
      true,
    )
  })

  it('forgets what was not asked for longest', async () => {
    const reads: bigint[] = []
    const reader: HashReader = {
      async read(subtrees) {
        reads.push(...subtrees.map(({ index }) => index))
        return subtrees.map(() => new Uint8Array(32))
      },
    }
    const before = new SubtreeMemory().before(reader, 1n << 40n)
    const read = (index: bigint) => before.read([{ level: 8, index }])
    await read(0n)
    for (let index = 1n; index < 20_000n; index++) {
      await read(index)
      await read(0n)
    }
    expect(reads.filter((index) => index === 0n)).toHaveLength(1)
    await read(1n)
    expect(reads.filter((index) => index === 1n)).toHaveLength(2)
  })
})
