import {
  type CertificateState,
  endOfValidity,
  statusOn,
  type Validity,
} from './certificate-state.ts'
import { addDays, type Day } from './day.ts'

/** Whether a certificate may be relied on, three-valued: it never guesses. */
export type Usability =
  | { readonly verdict: 'usable' }
  | {
      readonly verdict: 'not-usable'
      readonly reason:
        | 'annulled'
        | 'replaced'
        | 'suspended'
        | 'terminated'
        | 'archived'
        | 'expired'
        | 'not-yet-valid'
      readonly since: Day
    }
  | {
      readonly verdict: 'cannot-tell'
      /** `changed-later`: the state began after that day; ask `stateOn` for the state it had. */
      readonly reason: 'changed-later' | 'extended-without-end'
      readonly since: Day
    }

/**
 * Whether a certificate in this state is usable on a day of its issuer (rules.md §8). An annulled or
 * replaced one is not usable on any day: annulment concerns the document, not a period.
 */
export function usability(state: CertificateState, validity: Validity, onDay: Day): Usability {
  if (state.status === 'annulled' || state.status === 'replaced')
    return { verdict: 'not-usable', reason: state.status, since: state.annulledAt }
  if (onDay < validity.from)
    return { verdict: 'not-usable', reason: 'not-yet-valid', since: validity.from }
  if (onDay < state.since)
    return { verdict: 'cannot-tell', reason: 'changed-later', since: state.since }
  const end = endOfValidity(state, validity)
  switch (statusOn(state, validity, onDay)) {
    case 'suspended':
      return { verdict: 'not-usable', reason: 'suspended', since: state.since }
    case 'terminated':
      return { verdict: 'not-usable', reason: 'terminated', since: state.since }
    case 'archived':
      return { verdict: 'not-usable', reason: 'archived', since: state.since }
    case 'expired': {
      const since =
        state.status === 'expired' || end === undefined || end === null
          ? state.since
          : addDays(end, 1)
      return { verdict: 'not-usable', reason: 'expired', since }
    }
    case 'issued':
    case 'active':
    case 'resumed':
    case 'extended':
    case 'annulled':
    case 'replaced':
      break
  }
  if (end === null && validity.until !== undefined && onDay > validity.until)
    return { verdict: 'cannot-tell', reason: 'extended-without-end', since: validity.until }
  return { verdict: 'usable' }
}
