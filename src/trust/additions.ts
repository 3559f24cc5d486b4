import { isWithinScope } from './scope.ts'
import type { Body, TrustKey, TrustList } from './trust-list.ts'

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
/** One key may stand in a list more than once: `listedFrom`, as the list says it, tells which entry it is. */
export type CountedLog = TrustList['logs'][number] & Counted & { readonly listedFrom: string }

/** What a list says of a body, in force since its version was issued; the first list always was. */
interface BodyVersion extends Counted {
  readonly body: Body
  readonly begins: string
}

/** A body as the newest list names it, and what was said of it when; what did not change stands once. */
export interface CountedBody extends Body {
  readonly versions: readonly BodyVersion[]
}

interface NodesVersion {
  readonly nodes: TrustList['nodes']
  /** From when on each of them counts; empty: it always did. */
  readonly since: readonly string[]
  readonly begins: string
}

/**
 * What the versions of a state's list say together. Nothing begins before the version that added it was
 * issued, whatever `from` says: a key that is added today proves nothing of yesterday. What a version takes
 * away is gone since then, also while its additions wait, and stands for the time before.
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
  { list, additionsFrom }: ListedVersion,
): CountedList {
  const { issuedAt } = list
  const keys = new Map(before?.keys.map((key) => [key.x5tS256, key]))
  const logs = new Map(before?.logs.map((log) => [logName({ ...log, from: log.listedFrom }), log]))
  const bodies = new Map(before?.bodies.map((body) => [body.id, body]))
  const waits = additionsFrom === undefined ? {} : { countsFrom: additionsFrom }
  const added = before ? { issuedAt, waits } : undefined
  return {
    keys: list.keys.map((key) => counted(key, keys.get(key.x5tS256), added)),
    logs: list.logs.map((log) => ({
      ...counted(log, logs.get(logName(log)), added),
      listedFrom: log.from,
    })),
    bodies: list.bodies.map((body) => {
      const known = bodies.get(body.id)?.versions ?? []
      const same = known.length > 0 && JSON.stringify(known.at(-1)!.body) === JSON.stringify(body)
      const next = { body, begins: before ? issuedAt : '', ...waits }
      return { ...body, versions: same ? known : [...known, next] }
    }),
    nodes: nodesOf(before?.nodes ?? [], list, additionsFrom ?? ''),
  }
}

function nodesOf(
  before: readonly NodesVersion[],
  { nodes, issuedAt }: TrustList,
  additionsFrom: string,
): NodesVersion[] {
  const last = before.at(-1)
  if (last && JSON.stringify(last.nodes) === JSON.stringify(nodes)) return [...before]
  const known = new Map(last?.nodes.map((node, i) => [JSON.stringify(node), last.since[i]!]))
  const since = nodes.map((node) => known.get(JSON.stringify(node)) ?? additionsFrom)
  return [...before, { nodes, since, begins: last ? issuedAt : '' }]
}

/**
 * Nodes of a state as its lists name them at an instant: an address that was changed waits as well, and
 * until then those of before count. What a version adds never counts by when it was issued: that is the word
 * of whoever signs it, and with it a former address would come back at once.
 */
export function countedNodes({ nodes: versions }: Pick<CountedList, 'nodes'>, instant: string) {
  const counting = versions.map(({ nodes, since, begins }) =>
    begins <= instant ? nodes.filter((_, n) => since[n]! <= instant) : [],
  )
  return counting.findLast((nodes) => nodes.length > 0) ?? versions[0]?.nodes ?? []
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
function identityOf({ code, authorityId, name, custody }: Body): string {
  return JSON.stringify([code, authorityId, name, custody])
}

interface Listed {
  readonly from: string
  readonly until?: string | undefined
  readonly removedAt?: string | undefined
}

/** An entry as it stands now, beginning and counting since it first stood so. */
function counted<Entry extends Listed>(
  entry: Entry,
  before: (Counted & Listed) | undefined,
  added: { readonly issuedAt: string; readonly waits: Counted } | undefined,
): Entry & Counted {
  if (!added) return entry
  if (!before) return { ...entry, from: laterOf(entry.from, added.issuedAt), ...added.waits }
  const { from, countsFrom } = before
  const until = endOf(entry.until, before.until, added.issuedAt)
  const removedAt = endOf(entry.removedAt, before.removedAt, added.issuedAt)
  return {
    ...entry,
    from,
    ...(until !== undefined && { until }),
    ...(removedAt !== undefined && { removedAt }),
    ...(countsFrom !== undefined && { countsFrom }),
  }
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
