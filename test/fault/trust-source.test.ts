import 'reflect-metadata'
import {
  CRLDistributionPointsExtension,
  X509Certificate as PkiCertificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { importPrivateKey } from '../../src/crypto/suite.ts'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlStores, type SqlStores } from '../../src/storage/sql-stores.ts'
import { skiOf } from '../../src/trust/accept-crl.ts'
import { currentTrust } from '../../src/trust/trust.ts'
import type { TrustList } from '../../src/trust/trust-list.ts'
import { parseX509Certificate, type X509Certificate } from '../../src/x509/x509-certificate.ts'
import { type Canary, startCanary } from '../support/canary.ts'
import { digest } from '../support/hostile.ts'
import {
  type ListedState,
  listedState,
  NOW,
  signedList,
  successor,
} from '../support/hostile-lists.ts'

const LIST = '/trust/list'
const MAX_LIST_BYTES = 1_900_000
const MAX_CRL_BYTES = 1024 * 1024
/** What a fetch may take, and what it takes here: the wait itself proves nothing. */
const DEADLINE_MS = 15_000
const SHORT_MS = 700

type Answer = (response: ServerResponse) => void

/** The node of a state, which answers what it is told to and remembers what it was asked. */
interface Source {
  readonly server: Server
  readonly url: string
  readonly asked: string[]
  /** By path; another one is not found. */
  readonly answers: Map<string, Answer>
}

let canary: Canary
let source: Source
let BY: ListedState
let list: TrustList
let jws: string
/** What the source serves of each authority, and where. */
const crls = new Map<'root' | 'state' | 'body', { ski: string; path: string; der: Uint8Array }>()
let stores: SqlStores
let clock: Date
let poll: () => Promise<{ ok: true } | { error: string }>

const x509 = (der: Uint8Array) => parseX509Certificate(der) as X509Certificate
const bytes =
  (body: string | Uint8Array): Answer =>
  (response) =>
    response.end(body)
/** Begins to answer, and never ends. */
const drip: Answer = (response) => void response.write('x')

beforeAll(async () => {
  canary = await startCanary('/body.crl')
  source = await startSource()
  BY = await listedState('BY', ['BY.CCI.001'])
  const { root, stateCa, bodies } = BY.pki
  const { ca } = bodies[0]!
  const pointing = await pointedTo(canary.url, ca.certificate, stateCa)
  list = { ...BY.list, cas: [stateCa.certificate, pointing].map(encodeBase64) }
  jws = await signedList(list, BY.pki.trustListSigner)
  for (const [name, { certificate, crl: der }] of [
    ['root', root],
    ['state', stateCa],
    ['body', { certificate: pointing, crl: ca.crl }],
  ] as const) {
    const ski = skiOf(x509(certificate))
    crls.set(name, { ski, path: `/trust/crls/${ski}.crl`, der })
  }
})
afterAll(() => {
  canary.server.close()
  source.server.closeAllConnections()
  source.server.close()
})

beforeEach(async () => {
  source.asked.length = 0
  source.answers.clear()
  source.answers.set(LIST, bytes(jws))
  for (const { path, der } of crls.values()) source.answers.set(path, bytes(der))
  const database = new SqliteDatabase(':memory:')
  migrate(database)
  await claimNode(database, { state: 'UZ', environment: 'production', epoch: 'one' })
  stores = sqlStores(database)
  await pinForDevelopment(stores.trustStore, 'BY', BY.pin.rootSha256)
  clock = NOW
  const now = () => clock
  const work = pollTrust({
    ...stores,
    state: 'UZ',
    environment: 'production',
    policy: DEFAULT_POLICY,
    now,
    fetch,
    append: appendOneByOne(sqlJournal(database), now),
    trust: currentTrust(stores.trustStore),
  })
  poll = () => work('BY', source.url)
  return () => {
    vi.restoreAllMocks()
    database.close()
  }
})

const held = async () => (await stores.trustStore.crls()).map(({ ski }) => ski).toSorted()
const skis = (...names: ('root' | 'state' | 'body')[]) =>
  names.map((name) => crls.get(name)!.ski).toSorted()
const fetchAt = async (path: string) =>
  (await stores.revocationFetches.all()).find(({ url }) => url === `${source.url}${path}`)!
const failureAt = async (path: string) => (await fetchAt(path)).failure

describe('trust data', () => {
  it('comes from the one address of the node, whatever host a distribution point names', async () => {
    const body = x509(new Uint8Array(Buffer.from(list.cas[1]!, 'base64')))
    expect(body.crlDistributionPoints![0]!.name).toContain(
      `uniformResourceIdentifier ${canary.url}`,
    )
    expect(await poll()).toEqual({ ok: true })
    expect(await held()).toEqual(skis('root', 'state', 'body'))
    const paths = [LIST, ...[...crls.values()].map(({ path }) => path)]
    expect(new Set(source.asked)).toEqual(new Set(paths))
    expect(canary.calls).toBe(0)
  })

  it('that is not there is not looked for where a distribution point says', async () => {
    const { path } = crls.get('body')!
    source.answers.delete(path)
    expect(await poll()).toEqual({ error: `${source.url}${path}: HTTP 404` })
    expect(await held()).toEqual(skis('root', 'state'))
    expect(canary.calls).toBe(0)
  })

  it.each([301, 302, 303, 307, 308])('is not looked for where HTTP %i sends to', async (status) => {
    const { path } = crls.get('body')!
    for (const at of [canary.url, `${source.url}/elsewhere`]) {
      const elsewhere: Answer = (response) => response.writeHead(status, { Location: at }).end()
      source.answers.set(path, elsewhere)
      expect(await poll()).toEqual({ error: `${source.url}${path}: HTTP ${status}` })
      expect(await failureAt(path)).toBe(`${source.url}${path}: HTTP ${status}`)
      source.answers.set(LIST, elsewhere)
      expect(await poll()).toEqual({ error: `${source.url}${LIST}: HTTP ${status}` })
      source.answers.set(LIST, bytes(jws))
    }
    expect(await held()).toEqual(skis('root', 'state'))
    expect(source.asked).not.toContain('/elsewhere')
    expect(canary.calls).toBe(0)
  })

  it('is read up to the limit of its kind and no further', async () => {
    const { path } = crls.get('body')!
    const poured = (length: number) => bytes(Buffer.alloc(length, 'x'))
    source.answers.set(path, poured(MAX_CRL_BYTES + 1))
    expect(await poll()).toEqual({ error: tooLong(path, MAX_CRL_BYTES) })
    expect(await failureAt(path)).toBe(tooLong(path, MAX_CRL_BYTES))
    source.answers.set(path, poured(MAX_CRL_BYTES))
    expect(await poll()).toEqual({ error: expect.not.stringContaining('longer') })
    expect(await held()).toEqual(skis('root', 'state'))

    source.answers.set(LIST, poured(MAX_LIST_BYTES + 1))
    expect(await poll()).toEqual({ error: tooLong(LIST, MAX_LIST_BYTES) })
    source.answers.set(LIST, poured(MAX_LIST_BYTES))
    expect(await poll()).toEqual({ error: expect.not.stringContaining('longer') })
  })

  it('is not waited for beyond a quarter of a minute; what else came is kept', async () => {
    const { path } = crls.get('body')!
    const deadlineOf = AbortSignal.timeout.bind(AbortSignal)
    const deadlines = vi
      .spyOn(AbortSignal, 'timeout')
      .mockImplementation(() => deadlineOf(SHORT_MS))
    for (const sloth of [drip, () => undefined]) {
      source.answers.set(path, sloth)
      expect(await poll()).toEqual({ error: expect.stringMatching(/timeout|aborted/) })
      expect(await failureAt(path)).toMatch(/timeout|aborted/)
      expect(await held()).toEqual(skis('root', 'state'))
      source.answers.set(LIST, sloth)
      expect(await poll()).toEqual({ error: expect.stringMatching(/timeout|aborted/) })
      source.answers.set(LIST, bytes(jws))
    }
    expect(new Set(deadlines.mock.calls.flat())).toEqual(new Set([DEADLINE_MS]))
    vi.restoreAllMocks()
    source.answers.set(path, bytes(crls.get('body')!.der))
    expect(await poll()).toEqual({ ok: true })
    expect(await fetchAt(path)).toMatchObject({ attempts: 0 })
  })
})

describe('former versions whose signer is not believed any more', () => {
  const MOST_A_MINUTE = 32 * 1024 * 1024
  const versionsAsked = () => source.asked.filter((path) => path.startsWith(`${LIST}/`))
  const alarms = async () =>
    (await stores.alarms.list(0, 9)).map(({ kind, detail }) => `${kind} ${detail}`)
  /** Three versions, of which a believed signer made the last alone; the first is as long as they come. */
  const threeVersions = async () => {
    const { keys, ...rest } = list
    const many = Array.from({ length: 1200 }, (_, i) => ({
      ...keys[0]!,
      x5tS256: digest(String(i)),
    }))
    const by = BY.pki.registrySeal
    const first = { ...rest, keys: [...keys, ...many] }
    const firstJws = await signedList(first, by)
    const second = successor(first, firstJws)
    const secondJws = await signedList(second, by)
    const third = await signedList(successor(second, secondJws), BY.pki.trustListSigner)
    return [firstJws, secondJws, third] as const
  }
  const minuteLater = () => (clock = new Date(clock.getTime() + 60_000))

  it('cost a bounded number of characters a minute, however often something waits for them', async () => {
    const [first, second, third] = await threeVersions()
    source.answers.set(LIST, bytes(third))
    source.answers.set(`${LIST}/1`, bytes(first))
    const isLimit =
      /within a minute as often as 32 million characters allow, and \d+ of them did not come; they are asked for again/
    const open = /signer-not-valid|not known yet, read back to 3: .*HTTP 404/
    let error = ''
    for (let polls = 0; !isLimit.test(error); polls++) {
      const polled = await poll()
      error = 'error' in polled ? polled.error : 'it came to an end'
      expect(error).toMatch(
        polls > 40 ? 'the limit' : new RegExp(`${isLimit.source}|${open.source}`),
      )
    }
    const read = versionsAsked().filter((path) => path.endsWith('/1')).length
    expect(read * first.length).toBeGreaterThan(MOST_A_MINUTE / 4)
    expect(read * first.length).toBeLessThan(MOST_A_MINUTE + first.length)

    const before = versionsAsked().length
    source.answers.set(`${LIST}/2`, bytes(second))
    expect(await poll()).toEqual({ error: expect.stringMatching(isLimit) })
    expect(versionsAsked()).toHaveLength(before)
    // Nothing is decided: none of them is believed, and nobody is told that one was refused.
    expect(await stores.trustStore.versions('BY')).toEqual([])
    expect(await alarms()).toEqual([])

    minuteLater()
    expect(await poll()).toEqual({ ok: true })
    expect((await stores.trustStore.versions('BY')).map(({ version }) => version)).toEqual([
      1, 2, 3,
    ])
  })

  it('are not read again where the reading was cut off', async () => {
    const [first, second, third] = await threeVersions()
    source.answers.set(LIST, bytes(third))
    source.answers.set(`${LIST}/1`, bytes(first))
    source.answers.set(`${LIST}/2`, bytes(second))
    let answered = 0
    // The version itself, and two of the walk: the last of them is not there yet.
    source.answers.set(`${LIST}/1`, (response) =>
      ++answered === 2 ? response.writeHead(503).end() : response.end(first),
    )
    expect(await poll()).toEqual({ error: expect.stringMatching(/read back to 2: .*HTTP 503/) })
    expect(versionsAsked()).toEqual([1, 2, 1].map((version) => `${LIST}/${version}`))
    expect(await poll()).toEqual({ ok: true })
    expect(versionsAsked().slice(3)).toEqual([1, 1, 2].map((version) => `${LIST}/${version}`))
  })

  it('of a state that names too many of them are not read, and the operator is told', async () => {
    const [first] = await threeVersions()
    const far = successor({ ...list, version: 2001 }, first)
    source.answers.set(LIST, bytes(await signedList(far, BY.pki.trustListSigner)))
    source.answers.set(`${LIST}/1`, bytes(first))
    const told = /2001 versions follow it, more than the 2000 .*: call the operator of BY$/
    for (let polls = 0; polls < 2; polls++)
      expect(await poll()).toEqual({ error: expect.stringMatching(told) })
    expect(await alarms()).toEqual([expect.stringMatching(told)])
    expect(versionsAsked()).toEqual([`${LIST}/1`, `${LIST}/1`])
  })
})

const tooLong = (path: string, most: number) =>
  `${source.url}${path}: the body is longer than ${most} bytes`

async function startSource(): Promise<Source> {
  const asked: string[] = []
  const answers = new Map<string, Answer>()
  const server = createServer(({ url }, response) => {
    asked.push(url!)
    const answer = answers.get(url!)
    if (answer) answer(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { server, asked, answers, url: `http://127.0.0.1:${port}` }
}

/** The same X.509 certificate of an authority, but that it names a place where its CRL is to be had. */
async function pointedTo(
  url: string,
  certificate: Uint8Array,
  issuer: ListedState['pki']['stateCa'],
): Promise<Uint8Array> {
  const old = new PkiCertificate(new Uint8Array(certificate))
  const { rawData } = await X509CertificateGenerator.create({
    serialNumber: old.serialNumber,
    subject: old.subjectName,
    issuer: old.issuerName,
    notBefore: old.notBefore,
    notAfter: old.notAfter,
    publicKey: old.publicKey,
    signingKey: await importPrivateKey(issuer.pkcs8, 'ES256'),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [...old.extensions, new CRLDistributionPointsExtension([url])],
  })
  return new Uint8Array(rawData)
}
