import { formatInstant } from '../encoding/time.ts'
import {
  type CountedBody,
  type CountedKey,
  type CountedList,
  type CountedLog,
  countedList,
} from './additions.ts'
import { countedNodes } from './counted-nodes.ts'
import type { TrustList } from './trust-list.ts'

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
    const alone = () => countedList([{ list, acceptedAt: undefined, additionsFrom: undefined }])
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
      return counted ? countedNodes(counted.nodes, formatInstant(at)) : []
    },
    logs: (state) => logs.get(state) ?? [],
  }
}

function belongsTo(partyId: string, state: string): boolean {
  return partyId.startsWith(`${state}.`)
}

/**
 * Why a key may not sign at an instant, or `undefined` if it may. `pending`: by the clock of whoever asks
 * `now`, its addition does not count here yet. What was taken back while it waited is removed for all time.
 */
export function keyObstacle(
  key: Pick<CountedKey, 'from' | 'until' | 'removedAt' | 'countsFrom' | 'takenBack'>,
  at: Date,
  now: Date = at,
): 'pending' | 'not-yet' | 'ended' | 'removed' | undefined {
  const instant = formatInstant(at)
  if (key.removedAt !== undefined && instant >= key.removedAt) return 'removed'
  if (instant < key.from) return 'not-yet'
  if (key.until !== undefined && instant > key.until) return 'ended'
  if (key.takenBack) return 'removed'
  if (key.countsFrom !== undefined && formatInstant(now) < key.countsFrom) return 'pending'
  return undefined
}
