import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatInstant } from '../../../src/encoding/time.ts'
import { countedList, type CountedList, type ListedVersion } from '../../../src/trust/additions.ts'
import { bodyAt, coveringScope } from '../../../src/trust/counted-bodies.ts'
import { NEVER } from '../../../src/trust/counting-instants.ts'
import { countedNodes } from '../../../src/trust/counted-nodes.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { keyObstacle } from '../../../src/trust/trust-view.ts'

/** What a version of a list says, and when: hours since the first one. */
interface Said {
  readonly issued: number
  readonly accepted: number
  /** From when on its additions count; the first list always did. */
  readonly counts: number
  readonly name: string
  readonly custody: 'node' | 'body'
  readonly mayIssue: boolean
  readonly key: 'absent' | 'listed' | 'removed'
  /** When the key is planned to end. */
  readonly until?: number | undefined
  readonly nodes: readonly string[]
}

/** What is frozen. */
const FROZEN = 500
/** Behind all that can happen but what is frozen. */
const END = 60
const FIRST: Said = {
  issued: 0,
  accepted: 0,
  counts: -1,
  name: 'A',
  custody: 'node',
  mayIssue: false,
  key: 'absent',
  nodes: ['a'],
}

/** Versions that a node may accept one after the other, hastened, frozen, dated back or heard of late. */
const histories = fc
  .array(
    fc.record({
      after: fc.integer({ min: 0, max: 6 }),
      datedBack: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 })),
      delay: fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constant(FROZEN)),
      name: fc.constantFrom('A', 'B', 'C'),
      custody: fc.constantFrom('node' as const, 'body' as const),
      mayIssue: fc.boolean(),
      key: fc.constantFrom('absent' as const, 'listed' as const, 'removed' as const),
      lasts: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
      nodes: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((steps) => {
    const versions = [FIRST]
    for (const { after, datedBack, delay, key, lasts, ...said } of steps) {
      const before = versions.at(-1)!
      const accepted = before.accepted + after
      const issued = Math.max(before.issued, accepted - datedBack)
      const stands = KEYS[Math.max(KEYS.indexOf(before.key), KEYS.indexOf(key))]!
      const counts = delay === FROZEN ? FROZEN : accepted + delay
      const planned = lasts === undefined || stands === 'absent' ? undefined : issued + lasts
      const until = before.until ?? planned
      versions.push({ ...said, issued, accepted, counts, key: stands, until })
    }
    return versions
  })
const KEYS = ['absent', 'listed', 'removed'] as const

interface Waiting<T> {
  readonly value: T
  readonly since: number
  readonly due: number
}

/** One thing that lists say: what counts and, until it is time or the list says something else, what waits. */
function followed<T>(
  { say, none }: Thing<T>,
  versions: readonly Said[],
  counts: (waiting: Waiting<T>) => boolean,
): T {
  let current = say(versions[0]!)
  let waiting: Waiting<T> | undefined
  for (const version of versions.slice(1)) {
    if (waiting && waiting.due <= version.accepted) [current, waiting] = [waiting.value, undefined]
    const value = say(version)
    if (value === none) current = value
    if (value === current) waiting = undefined
    else if (value !== waiting?.value)
      waiting = { value, since: version.accepted, due: version.counts }
  }
  return waiting && counts(waiting) ? waiting.value : current
}

/** `none`: saying so takes away, and waits for nothing. */
interface Thing<T> {
  readonly say: (said: Said) => T
  readonly none?: T
}
const NAME: Thing<string> = { say: ({ name }) => name }
const CUSTODY: Thing<string> = { say: ({ custody }) => custody }
const MAY_ISSUE: Thing<boolean> = { say: ({ mayIssue }) => mayIssue, none: false }

/** What counts of a document that is issued now. */
function today<T>(thing: Thing<T>, versions: readonly Said[], now: number): T {
  const known = versions.filter(({ accepted }) => accepted <= now)
  return followed(thing, known, ({ due }) => due <= now)
}

/** What counts, by all that is known at the end, of a document of an instant before. */
function before<T>(thing: Thing<T>, versions: readonly Said[], at: number): T {
  const inForce = versions.filter(({ issued }, n) => n === 0 || issued <= at)
  return followed(thing, inForce, ({ value, since, due }) => {
    const by = versions.slice(inForce.length).find((one) => thing.say(one) !== value)
    return due <= END && !(by && by.accepted < due && since <= by.issued)
  })
}

/** Hour by hour: what is in use, until something of the newest list counts. */
function addressesAt(versions: readonly Said[], now: number): readonly string[] {
  let inUse = versions[0]!.nodes
  let listed = new Map(inUse.map((node) => [node, -1]))
  for (let hour = 0; hour <= now; hour++) {
    const counts = () => [...listed].filter(([, due]) => due <= hour).map(([node]) => node)
    const mature = () => (counts().length > 0 ? (inUse = counts()) : undefined)
    mature()
    for (const { nodes, counts: from } of versions
      .slice(1)
      .filter((one) => one.accepted === hour)) {
      listed = new Map(
        nodes.map((node) => [node, inUse.includes(node) ? -1 : (listed.get(node) ?? from)]),
      )
      mature()
    }
  }
  return inUse
}

const START = Date.parse('2026-01-01T00:00:00Z')
const dateOf = (hour: number) => new Date(START + hour * 3_600_000)
const instant = (hour: number) =>
  hour < 0 ? '' : hour === FROZEN ? NEVER : formatInstant(dateOf(hour))
const scope = { types: ['origin.ct1'], from: '2020-01-01T00:00:00Z' }
const goods = { type: 'origin.ct1', to: ['UZ'], hsCodes: [] }

function listed(versions: readonly Said[]): ListedVersion[] {
  return versions.map((said, n) => {
    const key = { x5tS256: 'key', der: '', body: 'BY.CCI.001', usage: 'seal', from: instant(0) }
    const removed = said.key === 'removed' && { removedAt: instant(0), reason: 'not ours' }
    const planned = said.until !== undefined && { until: instant(said.until) }
    const body = { id: 'BY.CCI.001', code: '1', name: said.name, custody: said.custody }
    const list = {
      state: 'BY',
      issuedAt: instant(said.issued),
      keys: said.key === 'absent' ? [] : [{ ...key, ...planned, ...removed }],
      bodies: [{ ...body, scopes: said.mayIssue ? [scope] : [] }],
      logs: [],
      nodes: said.nodes.map((url) => ({ state: 'BY', url, key: 'node' })),
    } as unknown as TrustList
    const additionsFrom = n === 0 ? undefined : instant(said.counts)
    return { list, acceptedAt: instant(said.accepted), additionsFrom }
  })
}

const hours = fc.integer({ min: 0, max: END })
const check = (property: (versions: Said[], at: number) => void) =>
  fc.assert(
    fc.property(histories, hours, (versions, at) => {
      property(versions, at)
    }),
    { numRuns: 1000 },
  )
const ofBody = ({ bodies: [body] }: CountedList, at: number, now = at) => ({
  name: bodyAt(body!, dateOf(at), dateOf(now))?.name,
  custody: bodyAt(body!, dateOf(at), dateOf(now))?.custody,
  mayIssue: coveringScope(body!, goods, dateOf(at), dateOf(now)) !== undefined,
})

describe('over any history of a list there counts what a naive reading says', () => {
  it('of what a body is and may issue now', () => {
    check((versions, now) => {
      const known = versions.filter(({ accepted }) => accepted <= now)
      expect(ofBody(countedList(listed(known)), now)).toEqual({
        name: today(NAME, versions, now),
        custody: today(CUSTODY, versions, now),
        mayIssue: today(MAY_ISSUE, versions, now),
      })
    })
  })

  it('of what a body was and might issue at an instant before', () => {
    check((versions, at) => {
      expect(ofBody(countedList(listed(versions)), at, END)).toEqual({
        name: before(NAME, versions, at),
        custody: before(CUSTODY, versions, at),
        mayIssue: before(MAY_ISSUE, versions, at),
      })
    })
  })

  it('of a key at an instant before', () => {
    check((versions, at) => {
      const added = versions.find(({ key }) => key !== 'absent')
      const removed = versions.find(({ key }) => key === 'removed')
      const [key] = countedList(listed(versions)).keys
      if (!added || !key || added === removed) return
      const planning = versions.find(({ until }) => until !== undefined)
      const end = planning?.until ?? FROZEN
      const stands = added.issued <= at && at <= end && (!removed || at < removed.issued)
      // A key that is frozen is taken back by an end that has come, not by one that is planned.
      const endsUncounted =
        planning !== added &&
        end < (added.counts === FROZEN ? (planning?.accepted ?? 0) + 1 : added.counts)
      const isTakenBack = [removed, endsUncounted ? planning : undefined].some(
        (by) => by && by.accepted < added.counts && added.accepted <= by.issued,
      )
      expect(keyObstacle(key, dateOf(at), dateOf(END)) === undefined).toBe(
        stands && added.counts <= END && !isTakenBack,
      )
    })
  })

  it('of addresses at any instant', () => {
    check((versions, now) => {
      const { nodes } = countedList(listed(versions))
      const urls = countedNodes(nodes, instant(now)).map(({ url }) => url)
      expect(urls.toSorted()).toEqual(addressesAt(versions, now).toSorted())
    })
  })
})
