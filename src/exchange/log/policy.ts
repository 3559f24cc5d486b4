import { isSameOctets } from '../../encoding/octets.ts'
import { type LogPolicy, NO_QUORUM, parsePolicy } from '../../tlog/policy.ts'
import type { WitnessName } from '../../tlog/log-store.ts'
import { quorumReachedAt } from '../../tlog/quorum.ts'
import { parseVerifierKey, type SignatureType, type VerifierKey } from '../../tlog/verifier-key.ts'
import type { TrustView } from '../../trust/trust-view.ts'
import { noteKeyName } from '../working-keys.ts'

export type { LogPolicy }

/** A witness that no trust list names: the operator has chosen it. */
export interface FurtherWitness {
  readonly name: string
  readonly key: VerifierKey<'cosignature/v1'>
  /** `add-checkpoint` stands below it. */
  readonly url: string
}

/** What is configured of the witnesses of the own log. */
export interface WitnessSettings {
  /** Asked beside those of the trust lists. */
  readonly further: readonly FurtherWitness[]
  /** Undefined: the one that follows from the trust lists. */
  readonly policy: LogPolicy | undefined
  /** States that the configuration names as peers; none if absent. */
  readonly peers?: readonly string[]
}

export const ONLY_LISTED_WITNESSES: WitnessSettings = { further: [], policy: undefined }

/** In the place of the state, of witnesses that no trust list names. */
export const NO_STATE = ''

/** A witness of a policy, and when its cosignatures count. */
export interface CountedWitness {
  /** Undefined: its cosignatures are of a type that is not verified here; they count for nothing. */
  readonly key: VerifierKey<'cosignature/v1'> | undefined
  /** Whose witness it is, or `NO_STATE`; and the times that the list of that state gives. */
  readonly state: string
  /** All states that list its key, rightly or not: its cosignatures may be kept under each. */
  readonly listers: readonly string[]
  readonly from: string | undefined
  readonly until: string | undefined
}

/** A policy as it applies to the log of one state, under the trust lists of the day. */
export interface AppliedPolicy {
  readonly policy: LogPolicy
  /** Of the log, by the list of its state, whenever they are in force. */
  readonly logKeys: readonly ListedPeriod<'ed25519'>[]
  /** By their names in the policy. */
  readonly witnesses: ReadonlyMap<string, CountedWitness>
}

type Lists = Pick<TrustView, 'logs' | 'states'>

/**
 * Reads a policy that says which quorum makes evidence complete. One that asks for no cosignature is
 * refused: nobody but the log itself would say since when anything exists.
 */
export function readLogPolicy(bytes: Uint8Array): LogPolicy | { readonly malformed: string } {
  const policy = parsePolicy(bytes)
  if ('malformed' in policy || policy.quorum !== NO_QUORUM) return policy
  return { malformed: `quorum ${NO_QUORUM}: evidence needs a witness` }
}

/**
 * The policy for the log of a state. Without one that is configured any other state whose list names a
 * witness makes the quorum; undefined: there is none. A witness of the state itself never counts. What a
 * trust list says of the times of its state's witness holds for a configured policy as well.
 */
export function appliedPolicy(
  view: Lists,
  state: string,
  { further, policy: configured }: WitnessSettings,
): AppliedPolicy | undefined {
  const listed = listedWitnessesOf(view, state)
  const policy = configured ?? policyOfLists(view, state, listed, further)
  if (!policy) return undefined
  const witnesses = policy.witnesses.map(({ name, key }) => {
    const listing = listed.find((one) => isSame(one.key, key))
    // Of a key under a foreign name a third state could say that it has ended.
    const counts = listing && (!configured || bearsNameOf(listing.state, listing.key))
    const { state: of = NO_STATE, from, until } = (counts && listing) || {}
    const listers = view.states().filter((other) => lists(view, other, key))
    const verified = key.type === 'cosignature/v1' && !listers.includes(state) ? key : undefined
    return [name, { key: verified, state: of, listers, from, until }] as const
  })
  return {
    policy,
    logKeys: listedUnder(view, state, 'ed25519'),
    witnesses: new Map(witnesses),
  }
}

/** Whether a cosignature of the witness made at this instant (RFC 3339) counts. */
export function countsAt({ key, from, until }: CountedWitness, instant: string): boolean {
  if (!key) return false
  return (from === undefined || from <= instant) && (until === undefined || instant <= until)
}

/** Under which names the cosignatures of a witness are kept: a state may have listed it later. */
export function namesOf({ key, listers }: CountedWitness): WitnessName[] {
  if (!key) return []
  return [...listers, NO_STATE].map((state) => ({ state, name: key.name, keyId: key.keyId }))
}

/** Whether witnesses that no trust list names are enough for the quorum. */
export function isMetWithoutStates({ policy, witnesses }: AppliedPolicy): boolean {
  const ofNoState = (name: string) => {
    const witness = witnesses.get(name)
    return witness?.key && witness.state === NO_STATE ? 0 : undefined
  }
  return quorumReachedAt(policy, ofNoState) !== undefined
}

/** A key that the list of a state names, and from when until when. */
interface ListedPeriod<T extends SignatureType> {
  readonly state: string
  readonly key: VerifierKey<T>
  readonly from: string
  readonly until: string | undefined
}

/**
 * Of every other state, the keys that bear its name first; a key that several list is of the one whose name it
 * bears, or of the first.
 */
function listedWitnessesOf(view: Lists, state: string): ListedPeriod<'cosignature/v1'>[] {
  const all = view
    .states()
    .toSorted()
    .filter((other) => other !== state)
    .flatMap((other) => listedUnder(view, other, 'cosignature/v1'))
  const rightful = all.toSorted(
    (a, b) => Number(bearsNameOf(b.state, b.key)) - Number(bearsNameOf(a.state, a.key)),
  )
  const owner = (key: VerifierKey<SignatureType>) => rightful.find((one) => isSame(one.key, key))
  return rightful.filter((one) => owner(one.key)?.state === one.state)
}

function policyOfLists(
  view: Lists,
  state: string,
  listed: readonly ListedPeriod<'cosignature/v1'>[],
  further: readonly FurtherWitness[],
): LogPolicy | undefined {
  if (listed.length === 0) return undefined
  const logs = listedUnder(view, state, 'ed25519').map(({ key }) => ({ key }))
  // Not by the names of the keys: those are whatever a list says.
  const named = listed.map(({ state: of, key }, i) => {
    const before = listed.slice(0, i).filter((one) => one.state === of).length
    return { of, name: `${of}-${before + 1}`, key }
  })
  const neutral = further.filter(({ key }) => !listed.some((one) => isSame(one.key, key)))
  const states = [...new Set(listed.map(({ state: of }) => of))]
  const groups = states.map((of) => {
    const members = named.filter((one) => one.of === of).map(({ name }) => name)
    return { name: of, threshold: 1, members }
  })
  const any = { name: OTHER_STATES, threshold: 1, members: states }
  return {
    logs,
    witnesses: [...named.map(({ name, key }) => ({ name, key })), ...neutral],
    groups: states.length > 1 ? [...groups, any] : groups,
    quorum: states.length > 1 ? OTHER_STATES : states[0]!,
  }
}

/** The quorum where several states witness: one of them. No name of a configured witness is like it. */
export const OTHER_STATES = 'OTHER-STATES'

/** Keys of one type that the list of a state names, whenever they are in force; each once. */
export function listedUnder<T extends SignatureType>(
  view: Lists,
  state: string,
  type: T,
): ListedPeriod<T>[] {
  const found: ListedPeriod<T>[] = []
  for (const { origin, key: text, from, until } of view.logs(state)) {
    const key = parseVerifierKey(text, type)
    if ('malformed' in key || key.name !== origin || found.some((one) => isSame(one.key, key)))
      continue
    found.push({ state, key, from, until })
  }
  return found
}

const lists = (view: Lists, state: string, key: VerifierKey<SignatureType>) =>
  listedUnder(view, state, 'cosignature/v1').some((one) => isSame(one.key, key))

const bearsNameOf = (state: string, { name }: VerifierKey<SignatureType>) =>
  name === noteKeyName(state, 'witness')

const isSame = (a: VerifierKey<SignatureType>, b: VerifierKey<SignatureType>) =>
  a.name === b.name && isSameOctets(a.publicKey, b.publicKey)
