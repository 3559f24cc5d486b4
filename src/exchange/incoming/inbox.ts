import type { Decision } from '../delivery/receipt.ts'

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
  /** Of one sender's documents up to `limit` that wait for one of these things, by their numbers. */
  waitingFor(sender: string, awaited: readonly string[], limit: number): Promise<WaitingDocument[]>
  /** Whether at least so many documents of this sender wait. */
  hasWaiting(sender: string, atLeast: number): Promise<boolean>
  /** The number under which this sender sent a document; undefined: it did not. */
  seqOf(sender: string, sha256: string): Promise<number | undefined>
  /** What this sender has sent under these numbers, in their order. */
  underNumbers(
    sender: string,
    seqs: readonly number[],
  ): Promise<readonly { readonly seq: number; readonly sha256: string }[]>
  /** The last change of `target` without a decision that this sender sent before number `seq`. */
  earlierChange(change: {
    sender: string
    target: string
    seq: number
  }): Promise<string | undefined>
  /** The first number strictly between these two that has not arrived from this sender. */
  firstMissing(
    sender: string,
    between: { after: number; before: number },
  ): Promise<number | undefined>
}
