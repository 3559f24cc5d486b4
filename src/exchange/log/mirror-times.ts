import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseLeaf } from '../../tlog/leaf.ts'
import type { MirrorStore } from '../../tlog/mirror-store.ts'
import type { LogName, WitnessStore } from '../../tlog/witness-store.ts'
import type { AlarmLog } from '../records.ts'

interface BackdatedDependencies {
  readonly now: () => Date
  readonly mirror: MirrorStore
  readonly witnessed: WitnessStore
  readonly alarms: AlarmLog
}

/** Leaves before the new ones whose times are looked at: one bundle. */
const LOOKED_BACK = 256n

/**
 * Tells of new leaves, from index `first` on, that are dated before what the log had said already when this
 * node cosigned it: another state's clock shows that they were appended later than they say.
 */
export async function tellBackdated(
  { mirror, witnessed, alarms, now }: BackdatedDependencies,
  log: LogName,
  { leaves, first }: { readonly leaves: readonly string[]; readonly first: bigint },
): Promise<void> {
  const start = first < LOOKED_BACK ? 0n : first - LOOKED_BACK
  let said = Math.max(...(await mirror.leaves(log, start, first)).map(timeOf), -Infinity)
  const earlier: { readonly index: bigint; readonly at: number; readonly said: number }[] = []
  for (const [i, leaf] of leaves.entries()) {
    const at = timeOf(leaf)
    if (at > -Infinity && at < said - CLOCK_SKEW_MS)
      earlier.push({ index: first + BigInt(i), at, said })
    if (at > said) said = at
  }
  if (earlier.length === 0) return
  const cosigned = await witnessed.newestUpTo(log, first)
  if (!cosigned) return
  const borneOut = Date.parse(cosigned.at)
  // What was cosigned late, while the log was not signed, says no more than the log itself.
  const backdated = earlier.filter(
    (leaf) => leaf.at < Math.min(leaf.said, borneOut) - CLOCK_SKEW_MS,
  )
  const [wrong] = backdated
  if (!wrong) return
  const { state: peer, origin } = log
  const detail = `${backdated.length} leaves of ${origin}, the first at ${wrong.index}, are dated ${formatInstant(new Date(wrong.at))} and later, behind a checkpoint of ${cosigned.size} entries that this node cosigned at ${cosigned.at}: the clock there was wrong, or somebody dates back what was signed later`
  await alarms.raiseOnce(`log-backdated ${peer} ${origin} ${wrong.index}`, {
    at: formatInstant(now()),
    kind: 'log-backdated',
    peer,
    detail,
  })
}

/**
 * Tells of new leaves that are dated ahead of the clock here, once a day: nobody can hold what came with
 * them to their times.
 */
export async function tellDatedAhead(
  { alarms, now }: Pick<BackdatedDependencies, 'alarms' | 'now'>,
  { state: peer, origin }: LogName,
  { leaves, first }: { readonly leaves: readonly string[]; readonly first: bigint },
): Promise<void> {
  const latest = now().getTime() + CLOCK_SKEW_MS
  const wrong = leaves.findIndex((leaf) => timeOf(leaf) > latest)
  if (wrong < 0) return
  const at = formatInstant(now())
  const dated = formatInstant(new Date(timeOf(leaves[wrong]!)))
  await alarms.raiseOnce(`log-dated-ahead ${peer} ${origin} ${at.slice(0, 10)}`, {
    at,
    kind: 'log-dated-ahead',
    peer,
    detail: `leaf ${first + BigInt(wrong)} of ${origin} is dated ${dated}: the clock there is fast, or the one here slow`,
  })
}

/** Of what is no leaf nothing is known. */
function timeOf(text: string): number {
  const at = Date.parse(parseLeaf(text)?.at ?? '')
  return Number.isNaN(at) ? -Infinity : at
}
