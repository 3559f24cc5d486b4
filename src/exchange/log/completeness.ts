import { sha256Sync } from '../../crypto/suite.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import { proveInclusion } from '../../tlog/inclusion.ts'
import { leafHashReader } from '../../tlog/leaf-hash-reader.ts'
import type {
  AddressedAndReceived,
  Arrival,
  ComparedMessage,
  MirrorStore,
} from '../../tlog/mirror-store.ts'
import { formatLogProof } from '../../tlog/proof.ts'
import type { LogName } from '../../tlog/witness-store.ts'
import type { AlarmLog } from '../records.ts'

export interface CompletenessDependencies {
  readonly now: () => Date
  readonly mirror: MirrorStore
  readonly alarms: AlarmLog
}

/** Whether everything has come that a peer's log says was sent here. */
export interface Completeness extends AddressedAndReceived {
  readonly origin: string
  /** The checkpoint that the leaves behind this answer belong to. */
  readonly checkpoint: string
  /** Leaves held of it; fewer than its size while the mirror is catching up. */
  readonly mirrored: bigint
}

/** A message may be on its way so long after its leaf was seen. */
const GRACE_MS = 15 * 60_000
/** What came stood in the log before it was sent, and a checkpoint is signed over the whole log, within seconds. */
const SIGNING_MS = 2 * 60_000
const SHOWN = 100
/** Messages compared in one call to the database. */
const AT_ONCE = 500
/** Calls in one round; the next round goes on. */
const CALLS = 8

/** Compares what a peer's log says was addressed here with what came; the oldest of each list. */
export function completenessOf({ mirror }: Pick<CompletenessDependencies, 'mirror'>) {
  return async (peer: string): Promise<Completeness[]> => {
    const logs = await mirror.logsOf(peer)
    return Promise.all(
      logs.map(async (log) => {
        const [head, compared] = await Promise.all([mirror.head(log), mirror.compare(log, SHOWN)])
        const { note, frontier } = head!
        return { origin: log.origin, checkpoint: note, mirrored: frontier.size, ...compared }
      }),
    )
  }
}

/**
 * Tells the operators, once, of messages that have not come although the log has named them for a while,
 * of those that came under another number, and of those that came and stand in no log. What is settled is
 * not looked at again.
 */
export function tellIncomplete(deps: CompletenessDependencies) {
  return async (peer: string): Promise<void> => {
    for (const log of await deps.mirror.logsOf(peer)) {
      for (let call = 0; call < CALLS && (await settleSome(deps, log)); call++);
      const told = await deps.mirror.unsettled(log, { told: true, limit: AT_ONCE })
      await deps.mirror.settle(log, told.filter(isAsLogged), 'received')
    }
    await tellUnlogged(deps, peer)
  }
}

const isAsLogged = ({ seq, receivedAs }: ComparedMessage) => receivedAs === seq

/** Whether there may be more to settle now. */
async function settleSome(deps: CompletenessDependencies, log: LogName): Promise<boolean> {
  const { mirror, now } = deps
  const seenBefore = formatInstant(new Date(now().getTime() - GRACE_MS))
  const messages = await mirror.unsettled(log, { told: false, limit: AT_ONCE })
  const received = messages.filter(isAsLogged)
  const overdue = messages.filter(
    (message) => !isAsLogged(message) && message.mirroredAt < seenBefore,
  )
  const missing = overdue.filter(({ receivedAs }) => receivedAs === undefined)
  const misnumbered = overdue.filter(({ receivedAs }) => receivedAs !== undefined)
  await tell(deps, log, 'message-withheld', missing, (message) => notCome(log, message))
  await tell(deps, log, 'message-misnumbered', misnumbered, (message) => wrongNumber(log, message))
  await mirror.settle(log, overdue, 'told')
  await mirror.settle(log, received, 'received')
  return messages.length === AT_ONCE && overdue.length + received.length > 0
}

const notCome = ({ origin }: LogName, { seq, sha256, index }: ComparedMessage) =>
  `message ${seq} to this state, document ${sha256}, stands at ${index} of ${origin} and has not come`

const wrongNumber = ({ origin }: LogName, { seq, sha256, index, receivedAs }: ComparedMessage) =>
  `document ${sha256} came as message ${receivedAs} and stands at ${index} of ${origin} as message ${seq}`

/** Alarms for the first of many; the list is for whoever reads them. */
const TOLD_ONE_BY_ONE = 20

async function tell(
  { alarms, now }: CompletenessDependencies,
  { state: peer, origin }: LogName,
  kind: 'message-withheld' | 'message-misnumbered',
  messages: readonly ComparedMessage[],
  detailOf: (message: ComparedMessage) => string,
): Promise<void> {
  const at = formatInstant(now())
  for (const message of messages.slice(0, TOLD_ONE_BY_ONE)) {
    const key = `${kind} ${peer} ${origin} ${message.index}`
    await alarms.raiseOnce(key, { at, kind, peer, detail: detailOf(message) })
  }
  const first = messages[TOLD_ONE_BY_ONE]
  if (!first) return
  const others = messages.length - TOLD_ONE_BY_ONE
  const last = messages.at(-1)!
  const detail = `${others} more messages to this state, ${first.seq} to ${last.seq}, stand at ${first.index} to ${last.index} of ${origin}: /v1/peers/${peer}/completeness`
  await alarms.raiseOnce(`${kind} ${peer} ${origin} ${first.index} …`, { at, kind, peer, detail })
}

/**
 * What came from a peer, and no log of it says so although one has been seen whole that was signed since.
 * A log that signs nothing says nothing of what came: its node may be in doubt whether it is the newest.
 */
async function tellUnlogged(deps: CompletenessDependencies, peer: string): Promise<void> {
  const { mirror } = deps
  const look = (await mirror.looks()).find(({ state }) => state === peer)
  if (look?.newerThan === undefined) return
  const before = formatInstant(new Date(Date.parse(look.newerThan) - SIGNING_MS))
  let after = look.comparedUntil
  for (let call = 0; call < CALLS; call++) {
    const range = { after, before, limit: AT_ONCE }
    const { arrivals, until, hasMore } = await mirror.unlogged(peer, range)
    await tellArrivals(deps, peer, arrivals)
    if (until !== after) await mirror.compared(peer, until)
    after = until
    if (!hasMore) return
  }
}

async function tellArrivals(
  { alarms, now }: CompletenessDependencies,
  peer: string,
  arrivals: readonly Arrival[],
): Promise<void> {
  const [first] = arrivals
  if (!first) return
  const others = arrivals.length === 1 ? '' : `, and ${arrivals.length - 1} after it,`
  await alarms.raiseOnce(`message-unlogged ${peer} ${first.sha256}`, {
    at: formatInstant(now()),
    kind: 'message-unlogged',
    peer,
    detail: `document ${first.sha256}${others} came as message ${first.seq} at ${first.arrivedAt} and stands in no log of ${peer}`,
  })
}

/**
 * The proof, from the mirror alone, that a leaf stands in the log of another (C2SP tlog-proof, the leaf as
 * extra data), under the newest checkpoint of which no leaf is missing here. Undefined: there is no such
 * checkpoint, or it has no such leaf. `pause` lets others have their turn.
 */
export function proveMirrored({
  mirror,
  pause,
}: Pick<CompletenessDependencies, 'mirror'> & { readonly pause: () => Promise<void> }) {
  return async (log: LogName, index: bigint): Promise<string | undefined> => {
    const note = (await mirror.head(log))?.wholeNote
    if (note === undefined) return undefined
    const utf8 = new TextEncoder()
    const signed = parseSignedCheckpoint(utf8.encode(note))
    if ('malformed' in signed) throw new Error(`A checkpoint of ${log.origin} is damaged`)
    const { size } = signed.checkpoint
    if (index >= size) return undefined
    const leaves = (start: bigint, end: bigint) => mirror.leaves(log, start, end)
    const bundleRoots = (start: bigint, end: bigint) => mirror.bundleRoots(log, start, end)
    const reader = leafHashReader(sha256Sync, { leaves, bundleRoots, pause })
    const path = await proveInclusion(sha256Sync, reader, index, size)
    const [leaf] = await leaves(index, index + 1n)
    return formatLogProof({ extra: utf8.encode(leaf), index, path, signed })
  }
}
