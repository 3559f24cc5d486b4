import { sha256Sync } from '../crypto/suite.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { formatInstant } from '../encoding/time.ts'
import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
} from '../tlog/checkpoint.ts'
import { proveConsistency, verifyConsistency } from '../tlog/consistency.ts'
import { parseEntryBundle } from '../tlog/entry-bundle.ts'
import {
  appendLeaves,
  EMPTY_FRONTIER,
  type Frontier,
  readFrontier,
  rootOf,
} from '../tlog/frontier.ts'
import type { HashReader } from '../tlog/hash-reader.ts'
import { parseLeaf } from '../tlog/leaf.ts'
import { leafHash } from '../tlog/merkle.ts'
import type { AddressedMessage, MirrorHead, MirrorStore } from '../tlog/mirror-store.ts'
import { formatTilePath, TILE_WIDTH, type Tile } from '../tlog/tile.ts'
import { formatSignedNote } from '../tlog/signed-note.ts'
import { tileHashReader } from '../tlog/tile-reader.ts'
import type { LogName, WitnessStore } from '../tlog/witness-store.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import { listedKeys } from './log-keys.ts'
import type { PeerAnswer } from './peer-client.ts'
import type { AlarmLog } from './records.ts'

export interface MirrorDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly mirror: MirrorStore
  readonly witnessed: WitnessStore
  readonly alarms: AlarmLog
  /** A signed call to a peer, whose answer proves itself and is not archived. */
  readonly askLog: (peer: string, targetUri: string) => Promise<PeerAnswer>
}

/** `hasMore`: what came is verified and kept, and more stands there. */
export type MirrorOutcome = { readonly hasMore: boolean } | { readonly error: string }

/** Bundles taken in one step. */
const BUNDLES_AT_ONCE = 16

/** What the peer says cannot be used; nothing may be concluded from it. */
class LogUnreadable extends Error {
  override name = 'LogUnreadable'
}

/**
 * Brings the leaves of a peer's log up to its newest checkpoint, some at a time. Whatever is kept has been
 * verified: the log has signed the checkpoint, it continues the one seen before, and the leaves are those
 * of its tree. Two checkpoints that contradict each other are kept as proof and told to the operators.
 */
export function mirrorLog(deps: MirrorDependencies) {
  return async (peer: string): Promise<MirrorOutcome> => {
    const { view } = await deps.trust()
    const url = view.list(peer)?.nodes.find(({ state }) => state === peer)?.url
    if (url === undefined) return { error: `no trust list of ${peer} names its node` }
    try {
      return await step(deps, peer, url)
    } catch (error) {
      if (error instanceof LogUnreadable) return { error: error.message }
      throw error
    }
  }
}

async function step(deps: MirrorDependencies, peer: string, url: string): Promise<MirrorOutcome> {
  const signed = await readCheckpoint(deps, peer, url)
  const log = { state: peer, origin: signed.checkpoint.origin }
  const held = await deps.mirror.head(log)
  const { size, rootHash } = signed.checkpoint
  if (held && size < held.size) {
    await keepProof(deps, log, held.note, signed, 'an older one')
    return { error: `its checkpoint of ${size} entries is older than the one seen of ${held.size}` }
  }
  const reader = tileHashReader(sha256Sync, tileFetcher(deps, peer, url), size)
  if (held && !(await continues(held, signed, reader))) {
    await keepProof(deps, log, held.note, signed, 'another history')
    return { error: `its checkpoint of ${size} entries contradicts the one seen of ${held.size}` }
  }

  const before = held?.frontier ?? EMPTY_FRONTIER
  const target = targetFrom(before.size, size)
  if (target === before.size && held?.size === size) return { hasMore: false }
  const leaves = await readLeaves(deps, peer, url, before.size, target)
  const hashes = leaves.map((leaf) => leafHash(sha256Sync, utf8.encode(leaf)))
  const { frontier } = appendLeaves(sha256Sync, before, hashes)
  const proof = await proveConsistency(sha256Sync, reader, target, size)
  const claim = { oldSize: target, newSize: size, newRootHash: rootHash, proof }
  const oldRootHash = rootOf(sha256Sync, frontier)
  if (!verifyConsistency(sha256Sync, { ...claim, oldRootHash }))
    throw new LogUnreadable('its entries are not those of its tree')

  const extended = await deps.mirror.extend(log, {
    head: { n: (held?.n ?? 0) + 1, frontier, note: noteOf(signed), size },
    leaves,
    addressed: addressedTo(deps.state, leaves, before.size),
    at: formatInstant(deps.now()),
  })
  return { hasMore: extended === 'overtaken' || target < size }
}

const utf8 = new TextEncoder()

function targetFrom(from: bigint, size: bigint): bigint {
  const width = BigInt(TILE_WIDTH)
  const end = (from / width + BigInt(BUNDLES_AT_ONCE)) * width
  return end < size ? end : size
}

async function readCheckpoint(
  { trust, now, askLog }: MirrorDependencies,
  peer: string,
  url: string,
): Promise<SignedCheckpoint> {
  const answer = await askLog(peer, `${url}/log/checkpoint`)
  if (!answer.ok) throw new LogUnreadable(answer.error)
  const signed = parseSignedCheckpoint(answer.body)
  if ('malformed' in signed) throw new LogUnreadable(`its checkpoint: ${signed.malformed}`)
  const { view } = await trust()
  const keys = listedKeys(view, 'ed25519', now()).filter(({ state }) => state === peer)
  const verdict = await verifyCheckpoint(
    signed,
    keys.map(({ key }) => key),
  )
  if (verdict !== 'valid')
    throw new LogUnreadable('no log key of its trust list has signed its checkpoint')
  return signed
}

/**
 * Whether the checkpoint continues the one seen before.
 *
 * @throws {LogUnreadable} the tiles are not those of the checkpoint: they say nothing of its history
 */
async function continues(
  held: MirrorHead,
  { checkpoint }: SignedCheckpoint,
  reader: HashReader,
): Promise<boolean> {
  const seen = parseSignedCheckpoint(utf8.encode(held.note))
  if ('malformed' in seen) throw new Error(`A checkpoint that was seen is damaged`)
  const { size: oldSize, rootHash: oldRootHash } = seen.checkpoint
  const { size: newSize, rootHash: newRootHash } = checkpoint
  if (oldSize === newSize) return isSameOctets(oldRootHash, newRootHash)
  const proof = await proveConsistency(sha256Sync, reader, oldSize, newSize)
  const claim = { oldSize, newSize, oldRootHash, newRootHash, proof }
  if (verifyConsistency(sha256Sync, claim)) return true
  const whole: Frontier = await readFrontier(reader, newSize)
  if (isSameOctets(rootOf(sha256Sync, whole), newRootHash)) return false
  throw new LogUnreadable('its tiles are not those of its checkpoint')
}

function tileFetcher({ askLog }: MirrorDependencies, peer: string, url: string) {
  return async (tile: Tile): Promise<Uint8Array> => {
    const path = formatTilePath(tile)
    const answer = await askLog(peer, `${url}/log/${path}`)
    if (!answer.ok) throw new LogUnreadable(`${path}: ${answer.error}`)
    return answer.body
  }
}

async function readLeaves(
  deps: MirrorDependencies,
  peer: string,
  url: string,
  from: bigint,
  to: bigint,
): Promise<string[]> {
  if (to === from) return []
  const fetchTile = tileFetcher(deps, peer, url)
  const width = BigInt(TILE_WIDTH)
  const first = from / width
  const count = Number((to - 1n) / width - first) + 1
  const bundles = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const index = first + BigInt(i)
      const left = to - index * width
      const tile = { level: 'entries', index, width: Number(left < width ? left : width) } as const
      const entries = parseEntryBundle(await fetchTile(tile), tile.width)
      if ('malformed' in entries)
        throw new LogUnreadable(`${formatTilePath(tile)}: ${entries.malformed}`)
      return entries.map(decodeLeaf)
    }),
  )
  return bundles.flat().slice(Number(from - first * width))
}

function decodeLeaf(entry: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry)
    if (!text.includes('\n')) return text
  } catch {
    // Not text: below.
  }
  throw new LogUnreadable('an entry is none of an exchange log')
}

function addressedTo(state: string, leaves: readonly string[], first: bigint): AddressedMessage[] {
  return leaves.flatMap((text, i) => {
    const leaf = parseLeaf(text)
    const seq = leaf?.to[state]
    if (!leaf || seq === undefined) return []
    return [{ seq, sha256: leaf.sha256, index: first + BigInt(i) }]
  })
}

function noteOf({ note, checkpoint }: SignedCheckpoint): string {
  const signatures = note.signatures.filter(({ name }) => name === checkpoint.origin)
  return formatSignedNote({ text: note.text, signatures })
}

async function keepProof(
  { witnessed, alarms, now }: MirrorDependencies,
  log: LogName,
  first: string,
  signed: SignedCheckpoint,
  what: string,
): Promise<void> {
  const foundAt = formatInstant(now())
  if (!(await witnessed.keepFork({ ...log, foundAt, first, second: noteOf(signed) }))) return
  const detail = `${log.origin} has shown ${what} at ${signed.checkpoint.size} entries`
  await alarms.raise({ at: foundAt, kind: 'log-forked', peer: log.state, detail })
}
