/** A place in a feed: how many of its positions, in one epoch of the node, have been passed. */
export interface Cursor {
  readonly epoch: string
  readonly seq: number
}

/** `<epoch>.<seq>` (wire.md "Exchange"); fifteen digits are below 2^53. Opaque to whoever is given one. */
export const CURSOR_FORM = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,14})$/

/** The cursor of this text; only what `formatCursor` writes is one. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, seq] = CURSOR_FORM.exec(text) ?? []
  return epoch === undefined || seq === undefined ? undefined : { epoch, seq: Number(seq) }
}

export function formatCursor({ epoch, seq }: Cursor): string {
  return `${epoch}.${seq}`
}

/** How far a feed has come by now. */
export interface FeedHead {
  readonly epoch: string
  /** Of the last position that was assigned; 0: none yet. */
  readonly lastSeq: number
}

/**
 * From where a reader who has passed `after` goes on: from the beginning if it has passed nothing yet.
 * Undefined: the cursor is of another epoch or ahead of everything assigned, it means nothing here.
 */
export function resume(
  after: Cursor | undefined,
  { epoch, lastSeq }: FeedHead,
): Cursor | undefined {
  if (after === undefined) return beginning({ epoch })
  return after.epoch === epoch && after.seq <= lastSeq ? after : undefined
}

/** Where a reader whose cursor is gone starts again. */
export function beginning({ epoch }: Pick<FeedHead, 'epoch'>): Cursor {
  return { epoch, seq: 0 }
}
