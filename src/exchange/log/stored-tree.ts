import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import { type Frontier, rootOf } from '../../tlog/frontier.ts'
import type { LogStore, StoredCheckpoint } from '../../tlog/log-store.ts'
import { LogDamaged, storedHashReader, type TileStore } from '../../tlog/log-tiles.ts'
import { subtreesOf } from '../../tlog/subtree.ts'

/**
 * What speaks against signing this tree: that its right edge does not follow from the entries and tiles
 * as they are stored, or that the tree which follows from them is not the one that was signed before. It
 * reads what lies at the right edges of both trees, a few tiles of a log of any length; what was altered
 * below full tiles is for mirrors and audits to find. Undefined: nothing.
 */
export async function treeAlteration(
  log: TileStore,
  frontier: Frontier,
  last: StoredCheckpoint | undefined,
): Promise<string | undefined> {
  const edge = subtreesOf({ start: 0n, end: frontier.size })
  const lastSize = last?.size ?? 0n
  if (lastSize > frontier.size)
    return `the log has ${frontier.size} entries, and a checkpoint was signed at ${lastSize}`
  try {
    const hashes = await storedHashReader(sha256Sync, log, frontier.size).read([
      ...edge,
      ...subtreesOf({ start: 0n, end: lastSize }),
    ])
    const [now, then] = [hashes.slice(0, edge.length), hashes.slice(edge.length)]
    if (!isSameOctets(joined(now), joined(frontier.hashes)))
      return `the tree of ${frontier.size} entries does not follow from what is stored of them`
    if (last && !isSameOctets(rootOf(sha256Sync, { size: lastSize, hashes: then }), rootIn(last)))
      return `the first ${lastSize} entries are not those whose checkpoint was signed`
    return undefined
  } catch (error) {
    if (error instanceof LogDamaged) return error.message
    throw error
  }
}

/** The same of the log as it stands. */
export async function logAlteration(
  log: TileStore & Pick<LogStore, 'frontier' | 'checkpoint'>,
): Promise<string | undefined> {
  // The checkpoint first: a later one may cover more than the tree that was read before it.
  const last = await log.checkpoint()
  try {
    return await treeAlteration(log, await log.frontier(), last)
  } catch (error) {
    if (error instanceof LogDamaged) return error.message
    throw error
  }
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(hashes.flatMap((hash) => [...hash]))
}

function rootIn({ size, note }: StoredCheckpoint): Uint8Array {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  if ('malformed' in signed)
    throw new LogDamaged(`the checkpoint at ${size} is damaged: ${signed.malformed}`)
  if (signed.checkpoint.size !== size)
    throw new LogDamaged(`the checkpoint at ${size} is one at ${signed.checkpoint.size}`)
  return signed.checkpoint.rootHash
}
