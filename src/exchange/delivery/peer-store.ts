import type { Cursor } from './cursor.ts'

export interface PeerContact {
  readonly state: string
  readonly attempts: number
  readonly nextAttemptAt: string | undefined
  readonly lastError: string | undefined
  readonly lastSentAt: string | undefined
  readonly firstHeardAt: string | undefined
  readonly lastHeardAt: string | undefined
  /** Until when this node is known to have everything the peer addressed to it. */
  readonly completeAt: string | undefined
  /** When its trust list and CRLs were last fetched. */
  readonly trustCheckedAt: string | undefined
  /** By how much its clock is ahead of ours; undefined: it has signed nothing yet. */
  readonly clockAheadMs: number | undefined
  /** Up to where everything of its feed is durable here; undefined: its epoch is not known yet. */
  readonly feed: Cursor | undefined
}

/** How the talk with every peer goes; survives restarts. */
export interface PeerStore {
  find(state: string): Promise<PeerContact>
  all(): Promise<PeerContact[]>
  sendFailed(
    state: string,
    failure: { attempts: number; nextAttemptAt: string; error: string },
  ): Promise<void>
  sendSucceeded(state: string, at: string): Promise<void>
  /** `complete`: the peer said that nothing more waits for us. */
  heard(state: string, at: string, complete: boolean): Promise<void>
  /** It asked for its feed. That says nothing about whether it can be reached. */
  called(state: string, at: string): Promise<void>
  /** Its feed is followed from here on, whatever was known of it before. */
  startFeed(state: string, from: Cursor): Promise<void>
  /** Everything up to here is durable; only ahead, and only in the epoch that is followed. */
  advanceFeed(state: string, to: Cursor): Promise<void>
  trustChecked(state: string, at: string): Promise<void>
  /** By how much its clock was ahead of ours when it last signed something for us. */
  clockSeen(state: string, aheadMs: number): Promise<void>
}
