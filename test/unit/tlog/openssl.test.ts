import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { appendLeaves, EMPTY_FRONTIER, rootOf } from '../../../src/tlog/frontier.ts'
import { proveInclusion } from '../../../src/tlog/inclusion.ts'
import { encodeLeaf } from '../../../src/tlog/leaf.ts'
import { leafHash } from '../../../src/tlog/merkle.ts'
import type { HashReader } from '../../../src/tlog/hash-reader.ts'

const run = promisify(execFile)

async function openssl(...parts: (number[] | Uint8Array | string)[]): Promise<Buffer> {
  const answer = run('openssl', ['dgst', '-sha256', '-binary'], { encoding: 'buffer' })
  answer.child.stdin!.end(Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))))
  return (await answer).stdout
}

it('proves a leaf to whoever has openssl and RFC 6962', async () => {
  const leaves = Array.from({ length: 7 }, (_, i) =>
    encodeLeaf({
      kind: 'certificate',
      sha256: String(i).padStart(64, '0'),
      to: { UZ: i + 1 },
      at: '2026-02-10T09:15:00Z',
    }),
  )
  const bytes = leaves.map((leaf) => new TextEncoder().encode(leaf))
  const { frontier, completed } = appendLeaves(
    sha256Sync,
    EMPTY_FRONTIER,
    bytes.map((leaf) => leafHash(sha256Sync, leaf)),
  )
  const reader: HashReader = {
    read: async (all) =>
      all.map(
        (node) => completed.find((c) => c.level === node.level && c.index === node.index)!.hash,
      ),
  }
  const [right, last, left] = await proveInclusion(sha256Sync, reader, 4n, 7n)

  // Leaf 4 is a left child; its parent is too, beside the lone leaf 6; leaves 0 to 3 lie to their left.
  const leaf = await openssl([0], leaves[4]!)
  const pair = await openssl([1], leaf, right!)
  const half = await openssl([1], pair, last!)
  const root = await openssl([1], left!, half)
  expect(root.toString('hex')).toBe(Buffer.from(rootOf(sha256Sync, frontier)).toString('hex'))

  // The siblings themselves, from the bytes of the leaves alone.
  const h = await Promise.all(leaves.map((text) => openssl([0], text)))
  expect(Buffer.from(right!)).toEqual(h[5])
  expect(Buffer.from(last!)).toEqual(h[6])
  const outer = await openssl([1], h[0]!, h[1]!)
  const inner = await openssl([1], h[2]!, h[3]!)
  expect(Buffer.from(left!)).toEqual(await openssl([1], outer, inner))
})
