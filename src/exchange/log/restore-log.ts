import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { appendLeaves, EMPTY_FRONTIER, type Frontier, rootOf } from '../../tlog/frontier.ts'
import { leafHash } from '../../tlog/merkle.ts'
import { MAX_LEAVES } from './held-for-peer.ts'
import { storedCheckpoint } from './history.ts'
import { type OwnLogSource, SourceUnusable } from './own-log-source.ts'
import {
  type OwnKeys,
  type ProvenCheckpoint,
  provenCheckpoint,
  RestoreRefused,
} from './proven-checkpoint.ts'

/** The own log while it is put together again; nobody else works on it. */
export interface RestoringLog {
  frontier(): Promise<Frontier>
  /** The root of the tree that the log had at this size. */
  rootAt(size: bigint): Promise<Uint8Array>
  leaves(start: bigint, end: bigint): Promise<string[]>
  /** Puts leaves behind the last one. `unreadable`: none of this program's; nothing is written. */
  extend(leaves: readonly string[]): Promise<'extended' | { readonly unreadable: bigint }>
}

export interface RestoredLog {
  readonly size: bigint
  /** Leaves behind those of the backup, those of attempts before too, and whose mirror has them. */
  readonly added: bigint
  readonly from: string | undefined
  /** Of this very log, in the order of their sizes. */
  readonly checkpoints: readonly ProvenCheckpoint[]
  /** Signed by this log and larger than all that anybody asked holds of it: leaves behind `size` are lost. */
  readonly beyond: ProvenCheckpoint | undefined
}

interface RestoreLogDependencies extends OwnKeys {
  readonly log: RestoringLog
  /** Entries that stood there before any peer was asked: those of the backup. */
  readonly ofBackup: bigint
  readonly progress?: ((done: bigint, all: bigint) => void) | undefined
}

/** What one peer holds, as far as the own log has signed it. */
interface Held {
  readonly source: OwnLogSource
  /** The tree of which it has every leaf. */
  readonly whole: ProvenCheckpoint | undefined
  readonly checkpoints: readonly ProvenCheckpoint[]
}

/**
 * Continues the own log behind its last entry with what the mirrors of peers hold of it. Every leaf ends
 * under a root that this log signed itself; what a peer cannot prove so is refused, also what an attempt
 * before has taken. Leaves are written before that is known: who refuses throws the log away.
 *
 * @throws {RestoreRefused} the log here and the signed checkpoints contradict each other, or a peer lies
 * @throws {SourceUnusable} a peer does not answer
 */
export function restoreLog(deps: RestoreLogDependencies) {
  return async (sources: readonly OwnLogSource[]): Promise<RestoredLog> => {
    const { log } = deps
    const all = await Promise.all(sources.map((source) => readHeld(deps, source)))
    const held = all.filter(({ whole }) => whole !== undefined)
    if (held.length === 0)
      throw new RestoreRefused(
        'nothing-held',
        `No whole mirror of ${deps.origin} is held by ${sources.map(({ peer }) => peer).join(', ')}`,
      )
    const most = held.reduce((a, b) => (a.whole!.size >= b.whole!.size ? a : b))
    await extend(deps, most)
    const { size } = await log.frontier()
    const checkpoints = all.flatMap((one) => one.checkpoints).toSorted(bySize)
    for (const checkpoint of checkpoints)
      if (checkpoint.size <= size && !(await isOf(log, checkpoint)))
        throw await contradictionOf(deps, most, checkpoint)
    if (size > deps.ofBackup && !checkpoints.some((checkpoint) => checkpoint.size === size))
      throw new RestoreRefused(
        'unproven',
        `Entries ${deps.ofBackup} to ${size - 1n} came from a mirror, and nobody who was asked shows a checkpoint that ends with them: whether they are of this log cannot be told. Nothing was replaced`,
        deps.ofBackup,
      )
    return {
      size,
      added: size - deps.ofBackup,
      from: size > deps.ofBackup ? most.source.peer : undefined,
      checkpoints: checkpoints.filter((checkpoint) => checkpoint.size <= size),
      beyond: checkpoints.findLast((checkpoint) => checkpoint.size > size),
    }
  }
}

const bySize = (a: ProvenCheckpoint, b: ProvenCheckpoint) => Number(a.size - b.size)

async function isOf(log: RestoringLog, { size, note }: ProvenCheckpoint): Promise<boolean> {
  return isSameOctets(await log.rootAt(size), storedCheckpoint(note).rootHash)
}

/** @throws {RestoreRefused} not signed by the own log */
async function readHeld(deps: RestoreLogDependencies, source: OwnLogSource): Promise<Held> {
  const claimed = (await source.logs()).find(({ origin }) => origin === deps.origin)
  if (!claimed) return { source, whole: undefined, checkpoints: [] }
  const prove = async (note: string | undefined) =>
    note === undefined ? undefined : provenCheckpoint(deps, source.peer, note)
  const [whole, newest, cosigned] = await Promise.all([
    prove(claimed.whole),
    prove(claimed.newest),
    prove(claimed.cosigned),
  ])
  const checkpoints = [whole, newest, cosigned].filter((one) => one !== undefined)
  return { source, whole, checkpoints }
}

/** Takes the leaves that are missing here, up to the checkpoint of which the peer has all. */
async function extend(
  { origin, log, progress }: RestoreLogDependencies,
  { source, whole }: Held,
): Promise<void> {
  const { size } = whole!
  for (;;) {
    const { size: from } = await log.frontier()
    progress?.(from < size ? from : size, size)
    if (from >= size) return
    const leaves = await leavesFrom(source, origin, from, size)
    const extended = await log.extend(leaves)
    if (extended !== 'extended')
      throw new RestoreRefused(
        'leaf-unreadable',
        `Entry ${extended.unreadable}, as ${source.peer} gives it, is none that this program writes. Nothing was replaced`,
        extended.unreadable,
      )
  }
}

async function leavesFrom(
  source: OwnLogSource,
  origin: string,
  from: bigint,
  size: bigint,
): Promise<string[]> {
  const left = size - from
  const count = left < BigInt(MAX_LEAVES) ? Number(left) : MAX_LEAVES
  const leaves = await source.leaves(origin, from, count)
  if (leaves.length === count) return leaves
  const index = from + BigInt(leaves.length)
  throw new RestoreRefused(
    'leaves-missing',
    `${source.peer} says that it holds ${size} entries of ${origin}, and gives none with the number ${index}. Nothing was replaced`,
    index,
  )
}

/** Who is wrong, if that can be told: without the mirror it cannot, and what came from it counts for nothing. */
async function contradictionOf(
  deps: RestoreLogDependencies,
  held: Held,
  checkpoint: ProvenCheckpoint,
): Promise<RestoreRefused> {
  try {
    return await whoIsWrong(deps, held, checkpoint)
  } catch (error) {
    if (!(error instanceof SourceUnusable)) throw error
    return new RestoreRefused(
      'unproven',
      `The log here is not that of the checkpoint of ${checkpoint.size} entries that ${checkpoint.peer} shows, and who is wrong cannot be told: ${error.message}. Nothing was replaced, and what came is thrown away; call the same command again`,
    )
  }
}

/** Found by reading the whole mirror: its leaves are wrong, or the entries that were here. */
async function whoIsWrong(
  { origin, log }: RestoreLogDependencies,
  { source, whole }: Held,
  checkpoint: ProvenCheckpoint,
): Promise<RestoreRefused> {
  let frontier: Frontier = EMPTY_FRONTIER
  let first: bigint | undefined
  const { size } = whole!
  while (frontier.size < size) {
    const from = frontier.size
    const leaves = await leavesFrom(source, origin, from, size)
    const own = await log.leaves(from, from + BigInt(leaves.length))
    const differing = leaves.findIndex((leaf, i) => own[i] !== undefined && own[i] !== leaf)
    if (differing >= 0) first ??= from + BigInt(differing)
    const hashes = leaves.map((leaf) => leafHash(sha256Sync, utf8.encode(leaf)))
    frontier = appendLeaves(sha256Sync, frontier, hashes).frontier
  }
  const isGenuine = isSameOctets(
    rootOf(sha256Sync, frontier),
    storedCheckpoint(whole!.note).rootHash,
  )
  if (!isGenuine)
    return new RestoreRefused(
      'altered',
      `The entries that ${source.peer} gives are not those of the checkpoint of ${size} entries that this log has signed${first === undefined ? '' : `; the first that differs from what is here is ${first}`}. Nothing was replaced: its mirror is damaged, or it lies`,
      first,
    )
  if (first !== undefined)
    return new RestoreRefused(
      'contradiction',
      `The log here and the log that this state has signed part at entry ${first}: what stands there and behind it is of another history than the one that ${source.peer} holds under the checkpoint of ${size} entries. Nothing was replaced: take a backup of before entry ${first}`,
      first,
    )
  return new RestoreRefused(
    'contradiction',
    `This log has signed two trees: a checkpoint of ${checkpoint.size} entries that ${checkpoint.peer} shows is not of the one that ${source.peer} holds under the checkpoint of ${size} entries. Nothing was replaced`,
  )
}

const utf8 = new TextEncoder()
