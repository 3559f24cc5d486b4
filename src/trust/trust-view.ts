import { formatInstant } from '../encoding/time.ts'
import {
  type CountedBody,
  type CountedKey,
  type CountedList,
  type CountedLog,
  countedList,
  countedNodes,
} from './additions.ts'
import { type Goods, permittingScope } from './scope.ts'
import type { Body, Scope, TrustList } from './trust-list.ts'

export interface KnownKey {
  readonly state: string
  readonly key: CountedKey
  readonly body: CountedBody | undefined
}

/** What all accepted trust lists say together; made anew whenever one of them changes. */
export interface TrustView {
  /** The newest version, with what it adds and does not count yet. */
  list(state: string): TrustList | undefined
  states(): readonly string[]
  /**
   * The entry of a key in the list of a state, removed or not: a removed one must be told from an unknown
   * one. Another state may list the same certificate; what it says of it counts for nothing.
   */
  key(x5tS256: string, state: string): KnownKey | undefined
  body(partyId: string): CountedBody | undefined
  /** Address and node key of a state that count at an instant: a changed one waits like an addition. */
  nodes(state: string, at: Date): TrustList['nodes']
  /** Log keys of a state; one with `countsFrom` in the future signs nothing yet. */
  logs(state: string): readonly CountedLog[]
}

/** What the accepted versions of a list say together, by state. */
export type ListHistories = ReadonlyMap<string, CountedList>

/** Without a history a list counts as its own first version. */
export function trustView(
  lists: readonly TrustList[],
  histories: ListHistories = new Map(),
): TrustView {
  const byState = new Map(lists.map((list) => [list.state, list]))
  const bodies = new Map<string, CountedBody>()
  const keys = new Map<string, Map<string, KnownKey>>()
  const logs = new Map<string, readonly CountedLog[]>()
  const nodes = new Map<string, CountedList>()
  for (const list of lists) {
    const alone = () => countedList([{ list, additionsFrom: undefined }])
    const counted = histories.get(list.state) ?? alone()
    nodes.set(list.state, counted)
    // A list speaks for its own state only; parties of another state in it name nobody.
    for (const body of counted.bodies) if (belongsTo(body.id, list.state)) bodies.set(body.id, body)
    const own = new Map<string, KnownKey>()
    for (const key of counted.keys)
      if (belongsTo(key.body, list.state))
        own.set(key.x5tS256, { state: list.state, key, body: bodies.get(key.body) })
    keys.set(list.state, own)
    logs.set(list.state, counted.logs)
  }
  return {
    list: (state) => byState.get(state),
    states: () => [...byState.keys()],
    key: (x5tS256, state) => keys.get(state)?.get(x5tS256),
    body: (partyId) => bodies.get(partyId),
    nodes(state, at) {
      const counted = nodes.get(state)
      return counted ? countedNodes(counted, formatInstant(at)) : []
    },
    logs: (state) => logs.get(state) ?? [],
  }
}

function belongsTo(partyId: string, state: string): boolean {
  return partyId.startsWith(`${state}.`)
}

/**
 * Why a key may not sign at an instant, or `undefined` if it may. `pending`: by the clock of whoever asks
 * `now`, its addition does not count here yet.
 */
export function keyObstacle(
  key: Pick<CountedKey, 'from' | 'until' | 'removedAt' | 'countsFrom'>,
  at: Date,
  now: Date = at,
): 'pending' | 'not-yet' | 'ended' | 'removed' | undefined {
  const instant = formatInstant(at)
  if (key.removedAt !== undefined && instant >= key.removedAt) return 'removed'
  if (instant < key.from) return 'not-yet'
  if (key.until !== undefined && instant > key.until) return 'ended'
  if (key.countsFrom !== undefined && formatInstant(now) < key.countsFrom) return 'pending'
  return undefined
}

/**
 * The scope under which a body may issue this document at this instant, if there is one: that of the
 * version in force then. It counts if it did without a break since a version that counts here by `now`.
 */
export function coveringScope(
  body: Pick<CountedBody, 'versions'>,
  goods: Goods,
  at: Date,
  now: Date = at,
): Scope | undefined {
  const { scope, countsFrom } = listedScope(body, goods, at)
  return countsFrom === undefined || countsFrom <= formatInstant(now) ? scope : undefined
}

/**
 * From when the scope counts here under which a body may issue this document at this instant, where it was
 * added so lately that it does not count by then; undefined: there is none, or it counts.
 */
export function scopeAwaitedUntil(
  body: Pick<CountedBody, 'versions'>,
  goods: Goods,
  at: Date,
): string | undefined {
  const { countsFrom } = listedScope(body, goods, at)
  return countsFrom !== undefined && countsFrom > formatInstant(at) ? countsFrom : undefined
}

/** Whether or not it counts yet. */
function listedScope(
  body: Pick<CountedBody, 'versions'>,
  goods: Goods,
  at: Date,
): { readonly scope: Scope | undefined; readonly countsFrom: string | undefined } {
  const instant = formatInstant(at)
  let scope: Scope | undefined
  let countsFrom: string | undefined
  for (const version of upTo(body, instant)) {
    const permitting = permittingScope(version.body, goods, instant)
    if (!permitting) break
    scope ??= permitting
    countsFrom = version.countsFrom
  }
  return { scope, countsFrom }
}

/** What was said of a body at an instant, as far as it counts here by `now`; undefined: nothing yet. */
export function bodyAt(
  body: Pick<CountedBody, 'versions'>,
  at: Date,
  now: Date = at,
): Body | undefined {
  return upTo(body, formatInstant(at)).find(
    ({ countsFrom }) => countsFrom === undefined || countsFrom <= formatInstant(now),
  )?.body
}

/** Newest first. */
function upTo({ versions }: Pick<CountedBody, 'versions'>, instant: string) {
  return versions.filter(({ begins }) => begins <= instant).toReversed()
}
