import { createHash } from 'node:crypto'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { rows } from '../contract/storage-engines.ts'
import { naiveTree } from '../unit/tlog/trees.ts'

const WIDTH = 256

/** The leaves of a log as they stand in its table. */
export async function storedLeaves(database: SqlDatabase): Promise<string[]> {
  const stored = await rows<{ idx: number; leaf: string }>(
    database,
    'SELECT idx, leaf FROM entries ORDER BY idx',
  )
  if (stored.some(({ idx }, i) => idx !== i)) throw new Error('The log has a gap')
  return stored.map(({ leaf }) => leaf)
}

/** RFC 6962 word by word over these leaves. */
export function treeOver(leaves: readonly string[]) {
  const bytes = new Map<number, Uint8Array>()
  return naiveTree((index) => {
    const held = bytes.get(index) ?? new TextEncoder().encode(leaves[index])
    bytes.set(index, held)
    return held
  })
}

/**
 * What of the tree and of the checkpoints of a log does not follow from its leaves: right edge, full
 * tiles and signed roots, each compared with the definition of RFC 6962 over the leaves as they stand.
 */
export async function logFlawsOf(database: SqlDatabase): Promise<string[]> {
  const leaves = await storedLeaves(database)
  return [
    ...(await headFlaws(database, leaves)),
    ...(await tileFlaws(database, leaves)),
    ...(await checkpointFlaws(database, leaves)),
  ]
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

async function headFlaws(database: SqlDatabase, leaves: readonly string[]): Promise<string[]> {
  const [head] = await rows<{ size: number; frontier: string }>(
    database,
    'SELECT size, frontier FROM log_head',
  )
  if (!head) return leaves.length > 0 ? ['no head of the tree'] : []
  if (head.size !== leaves.length) return [`the head is at ${head.size} of ${leaves.length}`]
  const edge: Uint8Array[] = []
  let at = 0
  for (let size = 2 ** 30; size >= 1; size /= 2)
    if ((leaves.length & size) !== 0) {
      edge.push(treeOver(leaves.slice(at, at + size)).root(size))
      at += size
    }
  return head.frontier === base64(Buffer.concat(edge)) ? [] : ['the right edge is another one']
}

async function tileFlaws(database: SqlDatabase, leaves: readonly string[]): Promise<string[]> {
  const tiles = await rows<{ level: number; n: number; hashes: string; root: string }>(
    database,
    'SELECT level, n, hashes, root FROM log_tiles ORDER BY level, n',
  )
  const expected: string[] = []
  let row = leaves.map((leaf) => hash(Buffer.of(0), Buffer.from(leaf)))
  for (let level = 0; row.length >= WIDTH; level++) {
    const above: Buffer[] = []
    for (let n = 0; (n + 1) * WIDTH <= row.length; n++) {
      const hashes = row.slice(n * WIDTH, (n + 1) * WIDTH)
      above.push(rootOver(hashes))
      expected.push(`${level}/${n} ${base64(Buffer.concat(hashes))} ${base64(above[n]!)}`)
    }
    row = above
  }
  const stored = tiles.map(({ level, n, hashes, root }) => `${level}/${n} ${hashes} ${root}`)
  if (stored.length !== expected.length)
    return [`${stored.length} full tiles instead of ${expected.length}`]
  return stored.flatMap((tile, i) =>
    tile === expected[i] ? [] : [`tile ${tile.split(' ')[0]} is another one`],
  )
}

async function checkpointFlaws(
  database: SqlDatabase,
  leaves: readonly string[],
): Promise<string[]> {
  const stored = await rows<{ size: number; note: string }>(
    database,
    'SELECT size, note FROM checkpoints ORDER BY size',
  )
  const tree = treeOver(leaves)
  return stored.flatMap(({ size, note }) => {
    const [, signedSize, root] = note.split('\n')
    if (size > leaves.length) return [`a checkpoint at ${size} of ${leaves.length} entries`]
    if (signedSize !== String(size) || root !== base64(tree.root(size)))
      return [`the checkpoint at ${size} is one of another tree`]
    return []
  })
}

function hash(...parts: Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

function rootOver(hashes: readonly Buffer[]): Buffer {
  let row = hashes
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, i) =>
      hash(Buffer.of(1), row[2 * i]!, row[2 * i + 1]!),
    )
  return row[0]!
}
