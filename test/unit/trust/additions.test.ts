import { beforeAll, describe, expect, it } from 'vitest'
import {
  additionsOf,
  type CountedScope,
  countedList,
  type ListedVersion,
} from '../../../src/trust/additions.ts'
import { countingInstants, NEVER, standingForks } from '../../../src/trust/counting-instants.ts'
import { isWithinScope, scopeMeet } from '../../../src/trust/scope.ts'
import type { Scope, TrustList } from '../../../src/trust/trust-list.ts'
import { coveringScope, keyObstacle, trustView } from '../../../src/trust/trust-view.ts'
import { type ListedState, listedState } from '../../support/hostile-lists.ts'

let BY: ListedState
let more: ListedState
beforeAll(async () => {
  BY = await listedState('BY')
  more = await listedState('BY', ['BY.CCI.003'])
})

const ISSUED = '2026-03-10T00:00:00Z'
const COUNTS = '2026-03-11T00:00:00Z'
const at = (text: string) => new Date(text)
const version = (change: Partial<TrustList>, additionsFrom: string | undefined = COUNTS) => ({
  list: { ...BY.list, version: 2, issuedAt: ISSUED, ...change },
  additionsFrom,
})
const first = (): ListedVersion => ({ list: BY.list, additionsFrom: undefined })
const viewOf = (...versions: ListedVersion[]) =>
  trustView([versions.at(-1)!.list], new Map([['BY', versions]]))

describe('a key that a later version adds', () => {
  const added = () => more.list.keys.find(({ usage }) => usage === 'seal')!
  const withKey = (change = {}) => version({ keys: [...BY.list.keys, { ...added(), ...change }] })
  const obstacle = (versions: ListedVersion[], instant: string, now = instant) =>
    keyObstacle(viewOf(...versions).key(added().x5tS256, 'BY')!.key, at(instant), at(now))

  it('counts from the instant that was decided, whatever `from` it says', () => {
    const versions = [first(), withKey({ from: '2020-01-01T00:00:00Z' })]
    expect(obstacle(versions, '2026-03-10T23:59:59Z')).toBe('pending')
    expect(obstacle(versions, COUNTS)).toBeUndefined()
  })

  it('proves nothing of the time before its version was issued, not even afterwards', () => {
    const versions = [first(), withKey({ from: '2020-01-01T00:00:00Z' })]
    expect(obstacle(versions, '2026-03-09T23:59:59Z', '2026-04-01T00:00:00Z')).toBe('not-yet')
    // A timestamp between the issue of the list and the instant from which it counts here is no obstacle.
    expect(obstacle(versions, ISSUED, '2026-04-01T00:00:00Z')).toBeUndefined()
  })

  it('is removed at once, also while it waits', () => {
    const removed = { removedAt: '2026-03-10T01:00:00Z', reason: 'not ours' }
    const versions = [
      first(),
      withKey(),
      { ...withKey(removed), additionsFrom: '2026-03-12T00:00:00Z' },
    ]
    expect(obstacle(versions, '2026-03-10T02:00:00Z')).toBe('removed')
    expect(obstacle(versions, '2026-03-20T00:00:00Z')).toBe('removed')
  })

  it('does not wait anew because another version follows', () => {
    const next = { ...withKey(), additionsFrom: '2026-03-20T00:00:00Z' }
    expect(obstacle([first(), withKey(), next], COUNTS)).toBeUndefined()
    const hastened = { ...withKey(), additionsFrom: '2026-03-10T06:00:00Z' }
    expect(obstacle([first(), withKey(), hastened], '2026-03-10T06:00:00Z')).toBeUndefined()
  })

  it('leaves the keys of before as they were', () => {
    const [old] = BY.list.keys
    expect(viewOf(first(), withKey()).key(old!.x5tS256, 'BY')!.key).toEqual(old)
  })
})

describe('the scope of a body', () => {
  const ct1 = { types: ['origin.ct1'], from: '2024-01-01T00:00:00Z' }
  const withScopes = (scopes: Scope[], additionsFrom?: string): ListedVersion => {
    const [body, ...others] = BY.list.bodies
    const list = { bodies: [{ ...body!, scopes }, ...others] }
    return additionsFrom === undefined
      ? { list: { ...BY.list, ...list }, additionsFrom: undefined }
      : version(list, additionsFrom)
  }
  const may = (versions: ListedVersion[], instant: string, type = 'origin.ct1', hs = '8701') =>
    coveringScope(
      viewOf(...versions).body(BY.list.bodies[0]!.id)!,
      { type, to: ['UZ'], hsCodes: [hs] },
      at(instant),
    ) !== undefined

  it('that is widened stays what it was until the wider one counts', () => {
    const wide = { ...ct1, types: ['origin.ct1', 'origin.st1'] }
    const versions = [withScopes([ct1]), withScopes([wide], COUNTS)]
    for (const [instant, both] of [
      ['2026-03-10T12:00:00Z', false],
      [COUNTS, true],
    ] as const) {
      expect(may(versions, instant)).toBe(true)
      expect(may(versions, instant, 'origin.st1')).toBe(both)
    }
  })

  it('that is narrowed is narrow at once', () => {
    const versions = [withScopes([ct1]), withScopes([{ ...ct1, hsPrefixes: ['84'] }], COUNTS)]
    expect(may(versions, '2026-03-10T00:00:01Z', 'origin.ct1', '8701')).toBe(false)
    expect(may(versions, '2026-03-10T00:00:01Z', 'origin.ct1', '8401')).toBe(true)
  })

  it('that is taken away and given back waits like a new one', () => {
    const gone = { ...withScopes([], COUNTS) }
    const back = withScopes([ct1], '2026-03-15T00:00:00Z')
    expect(may([withScopes([ct1]), gone], '2026-03-10T00:00:01Z')).toBe(false)
    expect(may([withScopes([ct1]), gone, back], '2026-03-14T00:00:00Z')).toBe(false)
    expect(may([withScopes([ct1]), gone, back], '2026-03-15T00:00:00Z')).toBe(true)
  })

  it('stays bounded, however many scopes a hostile list gives it in however many versions', () => {
    const scopes = (n: number) =>
      Array.from({ length: 50 }, (_, i) => ({
        types: [`t${i}`, `t${(i * 7 + n) % 50}`, `t${(i * 11 + n) % 50}`],
        from: '2024-01-01T00:00:00Z',
      }))
    const versions = Array.from({ length: 12 }, (_, n) =>
      withScopes(scopes(n), n === 0 ? undefined : `2026-03-${11 + n}T00:00:00Z`),
    )
    const began = performance.now()
    const [body] = countedList(versions).bodies
    expect(body!.scopes.length).toBeLessThanOrEqual(200)
    expect(performance.now() - began).toBeLessThan(3_000)
  })
})

describe('two scopes', () => {
  const base = { types: ['a', 'b'], from: '2026-01-01T00:00:00Z' }
  it.each<[Partial<CountedScope>, Partial<CountedScope>, Partial<CountedScope> | undefined]>([
    [{}, {}, {}],
    [{ types: ['a'] }, { types: ['b'] }, undefined],
    [{ to: ['UZ', 'KZ'] }, {}, { to: ['UZ', 'KZ'] }],
    [{ to: ['UZ'] }, { to: ['KZ'] }, undefined],
    [{ hsPrefixes: ['87', '84'] }, { hsPrefixes: ['8701'] }, { hsPrefixes: ['8701'] }],
    [{ hsPrefixes: ['8701'] }, { hsPrefixes: ['87'] }, { hsPrefixes: ['8701'] }],
    [{ hsPrefixes: ['87'] }, { hsPrefixes: ['84'] }, undefined],
    [{ until: '2026-05-01T00:00:00Z' }, { from: '2026-06-01T00:00:00Z' }, undefined],
    [
      { until: '2026-05-01T00:00:00Z' },
      { until: '2026-04-01T00:00:00Z' },
      { until: '2026-04-01T00:00:00Z' },
    ],
  ])('%j and %j permit both %j', (a, b, meet) => {
    const expected = meet && { ...base, ...meet }
    expect(scopeMeet({ ...base, ...a }, { ...base, ...b })).toEqual(expected)
    if (!expected) return
    expect(isWithinScope(expected, { ...base, ...a })).toBe(true)
    expect(isWithinScope(expected, { ...base, ...b })).toBe(true)
  })
})

describe('a changed address', () => {
  it('waits as well, and the one before stays until then', () => {
    const nodes = BY.list.nodes.map((node) => ({ ...node, url: 'https://elsewhere.example' }))
    const view = viewOf(first(), version({ nodes }))
    expect(view.nodes('BY', at('2026-03-10T12:00:00Z'))).toEqual(BY.list.nodes)
    expect(view.nodes('BY', at(COUNTS))).toEqual(nodes)
    expect(view.nodes('KZ', at(COUNTS))).toEqual([])
  })
})

describe('what a version adds', () => {
  it('is told by kind, and a narrower scope is no addition', () => {
    const [body, ...others] = BY.list.bodies
    const list = {
      ...BY.list,
      bodies: [{ ...body!, scopes: [] }, ...others, more.list.bodies[0]!],
      keys: [...BY.list.keys, more.list.keys[0]!],
      cas: [...BY.list.cas, more.list.cas[1]!],
      logs: [...BY.list.logs, { ...BY.list.logs[0]!, key: 'next' }],
      nodes: [{ ...BY.list.nodes[0]!, url: 'https://elsewhere.example' }],
    }
    const added = additionsOf(BY.list, list).map(({ added: kind }) => kind)
    expect(added).toEqual(['body', 'key', 'ca', 'log', 'node'])
    const wider = { types: ['anything'], from: '2020-01-01T00:00:00Z' }
    const bodies = [{ ...body!, scopes: [wider] }, ...others]
    expect(additionsOf(BY.list, { ...BY.list, bodies })).toEqual([
      { added: 'scope', subject: body!.id },
    ])
  })
})

describe('the instant from which additions count', () => {
  const accepted = (additionsFrom: string | undefined) => [
    { state: 'BY', version: 2, sha256: 'list', additionsFrom },
  ]
  const people = { state: 'BY', proposedBy: 'user:a', approvedBy: 'user:b' }
  const hastened = (approvedAt: string) => ({
    ...people,
    kind: 'additions' as const,
    subject: 'list',
    approvedAt,
  })
  const settled = (approvedAt: string) => ({
    ...people,
    kind: 'fork' as const,
    subject: 'other',
    approvedAt,
  })
  const fork = { state: 'BY', version: 2, sha256: 'other', seenAt: '2026-03-10T12:00:00Z' }
  const counts = (
    ...more: Parameters<typeof countingInstants> extends [unknown, ...infer R] ? R : never
  ) => countingInstants(accepted(COUNTS), ...more).get('list')

  it('is the one decided at acceptance; without one they count at once', () => {
    expect(counts([], [])).toBe(COUNTS)
    expect(countingInstants(accepted(undefined), [], []).size).toBe(0)
  })

  it('comes earlier by approval, never later', () => {
    expect(counts([hastened('2026-03-10T06:00:00Z')], [])).toBe('2026-03-10T06:00:00Z')
    expect(counts([hastened('2026-03-12T00:00:00Z')], [])).toBe(COUNTS)
    expect(counts([{ ...hastened('2026-03-10T06:00:00Z'), state: 'UZ' }], [])).toBe(COUNTS)
  })

  it('does not come while a fork stands, not even by approval, and comes when it is settled', () => {
    expect(counts([], [fork])).toBe(NEVER)
    expect(counts([hastened('2026-03-10T13:00:00Z')], [fork])).toBe(NEVER)
    expect(counts([settled('2026-03-15T00:00:00Z')], [fork])).toBe('2026-03-15T00:00:00Z')
    expect(counts([settled('2026-03-10T14:00:00Z')], [fork])).toBe(COUNTS)
    expect(counts([], [{ ...fork, state: 'UZ' }])).toBe(COUNTS)
    expect(standingForks([fork], [])).toEqual([fork])
    expect(standingForks([fork], [settled('2026-03-15T00:00:00Z')])).toEqual([])
  })

  it('that has come before a fork was seen stays: what was answered stays answered', () => {
    expect(counts([], [{ ...fork, seenAt: '2026-03-12T00:00:00Z' }])).toBe(COUNTS)
    expect(counts([hastened('2026-03-10T06:00:00Z')], [fork])).toBe('2026-03-10T06:00:00Z')
  })
})
