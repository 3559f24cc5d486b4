import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoStates } from '../../src/cli/demo/states.ts'
import { validatePath } from '../../src/exchange/validation/path-to-root.ts'
import { fetchOcsp } from '../../src/exchange/keep-trust/fetch-ocsp.ts'
import { publishOcsp } from '../../src/exchange/keep-trust/publish-ocsp.ts'
import { publishCrl } from '../../src/exchange/keep-trust/publish-trust.ts'
import { revocationStatus } from '../../src/exchange/keep-trust/revocation-status.ts'
import { prepareDevState, publishDevTrust } from '../../src/node/dev-state.ts'
import { issueOcspResponse } from '../../src/node/pki/ocsp-issue.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { storeSeal, writePkiDirectory } from '../../src/node/pki/pki-store.ts'
import { renewCrl } from '../../src/node/pki/renew-crl.ts'
import {
  type BodyPki,
  createBodyPki,
  createResponder,
  createSeal,
  createStatePki,
  DEFAULT_VALIDITY_DAYS,
  type StatePki,
} from '../../src/node/pki/state-pki.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlStores, type SqlStores } from '../../src/storage/sql-stores.ts'
import { skiOf } from '../../src/trust/accept-crl.ts'
import { currentTrust, type Trust } from '../../src/trust/trust.ts'
import { type Crl, parseCrl } from '../../src/x509/crl.ts'
import { crlSource } from '../../src/x509/crl-source.ts'
import { ocspSource } from '../../src/x509/ocsp-source.ts'
import { createPathCache } from '../../src/x509/path-cache.ts'
import { parseX509Certificate, type X509Certificate } from '../../src/x509/x509-certificate.ts'
import { type Canary, startCanary } from '../support/canary.ts'
import { lacks } from '../support/counterparts.ts'
import { nextSecond } from '../support/notices.ts'
import {
  issuerOf,
  type OcspResponderServer,
  serialOf,
  startOcspResponder,
} from '../support/ocsp-responder.ts'

const HOUR_MS = 3600_000
/** Seals beside the first, so that more is asked than may be in flight. */
const MORE_SEALS = 6

describe.skipIf(lacks('openssl'))('OCSP responses, asked for in rounds', () => {
  let folder: string
  let responder: OcspResponderServer
  let canary: Canary
  let pki: StatePki
  let sealed: BodyPki
  let database: SqliteDatabase
  let stores: SqlStores
  let publicUrl: string
  /** Of the asking node, ahead of the one here. */
  let aheadMs = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-ocsp-'))
    canary = await startCanary('/ocsp')
    let signers: Awaited<ReturnType<typeof createResponder>>[] = []
    const seals: Uint8Array[] = []
    responder = await startOcspResponder(() => [
      {
        ca: sealed.ca.certificate,
        signer: signers[0]!,
        issued: [sealed.seal.certificate, ...seals],
      },
      {
        ca: pki.stateCa.certificate,
        signer: signers[1]!,
        issued: [pki.node, pki.registrySeal, pki.statusSigner].map((key) => key.certificate),
      },
    ])
    const { BY, UZ } = demoStates(folder)
    const [first, second] = BY.bodies.map(({ id, name, code }) => ({ partyId: id, name, code }))
    const now = new Date()
    const issuance = {
      state: 'BY',
      now,
      sealAlgorithm: 'ES256',
      validity: DEFAULT_VALIDITY_DAYS,
    } as const
    const made = await createStatePki({
      ...issuance,
      organization: BY.organization,
      bodies: [first!],
      ocspUrl: responder.url,
    })
    // A body whose issuer names a host that is none of the state's nodes.
    const foreign = await createBodyPki(second!, made.stateCa, { ...issuance, ocspUrl: canary.url })
    pki = { ...made, bodies: [...made.bodies, foreign] }
    sealed = made.bodies[0]!
    signers = await Promise.all(
      [sealed.ca, made.stateCa].map((ca) =>
        createResponder(ca, { ...issuance, organization: 'Sample', name: 'Sample' }),
      ),
    )
    await mkdir(BY.keys, { recursive: true })
    await writeFile(join(BY.keys, 'passphrase'), 'a long enough passphrase')
    await writePkiDirectory(BY.keys, pki, 'a long enough passphrase')
    for (let n = 0; n < MORE_SEALS; n++) {
      const seal = await createSeal(first!, sealed.ca, { ...issuance, ocspUrl: responder.url })
      seals.push(seal.certificate)
      const directory = await loadPkiDirectory(BY.keys)
      await storeSeal(directory, first!.partyId, seal, 'a long enough passphrase')
    }
    const prepared = await prepareDevState(BY)
    await publishDevTrust(prepared, [await prepareDevState(UZ)])
    publicUrl = prepared.url
    database = new SqliteDatabase(join(BY.data, 'node.sqlite'))
    stores = sqlStores(database)
  })
  afterAll(async () => {
    responder.close()
    canary.server.close()
    database.close()
    await rm(folder, { recursive: true })
  })

  /** What a process of the node asks with; `now` as the test sets it. */
  function asking(over: SqlStores = stores) {
    const now = () => new Date(Date.now() + aheadMs)
    const trust = currentTrust(over.trustStore)
    return fetchOcsp({ ...over, publicUrl, now, random: () => 0.5, fetch, trust })
  }
  const trust = () => currentTrust(stores.trustStore)()
  const fetchOf = async (url: string) =>
    (await stores.revocationFetches.all()).find((known) => known.url === url)

  /** What operators of a node see so many days from now. */
  const statusAt = (days: number, state: string) =>
    revocationStatus({
      ...stores,
      state,
      now: () => new Date(Date.now() + days * 24 * HOUR_MS),
      trust: currentTrust(stores.trustStore),
    })()

  const paths = createPathCache()
  async function judge(on: Trust, at = new Date(Date.now() + 2000)) {
    const query = { trust: on, paths, purpose: 'document-seal', at, now: at } as const
    return (await validatePath(sealed.seal.x5c, query)).path
  }

  it('say good of every key that names the responder, at most four at once', async () => {
    const before = (await trust()).revision
    expect(await judge(await trust())).toMatchObject({ result: 'valid' })
    await asking()()
    const held = await stores.trustStore.heldOcspResponses()
    expect(held).toHaveLength(4 + MORE_SEALS)
    expect(new Set(held.map(({ status }) => status))).toEqual(new Set(['good']))
    expect(responder.count()).toBe(4 + MORE_SEALS)
    expect(responder.mostAtOnce()).toBeLessThanOrEqual(4)
    // Once for the round, not once for each response.
    expect((await trust()).revision).toBe(before + 1)
    expect(await fetchOf(responder.url)).toMatchObject({ attempts: 0, failure: undefined })
  })

  it('break the silence of a list, and go stale', async () => {
    const current = await trust()
    const crls = (await stores.trustStore.crls()).map(
      ({ der }) => parseCrl(new Uint8Array(Buffer.from(der, 'base64'))) as Crl,
    )
    const silenced = issuerOf(sealed.seal.certificate)
    const silent: Trust = {
      ...current,
      crls: crlSource(crls.filter(({ issuer }) => issuer.key !== silenced)),
    }
    const bare = { ...silent, ocsp: ocspSource([]) }
    expect(await judge(bare)).toMatchObject({ result: 'unknown', code: 'crl-missing' })
    expect(await judge(silent)).toMatchObject({ result: 'valid' })
    const later = new Date(Date.now() + 25 * HOUR_MS)
    expect(await judge(silent, later)).toMatchObject({ result: 'unknown', code: 'ocsp-stale' })
  })

  it('are not asked of a host that is no node of the state, which operators see', async () => {
    expect(canary.calls).toBe(0)
    const { ocsp } = await statusAt(0, 'UZ')
    const foreign = ocsp.filter(({ fetchedFrom }) => fetchedFrom === undefined)
    expect(foreign).toMatchObject([
      { currency: 'missing', key: expect.stringContaining('TESTCERT') },
    ])
    expect(foreign[0]!.advice?.en).toContain('a host that the trust list of BY does not name')
    expect(ocsp.filter(({ currency }) => currency === 'fresh')).toHaveLength(4 + MORE_SEALS)
  })

  it('are there after a restart, and are not asked for again before they are due', async () => {
    const again = new SqliteDatabase(database.raw.name)
    const reopened = sqlStores(again)
    expect(await reopened.trustStore.heldOcspResponses()).toHaveLength(4 + MORE_SEALS)
    const before = responder.count()
    await asking(reopened)()
    expect(responder.count()).toBe(before)
    again.close()
  })

  it('revoke at once what a remembered path called valid, and for good', async () => {
    expect(await judge(await trust())).toMatchObject({ result: 'valid' })
    const serial = serialOf(sealed.seal.certificate)
    responder.revoked.set(serial, '260201000000Z,keyCompromise')
    aheadMs = 2 * HOUR_MS
    // OpenSSL signs by the clock here, in whole seconds.
    await nextSecond()
    await asking()()
    expect(await judge(await trust())).toMatchObject({ code: 'revoked', reason: 'keyCompromise' })

    responder.revoked.delete(serial)
    aheadMs = 4 * HOUR_MS
    await nextSecond()
    await asking()()
    const held = await stores.trustStore.ocspResponse('BY', serial)
    expect(held).toMatchObject([{ status: 'revoked' }])
    // Whoever has got the key of the responder lets it count from later on, or releases it.
    for (const weaker of ['260301000000Z,keyCompromise', '260201000000Z,certificateHold']) {
      responder.revoked.set(serial, weaker)
      aheadMs += 2 * HOUR_MS
      await nextSecond()
      await asking()()
      expect(await stores.trustStore.ocspResponse('BY', serial)).toEqual(held)
    }
    const alarms = await stores.alarms.list(0, 100)
    expect(alarms.filter(({ kind }) => kind === 'trust-list-refused')).toMatchObject([
      { peer: 'BY', detail: expect.stringContaining(`takes back the revocation of ${serial}`) },
    ])
    // Outside its time it proves nothing any more; yet the CRL, which is older, does not outweigh it.
    const late = new Date(Date.now() + 48 * HOUR_MS)
    expect(await judge(await trust(), late)).toMatchObject({
      result: 'unknown',
      code: 'ocsp-stale',
    })
  })

  it.each<[number, string, string, string, string]>([
    [20, 'BY', 'BY State CA', 'fresh', ''],
    [25, 'BY', 'BY State CA', 'due', 'certex pki renew-crls'],
    [25, 'UZ', 'BY State CA', 'fresh', ''],
    [29, 'UZ', 'BY State CA', 'due', 'call the operator of BY'],
    [31, 'BY', 'BY State CA', 'stale', 'validations answer "cannot tell"'],
    [31, 'BY', 'BY Root CA', 'fresh', ''],
    [91, 'BY', 'BY Root CA', 'stale', 'certex pki renew-crls'],
  ])(
    'and lists, %i days later, seen by %s: that of %s is %s',
    async (days, state, ca, currency, advice) => {
      const { crls } = await statusAt(days, state)
      const found = crls.find(({ authority }) => authority === ca)!
      expect(found.currency).toBe(currency)
      if (advice) expect(found.advice?.en).toContain(advice)
      else expect(found.advice).toBeUndefined()
    },
  )

  it('that revoke, once they have ended, are told with what confirms them', async () => {
    const { ocsp } = await statusAt(2, 'UZ')
    const seal = ocsp.find(({ response }) => response?.status === 'revoked')!
    expect(seal).toMatchObject({ currency: 'stale' })
    expect(seal.advice?.en).toContain('until a CRL confirms the revocation')
  })

  it('that a stranger signed, or that are about another key, are not kept', async () => {
    const before = await stores.trustStore.ocspResponses()
    const own = await trust()
    const der = Buffer.from(before.find(({ status }) => status === 'good')!.der, 'base64')
    responder.misbehave((response) => {
      response.setHeader('Content-Type', 'application/ocsp-response')
      response.end(der)
    })
    aheadMs = 6 * HOUR_MS
    await asking()()
    expect(await stores.trustStore.ocspResponses()).toEqual(before)
    expect((await trust()).revision).toBe(own.revision)
    expect(await fetchOf(responder.url)).toMatchObject({
      failure: expect.stringMatching(/^ocsp-missing/),
    })
  })

  it('are not followed to another place, and a responder that fails is left alone longer and longer', async () => {
    responder.misbehave((response) => response.writeHead(302, { Location: canary.url }).end())
    aheadMs = 8 * HOUR_MS
    const ask = asking()
    const pauses: number[] = []
    for (let n = 1; n <= 5; n++) {
      const asked = responder.count()
      await ask()
      // The first failure ends the round: only those in flight with it were sent.
      expect(responder.count() - asked).toBeLessThanOrEqual(4)
      const fetched = (await fetchOf(responder.url))!
      expect(fetched.failure).toBe('HTTP 302')
      const now = Date.now() + aheadMs
      pauses.push(Date.parse(fetched.nextAttemptAt!) - now)
      const held = responder.count()
      await ask()
      expect(responder.count()).toBe(held)
      aheadMs += pauses.at(-1)! + 1000
    }
    expect(pauses[4]! / pauses[0]!).toBeGreaterThan(10)
    expect(canary.calls).toBe(0)
  })

  it('that are too long, or of another type, end the round', async () => {
    responder.misbehave((response) => {
      response.setHeader('Content-Type', 'application/ocsp-response')
      response.end(Buffer.alloc(1024 * 1024))
    })
    aheadMs += HOUR_MS
    await asking()()
    expect((await fetchOf(responder.url))!.failure).toBe('the body is longer than 65536 bytes')
    responder.misbehave((response) => response.end('hello'))
    aheadMs += HOUR_MS
    await asking()()
    expect((await fetchOf(responder.url))!.failure).toMatch(/^it sent /)
  })

  it('that never end are given up after ten seconds', async () => {
    responder.misbehave((response) => {
      response.setHeader('Content-Type', 'application/ocsp-response')
      response.write('x')
    })
    aheadMs += HOUR_MS
    const began = performance.now()
    await asking()()
    expect(performance.now() - began).toBeLessThan(30_000)
    expect((await fetchOf(responder.url))!.failure).toMatch(/timeout/i)
  })

  it('come again once the responder answers', async () => {
    responder.misbehave(undefined)
    aheadMs += HOUR_MS
    await asking()()
    const fetched = (await fetchOf(responder.url))!
    expect(fetched).toMatchObject({ attempts: 0, nextAttemptAt: undefined })
    expect(Date.parse(fetched.succeededAt!)).toBeGreaterThan(Date.parse(fetched.failedAt!))
  })

  it('that say good do not outlive a CRL that revoked after them, though it goes stale first', async () => {
    const { ca, seal } = pki.bodies[1]!
    const from = new Date()
    const inDays = (days: number) => new Date(from.getTime() + days * 24 * HOUR_MS)
    const judgeAt = async (days: number) => {
      const at = inDays(days)
      const query = { trust: await trust(), paths, purpose: 'document-seal', at, now: at } as const
      return (await validatePath(seal.x5c, query)).path
    }
    const signer = await createResponder(ca, {
      state: 'BY',
      now: from,
      organization: 'Sample',
      name: 'Sample',
    })
    const [certificate, issuer] = [seal, ca].map(
      (key) => parseX509Certificate(key.certificate) as X509Certificate,
    )
    const good = await issueOcspResponse(
      {
        certificate: certificate!,
        issuer: issuer!,
        entry: undefined,
        thisUpdate: from,
        nextUpdate: inDays(20),
      },
      signer,
    )
    const clock = { now: () => new Date(from.getTime() + 60_000) }
    const deps = { ...clock, trust, trustStore: stores.trustStore }
    expect(await publishOcsp(deps)(good, 'BY', 'Test')).toMatchObject({ outcome: 'stored' })
    expect(await judgeAt(1)).toMatchObject({ result: 'valid' })

    const thisUpdate = new Date(from.getTime() + 30_000)
    const held = (await stores.trustStore.crl('BY', skiOf(issuer!)))!
    const revoking = await renewCrl({
      ca,
      previous: new Uint8Array(Buffer.from(held.der, 'base64')),
      revoke: [
        { serialNumber: certificate!.serialNumber, revokedAt: from, reason: 'keyCompromise' },
      ],
      thisUpdate,
      nextUpdate: inDays(2),
    })
    const list = (await trust()).view.list('BY')!
    expect(await publishCrl(deps)(revoking, list)).toMatchObject({ outcome: 'stored' })
    expect(await judgeAt(1)).toMatchObject({ code: 'revoked', reason: 'keyCompromise' })
    for (const days of [3, 10, 19])
      expect(await judgeAt(days)).toMatchObject({ result: 'unknown', code: 'crl-stale' })
  })
})
