import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import type { SignedCheckpoint } from '../../tlog/checkpoint.ts'
import { parseEntryBundle } from '../../tlog/entry-bundle.ts'
import { appendLeaves, EMPTY_FRONTIER, type Frontier, rootOf } from '../../tlog/frontier.ts'
import { parseLeaf } from '../../tlog/leaf.ts'
import { HASH_LENGTH, leafHash } from '../../tlog/merkle.ts'
import { formatTilePath, TILE_WIDTH } from '../../tlog/tile.ts'
import type { Report } from './finding.ts'
import type { Progress, ShownLog } from './shown-log.ts'

/** A leaf as it was written, of a kind that this program may not know. */
export type WalkedLeaf = NonNullable<ReturnType<typeof parseLeaf>>

export interface WalkedEntries {
  readonly frontier: Frontier
  /** By index; undefined: it is no leaf of an exchange log. */
  readonly leaves: readonly (WalkedLeaf | undefined)[]
  /** The roots that the tree had at the sizes asked for; one that is missing lies beyond it. */
  readonly roots: ReadonlyMap<number, Uint8Array>
}

/**
 * Reads every entry and compares the tree, the tiles of every level and the sequences with it.
 *
 * @param sizes at which the root is to be told
 */
export async function walkShownLog(
  log: Pick<ShownLog, 'tile'>,
  { checkpoint: { size, rootHash } }: SignedCheckpoint,
  sizes: Iterable<number>,
  report: Report,
  progress: Progress,
): Promise<WalkedEntries> {
  const leaves: (WalkedLeaf | undefined)[] = []
  const lastSeq = new Map<string, number>()
  const tiles = tileComparison(log, report)
  const growing = treeWithRoots(sizes)
  const width = BigInt(TILE_WIDTH)
  for (let index = 0n; index * width < size; index++) {
    const left = size - index * width
    const bundle = await entriesOf(log, index, Number(left < width ? left : width), report)
    if (!bundle) break
    const hashes = bundle.map((leaf) => leafHash(sha256Sync, leaf))
    await tiles.add(hashes)
    growing.add(hashes)
    for (const bytes of bundle) leaves.push(readLeaf(bytes, leaves.length, lastSeq, report))
    progress('entries', leaves.length, Number(size))
  }
  await tiles.end()
  const frontier = growing.frontier()
  if (frontier.size !== size || !isSameOctets(rootOf(sha256Sync, frontier), rootHash))
    report('checkpoint-differs', `checkpoint ${size}`, 'its root is not that of the entries')
  return { frontier, leaves, roots: growing.roots }
}

/** Grows a tree, and keeps the roots that it had at some sizes. */
function treeWithRoots(sizes: Iterable<number>) {
  const asked = [...new Set(sizes)].toSorted((a, b) => a - b)
  const roots = new Map<number, Uint8Array>()
  let frontier: Frontier = EMPTY_FRONTIER
  let next = 0
  return {
    roots,
    frontier: () => frontier,
    add(hashes: readonly Uint8Array[]): void {
      for (let rest = hashes; rest.length > 0;) {
        const start = Number(frontier.size)
        while (next < asked.length && asked[next]! <= start) next++
        const part = rest.slice(0, (asked[next] ?? Infinity) - start)
        rest = rest.slice(part.length)
        frontier = appendLeaves(sha256Sync, frontier, part).frontier
        if (Number(frontier.size) === asked[next])
          roots.set(asked[next]!, rootOf(sha256Sync, frontier))
      }
    },
  }
}

async function entriesOf(
  log: Pick<ShownLog, 'tile'>,
  index: bigint,
  width: number,
  report: Report,
): Promise<Uint8Array[] | undefined> {
  const path = formatTilePath({ level: 'entries', index, width })
  const bytes = await log.tile(path)
  const entries = bytes ? parseEntryBundle(bytes, width) : { malformed: 'it is not there' }
  if (!('malformed' in entries)) return entries
  report('tree-differs', path, entries.malformed)
  return undefined
}

/** Makes the tiles of every level out of the leaves, and compares each with the one that is shown. */
function tileComparison(log: Pick<ShownLog, 'tile'>, report: Report) {
  const open: { index: bigint; hashes: Uint8Array[] }[] = []

  async function compare(level: number, index: bigint, hashes: readonly Uint8Array[]) {
    const path = formatTilePath({ level, index, width: hashes.length })
    const shown = await log.tile(path)
    if (!shown || !isSameOctets(shown, joined(hashes)))
      report('tree-differs', path, 'its hashes are not those of the entries')
  }
  async function add(hashes: readonly Uint8Array[], level = 0): Promise<void> {
    const tile = (open[level] ??= { index: 0n, hashes: [] })
    for (const hash of hashes) {
      tile.hashes.push(hash)
      if (tile.hashes.length < TILE_WIDTH) continue
      await compare(level, tile.index, tile.hashes)
      const { frontier } = appendLeaves(sha256Sync, EMPTY_FRONTIER, tile.hashes)
      tile.index++
      tile.hashes = []
      await add([rootOf(sha256Sync, frontier)], level + 1)
    }
  }
  /** What is not full, on the right edge of every level. */
  async function end(): Promise<void> {
    for (const [level, { index, hashes }] of open.entries())
      if (hashes.length > 0) await compare(level, index, hashes)
  }
  return { add, end }
}

function readLeaf(
  bytes: Uint8Array,
  idx: number,
  lastSeq: Map<string, number>,
  report: Report,
): WalkedLeaf | undefined {
  const leaf = parseLeaf(new TextDecoder().decode(bytes))
  if (!leaf) {
    report('differs-from-log', `entry ${idx}`, 'it is no leaf of an exchange log')
    return undefined
  }
  for (const [recipient, seq] of Object.entries(leaf.to)) {
    if (seq !== (lastSeq.get(recipient) ?? 0) + 1)
      report(
        'differs-from-log',
        `entry ${idx}`,
        `message ${seq} to ${recipient} is out of sequence`,
      )
    lastSeq.set(recipient, seq)
  }
  return leaf
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(hashes.length * HASH_LENGTH)
  for (const [i, hash] of hashes.entries()) octets.set(hash, i * HASH_LENGTH)
  return octets
}
