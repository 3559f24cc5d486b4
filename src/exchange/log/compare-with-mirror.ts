import { sha256Sync } from '../../crypto/suite.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Checkpoint } from '../../tlog/checkpoint.ts'
import { leafHashReader } from '../../tlog/leaf-hash-reader.ts'
import type { MirrorStore } from '../../tlog/mirror-store.ts'
import { SubtreeMemory } from '../../tlog/subtree-memory.ts'
import type { LogFork, LogName, WitnessStore } from '../../tlog/witness-store.ts'
import { type History, historyOf, storedCheckpoint } from './history.ts'
import type { AlarmLog } from '../records.ts'

export interface ForkDependencies {
  readonly now: () => Date
  readonly witnessed: Pick<WitnessStore, 'keepFork' | 'unproven' | 'dropUnproven'>
  readonly alarms: AlarmLog
}

export interface ComparisonDependencies extends ForkDependencies {
  readonly mirror: Pick<MirrorStore, 'head' | 'leaves' | 'bundleRoots'>
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>
}

/** What is said of a log at one size, and may be true or not. */
type Said = Pick<Checkpoint, 'size' | 'rootHash'>

/** Of the logs that are mirrored: anybody may have old checkpoints compared, as often as he likes. */
const remembered = new WeakMap<ComparisonDependencies['mirror'], Map<string, SubtreeMemory>>()

function memoryOf(mirror: ComparisonDependencies['mirror'], { state, origin }: LogName) {
  const logs = remembered.get(mirror) ?? new Map<string, SubtreeMemory>()
  remembered.set(mirror, logs)
  const memory = logs.get(`${state} ${origin}`) ?? new SubtreeMemory()
  logs.set(`${state} ${origin}`, memory)
  return memory
}

/**
 * How the leaves that a log has shown to the mirror of this node follow what is said of it, and the newest
 * checkpoint of which none is missing; `ahead`: they do not reach so far.
 */
export async function mirroredHistory(
  { mirror, pause }: Pick<ComparisonDependencies, 'mirror' | 'pause'>,
  log: LogName,
  said: Said,
): Promise<'ahead' | { readonly history: Exclude<History, 'unknown'>; readonly whole: string }> {
  const whole = (await mirror.head(log))?.wholeNote
  const mirrored = whole === undefined ? undefined : storedCheckpoint(whole)
  if (whole === undefined || !mirrored || mirrored.size < said.size) return 'ahead'
  const reader = leafHashReader(sha256Sync, {
    leaves: (start, end) => mirror.leaves(log, start, end),
    bundleRoots: (start, end) => mirror.bundleRoots(log, start, end),
    pause,
  })
  const shared = memoryOf(mirror, log).before(reader, mirrored.size)
  const history = await historyOf(said, mirrored, shared)
  if (history === 'unknown') throw new Error(`The mirror of ${log.origin} is damaged`)
  return { history, whole }
}

/**
 * What the mirror makes of a checkpoint that the log has signed (`note`, with the verified signatures
 * alone). A fork is kept as proof and told to the operators.
 */
export async function compareWithMirror(
  deps: ComparisonDependencies,
  log: LogName,
  { note, ...seen }: Said & { readonly note: string },
): Promise<'continued' | 'forked' | 'ahead'> {
  const mirrored = await mirroredHistory(deps, log, seen)
  if (mirrored === 'ahead') return 'ahead'
  const { history, whole } = mirrored
  if (history === 'continued') return 'continued'
  await tellFork(deps, { ...log, first: note, second: whole, proof: history.proof })
  return 'forked'
}

/** Compares what could not be compared when it was seen, as far as the mirror reaches by now. */
export async function compareUnproven(deps: ComparisonDependencies, log: LogName): Promise<void> {
  for (const checkpoint of await deps.witnessed.unproven(log)) {
    if ((await compareWithMirror(deps, log, checkpoint)) === 'ahead') return
    await deps.witnessed.dropUnproven(log, checkpoint)
  }
}

export async function tellFork(
  { witnessed, alarms, now }: ForkDependencies,
  fork: Omit<LogFork, 'foundAt'>,
): Promise<void> {
  const foundAt = formatInstant(now())
  if (!(await witnessed.keepFork({ ...fork, foundAt }))) return
  const { size } = storedCheckpoint(fork.first)
  const detail = `${fork.origin} has signed two trees of ${size} entries; none of its checkpoints is cosigned, and additions to the trust list of ${fork.state} do not count, until two persons settle it: certex trust show, certex trust settle-fork`
  await alarms.raise({ at: foundAt, kind: 'log-forked', peer: fork.state, detail })
}
