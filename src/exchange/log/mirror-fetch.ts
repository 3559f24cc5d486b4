import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
} from '../../tlog/checkpoint.ts'
import { parseEntryBundle } from '../../tlog/entry-bundle.ts'
import { HASH_LENGTH } from '../../tlog/merkle.ts'
import { MAX_NOTE_BYTES } from '../../tlog/signed-note.ts'
import { formatTilePath, TILE_WIDTH, type Tile } from '../../tlog/tile.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { listedKeys, noteSignedBy } from './keys.ts'
import type { LogAnswer } from '../delivery/peer-client.ts'

/** What the peer says cannot be used; nothing may be concluded from it. */
export class LogUnreadable extends Error {
  override name = 'LogUnreadable'
}

export interface LogSource {
  readonly trust: CurrentTrust
  readonly now: () => Date
  /** A signed call to a peer, whose answer proves itself; `maxBytes` bounds it. */
  readonly askLog: (peer: string, targetUri: string, maxBytes: number) => Promise<LogAnswer>
}

/** A peer's log, as the node at this URL shows it. */
export interface PeerLog {
  readonly peer: string
  readonly url: string
}

/** No leaf of ours comes near it; 256 of them fit a row of D1. */
export const MAX_LEAF_BYTES = 4096
const LENGTH_BYTES = 2

/** A checkpoint that a log key of the peer has signed, and the answer that showed it. */
export interface ShownCheckpoint {
  readonly signed: SignedCheckpoint
  /** With the verified signatures alone. */
  readonly note: string
  readonly keep: () => Promise<void>
}

/** @throws {LogUnreadable} it is not signed by a key of the peer's trust list, or too large to be true */
export async function fetchCheckpoint(
  { trust, now, askLog }: LogSource,
  { peer, url }: PeerLog,
): Promise<ShownCheckpoint> {
  const answer = await askLog(peer, `${url}/log/checkpoint`, MAX_NOTE_BYTES)
  if (!answer.ok) throw new LogUnreadable(answer.error)
  const signed = parseSignedCheckpoint(answer.body)
  if ('malformed' in signed) throw new LogUnreadable(`its checkpoint: ${signed.malformed}`)
  const { view } = await trust()
  const listed = listedKeys(view, 'ed25519', now()).filter(({ state }) => state === peer)
  const keys = listed.map(({ key }) => key).filter(({ name }) => name === signed.checkpoint.origin)
  if ((await verifyCheckpoint(signed, keys)) !== 'valid')
    throw new LogUnreadable('no log key of its trust list has signed its checkpoint')
  if (signed.checkpoint.size > Number.MAX_SAFE_INTEGER)
    throw new LogUnreadable(`its checkpoint says ${signed.checkpoint.size} entries`)
  return { signed, note: noteSignedBy(signed, keys), keep: answer.keep }
}

/** Tiles of hashes; reading one throws `LogUnreadable` unless it is whole. */
export function hashTiles({ askLog }: LogSource, { peer, url }: PeerLog) {
  return async (tile: Tile): Promise<Uint8Array> => {
    const path = formatTilePath(tile)
    const bytes = tile.width * HASH_LENGTH
    const answer = await askLog(peer, `${url}/log/${path}`, bytes)
    if (!answer.ok) throw new LogUnreadable(`${path}: ${answer.error}`)
    if (answer.body.length !== bytes)
      throw new LogUnreadable(`${path} has ${answer.body.length} bytes instead of ${bytes}`)
    return answer.body
  }
}

/** The leaves from `from` without `to`. @throws {LogUnreadable} they are none of an exchange log */
export async function fetchLeaves(
  source: LogSource,
  log: PeerLog,
  from: bigint,
  to: bigint,
): Promise<string[]> {
  if (to === from) return []
  const width = BigInt(TILE_WIDTH)
  const first = from / width
  const count = Number((to - 1n) / width - first) + 1
  const bundles = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const index = first + BigInt(i)
      const left = to - index * width
      return fetchBundle(source, log, {
        level: 'entries',
        index,
        width: Number(left < width ? left : width),
      })
    }),
  )
  return bundles.flat().slice(Number(from - first * width))
}

async function fetchBundle(
  { askLog }: LogSource,
  { peer, url }: PeerLog,
  tile: Tile & { readonly level: 'entries' },
): Promise<string[]> {
  const path = formatTilePath(tile)
  const maxBytes = tile.width * (LENGTH_BYTES + MAX_LEAF_BYTES)
  const answer = await askLog(peer, `${url}/log/${path}`, maxBytes)
  if (!answer.ok) throw new LogUnreadable(`${path}: ${answer.error}`)
  const entries = parseEntryBundle(answer.body, tile.width)
  if ('malformed' in entries) throw new LogUnreadable(`${path}: ${entries.malformed}`)
  return entries.map(decodeLeaf)
}

function decodeLeaf(entry: Uint8Array): string {
  if (entry.length > MAX_LEAF_BYTES) throw new LogUnreadable(`an entry has ${entry.length} bytes`)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry)
    if (!text.includes('\n')) return text
  } catch {
    // Not text: below.
  }
  throw new LogUnreadable('an entry is none of an exchange log')
}
