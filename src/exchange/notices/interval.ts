/** When a key may have been in wrong hands: instants of RFC 3339 in UTC, both ends included. */
export interface NoticeInterval {
  readonly from: string
  /** Absent: it goes on. */
  readonly until?: string | undefined
}

/** What is known of when a signature was made. */
export interface SigningTimes {
  /** By then it existed: this node's own log; absent where nothing proves it. */
  readonly proven: string | undefined
  /** What the document says itself: whoever has the key writes there what he likes. */
  readonly claimed: string
  readonly now: string
}

/**
 * Whether a signature may have been made in the interval. Proof of time says only by when it existed. So
 * what existed before the beginning is out of it, whatever it claims; nothing else is out of it by a
 * claim alone, but for what came into the log after the end and claims to have been signed after it as
 * well: until then only the holder of the key could have kept it back. Without any proof the beginning decides.
 */
export function mayFallInto(
  { from, until }: NoticeInterval,
  { proven, claimed, now }: SigningTimes,
): boolean {
  if ((proven ?? now) < from) return false
  if (proven === undefined || until === undefined) return true
  return proven <= until || claimed <= until
}

/** Whether `inner` takes nothing in that `outer` leaves out. */
export function isWithinInterval(inner: NoticeInterval, outer: NoticeInterval): boolean {
  if (inner.from < outer.from) return false
  return outer.until === undefined || (inner.until !== undefined && inner.until <= outer.until)
}
