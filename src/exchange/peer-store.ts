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
  trustChecked(state: string, at: string): Promise<void>
}
