import type { FeedHead } from './cursor.ts'
import type { Outcome } from './receipt.ts'

export interface OutgoingMessage {
  readonly seq: number
  readonly sha256: string
  readonly jws: string
}

/** Where one document stands on its way to one recipient. */
export interface Delivery {
  readonly recipient: string
  readonly seq: number
  readonly sha256: string
  readonly receivedAt: string | undefined
  readonly decision:
    | {
        readonly outcome: Outcome
        readonly findings: readonly string[]
        readonly at: string
        readonly receipt: string
      }
    | undefined
}

export interface Backlog {
  readonly waiting: number
  readonly undecided: number
  /** When the oldest message was appended that the recipient has not acknowledged. */
  readonly waitingSince: string | undefined
}

/** Messages to peers in the order of their sequence; what became of them. */
export interface Outbox {
  /** The oldest messages that the recipient has not acknowledged, as long as they fit. */
  unreceived(recipient: string, limit: number, maxCharacters: number): Promise<OutgoingMessage[]>
  markReceived(recipient: string, sha256s: readonly string[], at: string): Promise<void>
  /**
   * Messages that the recipient acknowledged up to an instant and has not decided on, behind one of them,
   * as they fit.
   */
  undecided(
    recipient: string,
    page: { after: number; receivedUntil: string; limit: number; maxCharacters: number },
  ): Promise<OutgoingMessage[]>
  /** How far the feed of this recipient has come: up to the last message addressed to it that is not lost. */
  feedHead(recipient: string): Promise<FeedHead>
  /** Messages of one recipient behind a place of its feed, received or not, as long as they fit. */
  feed(
    recipient: string,
    after: number,
    limit: number,
    maxCharacters: number,
  ): Promise<OutgoingMessage[]>
  /** The recipient has everything up to this message. What it acknowledged once stays acknowledged. */
  markReceivedUpTo(recipient: string, seq: number, at: string): Promise<void>
  deliveries(sha256: string): Promise<Delivery[]>
  delivery(recipient: string, sha256: string): Promise<Delivery | undefined>
  /** Decisions made late that the recipient has not taken, as long as they fit. */
  lateReceipts(
    recipient: string,
    limit: number,
    maxCharacters: number,
  ): Promise<{ sha256: string; jws: string }[]>
  /**
   * Sends receipts of the log by themselves, also those that the recipient was given before; none whose
   * place a further one has taken.
   */
  sendReceipts(recipient: string, sha256s: readonly string[]): Promise<void>
  markReceiptsDelivered(sha256s: readonly string[], at: string): Promise<void>
  /** How many messages wait, and since when the oldest does. */
  backlog(recipient: string): Promise<Backlog>
}
