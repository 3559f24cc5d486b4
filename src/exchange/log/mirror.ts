import { sha256Sync } from '../../crypto/suite.ts'
import { formatInstant } from '../../encoding/time.ts'
import { proveConsistency, verifyConsistency } from '../../tlog/consistency.ts'
import { appendLeaves, EMPTY_FRONTIER, rootOf } from '../../tlog/frontier.ts'
import type { HashReader } from '../../tlog/hash-reader.ts'
import { leafHash } from '../../tlog/merkle.ts'
import type { MirrorHead, MirrorStore } from '../../tlog/mirror-store.ts'
import { TILE_WIDTH } from '../../tlog/tile.ts'
import { tileHashReader } from '../../tlog/tile-reader.ts'
import type { LogName, WitnessStore } from '../../tlog/witness-store.ts'
import { listedAddress } from '../delivery/listed-address.ts'
import { compareUnproven, compareWithMirror, tellFork } from './compare-with-mirror.ts'
import { historyOf, storedCheckpoint } from './history.ts'
import { listedKeys } from './keys.ts'
import {
  fetchCheckpoint,
  fetchLeaves,
  hashTiles,
  type LogSource,
  LogUnreadable,
  type PeerLog,
  type ShownCheckpoint,
} from './mirror-fetch.ts'
import {
  type MirrorAlarmDependencies,
  takeRoom,
  tellLeaves,
  tellNewOrigin,
} from './mirror-alarms.ts'
import { readLeaves } from './mirror-leaves.ts'
import { tellBackdated, tellDatedAhead } from './mirror-times.ts'
import type { AlarmLog } from '../records.ts'

export interface MirrorDependencies extends LogSource, MirrorAlarmDependencies {
  readonly state: string
  readonly mirror: MirrorStore
  readonly witnessed: WitnessStore
  readonly alarms: AlarmLog
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>
}

/** `hasMore`: what came is verified and kept, and more stands there. */
export type MirrorOutcome = { readonly hasMore: boolean } | { readonly error: string }

/** Bundles taken in one step. */
const BUNDLES_AT_ONCE = 16

/**
 * Brings the leaves of a peer's log up to its newest checkpoint, some at a time. Whatever is kept has been
 * verified: the log has signed the checkpoint, it continues those seen before, by this mirror and by the
 * witness of this node, and the leaves are those of its tree. Two checkpoints that contradict each other
 * are kept as proof and told to the operators.
 */
export function mirrorLog(deps: MirrorDependencies) {
  return async (peer: string): Promise<MirrorOutcome> => {
    const url = await listedAddress(deps, peer)
    if (url === undefined) return { error: `no trust list of ${peer} names its node` }
    const at = formatInstant(deps.now())
    // Before what is held is read: at this time another checkpoint was shown than one that is newer.
    const wholeAt = (await deps.mirror.looks()).find(({ state }) => state === peer)?.wholeAt
    const outcome = await step(deps, { peer, url }).catch((error: unknown): Outcome => {
      if (error instanceof LogUnreadable) return { error: error.message }
      throw error
    })
    const failure = 'error' in outcome ? outcome.error : undefined
    const whole = 'hasMore' in outcome && !outcome.hasMore
    const newerThan = 'grown' in outcome && outcome.grown && whole ? wholeAt : undefined
    await deps.mirror.looked(peer, { at, whole, failure, newerThan })
    if (whole) for (const log of await deps.mirror.logsOf(peer)) await compareUnproven(deps, log)
    return 'error' in outcome ? outcome : { hasMore: outcome.hasMore }
  }
}

/** `grown`: the newest checkpoint is another one than before. */
type Outcome = { readonly hasMore: boolean; readonly grown: boolean } | { readonly error: string }

async function step(deps: MirrorDependencies, source: PeerLog): Promise<Outcome> {
  const { peer } = source
  // Before the answer is asked for: what others see meanwhile says nothing about it.
  const before = await knownOf(deps, peer)
  const shown = await fetchCheckpoint(deps, source)
  const { origin, size } = shown.signed.checkpoint
  const log = { state: peer, origin }
  const { held, seen = [] } = before.get(origin) ?? {}
  const contradicts = {
    error: `its checkpoint of ${size} entries contradicts one that it signed before`,
  }
  for (const note of seen)
    if (size < storedCheckpoint(note).size) {
      if (await isOfAnotherHistory(deps, log, shown)) return contradicts
      await tellRolledBack(deps, log, note, shown)
      return { error: `its checkpoint of ${size} entries is older than one that it signed before` }
    }
  const reader = tileHashReader(sha256Sync, hashTiles(deps, source), size)
  try {
    for (const note of seen) if (await isFork(deps, log, note, shown, reader)) return contradicts
    if (!held) await tellNewOrigin(deps, log, [...before.keys()])
    return await extend(deps, source, { log, held, shown, reader })
  } catch (error) {
    if (error instanceof LogUnreadable) await keepUnproven(deps, log, shown)
    throw error
  }
}

/** Whether one that is older than others is no older state of what is mirrored, as far as that can be told. */
async function isOfAnotherHistory(
  deps: MirrorDependencies,
  log: LogName,
  shown: ShownCheckpoint,
): Promise<boolean> {
  const { size, rootHash } = shown.signed.checkpoint
  const found = await compareWithMirror(deps, log, { size, rootHash, note: shown.note })
  if (found === 'ahead') await keepUnproven(deps, log, shown)
  return found === 'forked'
}

/** It was signed and shown, and what it stands for was not: it is compared when the log shows more. */
async function keepUnproven(
  { witnessed, now }: MirrorDependencies,
  log: LogName,
  { signed, note, keep }: ShownCheckpoint,
): Promise<void> {
  const { size, rootHash } = signed.checkpoint
  if (await witnessed.keepUnproven(log, { size, rootHash, note }, formatInstant(now())))
    await keep()
}

interface Known {
  readonly held: MirrorHead | undefined
  /** Checkpoints of it that its log has signed. */
  readonly seen: readonly string[]
}

/** What this node has seen of the logs of a peer, by their origins. */
async function knownOf(
  { mirror, witnessed, trust, now }: MirrorDependencies,
  peer: string,
): Promise<Map<string, Known>> {
  const mirrored = (await mirror.logsOf(peer)).map(({ origin }) => origin)
  const listed = listedKeys((await trust()).view, 'ed25519', now()).filter(
    ({ state }) => state === peer,
  )
  const origins = new Set([...mirrored, ...listed.map(({ key }) => key.name)])
  const known = await Promise.all(
    [...origins].map(async (origin) => {
      const [held, cosigned] = await Promise.all([
        mirror.head({ state: peer, origin }),
        witnessed.newest(origin),
      ])
      const seen = [held?.note, cosigned?.state === peer ? cosigned.note : undefined]
      return [origin, { held, seen: seen.filter((note) => note !== undefined) }] as const
    }),
  )
  return new Map(known)
}

interface Extension {
  readonly log: LogName
  readonly held: MirrorHead | undefined
  readonly shown: ShownCheckpoint
  readonly reader: HashReader
}

/** @throws {LogUnreadable} the leaves are not those of the tree */
async function extend(
  deps: MirrorDependencies,
  source: PeerLog,
  { log, held, shown, reader }: Extension,
): Promise<Outcome> {
  const { size, rootHash } = shown.signed.checkpoint
  const before = held?.frontier ?? EMPTY_FRONTIER
  const target = targetFrom(before.size, size)
  if (target === before.size && held?.size === size) return { hasMore: false, grown: false }
  const leaves = await fetchLeaves(deps, source, before.size, target)
  await takeRoom(deps, log, leaves)
  const hashes = leaves.map((leaf) => leafHash(sha256Sync, utf8.encode(leaf)))
  const { frontier } = appendLeaves(sha256Sync, before, hashes)
  const proof = await proveConsistency(sha256Sync, reader, target, size)
  const claim = { oldSize: target, newSize: size, newRootHash: rootHash, proof }
  const oldRootHash = rootOf(sha256Sync, frontier)
  if (!verifyConsistency(sha256Sync, { ...claim, oldRootHash }))
    throw new LogUnreadable('its entries are not those of its tree')

  const read = readLeaves(deps.state, leaves, before.size, held?.lastSeq ?? 0)
  // Before they are kept: what is kept is not read again.
  await tellLeaves(deps, log, read)
  await tellBackdated(deps, log, { leaves, first: before.size })
  await tellDatedAhead(deps, log, { leaves, first: before.size })
  const extended = await deps.mirror.extend(log, {
    head: {
      n: (held?.n ?? 0) + 1,
      frontier,
      note: shown.note,
      size,
      wholeNote: target === size ? shown.note : held?.wholeNote,
      addressed: (held?.addressed ?? 0) + read.addressed.length,
      lastSeq: read.lastSeq,
    },
    leaves,
    addressed: read.addressed,
    at: formatInstant(deps.now()),
  })
  return { hasMore: extended === 'overtaken' || target < size, grown: true }
}

const utf8 = new TextEncoder()

function targetFrom(from: bigint, size: bigint): bigint {
  const width = BigInt(TILE_WIDTH)
  const end = (from / width + BigInt(BUNDLES_AT_ONCE)) * width
  return end < size ? end : size
}

/** @throws {LogUnreadable} the tiles are not those of the checkpoint: they say nothing of its history */
async function isFork(
  deps: MirrorDependencies,
  log: LogName,
  first: string,
  { signed, note: second }: ShownCheckpoint,
  reader: HashReader,
): Promise<boolean> {
  const history = await historyOf(storedCheckpoint(first), signed.checkpoint, reader)
  if (history === 'continued') return false
  if (history === 'unknown') throw new LogUnreadable('its tiles are not those of its checkpoint')
  await tellFork(deps, { ...log, first, second, proof: history.proof })
  return true
}

/** A smaller checkpoint is no proof by itself, every log has signed it; that it is shown now is: the answer is signed. */
async function tellRolledBack(
  { alarms, now, witnessed }: MirrorDependencies,
  { state: peer, origin }: LogName,
  before: string,
  { signed, note: shown, keep }: ShownCheckpoint,
): Promise<void> {
  const { size } = storedCheckpoint(before)
  const at = formatInstant(now())
  await witnessed.keepRollback({ state: peer, origin, foundAt: at, size, before, shown })
  const detail = `${origin} shows ${signed.checkpoint.size} entries as its newest checkpoint, after it has signed one of ${size}; its signed answer is in the archive. Additions to the trust list of ${peer} do not count until two persons settle it: certex trust show, certex trust settle-fork`
  const alarm = { at, kind: 'log-rolled-back', peer, detail } as const
  if (await alarms.raiseOnce(`log-rolled-back ${peer} ${origin} ${size}`, alarm)) await keep()
}
