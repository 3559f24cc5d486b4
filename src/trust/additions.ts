import { scopeMeet, isWithinScope } from './scope.ts'
import type { Body, Scope, TrustKey, TrustList } from './trust-list.ts'

/** A version of a trust list as it counts at one node. */
export interface ListedVersion {
  readonly list: TrustList
  /** From when on what it adds counts; absent: at once. */
  readonly additionsFrom: string | undefined
}

/** `countsFrom`: this node waits so long with what was added; absent: it counts. */
interface Counted {
  readonly countsFrom?: string
}
export type CountedKey = TrustKey & Counted
export type CountedScope = Scope & Counted
export type CountedBody = Omit<Body, 'scopes'> & { scopes: CountedScope[] }
export type CountedLog = TrustList['logs'][number] & Counted

/** A hostile list must not make work without bound: pieces of scopes beyond are not counted at all. */
const MAX_SCOPES = 200

/**
 * What the versions of a state's list say together, oldest first. Until what a version adds counts, that
 * holds which both it and the version before say: what it takes away is gone at once. Nothing begins
 * before the version that added it was issued, whatever `from` says: a key that is added today proves
 * nothing of yesterday.
 */
export interface CountedList {
  readonly keys: readonly CountedKey[]
  readonly bodies: readonly CountedBody[]
  readonly logs: readonly CountedLog[]
}

export function countedList(versions: readonly ListedVersion[]): CountedList {
  let sofar: CountedList | undefined
  for (const version of versions) sofar = sofar ? followed(sofar, version) : version.list
  return sofar ?? { keys: [], bodies: [], logs: [] }
}

function followed(before: CountedList, { list, additionsFrom }: ListedVersion): CountedList {
  const { issuedAt } = list
  const keys = new Map(before.keys.map((key) => [key.x5tS256, key]))
  const logs = new Map(before.logs.map((log) => [logName(log), log]))
  const bodies = new Map(before.bodies.map((body) => [body.id, body]))
  const added = { issuedAt, additionsFrom }
  return {
    keys: list.keys.map((key) => counted(key, keys.get(key.x5tS256), added)),
    logs: list.logs.map((log) => counted(log, logs.get(logName(log)), added)),
    bodies: list.bodies.map((body) => ({
      ...body,
      scopes: countedScopes(body.scopes, bodies.get(body.id)?.scopes ?? [], added),
    })),
  }
}

/** Nodes of a state as its lists name them at an instant: an address that was changed waits as well. */
export function countedNodes(versions: readonly ListedVersion[], instant: string) {
  const counting = versions.findLast(
    ({ additionsFrom }) => additionsFrom === undefined || additionsFrom <= instant,
  )
  return (counting ?? versions[0])?.list.nodes ?? []
}

export interface Addition {
  readonly added: 'body' | 'scope' | 'key' | 'ca' | 'log' | 'node'
  /** A party, a thumbprint, an origin, an address. */
  readonly subject: string
}

/** What a version adds to the one before it. */
export function additionsOf(before: TrustList, after: TrustList): Addition[] {
  const added = <Kind extends Addition['added']>(kind: Kind, subjects: readonly string[]) =>
    subjects.map((subject): Addition => ({ added: kind, subject }))
  const keys = new Set(before.keys.map(({ x5tS256 }) => x5tS256))
  const logs = new Set(before.logs.map(logName))
  const nodes = new Set(before.nodes.map((node) => JSON.stringify(node)))
  const bodies = new Map(before.bodies.map((body) => [body.id, body]))
  const known = after.bodies.filter(({ id }) => bodies.has(id))
  const widened = known.filter(({ id, scopes }) =>
    scopes.some((scope) => !bodies.get(id)!.scopes.some((one) => isWithinScope(scope, one))),
  )
  return [
    ...added('body', ids(after.bodies.filter(({ id }) => !bodies.has(id)))),
    ...added('scope', ids(widened)),
    ...added(
      'key',
      after.keys.map(({ x5tS256 }) => x5tS256).filter((x5t) => !keys.has(x5t)),
    ),
    ...added('ca', after.cas.filter((ca) => !before.cas.includes(ca)).map(nameOfDer)),
    ...added(
      'log',
      after.logs.filter((log) => !logs.has(logName(log))).map(({ origin }) => origin),
    ),
    ...added(
      'node',
      after.nodes.filter((node) => !nodes.has(JSON.stringify(node))).map(({ url }) => url),
    ),
  ]
}

const ids = (bodies: readonly Body[]) => bodies.map(({ id }) => id)

/** Enough to find a certificate of a CA in the list by; nobody trusts it. */
const nameOfDer = (der: string) => der.slice(-24)

const logName = ({ origin, key, from }: TrustList['logs'][number]) => `${origin} ${key} ${from}`

interface Added {
  readonly issuedAt: string
  readonly additionsFrom: string | undefined
}

/** An entry as it stands now, beginning and counting since it first stood so. */
function counted<Entry extends { readonly from: string }>(
  entry: Entry,
  before: (Counted & { readonly from: string }) | undefined,
  { issuedAt, additionsFrom }: Added,
): Entry & Counted {
  const from = before?.from ?? laterOf(entry.from, issuedAt)
  const waits = before ? earlierOf(before.countsFrom, additionsFrom) : additionsFrom
  return { ...entry, from, ...(waits !== undefined && { countsFrom: waits }) }
}

const laterOf = (a: string, b: string) => (a > b ? a : b)

/** Of two instants up to which something waits; undefined: it does not. */
function earlierOf(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined
  return a < b ? a : b
}

function countedScopes(
  scopes: readonly Scope[],
  before: readonly CountedScope[],
  { issuedAt, additionsFrom }: Added,
): CountedScope[] {
  const kept = scopes.flatMap((scope) =>
    before.flatMap((old): CountedScope[] => {
      const { countsFrom, ...own } = old
      const met = scopeMeet(scope, own)
      const waits = earlierOf(countsFrom, additionsFrom)
      return met ? [{ ...met, ...(waits !== undefined && { countsFrom: waits }) }] : []
    }),
  )
  const whole = scopes.map((scope) => ({
    ...scope,
    from: laterOf(scope.from, issuedAt),
    ...(additionsFrom !== undefined && { countsFrom: additionsFrom }),
  }))
  const all: CountedScope[] = [...kept, ...whole].slice(0, MAX_SCOPES)
  return all.filter((scope, i) => !all.some((one, j) => swallows(one, j, scope, i)))
}

/** Whether a scope says all that another says, and as early; of two alike the first stays. */
function swallows(one: CountedScope, i: number, scope: CountedScope, j: number): boolean {
  if (i === j) return false
  const [a, b] = [one.countsFrom ?? '', scope.countsFrom ?? '']
  if (a > b || !isWithinScope(scope, one)) return false
  return a < b || i < j || !isWithinScope(one, scope)
}
