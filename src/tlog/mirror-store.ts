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
}

/** A message that a log says went to this node. */
export interface AddressedMessage {
  readonly seq: number
  readonly sha256: string
  readonly index: bigint
}

/** What a log says was addressed to this node, beside what came. */
export interface AddressedAndReceived {
  readonly addressed: number
  readonly received: number
  readonly missing: readonly AddressedMessage[]
  readonly misnumbered: readonly (AddressedMessage & { readonly receivedAs: number })[]
}

/** The leaves of the logs of others, durable. */
export interface MirrorStore {
  head(log: LogName): Promise<MirrorHead | undefined>
  logsOf(state: string): Promise<LogName[]>
  /** Compares messages; only those mirrored before an instant, if one is named. At most `limit` a list. */
  compare(
    log: LogName,
    options: { readonly mirroredBefore: string | undefined; readonly limit: number },
  ): Promise<AddressedAndReceived>
  /** The leaves from `start` without `end`, as text; fewer where the mirror ends before. */
  leaves(log: LogName, start: bigint, end: bigint): Promise<string[]>
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
}
