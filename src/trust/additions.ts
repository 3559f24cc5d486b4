import { NEVER } from './counting-instants.ts'
import { followedNodes, type NodesVersion } from './counted-nodes.ts'
import { isWithinScope } from './scope.ts'
import type { Body, TrustKey, TrustList } from './trust-list.ts'

/** A version of a trust list as it counts at one node. */
export interface ListedVersion {
  readonly list: TrustList
  /** When this node accepted it; undefined: nobody can tell, and what the list says of its issue holds. */
  readonly acceptedAt: string | undefined
  /** From when on what it adds counts; undefined: at once. */
  readonly additionsFrom: string | undefined
}

/** What a version added: this node has known of it, and waits with it, so long; absent: it counts. */
interface Counted {
  readonly waitsSince?: string
  readonly countsFrom?: string
}
/** `takenBack`: a later version ended it before it counted here; so it never does. */
type CountedEntry = Counted & { readonly takenBack?: true }
export type CountedKey = TrustKey & CountedEntry
/** One key may stand in a list more than once: `listedFrom`, as the list says it, tells which entry it is. */
export type CountedLog = TrustList['logs'][number] & CountedEntry & { readonly listedFrom: string }

interface Accepted {
  readonly issuedAt: string
  readonly acceptedAt: string
}

/** What a list says of a body, in force since its version was issued; the first list always was. */
export interface BodyVersion extends Counted {
  readonly body: Body
  readonly begins: string
  readonly acceptedAt: string
}

/** A body as the newest list names it, and what was said of it when; what did not change stands once. */
export interface CountedBody extends Body {
  readonly versions: readonly BodyVersion[]
}

/**
 * What the versions of a state's list say together. Nothing begins before the version that added it was
 * issued, whatever `from` says: a key that is added today proves nothing of yesterday. What a version takes
 * away is gone since then and stands for the time before; what waited here by then never counts.
 */
export interface CountedList {
  readonly keys: readonly CountedKey[]
  readonly bodies: readonly CountedBody[]
  readonly logs: readonly CountedLog[]
  readonly nodes: readonly NodesVersion[]
}

/** Oldest version first. */
export function countedList(versions: readonly ListedVersion[]): CountedList {
  let sofar: CountedList | undefined
  for (const version of versions) sofar = followedBy(sofar, version)
  return sofar ?? { keys: [], bodies: [], logs: [], nodes: [] }
}

/** What a state's lists say together with the next of them. */
export function followedBy(
  before: CountedList | undefined,
  { list, acceptedAt = list.issuedAt, additionsFrom }: ListedVersion,
): CountedList {
  const { issuedAt } = list
  const keys = new Map(before?.keys.map((key) => [key.x5tS256, key]))
  const logs = new Map(before?.logs.map((log) => [logName({ ...log, from: log.listedFrom }), log]))
  const bodies = new Map(before?.bodies.map((body) => [body.id, body]))
  const waits =
    before && additionsFrom !== undefined
      ? { waitsSince: acceptedAt, countsFrom: additionsFrom }
      : {}
  const version = before ? { issuedAt, acceptedAt, waits } : undefined
  return {
    keys: list.keys.map((key) => counted(key, keys.get(key.x5tS256), version)),
    logs: list.logs.map((log) => ({
      ...counted(log, logs.get(logName(log)), version),
      listedFrom: log.from,
    })),
    bodies: list.bodies.map((body) => {
      const known = bodies.get(body.id)?.versions ?? []
      const same = known.length > 0 && JSON.stringify(known.at(-1)!.body) === JSON.stringify(body)
      const next = { body, begins: before ? issuedAt : '', acceptedAt, ...waits }
      return { ...body, versions: same ? known : [...known, next] }
    }),
    nodes: followedNodes(before?.nodes ?? [], list.nodes, { acceptedAt, ...waits }),
  }
}

/**
 * Whether a later version took back, before it counted here, what had waited here. For the time before that
 * version was issued it stays, where this node heard of it only then: so a node that was away judges by it
 * what was issued under it.
 */
export function isTakenBack(
  { waitsSince, countsFrom }: Counted,
  by: Accepted,
  instant: string,
): boolean {
  if (waitsSince === undefined || countsFrom === undefined) return false
  return by.acceptedAt < countsFrom && (by.issuedAt <= instant || waitsSince <= by.issuedAt)
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
  const widened = known.filter((body) => isWidened(bodies.get(body.id)!, body))
  const renamed = known.filter((body) => identityOf(body) !== identityOf(bodies.get(body.id)!))
  return [
    ...added('body', ids([...after.bodies.filter(({ id }) => !bodies.has(id)), ...renamed])),
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

/** By `from` as listed: the counted one is of the version that added the entry. */
export const logName = ({ origin, key, from }: TrustList['logs'][number]) =>
  `${origin} ${key} ${from}`

function isWidened(before: Body, after: Body): boolean {
  const known = new Set(before.scopes.map((scope) => JSON.stringify(scope)))
  return after.scopes.some(
    (scope) =>
      !known.has(JSON.stringify(scope)) && !before.scopes.some((one) => isWithinScope(scope, one)),
  )
}

/** What makes a body the one that certificates name, and says who signs for it. */
export const IDENTITY = ['code', 'authorityId', 'name', 'custody'] as const

function identityOf(body: Body): string {
  return JSON.stringify(IDENTITY.map((property) => body[property]))
}

interface Listed {
  readonly from: string
  readonly until?: string | undefined
  readonly removedAt?: string | undefined
}

/** An entry as it stands now, beginning and counting since it first stood so. */
function counted<Entry extends Listed>(
  entry: Entry,
  before: (CountedEntry & Listed) | undefined,
  version: (Accepted & { readonly waits: Counted }) | undefined,
): Entry & CountedEntry {
  if (!version) return entry
  const { issuedAt, waits } = version
  if (!before) return { ...entry, from: laterOf(entry.from, issuedAt), ...waits }
  const { from, waitsSince, countsFrom } = before
  const until = endOf(entry.until, before.until, issuedAt)
  const removedAt = endOf(entry.removedAt, before.removedAt, issuedAt)
  const endsUncounted =
    isNewEnd(until, before.until, { countsFrom, version }) ||
    isNewEnd(removedAt, before.removedAt, { countsFrom, version })
  const takenBack = before.takenBack ?? (endsUncounted && isTakenBack(before, version, from))
  return {
    ...entry,
    from,
    ...(until !== undefined && { until }),
    ...(removedAt !== undefined && { removedAt }),
    ...(waitsSince !== undefined && { waitsSince }),
    ...(countsFrom !== undefined && { countsFrom }),
    ...(takenBack && { takenBack }),
  }
}

/**
 * Whether a version sets an end, or an earlier one, before the entry counts here. While a fork freezes it,
 * nobody knows when that will be: only an end that has come by then is before it. A planned one leaves it
 * waiting, since whoever is told that it was removed refuses for good.
 */
function isNewEnd(
  end: string | undefined,
  before: string | undefined,
  { countsFrom, version }: { countsFrom: string | undefined; version: Accepted },
): boolean {
  if (end === undefined || countsFrom === undefined) return false
  if (before !== undefined && end >= before) return false
  if (countsFrom !== NEVER) return end < countsFrom
  return end <= laterOf(version.issuedAt, version.acceptedAt)
}

/** A version ends nothing before it was issued: the date of a compromise belongs into the CRL. */
function endOf(
  listed: string | undefined,
  before: string | undefined,
  issuedAt: string,
): string | undefined {
  if (listed === undefined) return undefined
  return before !== undefined && before <= issuedAt ? before : laterOf(listed, issuedAt)
}

const laterOf = (a: string, b: string) => (a > b ? a : b)
