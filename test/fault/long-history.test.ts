import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import {
  CHARACTERS_A_MINUTE,
  formerVersions,
} from '../../src/exchange/keep-trust/former-versions.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { migrate } from '../../src/node/migrate.ts'
import { restoreTrust } from '../../src/node/restore-trust.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlStores, type SqlStores } from '../../src/storage/sql-stores.ts'
import { skiOf } from '../../src/trust/accept-crl.ts'
import { currentTrust } from '../../src/trust/trust.ts'
import type { TrustList } from '../../src/trust/trust-list.ts'
import { parseX509Certificate, type X509Certificate } from '../../src/x509/x509-certificate.ts'
import { digest } from '../support/hostile.ts'
import {
  type ListedState,
  listedState,
  NOW,
  signedList,
  successor,
} from '../support/hostile-lists.ts'

const LIMIT = /characters were read within a minute; it goes on by itself in the next/
const POLICY = { ...DEFAULT_POLICY, trustAdditionDelayHours: 72 }

let BY: ListedState
let server: Server
let url: string
/** Of the list, oldest first, as the node serves them. */
let versions: readonly string[]
const crls = new Map<string, Uint8Array>()
const unavailable = new Set<number>()

beforeAll(async () => {
  BY = await listedState('BY', [])
  const { root, stateCa } = BY.pki
  for (const { certificate, crl } of [root, stateCa]) {
    const ski = skiOf(parseX509Certificate(certificate) as X509Certificate)
    crls.set(`/trust/crls/${ski}.crl`, crl)
  }
  server = createServer(({ url: path = '' }, response) => {
    const version = /^\/trust\/list(?:\/(\d+))?$/.exec(path)
    const number = Number(version?.[1] ?? versions.length)
    const body = version && !unavailable.has(number) ? versions[number - 1] : crls.get(path)
    if (body) response.end(body)
    else response.writeHead(503).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())
beforeEach(() => unavailable.clear())

function keyNamed(name: string, der = BY.list.keys[0]!.der): TrustList['keys'][number] {
  return { ...BY.list.keys[0]!, x5tS256: digest(name), der }
}

/** With keys that make it long and that nobody has to understand. */
function withLarge(keys: number): TrustList {
  const der = 'A'.repeat(16 * 1024)
  const large = Array.from({ length: keys }, (_, i) => keyNamed(`large ${i}`, der))
  return { ...BY.list, keys: [...BY.list.keys, ...large] }
}

/** Versions of which each adds a key. */
async function history(length: number, first = BY.list): Promise<string[]> {
  let list = first
  const made = [await signedList(list, BY.pki.trustListSigner)]
  while (made.length < length) {
    const keys = [...list.keys, keyNamed(`added by ${made.length + 1}`)]
    list = successor(list, made.at(-1)!, { keys })
    made.push(await signedList(list, BY.pki.trustListSigner))
  }
  return made
}

describe('a first contact with a state', () => {
  let stores: SqlStores
  let clock: Date
  let charactersAMinute: number
  let poll: () => Promise<unknown>

  beforeEach(async () => {
    const database = new SqliteDatabase(':memory:')
    migrate(database)
    await claimNode(database, { state: 'UZ', environment: 'production', epoch: 'one' })
    stores = sqlStores(database)
    await pinForDevelopment(stores.trustStore, 'BY', BY.pin.rootSha256)
    clock = NOW
    const now = () => clock
    charactersAMinute = CHARACTERS_A_MINUTE
    const deps = {
      ...stores,
      state: 'UZ',
      environment: 'production' as const,
      policy: POLICY,
      now,
      fetch,
      append: appendOneByOne(sqlJournal(database), now),
      trust: currentTrust(stores.trustStore),
    }
    let work: ReturnType<typeof pollTrust> | undefined
    poll = () => (work ??= pollTrust(deps, charactersAMinute))('BY', url)
    return () => database.close()
  })

  const later = (minutes: number) => (clock = new Date(clock.getTime() + minutes * 60_000))
  const taken = async () => (await stores.trustStore.accepted()).map(({ version }) => version)
  const waiting = async () =>
    (await stores.trustStore.accepted()).flatMap(({ version, additionsFrom }) =>
      additionsFrom === undefined ? [] : [version],
    )
  const alarms = async () => (await stores.alarms.list(0, 99)).map(({ detail }) => detail)

  it('goes on in the minute after the bound: nothing of it waits, and what is issued meanwhile does', async () => {
    const all = await history(8, withLarge(1))
    charactersAMinute = all.slice(0, 4).join('').length
    versions = all.slice(0, 7)
    expect(await poll()).toEqual({ error: expect.stringMatching(LIMIT), halfWay: true })
    expect(await taken()).toEqual([1, 2, 3, 4])
    versions = all
    later(1)
    expect(await poll()).toEqual({ ok: true })
    expect(await taken()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(await waiting()).toEqual([8])
    expect(await alarms()).toEqual([
      expect.stringContaining('version 8 of the trust list adds key'),
    ])
  })

  it('is over after an hour: a peer that holds versions back adds nothing unnoticed', async () => {
    versions = await history(4)
    unavailable.add(2)
    expect(await poll()).toMatchObject({ error: expect.stringContaining('HTTP 503') })
    unavailable.clear()
    unavailable.add(3)
    later(59)
    expect(await poll()).toMatchObject({ error: expect.stringContaining('HTTP 503') })
    expect(await taken()).toEqual([1, 2])
    unavailable.clear()
    later(1)
    expect(await poll()).toEqual({ ok: true })
    expect(await waiting()).toEqual([3, 4])
    expect(await alarms()).toHaveLength(2)
  })

  it('has not begun while nothing has come', async () => {
    versions = await history(3)
    unavailable.add(1)
    expect(await poll()).toEqual({ error: expect.stringContaining('HTTP 503') })
    unavailable.clear()
    later(600)
    expect(await poll()).toEqual({ ok: true })
    expect(await waiting()).toEqual([])
  })
})

describe('the trust of a restore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certex-long-history-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  /** @param known how many versions it reached before */
  const reaching = async (known = 0) => {
    const empty = join(folder, 'empty.sqlite')
    const database = new SqliteDatabase(empty)
    migrate(database)
    database.close()
    const believed = await restoreTrust(empty, [{ state: 'BY', rootSha256: BY.pin.rootSha256 }], {
      config: {
        state: 'UZ',
        environment: 'production',
        policy: POLICY,
        peers: [{ state: 'BY', url, pull: false }],
      },
      fetch: (asked, init) => fetch(String(asked).replace('https://by.example', url), init),
      now: () => NOW,
    })
    try {
      const all = versions
      versions = all.slice(0, known)
      if (known > 0) expect(await believed.reach('BY')).toEqual({ url: 'https://by.example' })
      versions = all
      const reached = await believed.reach('BY')
      const { view } = await believed.trust()
      return {
        reached,
        version: view.list('BY')?.version,
        checked: await believed.peers.find('BY'),
      }
    } finally {
      believed.close()
    }
  }

  it('comes to the newest list of a mirror, however long the lists before it are', async () => {
    versions = await history(21, withLarge(84))
    const former = versions.slice(0, -2).reduce((sum, { length }) => sum + length, 0)
    expect(former).toBeGreaterThan(CHARACTERS_A_MINUTE)
    const { reached, version, checked } = await reaching()
    expect(reached).toEqual({ url: 'https://by.example' })
    expect(version).toBe(versions.length)
    expect(checked.trustCheckedAt).toBe('2026-03-02T09:00:00Z')
  })

  it.each([
    { known: 0, from: 'that came half-way' },
    { known: 3, from: 'of which the first version behind the backup does not come' },
  ])('$from reaches no mirror, and says why', async ({ known }) => {
    versions = await history(5)
    unavailable.add(4)
    const { reached } = await reaching(known)
    expect(reached).toEqual({
      error: expect.stringMatching(/came in part only.*trust list version 4: .*HTTP 503/),
    })
  })
})

describe('the bound of former versions', () => {
  it('holds for calls at one time too, and counts what does not come without saying that it was read', async () => {
    let asked = 0
    const answers: ((answer: { text: string } | { error: string }) => void)[] = []
    const get = () => {
      asked++
      return new Promise<{ text: string } | { error: string }>((resolve) => answers.push(resolve))
    }
    const fetchVersion = formerVersions(() => NOW, get, 3 * 1024 * 1024)('BY', 'https://by.example')
    const calls = [1, 2, 3].map((version) => fetchVersion(version))
    expect(asked).toBe(2)
    expect(await calls[2]).toEqual({ error: expect.stringContaining('it goes on by itself') })
    for (const answer of answers) answer({ error: 'no answer' })
    await Promise.all(calls)
    const { error } = (await fetchVersion(4)) as { error: string }
    expect(error).toMatch(/2 of them did not come; they are asked for again in the next$/)
    expect(error).not.toContain('were read')
  })
})
