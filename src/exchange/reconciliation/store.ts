import type { KeyRange, ReconciledView } from './payload.ts'

/** A document of this node or of a peer. */
export interface ReconciliationRecord {
  readonly sha256: string
  readonly maker: string
  readonly recipient: string
  readonly epoch: string
  readonly until: string
}

export interface StoredReconciliation extends ReconciliationRecord {
  readonly jws: string
}

/** A message or decision as it is compared: ordered by key, then by digest. */
export interface ReconciledRow {
  /** The number of a message, the instant of a decision in seconds. */
  readonly key: number
  readonly sha256: string
  /** Of a decision alone: the receipt that has it. */
  readonly receipt?: string
  /** The other side has not acknowledged it yet: it may still be on its way. */
  readonly open: boolean
}

/** What two sides have under one key that is not the same; absent: that side has nothing. */
export interface Difference {
  readonly key: number
  readonly here?: { readonly sha256: string; readonly receipt?: string }
  readonly there?: { readonly sha256: string; readonly receipt?: string }
}

export const VERDICT_OUTCOMES = ['agrees', 'differs', 'cannot-tell'] as const

export const VERDICT_REASONS = [
  /** The document says what this node has. */
  'as-stated',
  /** It did not, and what the peer answers now does: what was on its way has come. */
  'agreed-since',
  'rows-differ',
  /** It does not continue the document that it names as the one before it, or begins anew. */
  'not-continued',
  /** The mirror of the peer's log shows another tree at the size that it names. */
  'checkpoint-refuted',
  /** The peer shows other rows than those it signed for. */
  'answers-contradict-document',
  /** What is missing may still be on its way. */
  'in-flight',
  'no-answer',
  /** The mirror of the peer's log does not reach the checkpoint yet. */
  'not-mirrored',
  /** Verdicts of program versions that waited for the document before. */
  'previous-missing',
  /** More was to be compared than one round allows. */
  'not-finished',
] as const

export interface ViewVerdict {
  readonly outcome: (typeof VERDICT_OUTCOMES)[number]
  readonly reason: (typeof VERDICT_REASONS)[number]
  readonly differences: readonly Difference[]
  /** False: there are more. */
  readonly complete: boolean
}

export interface StoredVerdict extends ViewVerdict {
  readonly view: ReconciledView
  readonly at: string
}

/** A view of a peer's document that is not agreed yet. */
export interface OpenCheck {
  readonly sha256: string
  readonly view: ReconciledView
  readonly peer: string
  /** When the document came. */
  readonly since: string
  readonly checks: number
}

/** What stands open with a peer, with the last that was found; undefined: not compared yet. */
export interface OpenVerdict extends OpenCheck {
  readonly verdict: StoredVerdict | undefined
}

export interface ReconciliationStore {
  find(sha256: string): Promise<StoredReconciliation | undefined>
  /**
   * The newest document by its `until`, of the last epoch if there are several; of those that end no later
   * than `last`, if that is given.
   */
  newest(maker: string, recipient: string, last?: string): Promise<StoredReconciliation | undefined>
  /** The document that stands first in the log. */
  first(maker: string, recipient: string): Promise<ReconciliationRecord | undefined>
  /** Documents of one maker that end at the same midnight, one for each epoch. */
  endingAt(maker: string, recipient: string, until: string): Promise<ReconciliationRecord[]>
  /** Documents of and for this peer, the newest first, behind the one named. */
  list(
    peer: string,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<(StoredReconciliation & { readonly verdicts: readonly StoredVerdict[] })[]>
  /** Rows of one view that this node has of a peer, in order, behind the row named. */
  rows(
    view: ReconciledView,
    peer: string,
    page: KeyRange & { readonly behind: ReconciledRow | undefined; readonly limit: number },
  ): Promise<ReconciledRow[]>
  /** The beginnings of these documents, each some 160 characters, in whatever order. */
  heads(sha256s: readonly string[]): Promise<string[]>
  /** Decisions of a stretch of time, counted by their outcomes. */
  outcomes(view: 'decided' | 'answered', peer: string, range: KeyRange): Promise<[string, number][]>
  /** The number of the last message that was sent or arrived before an instant; 0: none was. */
  lastBefore(view: 'sent' | 'received', peer: string, instant: string): Promise<number>
  /** The number of the last message that the peer had acknowledged before an instant. */
  lastAcknowledged(peer: string, instant: string): Promise<number>
  /** What is due to be compared, what was compared the fewest times first. */
  due(peer: string, at: string, limit: number): Promise<OpenCheck[]>
  /** What differs first, then the oldest. */
  open(peer: string, limit: number): Promise<OpenVerdict[]>
  /** How many documents of a peer were compared and do not agree. */
  unsettledDocuments(peer: string): Promise<number>
  lastVerdict(sha256: string, view: ReconciledView): Promise<StoredVerdict | undefined>
  /** The check for whoever compares it now, until `nextAt`; undefined: another process has it, or had. */
  claim(check: OpenCheck, nextAt: string): Promise<OpenCheck | undefined>
  /**
   * Where comparing a view begins: behind `after`, or behind what is compared already of the peer's
   * documents, if that is less (`first` if nothing is). From then on the check stands for all up to `upTo`,
   * and the next document is compared behind that.
   */
  begin(check: OpenCheck, span: KeyRange & { readonly first: number }): Promise<number>
  /**
   * Keeps what the comparison of a claimed check came to, if it is something else than before. A view that
   * agrees is settled; of any other what is behind `comparedUpTo`, if that is given, is still to be compared.
   * False: another process has claimed it since, nothing is kept.
   */
  settle(
    check: OpenCheck,
    result: {
      readonly verdict: StoredVerdict | undefined
      readonly agrees: boolean
      readonly comparedUpTo?: number | undefined
    },
  ): Promise<boolean>
  /**
   * Compares no longer what a peer contradicted itself in before this midnight, whose rows are the same on
   * both sides: a later document agrees. The verdict stays.
   */
  closeContradictions(peer: string, view: ReconciledView, before: string): Promise<void>
}
