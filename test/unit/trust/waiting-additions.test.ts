import { afterAll, beforeAll, expect, it } from 'vitest'
import { shownTrust } from '../../../src/cli/shown-trust.ts'
import { DEFAULT_POLICY } from '../../../src/certificate/default-policy.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import { appendOneByOne } from '../../../src/exchange/journal.ts'
import { publishCrl, publishTrustList } from '../../../src/exchange/keep-trust/publish-trust.ts'
import { undecidedTrust } from '../../../src/exchange/keep-trust/undecided-trust.ts'
import { pinForDevelopment } from '../../../src/node/dev-state.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../../src/storage/journal.ts'
import { claimNode } from '../../../src/storage/node-store.ts'
import { sqlStores } from '../../../src/storage/sql-stores.ts'
import { bodyAt, coveringScope } from '../../../src/trust/counted-bodies.ts'
import { currentTrust } from '../../../src/trust/trust.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { keyObstacle } from '../../../src/trust/trust-view.ts'
import {
  type ListedState,
  listedState,
  NOW,
  signedList,
  successor,
} from '../../support/hostile-lists.ts'

let BY: ListedState
let more: ListedState
let database: SqliteDatabase
let publish: (hours: number, changes: Partial<TrustList>) => Promise<void>
let newest: TrustList
let jws: string
/** Of the node in Uzbekistan, which waits 24 hours with what the list of Belarus adds. */
let now = NOW

const hours = (n: number) => new Date(NOW.getTime() + n * 3_600_000)
const stores = () => sqlStores(database)
const pending = async () => (await undecidedTrust(stores().trustStore, now)).pending
const shown = async () => (await shownTrust(stores().trustStore, now))[0]!.list!

beforeAll(async () => {
  BY = await listedState('BY')
  more = await listedState('BY', ['BY.CCI.003', 'BY.CCI.004'])
  database = new SqliteDatabase(':memory:')
  migrate(database)
  await claimNode(database, { state: 'UZ', environment: 'production', epoch: 'test' })
  const { trustStore, lost, alarms } = stores()
  const clock = () => now
  const publishList = publishTrustList({
    state: 'UZ',
    environment: 'production',
    policy: DEFAULT_POLICY,
    now: clock,
    trustStore,
    lost,
    alarms,
    trust: currentTrust(trustStore),
    append: appendOneByOne(sqlJournal(database), clock),
  })
  await pinForDevelopment(trustStore, 'BY', BY.pin.rootSha256)
  const kept = await publishCrl({ now: clock, trustStore })(BY.pki.root.crl, BY.list)
  expect(kept).toMatchObject({ outcome: 'stored' })
  const take = async (list: TrustList) => {
    const signed = await signedList(list, BY.pki.trustListSigner, now)
    expect(await publishList(signed)).toMatchObject({ outcome: 'published' })
    ;[newest, jws] = [list, signed]
    for (const state of ['UZ', 'KZ'])
      expect(await publishList(signed, { state })).toMatchObject({
        outcome: 'refused',
        refusal: { refused: 'state-differs' },
      })
  }
  publish = async (after, changes) => {
    now = hours(after)
    await take(successor(newest, jws, { issuedAt: formatInstant(now), ...changes }))
  }
  await take(BY.list)
})
afterAll(() => database.close())

it('what a later version has removed, ended or taken back waits no longer, and the rest still does', async () => {
  const [log] = BY.list.logs
  const [old, ...others] = BY.list.bodies
  const seals = more.list.keys.filter(({ usage }) => usage === 'seal')
  const [stolen, next] = seals as [TrustList['keys'][number], TrustList['keys'][number]]
  const from = formatInstant(hours(0))
  const logs = [log!, { ...log!, key: 'stolen', from }, { ...log!, key: 'next', from }]
  const scope = { types: ['origin.ct1'], from }
  const wider = { types: ['*'], from }
  const wide = { ...old!, scopes: [...old!.scopes, wider] }
  const [third, fourth] = more.list.bodies.map((body) => ({ ...body, scopes: [scope] }))
  const nodes = [...BY.list.nodes, { ...BY.list.nodes[0]!, url: 'https://elsewhere.example' }]
  await publish(1, {
    keys: [...BY.list.keys, stolen, next],
    logs,
    bodies: [wide, ...others, third!, fourth!],
    nodes,
  })
  const added = [
    { added: 'body', subject: third!.id },
    { added: 'body', subject: fourth!.id },
    { added: 'scope', subject: old!.id },
    { added: 'key', subject: stolen.x5tS256 },
    { added: 'key', subject: next.x5tS256 },
    { added: 'log', subject: log!.origin },
    { added: 'log', subject: log!.origin },
    { added: 'node', subject: 'https://elsewhere.example' },
  ]
  expect(await pending()).toMatchObject([{ version: 2, additions: added }])

  const removedAt = formatInstant(hours(2))
  await publish(2, {
    keys: [...BY.list.keys, { ...stolen, removedAt, reason: 'not ours' }, next],
    logs: logs.map((one) => (one.key === 'stolen' ? { ...one, until: removedAt } : one)),
    bodies: [old!, ...others, { ...third!, scopes: [] }, fourth!],
    nodes: BY.list.nodes,
  })
  now = hours(3)
  expect(await pending()).toEqual([
    {
      state: 'BY',
      version: 2,
      sha256: expect.any(String) as string,
      countsFrom: formatInstant(hours(25)),
      additions: [1, 4, 5].map((i) => added[i]),
    },
  ])
  // Long after it would have counted, for when it stood in the list.
  const { view } = await currentTrust(stores().trustStore)()
  const goods = { type: 'origin.ct1', to: ['UZ'], hsCodes: [] }
  const covered = [third, fourth].map((body) =>
    coveringScope(view.body(body!.id)!, goods, hours(1), hours(99)),
  )
  expect(covered).toEqual([undefined, scope])
  const { key } = view.key(stolen.x5tS256, 'BY')!
  expect(keyObstacle(key, hours(1), hours(99))).toBe('removed')
  const { keys, logs: shownLogs } = await shown()
  const standing = (x5t: string) => keys.find(({ x5tS256 }) => x5tS256 === x5t)!.standing
  expect([stolen, next].map(({ x5tS256 }) => standing(x5tS256))).toEqual(['removed', 'pending'])
  expect(shownLogs.map((one) => one.standing)).toEqual(['in-force', 'ended', 'pending'])
})

it('a log key that counts does so under every later list, and is shown as it counts', async () => {
  now = hours(26)
  expect(await pending()).toEqual([])
  const [node] = BY.list.nodes
  await publish(26, { nodes: [node!, { ...node!, url: 'https://third.example' }] })
  const [, , log] = (await currentTrust(stores().trustStore)()).view.logs('BY')
  expect(log).toMatchObject({ key: 'next', from: formatInstant(hours(1)) })
  expect(keyObstacle(log!, now)).toBeUndefined()
  expect((await shown()).logs.map(({ standing }) => standing)).toEqual([
    'in-force',
    'ended',
    'in-force',
  ])
})

it('a name that a later version replaces waits no longer, and never counts', async () => {
  const [old, ...others] = newest.bodies
  const { version } = newest
  await publish(51, { bodies: [{ ...old!, name: 'wrong' }, ...others] })
  const body = { added: 'body', subject: old!.id }
  expect(await pending()).toMatchObject([{ version: version + 1, additions: [body] }])
  await publish(52, { bodies: [{ ...old!, name: 'right' }, ...others] })
  expect(await pending()).toMatchObject([{ version: version + 2, additions: [body] }])
  const { view } = await currentTrust(stores().trustStore)()
  const names = [51, 75, 76].map((hour) => bodyAt(view.body(old!.id)!, hours(hour))?.name)
  expect(names).toEqual([old!.name, old!.name, 'right'])
})
