import {
  type CertificateState,
  type ChangedStatus,
  endOfValidity,
  type Lifecycle,
  statusOn,
  type Validity,
} from './certificate-state.ts'
import type { Day } from './day.ts'
import type { ChangeKind, StatusChange } from './status-change.ts'

/** The part of a status change that moves a state. */
export type Change = Pick<StatusChange, 'change' | 'effectiveFrom' | 'reason' | 'basis'> &
  Partial<{ replacedBy: string; validUntil: Day }>

export type ChangeRefusal =
  /** The type does not know this change: origin has no suspension. */
  | 'not-for-this-type'
  /** The state on the day of effect does not permit it. */
  | 'not-from-this-state'
  /** It gives reliance back, and would do so before the state it follows. */
  | 'before-last-change'
  /** An extension that ends no later than before. */
  | 'not-longer'

export type ChangeOutcome =
  | { readonly outcome: 'changed'; readonly state: CertificateState }
  | { readonly outcome: 'refused'; readonly reason: ChangeRefusal }

/** The state after one change, or why the change does not apply (rules.md §8). */
export function applyStatusChange(
  type: Pick<Lifecycle<never>, 'changes'>,
  state: CertificateState,
  change: Change,
  validity: Validity,
): ChangeOutcome {
  const permitted = type.changes[change.change]
  if (!permitted) return refused('not-for-this-type')
  if (!permitted.from.includes(statusOn(state, validity, change.effectiveFrom)))
    return refused('not-from-this-state')
  const since = 'annulledAt' in state ? state.annulledAt : state.since
  if (!permitted.backdated && change.effectiveFrom < since) return refused('before-last-change')
  if (
    change.validUntil !== undefined &&
    !isLater(change.validUntil, endOfValidity(state, validity))
  )
    return refused('not-longer')
  return { outcome: 'changed', state: stateAfter(permitted.to, change, state) }
}

/** Nothing is later than no end; any day may be later than one not named. */
function isLater(day: Day, end: Day | null | undefined): boolean {
  return end !== undefined && (end === null || day > end)
}

/** Whether nothing can follow the change: it concerns the document itself, not a period. */
export function isFinal(change: ChangeKind): boolean {
  return change === 'annul' || change === 'replace'
}

/**
 * Whether a change meets a certificate that has ended for good: one that was made before that end and
 * comes after it is on record and changes nothing.
 */
export function isOvertaken(
  { status }: Pick<CertificateState, 'status'>,
  { change }: Pick<Change, 'change'>,
): boolean {
  return (status === 'annulled' || status === 'replaced') && !isFinal(change)
}

function refused(reason: ChangeRefusal): ChangeOutcome {
  return { outcome: 'refused', reason }
}

function stateAfter(to: ChangedStatus, change: Change, before: CertificateState): CertificateState {
  const since = change.effectiveFrom
  const cause = { reason: change.reason, ...(change.basis && { basis: change.basis }) }
  const extendedUntil = 'extendedUntil' in before ? before.extendedUntil : undefined
  const term = { since, ...(extendedUntil !== undefined && { extendedUntil }), ...cause }
  switch (to) {
    case 'suspended':
      return { status: 'suspended', ...term }
    case 'resumed':
      return { status: 'resumed', ...term }
    case 'extended':
      return { status: 'extended', ...term, extendedUntil: change.validUntil ?? null }
    case 'terminated':
      return { status: 'terminated', since, ...cause }
    case 'archived':
      return { status: 'archived', since, ...cause }
    case 'annulled':
      return { status: 'annulled', annulledAt: since, ...cause }
    case 'replaced':
      if (change.replacedBy === undefined) throw new Error('A replacement without its successor')
      return { status: 'replaced', annulledAt: since, replacedBy: change.replacedBy, ...cause }
  }
}

export interface Replay {
  readonly state: CertificateState
  /** Changes that did not apply, by their place in the list. */
  readonly refused: readonly { readonly index: number; readonly reason: ChangeRefusal }[]
}

/** The state that a document and its status changes, in order, lead to. A refused one changes nothing. */
export function replay<C>(type: Lifecycle<C>, certificate: C, changes: readonly Change[]): Replay {
  const validity = type.validity(certificate)
  let state = type.initialState(certificate)
  const refusals: { index: number; reason: ChangeRefusal }[] = []
  for (const [index, change] of changes.entries()) {
    const result = applyStatusChange(type, state, change, validity)
    if (result.outcome === 'changed') state = result.state
    else refusals.push({ index, reason: result.reason })
  }
  return { state, refused: refusals }
}

/** More possible states than these are not told apart. */
const MAX_POSSIBLE_STATES = 64

/**
 * Every state that the changes may have led to on a day, where each doubtful one was made or was not,
 * whatever the others were: two that undo each other must not make each other harmless. States that
 * differ in reason and basis alone are one. `undefined`: too many to be told.
 */
export function possibleStatesOn<C>(
  type: Lifecycle<C>,
  certificate: C,
  changes: readonly { readonly change: Change; readonly isDoubtful: boolean }[],
  day: Day,
): readonly CertificateState[] | undefined {
  const validity = type.validity(certificate)
  let states: readonly CertificateState[] = [type.initialState(certificate)]
  for (const { change, isDoubtful } of changes) {
    if (!countsOn(change, day)) continue
    const possible = new Map<string, CertificateState>()
    const add = (state: CertificateState) =>
      possible.set(JSON.stringify({ ...state, reason: '', basis: '' }), state)
    for (const before of states) {
      if (isDoubtful) add(before)
      const result = applyStatusChange(type, before, change, validity)
      add(result.outcome === 'changed' ? result.state : before)
    }
    if (possible.size > MAX_POSSIBLE_STATES) return undefined
    states = [...possible.values()]
  }
  return states
}

/**
 * The state on a past or coming day. Changes that take effect later are left out, except annulment and
 * replacement: whoever relies on the document must know of them at once.
 */
export function stateOn<C>(
  type: Lifecycle<C>,
  certificate: C,
  changes: readonly Change[],
  day: Day,
): CertificateState {
  const effective = changes.filter((change) => countsOn(change, day))
  return replay(type, certificate, effective).state
}

function countsOn({ change, effectiveFrom }: Change, day: Day): boolean {
  return effectiveFrom <= day || isFinal(change)
}
