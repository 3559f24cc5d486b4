import { sha256Sync } from '../crypto/suite.ts'
import { formatInstant } from '../encoding/time.ts'
import { proveConsistency, verifyConsistency } from '../tlog/consistency.ts'
import { appendLeaves, EMPTY_FRONTIER, rootOf } from '../tlog/frontier.ts'
import type { HashReader } from '../tlog/hash-reader.ts'
import { leafHash } from '../tlog/merkle.ts'
import type { MirrorHead, MirrorStore } from '../tlog/mirror-store.ts'
import { TILE_WIDTH } from '../tlog/tile.ts'
import { tileHashReader } from '../tlog/tile-reader.ts'
import type { LogName, WitnessStore } from '../tlog/witness-store.ts'
import { listedAddress } from './listed-address.ts'
import { historyOf, storedCheckpoint } from './log-history.ts'
import { listedKeys } from './log-keys.ts'
import {
  fetchCheckpoint,
  fetchLeaves,
  hashTiles,
  type LogSource,
  LogUnreadable,
  type PeerLog,
  type ShownCheckpoint,
} from './mirror-fetch.ts'
import { type LeavesRead, readLeaves } from './mirror-leaves.ts'
import type { AlarmLog } from './records.ts'

export interface MirrorDependencies extends LogSource {
  readonly state: string
  readonly mirror: MirrorStore
  readonly witnessed: WitnessStore
  readonly alarms: AlarmLog
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
    const outcome = await step(deps, { peer, url }).catch((error: unknown): MirrorOutcome => {
      if (error instanceof LogUnreadable) return { error: error.message }
      throw error
    })
    const failure = 'error' in outcome ? outcome.error : undefined
    const whole = 'hasMore' in outcome && !outcome.hasMore
    await deps.mirror.looked(peer, { at: formatInstant(deps.now()), whole, failure })
    return outcome
  }
}

async function step(deps: MirrorDependencies, source: PeerLog): Promise<MirrorOutcome> {
  const { peer } = source
  // Before the answer is asked for: what others see meanwhile says nothing about it.
  const before = await knownOf(deps, peer)
  const shown = await fetchCheckpoint(deps, source)
  const { origin, size } = shown.signed.checkpoint
  const log = { state: peer, origin }
  const { held, seen = [] } = before.get(origin) ?? {}
  for (const note of seen)
    if (size < storedCheckpoint(note).size) {
      await tellRolledBack(deps, log, note, shown)
      return { error: `its checkpoint of ${size} entries is older than one that it signed before` }
    }
  const reader = tileHashReader(sha256Sync, hashTiles(deps, source), size)
  for (const note of seen)
    if (await isFork(deps, log, note, shown, reader))
      return { error: `its checkpoint of ${size} entries contradicts one that it signed before` }
  if (!held) await tellNewOrigin(deps, log, [...before.keys()])
  return extend(deps, source, { log, held, shown, reader })
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
): Promise<MirrorOutcome> {
  const { size, rootHash } = shown.signed.checkpoint
  const before = held?.frontier ?? EMPTY_FRONTIER
  const target = targetFrom(before.size, size)
  if (target === before.size && held?.size === size) return { hasMore: false }
  const leaves = await fetchLeaves(deps, source, before.size, target)
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
  return { hasMore: extended === 'overtaken' || target < size }
}

const utf8 = new TextEncoder()

function targetFrom(from: bigint, size: bigint): bigint {
  const width = BigInt(TILE_WIDTH)
  const end = (from / width + BigInt(BUNDLES_AT_ONCE)) * width
  return end < size ? end : size
}

/** @throws {LogUnreadable} the tiles are not those of the checkpoint: they say nothing of its history */
async function isFork(
  { witnessed, alarms, now }: MirrorDependencies,
  log: LogName,
  first: string,
  { signed, note: second }: ShownCheckpoint,
  reader: HashReader,
): Promise<boolean> {
  const history = await historyOf(storedCheckpoint(first), signed.checkpoint, reader)
  if (history === 'continued') return false
  if (history === 'unknown') throw new LogUnreadable('its tiles are not those of its checkpoint')
  const foundAt = formatInstant(now())
  const { proof } = history
  if (await witnessed.keepFork({ ...log, foundAt, first, second, proof })) {
    const detail = `${log.origin} has shown another history at ${signed.checkpoint.size} entries`
    await alarms.raise({ at: foundAt, kind: 'log-forked', peer: log.state, detail })
  }
  return true
}

/** A smaller checkpoint is no proof by itself, every log has signed it; that it is shown now is: the answer is signed. */
async function tellRolledBack(
  { alarms, now }: MirrorDependencies,
  { state: peer, origin }: LogName,
  before: string,
  { signed, keep }: ShownCheckpoint,
): Promise<void> {
  const { size } = storedCheckpoint(before)
  const detail = `${origin} shows ${signed.checkpoint.size} entries as its newest checkpoint, after it has signed one of ${size}; its signed answer is in the archive`
  const alarm = { at: formatInstant(now()), kind: 'log-rolled-back', peer, detail } as const
  if (await alarms.raiseOnce(`log-rolled-back ${peer} ${origin} ${size}`, alarm)) await keep()
}

async function tellNewOrigin(
  { alarms, mirror, now }: MirrorDependencies,
  { state: peer, origin }: LogName,
  known: readonly string[],
): Promise<void> {
  const mirrored = (await mirror.logsOf(peer)).filter((log) => known.includes(log.origin))
  if (mirrored.length === 0) return
  const [before] = mirrored
  const detail = `the log of ${peer} is now ${origin}, before it was ${before!.origin}: nothing shows that it goes on with it`
  const alarm = { at: formatInstant(now()), kind: 'log-origin-changed', peer, detail } as const
  await alarms.raiseOnce(`log-origin-changed ${peer} ${origin}`, alarm)
}

/** One alarm of each kind a step, whatever stands in the leaves. */
async function tellLeaves(
  { alarms, now }: MirrorDependencies,
  { state: peer, origin }: LogName,
  { unreadable, misnumbered }: LeavesRead,
): Promise<void> {
  const at = formatInstant(now())
  const [hidden] = unreadable
  if (hidden !== undefined)
    await alarms.raiseOnce(`log-leaf-unreadable ${peer} ${origin} ${hidden}`, {
      at,
      kind: 'log-leaf-unreadable',
      peer,
      detail: `${unreadable.length} leaves of ${origin}, the first at ${hidden}, say nothing that can be read: what they stand for is hidden`,
    })
  const [wrong] = misnumbered
  if (wrong)
    await alarms.raiseOnce(`log-misnumbered ${peer} ${origin} ${wrong.index}`, {
      at,
      kind: 'log-misnumbered',
      peer,
      detail: `${misnumbered.length} messages to this state in ${origin} do not follow the one before, the first at ${wrong.index} with the number ${wrong.seq}`,
    })
}
