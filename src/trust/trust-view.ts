import { formatInstant } from '../encoding/time.ts'
import type { Body, Scope, TrustKey, TrustList } from './trust-list.ts'

export interface KnownKey {
  readonly state: string
  readonly key: TrustKey
  readonly body: Body | undefined
}

/** What all accepted trust lists say together; made anew whenever one of them changes. */
export interface TrustView {
  list(state: string): TrustList | undefined
  states(): readonly string[]
  /**
   * The entry of a key in the list of a state, removed or not: a removed one must be told from an unknown
   * one. Another state may list the same certificate; what it says of it counts for nothing.
   */
  key(x5tS256: string, state: string): KnownKey | undefined
  body(partyId: string): Body | undefined
}

export function trustView(lists: readonly TrustList[]): TrustView {
  const byState = new Map(lists.map((list) => [list.state, list]))
  const bodies = new Map<string, Body>()
  const keys = new Map<string, Map<string, KnownKey>>()
  for (const list of lists) {
    // A list speaks for its own state only; parties of another state in it name nobody.
    for (const body of list.bodies) if (belongsTo(body.id, list.state)) bodies.set(body.id, body)
    const own = new Map<string, KnownKey>()
    for (const key of list.keys)
      if (belongsTo(key.body, list.state))
        own.set(key.x5tS256, { state: list.state, key, body: bodies.get(key.body) })
    keys.set(list.state, own)
  }
  return {
    list: (state) => byState.get(state),
    states: () => [...byState.keys()],
    key: (x5tS256, state) => keys.get(state)?.get(x5tS256),
    body: (partyId) => bodies.get(partyId),
  }
}

function belongsTo(partyId: string, state: string): boolean {
  return partyId.startsWith(`${state}.`)
}

/** Why a key may not sign at an instant, or `undefined` if it may. */
export function keyObstacle(key: TrustKey, at: Date): 'not-yet' | 'ended' | 'removed' | undefined {
  const instant = formatInstant(at)
  if (key.removedAt !== undefined && instant >= key.removedAt) return 'removed'
  if (instant < key.from) return 'not-yet'
  if (key.until !== undefined && instant > key.until) return 'ended'
  return undefined
}

/** The scope under which a body may issue this document at this instant, if there is one. */
export function coveringScope(
  body: Body,
  document: { type: string; to: readonly string[]; hsCodes: readonly string[] },
  at: Date,
): Scope | undefined {
  const instant = formatInstant(at)
  return body.scopes.find(
    (scope) =>
      scope.types.includes(document.type) &&
      (scope.to === undefined || document.to.every((state) => scope.to!.includes(state))) &&
      instant >= scope.from &&
      (scope.until === undefined || instant <= scope.until) &&
      (scope.hsPrefixes === undefined ||
        // A certificate that names no product group is within no limited one.
        (document.hsCodes.length > 0 &&
          document.hsCodes.every((code) =>
            scope.hsPrefixes!.some((prefix) => code.startsWith(prefix)),
          ))),
  )
}
