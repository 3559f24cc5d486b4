import type { Decision } from './receipt.ts'

export interface InboxDocument {
  readonly sha256: string
  readonly sender: string
  readonly arrivedAt: string
  readonly waitsFor: string | undefined
  readonly decision: (Decision & { readonly receipt: string }) | undefined
}

export interface WaitingDocument {
  readonly sha256: string
  readonly sender: string
  readonly arrivedAt: string
  readonly seq: number
  readonly jws: string
  readonly waitsFor: string
}

/** Documents that peers sent, and the one decision on each that a peer sent. */
export interface Inbox {
  /** What this sender sent of these documents: another's decisions say nothing about them. */
  find(sender: string, sha256s: readonly string[]): Promise<ReadonlyMap<string, InboxDocument>>
  /** Documents without a decision, of one sender or of all, oldest first, from behind the one named. */
  waiting(
    after: WaitingDocument | undefined,
    limit: number,
    sender?: string,
  ): Promise<WaitingDocument[]>
}
