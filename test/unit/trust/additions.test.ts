import { beforeAll, describe, expect, it } from 'vitest'
import { additionsOf, countedList, type ListedVersion } from '../../../src/trust/additions.ts'
import { bodyAt, coveringScope } from '../../../src/trust/counted-bodies.ts'
import { countingInstants, NEVER, standingForks } from '../../../src/trust/counting-instants.ts'
import { isWithinScope } from '../../../src/trust/scope.ts'
import type { Scope, TrustList } from '../../../src/trust/trust-list.ts'
import { keyObstacle, trustView } from '../../../src/trust/trust-view.ts'
import { type ListedState, listedState } from '../../support/hostile-lists.ts'

let BY: ListedState
let more: ListedState
beforeAll(async () => {
  BY = await listedState('BY')
  more = await listedState('BY', ['BY.CCI.003'])
})

const ISSUED = '2026-03-10T00:00:00Z'
const NOON = '2026-03-10T12:00:00Z'
const COUNTS = '2026-03-11T00:00:00Z'
const at = (text: string) => new Date(text)
/** Accepted when it was issued, unless something else is said. */
const version = (
  change: Partial<TrustList>,
  additionsFrom: string | undefined = COUNTS,
  acceptedAt?: string,
) => ({
  list: { ...BY.list, version: 2, issuedAt: ISSUED, ...change },
  acceptedAt,
  additionsFrom,
})
const first = (change: Partial<TrustList> = {}): ListedVersion => ({
  list: { ...BY.list, ...change },
  acceptedAt: undefined,
  additionsFrom: undefined,
})
const viewOf = (...versions: ListedVersion[]) =>
  trustView([versions.at(-1)!.list], new Map([['BY', countedList(versions)]]))

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

  it('never counts if it was removed while it waited, not even for the time before', () => {
    const back = (accepted: string) => ({
      ...withKey({ removedAt: NOON, reason: 'not ours' }),
      list: { ...withKey({ removedAt: NOON, reason: 'not ours' }).list, issuedAt: NOON },
      acceptedAt: accepted,
    })
    const later = '2026-04-01T00:00:00Z'
    expect(obstacle([first(), withKey(), back(NOON)], ISSUED, later)).toBe('removed')
    // Accepted when the key counted already, it takes nothing back.
    expect(obstacle([first(), withKey(), back(COUNTS)], ISSUED, later)).toBeUndefined()
    // A node that was away heard of the key when it had been removed already.
    const late = { ...withKey(), acceptedAt: '2026-03-10T18:00:00Z' }
    expect(obstacle([first(), late, back('2026-03-10T18:00:00Z')], ISSUED, later)).toBeUndefined()
  })

  it('waits on while a fork freezes it, though its end is planned by then', () => {
    const until = '2026-04-09T00:00:00Z'
    const renewed = (end: string, counts: string) => {
      const next = withKey({ until: end })
      return { ...next, list: { ...next.list, issuedAt: NOON }, additionsFrom: counts }
    }
    const frozen = { ...withKey(), additionsFrom: NEVER }
    expect(obstacle([first(), frozen, renewed(until, NEVER)], NOON)).toBe('pending')
    expect(obstacle([first(), frozen, renewed(until, NEVER)], ISSUED, NOON)).toBe('pending')
    // An end that has come takes it back, and so does a removal.
    expect(obstacle([first(), frozen, renewed(NOON, NEVER)], ISSUED, NOON)).toBe('removed')
    const settled = '2026-03-20T00:00:00Z'
    const counts = { ...withKey(), additionsFrom: settled }
    expect(obstacle([first(), counts, renewed(until, settled)], settled)).toBeUndefined()
  })

  it('is not removed or ended before the version that says so was issued', () => {
    const later = '2026-03-20T00:00:00Z'
    for (const end of ['removedAt', 'until']) {
      const ended = { [end]: '2020-01-01T00:00:00Z' }
      const next = { ...withKey(ended), list: { ...withKey(ended).list, issuedAt: later } }
      const last = { ...next, list: { ...next.list, issuedAt: '2026-03-25T00:00:00Z' } }
      for (const versions of [
        [first(), withKey(), next],
        [first(), withKey(), next, last],
      ]) {
        expect(obstacle(versions, '2026-03-19T23:59:59Z', '2026-04-01T00:00:00Z')).toBeUndefined()
        expect(obstacle(versions, '2026-03-20T00:00:01Z')).toBe(
          end === 'until' ? 'ended' : 'removed',
        )
      }
    }
  })

  it('does not wait anew because another version follows', () => {
    const next = { ...withKey(), additionsFrom: '2026-03-20T00:00:00Z' }
    expect(obstacle([first(), withKey(), next], COUNTS)).toBeUndefined()
  })

  it('is not hastened by people who hasten a later version', () => {
    const hastened = { ...withKey(), additionsFrom: '2026-03-10T06:00:00Z' }
    expect(obstacle([first(), withKey(), hastened], '2026-03-10T06:00:00Z')).toBe('pending')
    expect(obstacle([first(), withKey(), hastened], COUNTS)).toBeUndefined()
  })

  it('leaves the keys of before as they were', () => {
    const [old] = BY.list.keys
    expect(viewOf(first(), withKey()).key(old!.x5tS256, 'BY')!.key).toEqual(old)
  })
})

describe('a log key that is listed from before its version was issued', () => {
  const early = () => ({ ...BY.list.logs[0]!, key: 'next', from: '2026-03-09T00:00:00Z' })
  const added = () => version({ logs: [...BY.list.logs, early()] })
  const later = (issuedAt: string, change: Partial<TrustList> = {}) =>
    version({ ...added().list, issuedAt, ...change }, '2026-03-30T00:00:00Z')
  const logsOf = (versions: ListedVersion[]) =>
    viewOf(first(), ...versions)
      .logs('BY')
      .filter(({ key }) => key === 'next')
  const counts = { from: ISSUED, countsFrom: COUNTS, listedFrom: '2026-03-09T00:00:00Z' }

  it('begins and counts as when it was added, however many versions follow', () => {
    const third = later('2026-03-20T00:00:00Z', { bodies: more.list.bodies })
    const fourth = later('2026-03-25T00:00:00Z')
    for (const versions of [[added()], [added(), third], [added(), third, fourth]])
      expect(logsOf(versions)).toMatchObject([counts])
  })

  it('ends like any other, and hands nothing on to another entry of the same key', () => {
    const until = '2026-03-20T00:00:00Z'
    const again = { ...early(), from: '2026-03-19T00:00:00Z' }
    const ended = later(until, { logs: [...BY.list.logs, { ...early(), until }, again] })
    expect(logsOf([added(), ended])).toMatchObject([
      { ...counts, until },
      { from: until, countsFrom: '2026-03-30T00:00:00Z', listedFrom: again.from },
    ])
  })
})

describe('the scope of a body', () => {
  const ct1 = { types: ['origin.ct1'], from: '2024-01-01T00:00:00Z' }
  const withScopes = (scopes: Scope[], additionsFrom?: string): ListedVersion => {
    const [body, ...others] = BY.list.bodies
    const list = { bodies: [{ ...body!, scopes }, ...others] }
    return additionsFrom === undefined ? first(list) : version(list, additionsFrom)
  }
  const bodyOf = (versions: ListedVersion[]) => viewOf(...versions).body(BY.list.bodies[0]!.id)!
  const may = (versions: ListedVersion[], instant: string, type = 'origin.ct1', hs = '8701') =>
    coveringScope(bodyOf(versions), { type, to: ['UZ'], hsCodes: [hs] }, at(instant)) !== undefined

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

  it('that is taken away stays for the time before', () => {
    const versions = [withScopes([ct1]), withScopes([], COUNTS)]
    const later = '2026-05-01T00:00:00Z'
    const goods = { type: 'origin.ct1', to: ['UZ'], hsCodes: ['8701'] }
    const covers = (instant: string) =>
      coveringScope(bodyOf(versions), goods, at(instant), at(later)) !== undefined
    expect(covers('2026-03-09T23:59:59Z')).toBe(true)
    expect(covers(ISSUED)).toBe(false)
  })

  it('that is taken back while it waits covers nothing, not even of the time before that', () => {
    const goods = { type: 'origin.ct1', to: ['UZ'], hsCodes: ['8701'] }
    const back = { ...withScopes([], '2026-03-12T00:00:00Z'), acceptedAt: NOON }
    const versions = (issuedAt: string, acceptedAt = issuedAt) => [
      withScopes([]),
      withScopes([ct1], COUNTS),
      { ...back, list: { ...back.list, issuedAt }, acceptedAt },
    ]
    const covers = (list: ListedVersion[], now = '2026-05-01T00:00:00Z') =>
      coveringScope(bodyOf(list), goods, at('2026-03-10T11:00:00Z'), at(now)) !== undefined
    expect(covers(versions(NOON))).toBe(false)
    expect(covers(versions(NOON), '9999-12-31T23:59:59Z')).toBe(false)
    expect(covers(versions('2026-03-12T00:00:00Z'))).toBe(true)
    // Accepted when the scope counted already: what was answered stays answered.
    expect(covers(versions(NOON, '2026-03-12T00:00:00Z'))).toBe(true)
  })

  it('that is added covers nothing of the time before, whatever `from` it says', () => {
    const versions = [withScopes([]), withScopes([ct1], COUNTS)]
    const goods = { type: 'origin.ct1', to: ['UZ'], hsCodes: ['8701'] }
    const covers = (instant: string) =>
      coveringScope(bodyOf(versions), goods, at(instant), at('2026-05-01T00:00:00Z')) !== undefined
    expect(covers('2026-03-09T23:59:59Z')).toBe(false)
    expect(covers(ISSUED)).toBe(true)
  })

  it('that waits is not hastened by people who hasten a later version', () => {
    const wide = { ...ct1, types: ['origin.ct1', 'origin.st1'] }
    const versions = [
      withScopes([ct1]),
      withScopes([wide], COUNTS),
      withScopes([wide, { ...ct1, to: ['KZ'] }], '2026-03-10T06:00:00Z'),
    ]
    expect(may(versions, '2026-03-10T07:00:00Z', 'origin.st1')).toBe(false)
    expect(may(versions, COUNTS, 'origin.st1')).toBe(true)
  })

  it('takes no longer to count than to read, however many scopes and prefixes a hostile list has', () => {
    const prefixes = (n: number) =>
      Array.from({ length: 500 }, (_, i) => String(10_000_000 + i * 16_001 + n))
    const scopes = (n: number) =>
      Array.from({ length: 50 }, (_, i) => ({ ...ct1, hsPrefixes: prefixes(i + n * 97) }))
    const versions = Array.from({ length: 6 }, (_, n) =>
      withScopes(scopes(n), n === 0 ? undefined : `2026-03-${11 + n}T00:00:00Z`),
    )
    const timed = (work: () => unknown) => {
      // Of the processor: on a busy machine a clock tells how busy it is.
      const before = process.cpuUsage()
      work()
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1000
    }
    const reading = timed(() => JSON.parse(JSON.stringify(versions)))
    expect(timed(() => countedList(versions))).toBeLessThan(20 * reading + 50)
    expect(timed(() => may(versions, '2026-04-01T00:00:00Z', 'origin.ct1', '99'))).toBeLessThan(
      20 * reading + 50,
    )
    const [former, latter] = [versions[0]!.list, versions[5]!.list]
    expect(timed(() => additionsOf(former, latter))).toBeLessThan(100 * reading + 500)
  })
})

describe('what a body is called', () => {
  const named = (code: string, additionsFrom?: string): ListedVersion => {
    const [body, ...others] = BY.list.bodies
    const bodies = [{ ...body!, code }, ...others]
    return additionsFrom === undefined ? first({ bodies }) : version({ bodies }, additionsFrom)
  }

  it('stays what it was until the new name counts, and for the time before', () => {
    const versions = [named('001'), named('002', COUNTS)]
    const body = viewOf(...versions).body(BY.list.bodies[0]!.id)!
    const codeAt = (instant: string, now = instant) => bodyAt(body, at(instant), at(now))?.code
    expect(codeAt('2026-03-10T12:00:00Z')).toBe('001')
    expect(codeAt('2026-03-10T12:00:00Z', COUNTS)).toBe('002')
    expect(codeAt('2026-03-09T00:00:00Z', '2026-05-01T00:00:00Z')).toBe('001')
  })

  const last = (code: string, accepted: string, counts: string, issuedAt = accepted) => ({
    ...named(code, counts),
    list: { ...named(code, counts).list, issuedAt },
    acceptedAt: accepted,
  })
  const codesAt = (versions: ListedVersion[], ...instants: string[]) => {
    const body = viewOf(...versions).body(BY.list.bodies[0]!.id)!
    return instants.map((instant) => bodyAt(body, at(instant))?.code)
  }
  const AFTER = '2026-03-11T12:00:00Z'

  it('never counts if it was taken back while it waited', () => {
    for (const [back, end] of [
      ['001', '001'],
      ['003', '003'],
    ] as const) {
      const versions = [named('001'), named('002', COUNTS), last(back, NOON, AFTER)]
      expect(codesAt(versions, NOON, COUNTS, AFTER)).toEqual(['001', '001', end])
      const body = viewOf(...versions).body(BY.list.bodies[0]!.id)!
      expect(bodyAt(body, at(ISSUED), at('2026-05-01T00:00:00Z'))?.code).toBe('001')
    }
  })

  it('does not come back at once, though the list that says it again is dated back', () => {
    const [came, counts] = ['2026-03-20T00:00:00Z', '2026-03-21T00:00:00Z']
    const back = last('001', came, counts, '2026-03-10T00:00:01Z')
    const versions = [named('001'), named('002', COUNTS), back]
    expect(codesAt(versions, COUNTS, came, counts)).toEqual(['002', '002', '001'])
  })

  it('is not hastened by people who hasten a later version, and does not wait for it', () => {
    const [body, ...others] = BY.list.bodies
    const own = { bodies: [{ ...body!, code: '002', custody: 'body' as const }, ...others] }
    for (const counts of [NOON, AFTER]) {
      const later = version({ ...own, issuedAt: NOON }, counts)
      const listed = viewOf(named('001'), named('002', COUNTS), later).body(body!.id)!
      const instants = [NOON, COUNTS, AFTER].map((instant) => bodyAt(listed, at(instant))!)
      expect(instants.map(({ code }) => code)).toEqual(['001', '002', '002'])
      const early = counts === NOON ? 'body' : 'node'
      expect(instants.map(({ custody }) => custody)).toEqual([early, early, 'body'])
    }
  })

  it('is nothing before the body itself counts, and never was if the body was renamed by then', () => {
    const [body] = BY.list.bodies
    const added = version({ bodies: [body!] })
    const codes = (...versions: ListedVersion[]) => codesAt(versions, NOON, COUNTS, AFTER)
    expect(codes(first({ bodies: [] }), added)).toEqual([undefined, body!.code, body!.code])
    const renamed = last('002', NOON, AFTER)
    expect(codes(first({ bodies: [] }), added, renamed)).toEqual([undefined, undefined, '002'])
  })

  it('is told when it changes', () => {
    expect(additionsOf(named('001').list, named('002', COUNTS).list)).toEqual([
      { added: 'body', subject: BY.list.bodies[0]!.id },
    ])
  })
})

describe('a scope within another', () => {
  const base = { types: ['a', 'b'], from: '2026-01-01T00:00:00Z' }
  it.each<[Partial<Scope>, Partial<Scope>, boolean]>([
    [{}, {}, true],
    [{ types: ['a'] }, {}, true],
    [{}, { types: ['a'] }, false],
    [{ to: ['UZ'] }, {}, true],
    [{}, { to: ['UZ'] }, false],
    [{ to: ['UZ'] }, { to: ['UZ', 'KZ'] }, true],
    [{ hsPrefixes: ['8701'] }, { hsPrefixes: ['87'] }, true],
    [{ hsPrefixes: ['87'] }, { hsPrefixes: ['8701'] }, false],
    [{ hsPrefixes: ['8701', '84'] }, { hsPrefixes: ['87'] }, false],
    [{ hsPrefixes: ['87'] }, {}, true],
    [{}, { hsPrefixes: ['87'] }, false],
    [{ from: '2025-01-01T00:00:00Z' }, {}, false],
    [{ until: '2026-05-01T00:00:00Z' }, {}, true],
    [{}, { until: '2026-05-01T00:00:00Z' }, false],
    [{ until: '2026-04-01T00:00:00Z' }, { until: '2026-05-01T00:00:00Z' }, true],
  ])('%j within %j: %s', (inner, outer, within) => {
    expect(isWithinScope({ ...base, ...inner }, { ...base, ...outer })).toBe(within)
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

  const named = (...hosts: string[]) =>
    hosts.map((host) => ({ ...BY.list.nodes[0]!, url: `https://${host}.example` }))
  const from = (issuedAt: string, counts: string, ...hosts: string[]) =>
    version({ nodes: named(...hosts), issuedAt }, counts)
  const accepted = (at: string, counts: string, ...hosts: string[]) =>
    version({ nodes: named(...hosts), issuedAt: '2026-03-10T00:00:01Z' }, counts, at)
  const own = () => first({ nodes: named('own') })
  const moved = () => from(ISSUED, COUNTS, 'moved')

  it('that waits is not hastened by people who hasten a later version', () => {
    const view = viewOf(own(), moved(), from(NOON, NOON, 'moved', 'other'))
    expect(view.nodes('BY', at('2026-03-10T13:00:00Z'))).toEqual(named('other'))
    expect(view.nodes('BY', at(COUNTS))).toEqual(named('moved', 'other'))
  })

  it('comes back no sooner, though the list that names it again is dated back', () => {
    const [came, counts] = ['2026-03-20T00:00:00Z', '2026-03-21T00:00:00Z']
    for (const back of ['own', 'third']) {
      const view = viewOf(own(), moved(), accepted(came, counts, back))
      for (const instant of [COUNTS, came, '2026-03-20T23:59:59Z'])
        expect(view.nodes('BY', at(instant))).toEqual(named('moved'))
      expect(view.nodes('BY', at(counts))).toEqual(named(back))
    }
  })

  it('never counts if it was taken away while it waited, and what was in use stays', () => {
    const after = '2026-03-11T12:00:00Z'
    for (const next of ['third', 'own']) {
      const view = viewOf(own(), moved(), from(NOON, after, next))
      for (const instant of [ISSUED, NOON, COUNTS, '2026-03-11T11:59:59Z'])
        expect(view.nodes('BY', at(instant))).toEqual(named('own'))
      expect(view.nodes('BY', at(after))).toEqual(named(next))
    }
    // What was in use without a break waits for nothing, also beside what does.
    const view = viewOf(own(), moved(), from(NOON, after, 'own', 'moved'))
    expect(view.nodes('BY', at(COUNTS))).toEqual(named('own', 'moved'))
  })

  it('that is taken away is gone at once, whatever waits beside it, and was there before', () => {
    const both = from(ISSUED, COUNTS, 'own', 'moved')
    const [later, counts] = ['2026-03-12T00:00:00Z', '2026-03-13T00:00:00Z']
    const view = viewOf(own(), both, from(later, counts, 'new', 'moved'))
    expect(view.nodes('BY', at(NOON))).toEqual(named('own'))
    expect(view.nodes('BY', at('2026-03-11T23:59:59Z'))).toEqual(named('own', 'moved'))
    expect(view.nodes('BY', at(later))).toEqual(named('moved'))
    expect(view.nodes('BY', at(counts))).toEqual(named('new', 'moved'))
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
