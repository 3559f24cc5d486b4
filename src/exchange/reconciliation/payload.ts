import { z } from 'zod'
import { Instant, Sha256, State } from '../../certificate/fields.ts'
import { PartyId } from '../../certificate/party-id.ts'
import { OUTCOMES } from '../delivery/receipt.ts'

export const RECONCILIATION_SCHEMA = 'reconciliation/1'

/**
 * What the maker of a document says of itself and its recipient. `sent`: messages of the maker. `received`:
 * those of the recipient that the maker has. `decided`: the maker's decisions on these. `answered`: the
 * recipient's decisions on messages of the maker that the maker has.
 */
export const RECONCILED_VIEWS = ['sent', 'received', 'decided', 'answered'] as const
export type ReconciledView = (typeof RECONCILED_VIEWS)[number]

/** What the other side calls the same rows. */
export const COUNTERPART: Readonly<Record<ReconciledView, ReconciledView>> = {
  sent: 'received',
  received: 'sent',
  decided: 'answered',
  answered: 'decided',
}

/** Kinds of documents that are counted by name; the rest are counted together. */
export const MAX_KINDS = 32

const Count = z.int().min(0)
/** Root hash (RFC 6962 §2.1) over the rows in their order, base64url. */
const Root = Sha256

/** Messages with a number above `after` and up to `upTo`, by their numbers. */
const Messages = z.strictObject({
  after: Count,
  upTo: Count,
  count: Count,
  /** With those of the documents before. */
  total: Count,
  root: Root,
  /** By `typ` without `+jwt`; for people, the root says which documents they are. */
  kinds: z
    .record(z.string().regex(/^[a-z0-9-]{1,60}$/), Count)
    .refine((kinds) => Object.keys(kinds).length <= MAX_KINDS),
})

/** Decisions made from `since` on and before `until` by their own word, in the order of their instants. */
const Decisions = z.strictObject({
  count: Count,
  total: Count,
  root: Root,
  outcomes: z.partialRecord(z.enum(OUTCOMES), Count),
})

const Midnight = Instant.regex(/T00:00:00Z$/)

/**
 * The payload of a `reconciliation+jwt`, closed: one for every UTC day, or for all days in which its maker
 * could make none. It follows the one before, so that together they cover everything since the beginning.
 */
export const Reconciliation = z.strictObject({
  schema: z.literal(RECONCILIATION_SCHEMA),
  /** The registry of the state, whose seal signs it. */
  iss: PartyId,
  aud: z.array(State).length(1),
  /** Of the maker's feed; it changes when the maker's database is restored. */
  epoch: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  /** The maker's document before to the same recipient; both null in the first one. */
  previous: Sha256.nullable(),
  /** The `until` of that document. */
  since: Midnight.nullable(),
  /** The midnight at which the last day that it covers ended. */
  until: Midnight,
  /** The newest checkpoint of the maker's log; null: it has signed none yet. */
  checkpoint: z
    .strictObject({ origin: z.string().min(1).max(200), size: Count, root: Root })
    .nullable(),
  sent: Messages,
  received: Messages,
  decided: Decisions,
  answered: Decisions,
})
export type Reconciliation = z.infer<typeof Reconciliation>

/** The part of what is compared that keys bound, `after` left out and `upTo` included. */
export interface KeyRange {
  readonly after: number
  readonly upTo: number
}

/** Keys of the rows that a document speaks of: numbers of messages, seconds of decisions. */
export function rangeOf(document: Reconciliation, view: ReconciledView): KeyRange {
  if (view === 'sent' || view === 'received') {
    const { after, upTo } = document[view]
    return { after, upTo }
  }
  return secondsBetween(document)
}

/** The seconds from `since` on and before `until`. */
export function secondsBetween({
  since,
  until,
}: Pick<Reconciliation, 'since' | 'until'>): KeyRange {
  return { after: since === null ? -1 : secondsOf(since) - 1, upTo: secondsOf(until) - 1 }
}

export function secondsOf(instant: string): number {
  return Date.parse(instant) / 1000
}
