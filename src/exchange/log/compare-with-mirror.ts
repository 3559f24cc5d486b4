import { sha256Sync } from '../../crypto/suite.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Checkpoint } from '../../tlog/checkpoint.ts'
import { leafHashReader } from '../../tlog/leaf-hash-reader.ts'
import type { MirrorStore } from '../../tlog/mirror-store.ts'
import type { LogFork, LogName, WitnessStore } from '../../tlog/witness-store.ts'
import { historyOf, storedCheckpoint } from './history.ts'
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

/**
 * What the leaves that a log has shown to the mirror of this node make of a checkpoint that it has signed
 * (`note`, with the verified signatures alone). A fork is kept as proof and told to the operators.
 * `ahead`: they do not reach so far.
 */
export async function compareWithMirror(
  deps: ComparisonDependencies,
  log: LogName,
  { note, ...seen }: Pick<Checkpoint, 'size' | 'rootHash'> & { readonly note: string },
): Promise<'continued' | 'forked' | 'ahead'> {
  const { mirror, pause } = deps
  const whole = (await mirror.head(log))?.wholeNote
  const mirrored = whole === undefined ? undefined : storedCheckpoint(whole)
  if (whole === undefined || !mirrored || mirrored.size < seen.size) return 'ahead'
  const reader = leafHashReader(sha256Sync, {
    leaves: (start, end) => mirror.leaves(log, start, end),
    bundleRoots: (start, end) => mirror.bundleRoots(log, start, end),
    pause,
  })
  const history = await historyOf(seen, mirrored, reader)
  if (history === 'continued') return 'continued'
  if (history === 'unknown') throw new Error(`The mirror of ${log.origin} is damaged`)
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
