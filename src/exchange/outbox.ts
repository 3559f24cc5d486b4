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

/** Messages to peers in the order of their sequence; what became of them. */
export interface Outbox {
  /** The oldest messages that the recipient has not acknowledged, as long as they fit. */
  unreceived(recipient: string, limit: number, maxCharacters: number): Promise<OutgoingMessage[]>
  markReceived(recipient: string, sha256s: readonly string[], at: string): Promise<void>
  deliveries(sha256: string): Promise<Delivery[]>
  delivery(recipient: string, sha256: string): Promise<Delivery | undefined>
  /** Decisions made late that the recipient has not taken, as long as they fit. */
  lateReceipts(
    recipient: string,
    limit: number,
    maxCharacters: number,
  ): Promise<{ sha256: string; jws: string }[]>
  markReceiptsDelivered(sha256s: readonly string[], at: string): Promise<void>
  /** How many messages wait, and since when the oldest does. */
  backlog(recipient: string): Promise<{ waiting: number; undecided: number }>
}
