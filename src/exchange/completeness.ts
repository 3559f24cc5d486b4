import { sha256Sync } from '../crypto/suite.ts'
import { formatInstant } from '../encoding/time.ts'
import { parseSignedCheckpoint } from '../tlog/checkpoint.ts'
import { proveInclusion } from '../tlog/inclusion.ts'
import { leafHashReader } from '../tlog/leaf-hash-reader.ts'
import type { AddressedMessage, MirrorStore } from '../tlog/mirror-store.ts'
import { formatLogProof } from '../tlog/proof.ts'
import type { LogName } from '../tlog/witness-store.ts'
import type { AlarmLog } from './records.ts'

export interface CompletenessDependencies {
  readonly now: () => Date
  readonly mirror: MirrorStore
  readonly alarms: AlarmLog
}

/** Whether everything has come that a peer's log says was sent here. */
export interface Completeness {
  readonly origin: string
  /** The checkpoint that the leaves behind this answer belong to. */
  readonly checkpoint: string
  /** Leaves held of it; fewer than its size while the mirror is catching up. */
  readonly mirrored: bigint
  readonly addressed: number
  readonly received: number
  /** Addressed here and not received; the oldest of them. */
  readonly missing: readonly AddressedMessage[]
  /** Received under another number than the log says; the oldest of them. */
  readonly misnumbered: readonly (AddressedMessage & { readonly receivedAs: number })[]
}

/** A message may be on its way so long after its leaf was seen. */
const GRACE_MS = 15 * 60_000
const SHOWN = 100

/** Compares what a peer's log says was addressed here with what came. */
export function completenessOf({ mirror }: Pick<CompletenessDependencies, 'mirror'>) {
  return async (peer: string): Promise<Completeness[]> => {
    const logs = await mirror.logsOf(peer)
    return Promise.all(
      logs.map(async (log) => {
        const [head, counted] = await Promise.all([
          mirror.head(log),
          mirror.compare(log, { mirroredBefore: undefined, limit: SHOWN }),
        ])
        const { note, frontier } = head!
        return { origin: log.origin, checkpoint: note, mirrored: frontier.size, ...counted }
      }),
    )
  }
}

/**
 * Tells the operators, once a process, of messages that have not come although the log has named them for
 * a while, and of those that came under another number.
 */
export function tellIncomplete({ now, mirror, alarms }: CompletenessDependencies) {
  const told = new Set<string>()
  return async (peer: string): Promise<void> => {
    const at = formatInstant(now())
    const mirroredBefore = formatInstant(new Date(now().getTime() - GRACE_MS))
    for (const log of await mirror.logsOf(peer)) {
      const { missing, misnumbered } = await mirror.compare(log, { mirroredBefore, limit: SHOWN })
      for (const { seq, sha256, index } of missing) {
        const detail = `message ${seq} to this state, document ${sha256}, stands at ${index} of ${log.origin} and has not come`
        await tell('message-withheld', detail)
      }
      for (const { seq, sha256, index, receivedAs } of misnumbered) {
        const detail = `document ${sha256} came as message ${receivedAs} and stands at ${index} of ${log.origin} as message ${seq}`
        await tell('message-misnumbered', detail)
      }
    }

    async function tell(kind: 'message-withheld' | 'message-misnumbered', detail: string) {
      if (told.has(detail)) return
      told.add(detail)
      await alarms.raise({ at, kind, peer, detail })
    }
  }
}

/**
 * The proof, from the mirror alone, that a leaf stands in the log of another (C2SP tlog-proof, the leaf as
 * extra data), under the checkpoint that its log has signed. Undefined: the mirror is not whole, or has no
 * such leaf.
 */
export function proveMirrored({ mirror }: Pick<CompletenessDependencies, 'mirror'>) {
  return async (log: LogName, index: bigint): Promise<string | undefined> => {
    const head = await mirror.head(log)
    if (!head || head.frontier.size !== head.size || index >= head.size) return undefined
    const utf8 = new TextEncoder()
    const signed = parseSignedCheckpoint(utf8.encode(head.note))
    if ('malformed' in signed) throw new Error(`A checkpoint of ${log.origin} is damaged`)
    const read = (start: bigint, end: bigint) => mirror.leaves(log, start, end)
    const reader = leafHashReader(sha256Sync, read)
    const path = await proveInclusion(sha256Sync, reader, index, head.size)
    const [leaf] = await read(index, index + 1n)
    return formatLogProof({ extra: utf8.encode(leaf), index, path, signed })
  }
}
