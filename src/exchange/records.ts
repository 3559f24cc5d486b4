/** Signed requests and answers between nodes, word for word: evidence of who told what to whom. */
export interface ExchangeArchive {
  keep(exchange: {
    at: string
    peer: string
    direction: 'sent' | 'received'
    messageId: string
    request: string
    response: string | undefined
  }): Promise<void>
}

export const ALARM_KINDS = [
  'identity-conflict',
  'contradicting-receipt',
  'decided-again',
  'receipt-not-believed',
  'receipt-undecidable',
  'decision-on-unknown-document',
  'found-late',
  'found-without-effect',
  'document-refused-by-peer',
  'receipt-refused-by-peer',
  'trust-list-refused',
  'trust-list-forked',
  'trust-additions-pending',
  'peer-address-refused',
  'log-forked',
  'log-rolled-back',
  'log-origin-claimed',
  'log-origin-changed',
  'log-leaf-unreadable',
  'log-misnumbered',
  'log-backdated',
  'log-dated-ahead',
  'log-grows-too-fast',
  'own-log-rolled-back',
  'own-log-read',
  'message-withheld',
  'message-misnumbered',
  'message-unlogged',
  'message-number-repeated',
  'sequence-gap',
  'feed-restarted',
  'security-notice',
  'reconciliation-differs',
] as const

export interface Alarm {
  readonly at: string
  readonly kind: (typeof ALARM_KINDS)[number]
  readonly peer: string | undefined
  readonly detail: string
}

/** What a person at the node must look at; kept until somebody does. */
export interface AlarmLog {
  raise(alarm: Alarm): Promise<void>
  /** Raises it unless one was raised under this key before, in whatever process; whether it did. */
  raiseOnce(key: string, alarm: Alarm): Promise<boolean>
  list(after: number, limit: number): Promise<(Omit<Alarm, 'kind'> & { n: number; kind: string })[]>
}
