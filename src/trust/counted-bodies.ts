import { formatInstant } from '../encoding/time.ts'
import { type BodyVersion, type CountedBody, IDENTITY, isTakenBack } from './additions.ts'
import { type Goods, permittingScope } from './scope.ts'
import type { Body, Scope } from './trust-list.ts'

type Versions = Pick<CountedBody, 'versions'>

/**
 * The scope under which a body may issue this document at this instant, if there is one: that of the
 * version in force then. It counts if it did without a break since a version that counts here by `now`.
 */
export function coveringScope(
  body: Versions,
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
export function scopeAwaitedUntil(body: Versions, goods: Goods, at: Date): string | undefined {
  const { countsFrom } = listedScope(body, goods, at)
  return countsFrom !== undefined && countsFrom > formatInstant(at) ? countsFrom : undefined
}

/** Whether or not it counts yet; none where it never will. */
function listedScope(
  { versions }: Versions,
  goods: Goods,
  at: Date,
): { readonly scope: Scope | undefined; readonly countsFrom: string | undefined } {
  const instant = formatInstant(at)
  const permitting = ({ body }: BodyVersion) => permittingScope(body, goods, instant)
  const newest = inForce(versions, instant)
  const scope = newest < 0 ? undefined : permitting(versions[newest]!)
  if (!scope) return NO_SCOPE
  const says = (version: BodyVersion) => permitting(version) !== undefined
  const since = saidSince(versions, newest, says)
  if (wasTakenBack(versions, { since, last: newest, says, instant })) return NO_SCOPE
  return { scope, countsFrom: versions[since]!.countsFrom }
}

const NO_SCOPE = { scope: undefined, countsFrom: undefined }

/**
 * What a body was at an instant, each property as far as it counts here by `now`; its scopes are those of the
 * version in force then. Undefined: nothing of it counts yet.
 */
export function bodyAt({ versions }: Versions, at: Date, now: Date = at): Body | undefined {
  const instant = formatInstant(at)
  const newest = inForce(versions, instant)
  const listed = versions[newest]
  if (!listed) return undefined
  // Most bodies are as the first list named them, and every document asks.
  if (newest === 0 && listed.countsFrom === undefined) return listed.body
  const body = { ...listed.body }
  for (const property of IDENTITY) {
    const counts = countedBody(versions, newest, { property, instant, now })
    if (!counts) return undefined
    Object.assign(body, { [property]: counts[property] })
  }
  return body
}

/** The body as last listed with what counts of a property: not what waits, nor what was taken back waiting. */
function countedBody(
  versions: readonly BodyVersion[],
  newest: number,
  asked: {
    readonly property: (typeof IDENTITY)[number]
    readonly instant: string
    readonly now: Date
  },
): Body | undefined {
  const { property, instant, now } = asked
  let last = newest
  while (last >= 0) {
    const { body } = versions[last]!
    const says = (version: BodyVersion) => version.body[property] === body[property]
    const since = saidSince(versions, last, says)
    const { countsFrom } = versions[since]!
    const counts = countsFrom === undefined || countsFrom <= formatInstant(now)
    if (counts && !wasTakenBack(versions, { since, last, says, instant })) return body
    last = since - 1
  }
  return undefined
}

/** The place of the version in force at an instant; -1: none was. */
function inForce(versions: readonly BodyVersion[], instant: string): number {
  return versions.findLastIndex(({ begins }) => begins <= instant)
}

/** The place of the first version that says without a break what a later one does. */
function saidSince(
  versions: readonly BodyVersion[],
  last: number,
  says: (version: BodyVersion) => boolean,
): number {
  let since = last
  while (since > 0 && says(versions[since - 1]!)) since--
  return since
}

/** Whether what was said from one version to another was taken back before it counted here. */
function wasTakenBack(
  versions: readonly BodyVersion[],
  said: {
    readonly since: number
    readonly last: number
    readonly says: (version: BodyVersion) => boolean
    readonly instant: string
  },
): boolean {
  const { since, last, says, instant } = said
  const by = versions.find((version, n) => n > last && !says(version))
  if (!by) return false
  const { begins: issuedAt, acceptedAt } = by
  return isTakenBack(versions[since]!, { issuedAt, acceptedAt }, instant)
}
