import { formatInstant } from '../../encoding/time.ts'
import type { MirrorStore } from '../../tlog/mirror-store.ts'
import type { LogName } from '../../tlog/witness-store.ts'
import { LogUnreadable } from './mirror-fetch.ts'
import type { LeavesRead } from './mirror-leaves.ts'
import type { AlarmLog } from '../records.ts'

export interface MirrorAlarmDependencies {
  readonly now: () => Date
  readonly mirror: MirrorStore
  readonly alarms: AlarmLog
  /** What the logs of one state may fill here in a day, in bytes; `MIRRORED_BYTES_A_DAY` if absent. */
  readonly mirroredBytesADay?: number
}

/** Some three million leaves as nodes write them. */
const MIRRORED_BYTES_A_DAY = 1024 ** 3

/** @throws {LogUnreadable} the log has filled what is there for it on this day */
export async function takeRoom(
  { mirror, alarms, now, mirroredBytesADay: most = MIRRORED_BYTES_A_DAY }: MirrorAlarmDependencies,
  { state: peer, origin }: LogName,
  leaves: readonly string[],
): Promise<void> {
  const at = formatInstant(now())
  const day = at.slice(0, 10)
  const bytes = leaves.reduce((sum, leaf) => sum + leaf.length, 0)
  if (await mirror.spend(peer, { day, bytes, most })) return
  const detail = `${origin} has more new leaves on ${day} than this node mirrors of a day (${most} bytes); the mirror goes on tomorrow. If the log is not a new one, ask the operator of ${peer} what fills it`
  const alarm = { at, kind: 'log-grows-too-fast', peer, detail } as const
  await alarms.raiseOnce(`log-grows-too-fast mirror ${peer} ${day}`, alarm)
  throw new LogUnreadable(`its leaves are more than ${most} bytes on ${day}`)
}

/** A log that goes on under another name. */
export async function tellNewOrigin(
  { alarms, mirror, now }: MirrorAlarmDependencies,
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
export async function tellLeaves(
  { alarms, now }: MirrorAlarmDependencies,
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
