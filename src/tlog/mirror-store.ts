import type { Frontier } from './frontier.ts'
import type { LogName } from './witness-store.ts'

/** How far a mirror of another's log has come, and the newest checkpoint it has seen of it. */
export interface MirrorHead {
  /** Grows with every step. */
  readonly n: number
  /** The tree over the leaves that are held: what the checkpoint covers, or as much of it as came so far. */
  readonly frontier: Frontier
  /** The largest checkpoint seen, as the log signed it. */
  readonly note: string
  readonly size: bigint
  /** The newest checkpoint of which no leaf was missing. */
  readonly wholeNote: string | undefined
  /** Messages to this node among the leaves, and the number of the last. */
  readonly addressed: number
  readonly lastSeq: number
}

/** A message that a log says went to this node. */
export interface AddressedMessage {
  readonly seq: number
  readonly sha256: string
  readonly index: bigint
}

/** A message beside what came; `receivedAs`: the number under which it did. */
export interface ComparedMessage extends AddressedMessage {
  readonly mirroredAt: string
  readonly receivedAs: number | undefined
}

/** What came from a state. */
export interface Arrival {
  readonly seq: number
  readonly sha256: string
  readonly arrivedAt: string
}

/** What a log says was addressed to this node, beside what came. */
export interface AddressedAndReceived {
  readonly addressed: number
  readonly received: number
  readonly missing: readonly AddressedMessage[]
  readonly misnumbered: readonly (AddressedMessage & { readonly receivedAs: number })[]
}

/** How looking into the log of a state goes. */
export interface MirrorLook {
  readonly state: string
  readonly firstAt: string
  /** When no leaf of the newest checkpoint was missing last. */
  readonly wholeAt: string | undefined
  /** Why the last look failed. */
  readonly failure: string | undefined
  /** Up to which arrival what came was compared with the log; for `arrivals`. */
  readonly comparedUntil: string
  /** The newest checkpoint of which no leaf is missing was signed after this instant: it was not shown then. */
  readonly newerThan: string | undefined
}

/** The leaves of the logs of others, durable. */
export interface MirrorStore {
  head(log: LogName): Promise<MirrorHead | undefined>
  logsOf(state: string): Promise<LogName[]>
  /** The leaves from `start` without `end`, as text; fewer where the mirror ends before. */
  leaves(log: LogName, start: bigint, end: bigint): Promise<string[]>
  /** The roots of bundles of 256 leaves from `start` without `end`; of full ones alone. */
  bundleRoots(log: LogName, start: bigint, end: bigint): Promise<Uint8Array[]>
  /**
   * Adds leaves behind those that are held, all or nothing. `overtaken`: another process was first.
   * Numbers that were addressed here before are left as they are.
   */
  extend(
    log: LogName,
    step: {
      readonly head: MirrorHead
      /** Behind the leaves of the head before it. */
      readonly leaves: readonly string[]
      readonly addressed: readonly AddressedMessage[]
      readonly at: string
    },
  ): Promise<'extended' | 'overtaken'>

  looks(): Promise<MirrorLook[]>
  /**
   * Keeps how a look that began `at` went; `whole`: no leaf of the newest checkpoint is missing;
   * `newerThan`: it was signed after this, if it is another one than before.
   */
  looked(
    state: string,
    look: {
      readonly at: string
      readonly whole: boolean
      readonly failure: string | undefined
      readonly newerThan: string | undefined
    },
  ): Promise<void>
  /** Counts bytes of a state's logs against what they may fill in a day; false: not counted, too many. */
  spend(
    state: string,
    intake: { readonly day: string; readonly bytes: number; readonly most: number },
  ): Promise<boolean>

  /** Messages that nobody has settled (or that were told as missing), the oldest first. */
  unsettled(
    log: LogName,
    which: { readonly told: boolean; readonly limit: number },
  ): Promise<ComparedMessage[]>
  settle(
    log: LogName,
    messages: readonly AddressedMessage[],
    as: 'told' | 'received',
  ): Promise<void>
  /** Compares messages with what came; at most `limit` a list. */
  compare(log: LogName, limit: number): Promise<AddressedAndReceived>
  /**
   * What came from a state up to an instant and stands in none of its logs, among the next `limit`
   * arrivals behind `after`; `until` is where to go on, `hasMore` whether there is more.
   */
  unlogged(
    state: string,
    range: { readonly after: string; readonly before: string; readonly limit: number },
  ): Promise<{ readonly arrivals: Arrival[]; readonly until: string; readonly hasMore: boolean }>
  compared(state: string, until: string): Promise<void>
  /** When the first message came that stands in none of its logs, among the arrivals of this range. */
  unloggedSince(
    state: string,
    range: { readonly after: string; readonly before: string },
  ): Promise<string | undefined>
}
