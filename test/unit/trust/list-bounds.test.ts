import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/certificate/default-policy.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import { appendOneByOne } from '../../../src/exchange/journal.ts'
import { publishCrl, publishTrustList } from '../../../src/exchange/keep-trust/publish-trust.ts'
import { digestOf } from '../../../src/exchange/validation/authenticate.ts'
import { pinForDevelopment } from '../../../src/node/dev-state.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { createBodyPki, DEFAULT_VALIDITY_DAYS } from '../../../src/node/pki/state-pki.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../../src/storage/journal.ts'
import { listLost } from '../../../src/storage/lost-documents.ts'
import { claimNode } from '../../../src/storage/node-store.ts'
import { sqlStores } from '../../../src/storage/sql-stores.ts'
import { MAX_LIST_DAYS, MAX_VERSIONS_A_DAY } from '../../../src/trust/list-bounds.ts'
import { currentTrust } from '../../../src/trust/trust.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import {
  type ListedState,
  listedState,
  NOW,
  sealOfKey,
  signedList,
  successor,
} from '../../support/hostile-lists.ts'

const DAY_MS = 86_400_000
const seconds = (n: number) => formatInstant(new Date(NOW.getTime() + n * 1000))

let BY: ListedState
let database: SqliteDatabase
let publish: (list: TrustList, signed?: string) => Promise<string>
let newest: TrustList
let jws: string
/** Of the node, which has seen all versions come. */
let now = NOW

beforeAll(async () => {
  BY = await listedState('BY')
  database = new SqliteDatabase(':memory:')
  migrate(database)
  await claimNode(database, { state: 'UZ', environment: 'production', epoch: 'test' })
  const { trustStore, lost, alarms } = sqlStores(database)
  const clock = () => now
  const append = appendOneByOne(sqlJournal(database), clock)
  const trust = currentTrust(trustStore)
  const rest = { state: 'UZ', environment: 'production', policy: DEFAULT_POLICY } as const
  const publishList = publishTrustList({
    ...rest,
    now: clock,
    trustStore,
    lost,
    alarms,
    trust,
    append,
  })
  await pinForDevelopment(trustStore, 'BY', BY.pin.rootSha256)
  const kept = await publishCrl({ now: clock, trustStore })(BY.pki.root.crl, BY.list)
  expect(kept).toMatchObject({ outcome: 'stored' })
  publish = async (list, given) => {
    const signed = given ?? (await signedList(list, BY.pki.trustListSigner, now))
    const published = await publishList(signed)
    if (published.outcome === 'refused')
      return `${published.refusal.refused}: ${published.refusal.detail}`
    ;[newest, jws] = [list, signed]
    return `version ${published.version}`
  }
  expect(await publish(BY.list)).toBe('version 1')
})
afterAll(() => database.close())

/** A version issued so many seconds after the first. */
const after = (n: number, changes: Partial<TrustList> = {}) =>
  successor(newest, jws, { issuedAt: seconds(n), ...changes })

it('A list counts for 400 days at most, by its own times: who steals its signer silences no warning', async () => {
  const until = (ms: number) => formatInstant(new Date(NOW.getTime() + MAX_LIST_DAYS * DAY_MS + ms))
  expect(await publish(after(0, { nextUpdate: until(1000) }))).toMatch(
    /^validity-too-long: .*400 days at most/,
  )
  expect(await publish(after(0, { nextUpdate: '9999-12-31T23:59:59Z' }))).toMatch(/^validity-too-l/)
  expect(await publish(after(0, { nextUpdate: until(0) }))).toBe('version 2')
})

it('A state issues 48 versions in 24 hours; what only removes keys is taken beyond them', async () => {
  now = new Date(NOW.getTime() + DAY_MS)
  for (let n = 3; n <= MAX_VERSIONS_A_DAY; n++) expect(await publish(after(n))).toBe(`version ${n}`)
  const last = MAX_VERSIONS_A_DAY
  // The first was issued a day before this one.
  expect(await publish(after(86_399))).toMatch(/^too-many-versions: 48 versions/)
  const { removedAt, keys } = { removedAt: seconds(86_399), keys: newest.keys }
  const removed = keys.map((key, i) => (i === 0 ? { ...key, removedAt, reason: 'stolen' } : key))
  const body = { partyId: 'BY.CCI.009', name: 'x', code: '009' }
  const issuance = { state: 'BY', now: NOW, sealAlgorithm: 'ES256' } as const
  const more = await createBodyPki(body, BY.pki.stateCa, {
    ...issuance,
    validity: DEFAULT_VALIDITY_DAYS,
  })
  const { x5tS256, x5c } = await sealOfKey(more.seal)
  const added = { ...keys[0]!, x5tS256, der: x5c[0]! }
  const cas = [...newest.cas, encodeBase64(more.ca.certificate)]
  expect(await publish(after(86_399, { keys: [...removed, added] }))).toMatch(/^too-many-versions/)
  expect(await publish(after(86_399, { keys: removed, cas }))).toMatch(/^too-many-versions/)
  expect(await publish(after(86_399, { keys: removed }))).toBe(`version ${last + 1}`)
  // What was removed before removes nothing.
  expect(await publish(after(86_399))).toMatch(/^too-many-versions/)
  expect(await publish(after(86_400))).toBe(`version ${last + 2}`)
})

it('A version that is older than the one before it, by its own word, is refused', async () => {
  expect(await publish(after(86_399))).toMatch(/^issued-before-previous/)
})

it('A version that stands in the log and was lost comes back by its digest, with its delay', async () => {
  now = new Date(NOW.getTime() + 3 * DAY_MS)
  const list = after(86_500)
  const signed = await signedList(list, BY.pki.trustListSigner, now)
  const sha256 = await digestOf(signed)
  const append = appendOneByOne(sqlJournal(database), () => now)
  const entry = { kind: 'trust-list', sha256, to: [], effects: [] } as const
  const { at } = (await append({ entries: [entry] })) as { at: string }
  await database.atomic(listLost('a restore'))
  const { lost, trustStore } = sqlStores(database)
  expect(await lost.listed([sha256])).toMatchObject([{ kind: 'trust-list', standing: 'lost' }])

  expect(await publish(list, signed)).toBe(`version ${list.version}`)
  expect(await lost.listed([sha256])).toMatchObject([{ standing: 'found' }])
  const stored = (await trustStore.newest()).find(({ state }) => state === 'BY')
  expect(stored).toMatchObject({ version: list.version, sha256 })
  const delayed = new Date(Date.parse(at) + DEFAULT_POLICY.trustAdditionDelayHours * 3_600_000)
  const delays = 'SELECT additions_from FROM trust_list_delays WHERE sha256 = ?'
  expect(database.raw.prepare(delays).pluck().get(sha256)).toBe(formatInstant(delayed))
  expect(await publish(after(86_600))).toBe(`version ${list.version + 1}`)
})
