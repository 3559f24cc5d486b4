import type { Day } from './day.ts'
import type { DocRef } from './fields.ts'
import type { ChangeKind } from './status-change.ts'

/** Why and by which document a state began. */
interface Cause {
  readonly reason: string
  readonly basis?: DocRef
}

/** A conformity document's state also carries the end of validity that an extension moved. */
interface Term {
  readonly since: Day
  /** Absent: the document's own; null: an extension that names no new end. */
  readonly extendedUntil?: Day | null
}

/** What a certificate is (rules.md §8). Members exist only where they mean something. */
export type CertificateState =
  | { readonly status: 'issued'; readonly since: Day }
  | ({ readonly status: 'active' } & Term)
  | ({ readonly status: 'suspended' } & Term & Partial<Cause>)
  | ({ readonly status: 'resumed' } & Term & Partial<Cause>)
  | ({ readonly status: 'extended' } & Term & Partial<Cause>)
  | ({ readonly status: 'terminated'; readonly since: Day } & Partial<Cause>)
  | ({ readonly status: 'archived'; readonly since: Day } & Partial<Cause>)
  | { readonly status: 'expired'; readonly since: Day }
  | ({ readonly status: 'annulled'; readonly annulledAt: Day } & Cause)
  | ({
      readonly status: 'replaced'
      readonly annulledAt: Day
      /** The digest of the document that stands in its place. */
      readonly replacedBy: string
    } & Cause)

export type Status = CertificateState['status']

/** A status that only a change leads to. */
export type ChangedStatus = Exclude<Status, 'issued' | 'active' | 'expired'>

/** From when until when, both included; without `until` it has no end. */
export interface Validity {
  readonly from: Day
  readonly until?: Day
}

/** One permitted change as data: from which states, to which. */
export interface ChangeRule {
  readonly from: readonly Status[]
  readonly to: ChangedStatus
  /**
   * May take effect before the state it ends began: what takes reliance away is believed from whatever
   * day it names, and stands beside the later day on record. What gives it back follows in order.
   */
  readonly backdated?: true
}

/** The changes a document type knows; a kind that is absent never applies to it. */
export type ChangeTable = Readonly<Partial<Record<ChangeKind, ChangeRule>>>

/** The part of a document type that its states follow from. */
export interface Lifecycle<C> {
  readonly changes: ChangeTable
  /** The state at issue, which the document itself may tell. */
  initialState(certificate: C): CertificateState
  validity(certificate: C): Validity
}

/** The end of validity as extensions left it; undefined: none, null: not named. */
export function endOfValidity(state: CertificateState, validity: Validity): Day | null | undefined {
  const moved = 'extendedUntil' in state ? state.extendedUntil : undefined
  return moved === undefined ? validity.until : moved
}

/** The status on a day: `expired` is derived, whatever a live certificate was before (rules.md §8). */
export function statusOn(state: CertificateState, validity: Validity, day: Day): Status {
  const end = endOfValidity(state, validity)
  const ended = end !== undefined && end !== null && day > end
  switch (state.status) {
    case 'issued':
    case 'active':
    case 'suspended':
    case 'resumed':
    case 'extended':
      return ended ? 'expired' : state.status
    case 'terminated':
    case 'archived':
    case 'expired':
    case 'annulled':
    case 'replaced':
      return state.status
  }
}
