import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoCertificate, type DemoCertificate } from '../../src/cli/demo/documents.ts'
import { generateKeyPair, signingKey } from '../../src/crypto/suite.ts'
import { joinWork } from '../../src/exchange/join.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { checkStatusList } from '../../src/exchange/status-lists/check.ts'
import { fetchedStatusLists } from '../../src/exchange/status-lists/fetch.ts'
import { readStatusLists } from '../../src/exchange/status-lists/source.ts'
import { signStatusList, verifyStatusList } from '../../src/exchange/status-lists/token.ts'
import { validateCertificate } from '../../src/exchange/validation/validate.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { StatusListClaims } from '../../src/status-list/claims.ts'
import {
  decodeStatusList,
  packStatusList,
  statusAt,
  type StatusType,
} from '../../src/status-list/status-list.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, sealOf } from '../support/hostile.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const context = { officer: 'Test', purpose: 'test' }
const HOUR_MS = 3600_000

interface Report {
  answer: string
  indication: string
  reasons: string[]
  status?: { status: string }
  checks: { check: string; outcome: string; code: string; detail?: string }[]
  evidence: { statusList?: { uri: string } }
}

describe('status lists', () => {
  let nodes: TwoNodes
  let chamber: ApiClient
  let customs: ApiClient
  let certificate: DemoCertificate
  let document: string
  let position: { uri: string; idx: number }

  beforeAll(async () => {
    nodes = await startTwoNodes()
    chamber = await nodes.BY.client('issuer', 'BY.CCI')
    customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    certificate = await demoCertificate('origin-ct1-tractors', today, 31)
    const issued = await chamber.post('/v1/certificates', { certificate })
    expect(issued.status).toBe(201)
    document = (issued.body as { document: string }).document
    const claims = payloadOf(document) as { status: { status_list: typeof position } }
    position = claims.status.status_list
  })
  afterAll(() => nodes.close())

  async function get(uri: string, headers: Record<string, string> = {}) {
    const response = await fetch(uri, { headers })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  async function statusIn(token: string, idx: number) {
    const claims = StatusListClaims.parse(payloadOf(token))
    const list = await decodeStatusList(claims.status_list)
    if ('malformed' in list) throw new Error(list.malformed)
    return statusAt(list, idx)
  }

  const uzbekView = async () => {
    const { trust, paths } = nodes.UZ.running.deps
    return { trust: await trust(), paths, now: new Date() }
  }
  const read = async (tokens: string[]) => {
    const { trust, paths, now } = await uzbekView()
    return readStatusLists(tokens, trust, paths, now)
  }
  const problem = ({ text, headers }: { text: string; headers: Headers }) => {
    expect(headers.get('content-type')).toBe('application/problem+json')
    return (JSON.parse(text) as { type: string }).type.split('/').at(-1)
  }

  /** A list of Belarus that its status signer signed, as if its node had published it. */
  async function listOf(
    entries: { idx: number; status: StatusType }[],
    { uri = position.uri, signedAt = new Date() } = {},
  ) {
    const signer = await sealOf(nodes.BY, 'status-signer')
    return signStatusList({ uri, list: packStatusList(1000, entries), signer, signedAt })
  }

  it('are public, typed, cacheable and verify under the pinned root of the other state', async () => {
    const answer = await get(position.uri)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/statuslist+jwt')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    const verified = await verifyStatusList(answer.text, await uzbekView())
    expect(verified).toMatchObject({ uri: position.uri, state: 'BY', ttlSeconds: 300 })
    expect(await statusIn(answer.text, position.idx)).toBe(0)
    expect(await statusIn(answer.text, 2 ** 20 - 1)).toBe(0)
    expect(await statusIn(answer.text, 2 ** 20)).toBeUndefined()
  })

  it('are not sent again to who has them', async () => {
    const { headers, text } = await get(position.uri)
    const etag = headers.get('etag')!
    expect(etag).toBe(`"${digest(text)}"`)
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(position.uri, { 'if-none-match': tag })
      expect(again).toMatchObject({ status: 304, text: '' })
      expect(again.headers.get('etag')).toBe(etag)
      expect(again.headers.get('cache-control')).toBe('public, max-age=300')
    }
    expect((await get(position.uri, { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('show the present alone, and no list that does not exist', async () => {
    const past = await get(`${position.uri}?time=1686925000`)
    expect([past.status, problem(past)]).toEqual([501, 'status-history-not-served'])
    const unknown = await get(`${nodes.BY.url}/status/999`)
    expect([unknown.status, problem(unknown)]).toEqual([404, 'status-list-not-found'])
    for (const id of ['0', '01', '0x1', 'first', '-1', '1.0']) {
      const malformed = await get(`${nodes.BY.url}/status/${id}`)
      expect([id, malformed.status, problem(malformed)]).toEqual([id, 400, 'invalid-parameter'])
    }
    expect(nodes.BY.log.join()).not.toContain('request failed')
  })

  it('show an annulment within a second', async () => {
    const other = await demoCertificate('origin-ct1-tractors', today, 32)
    const issued = await chamber.post('/v1/certificates', { certificate: other })
    const claims = payloadOf((issued.body as { document: string }).document) as {
      status: { status_list: typeof position }
    }
    const { uri, idx } = claims.status.status_list
    const before = await get(uri)
    expect(await statusIn(before.text, idx)).toBe(0)
    const path = `/v1/certificates/BY/${other.type}/${encodeURIComponent(other.number)}/status-changes`
    const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка' }
    expect((await chamber.post(path, change)).status).toBe(201)
    const after = await get(uri, { 'if-none-match': before.headers.get('etag')! })
    expect(after.status).toBe(200)
    expect(await statusIn(after.text, idx)).toBe(1)
    expect(await statusIn(after.text, position.idx)).toBe(0)
  })

  describe('are believed from the status signer alone', () => {
    const typ = 'statuslist+jwt'
    const forgery = async (overrides: object = {}) => {
      const claims = payloadOf(await listOf([])) as { iat: number }
      return { typ, header: { iat: claims.iat }, payload: { ...claims, ...overrides } }
    }
    const verdict = async (token: string) => {
      const verified = await verifyStatusList(token, await uzbekView())
      return 'refused' in verified ? verified.refused : 'verified'
    }

    it('as the same token shows', async () => {
      const signer = await sealOf(nodes.BY, 'status-signer')
      expect(await verdict(await forge(signer, await forgery()))).toBe('verified')
    })

    it.each([
      ['registry-seal', 'extended-key-usage-wrong'],
      ['node', 'extended-key-usage-wrong'],
      ['BY.CCI.001', 'extended-key-usage-wrong'],
      ['trust-list-signer', 'extended-key-usage-wrong'],
    ] as const)('and not from %s', async (key, code) => {
      const seal = await sealOf(nodes.BY, key)
      expect(await verdict(await forge(seal, await forgery()))).toBe(code)
    })

    it('and not with another signature, in another form or as another kind', async () => {
      const signer = await sealOf(nodes.BY, 'status-signer')
      const { pkcs8 } = await generateKeyPair(signer.key.alg as 'ES256')
      const key = await signingKey(pkcs8, signer.key.alg)
      const valid = await forgery()
      expect(await verdict(await forge(signer, { ...valid, key }))).toBe('signature-wrong')
      const ofAnotherKind = { ...valid, typ: 'product-certificate+jwt' }
      expect(await verdict(await forge(signer, ofAnotherKind))).toBe('typ-not-expected')
      expect(await verdict(document)).toBe('typ-not-expected')
      expect(await verdict('not a token')).toBe('malformed')
    })

    it.each([
      ['a claim too many', { aud: 'UZ' }, 'claims-malformed'],
      ['no end', { exp: undefined }, 'claims-malformed'],
      ['no ttl', { ttl: undefined }, 'claims-malformed'],
      ['one bit', { status_list: { bits: 1, lst: 'eNrbuRgAAhcBXQ' } }, 'claims-malformed'],
      ['a list that is none', { status_list: { bits: 2, lst: 'AAAA' } }, 'list-malformed'],
      ['another time of signing', { iat: 1_700_000_000 }, 'iat-contradictory'],
    ])('and not with %s', async (_, claims, code) => {
      const signer = await sealOf(nodes.BY, 'status-signer')
      expect(await verdict(await forge(signer, await forgery(claims)))).toBe(code)
    })

    it('and not from the future', async () => {
      const signedAt = new Date(Date.now() + HOUR_MS)
      expect(await verdict(await listOf([], { signedAt }))).toBe('iat-in-future')
    })

    it('and not about certificates of another state', async () => {
      const signer = await sealOf(nodes.UZ, 'status-signer')
      const token = await forge(signer, await forgery())
      expect(await verdict(token)).toBe('verified')
      const { lists, refused } = await read([token])
      expect(refused).toEqual([])
      expect(await lists.find(position.uri, 'BY')).toBeUndefined()
    })
  })

  describe('at hand without a node', () => {
    it('are kept by URI and state, the newest of each, and the others named', async () => {
      const hourAgo = new Date(Date.now() - HOUR_MS)
      const newest = await listOf([{ idx: 3, status: 1 }])
      const tokens = [await listOf([], { signedAt: hourAgo }), newest, 'damaged', document]
      const { lists, refused } = await read([...tokens, tokens[0]!])
      expect(refused).toMatchObject([
        { index: 2, refused: 'malformed' },
        { index: 3, refused: 'typ-not-expected' },
      ])
      const held = await lists.find(position.uri, 'BY')
      expect(statusAt(held!.list, 3)).toBe(1)
      expect(await lists.find(`${position.uri}0`, 'BY')).toBeUndefined()
    })

    it('answer what they can tell, and say when they cannot', async () => {
      const signedAt = new Date(Math.floor(Date.now() / 1000) * 1000)
      const entries = [
        { idx: 1, status: 1 },
        { idx: 2, status: 2 },
        { idx: 3, status: 3 as StatusType },
      ] as const
      const { lists } = await read([await listOf([...entries], { signedAt })])
      const held = (await lists.find(position.uri, 'BY'))!
      const at = (idx: number, hours = 0) => {
        const { check, outcome, code, detail } = checkStatusList(
          held,
          idx,
          new Date(signedAt.getTime() + hours * HOUR_MS),
        )
        return [check, outcome, code, detail]
      }
      const iat = `${signedAt.toISOString().slice(0, 19)}Z`
      expect(at(0)).toEqual(['status', 'warning', 'valid-by-list', iat])
      expect(at(1)).toEqual(['status', 'failed', 'withdrawn-by-list', iat])
      expect(at(2)).toEqual(['status', 'failed', 'suspended-by-list', iat])
      expect(at(3)).toEqual(['status', 'failed', 'status-not-assigned', '3'])
      expect(at(1000).slice(0, 3)).toEqual(['status', 'unknown', 'status-list-too-short'])
      expect(at(0, 72).slice(0, 3)).toEqual(['status', 'warning', 'valid-by-list'])
      expect(at(1, 72.1).slice(0, 3)).toEqual(['status', 'unknown', 'status-list-stale'])
    })
  })

  describe('tell of a genuine certificate that never arrived', () => {
    /** A certificate that its body sealed and that nobody sent to Uzbekistan. */
    async function unsent(list: { uri?: string; idx?: number } = {}, header: object = {}) {
      const seal = await sealOf(nodes.BY, 'BY.CCI.001')
      const payload = claimsFor(nodes.BY, await freshCertificate(), {
        status: { status_list: { ...position, ...list } },
      })
      return forge(seal, { payload, header: header as Record<string, unknown> })
    }
    async function validate(...documents: string[]) {
      const { body } = await customs.post('/v1/validations', {
        context,
        items: documents.map((item) => ({ document: item })),
      })
      return (body as { reports: Report[] }).reports
    }
    const codes = ({ checks }: Report) =>
      checks.filter(({ outcome }) => outcome !== 'passed').map(({ code }) => code)

    it('whether it is in force', async () => {
      const annulled = await demoCertificate('origin-ct1-tractors', today, 33)
      const issued = await chamber.post('/v1/certificates', { certificate: annulled })
      const claims = payloadOf((issued.body as { document: string }).document) as {
        status: { status_list: typeof position }
      }
      const path = `/v1/certificates/BY/${annulled.type}/${annulled.number}/status-changes`
      const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка' }
      expect((await chamber.post(path, change)).status).toBe(201)

      const [good, bad, outside] = await validate(
        await unsent(),
        await unsent(claims.status.status_list),
        await unsent({ idx: 2 ** 20 }),
      )
      expect(good).toMatchObject({ answer: 'usable', indication: 'TOTAL-PASSED', reasons: [] })
      expect(codes(good!)).toEqual(['not-received', 'valid-by-list'])
      expect(good!.evidence.statusList).toMatchObject({ uri: position.uri })
      expect(bad).toMatchObject({ answer: 'not-usable', reasons: ['withdrawn-by-list'] })
      expect(bad!.status).toBeUndefined()
      expect(outside).toMatchObject({
        answer: 'cannot-tell',
        reasons: ['unknown-here', 'status-list-too-short'],
      })
    })

    it('unless there is no list, or one of another place than the node of its state', async () => {
      const reports = await validate(
        await unsent({ uri: `${nodes.BY.url}/status/900` }),
        await unsent({ uri: `${nodes.UZ.url}/status/1` }),
        await unsent({ uri: 'https://elsewhere.example/status/1' }),
      )
      for (const report of reports) {
        expect(report).toMatchObject({ answer: 'cannot-tell', reasons: ['unknown-here'] })
        expect(report.evidence).not.toHaveProperty('statusList')
      }
    })

    it('but its absence outweighs them once the feed is complete past its due day', async () => {
      const { deps } = nodes.UZ.running
      const validated = await unsent({}, { iat: Math.floor(Date.now() / 1000) - 30 * 86_400 })
      const firstHeard = new Date(Date.now() - 90 * 86_400_000)
      const report = await validateCertificate({
        ...deps,
        peers: {
          ...deps.peers,
          find: async (state) => ({
            ...(await deps.peers.find(state)),
            firstHeardAt: firstHeard.toISOString(),
            lastHeardAt: new Date().toISOString(),
            completeAt: new Date().toISOString(),
          }),
        },
      })({ subject: { document: validated } })
      expect(report).toMatchObject({ answer: 'cannot-tell', reasons: ['absent-from-feed'] })
    })

    it('and never speak for what the node itself would have issued', async () => {
      const seal = await sealOf(nodes.UZ, 'UZ.EXPERTIZA.001')
      const payload = claimsFor(nodes.UZ, await freshCertificate('origin-ct1-uz-dried-fruit'), {
        status: { status_list: { uri: `${nodes.UZ.url}/status/1`, idx: 1 } },
      })
      const [report] = await validate(await forge(seal, { payload }))
      expect(report).toMatchObject({ answer: 'cannot-tell', reasons: ['unknown-here'] })
    })
  })

  describe('of a peer are fetched', () => {
    /** A source whose network and clock are ours. */
    async function source(answers: (() => Response | Promise<Response>)[]) {
      const { trust, paths } = nodes.UZ.running.deps
      const asked: string[] = []
      let now = Date.now()
      const lists = fetchedStatusLists({
        trust,
        paths,
        join: joinWork(),
        now: () => new Date(now),
        fetch: async (input) => {
          asked.push(input as string)
          const answer = answers.length > 1 ? answers.shift()! : answers[0]!
          return answer()
        },
      })
      const find = async () => (await lists.find(position.uri, 'BY'))?.issuedAt.getTime()
      return { lists, asked, find, later: (ms: number) => (now += ms) }
    }
    const second = (time: number) => Math.floor(time / 1000) * 1000
    const down = () => Promise.reject(new TypeError('fetch failed'))

    it('once for many documents, and again past their ttl', async () => {
      const token = await listOf([])
      const { asked, lists, later } = await source([() => new Response(token)])
      const find = () => lists.find(position.uri, 'BY')
      const found = await Promise.all(Array.from({ length: 50 }, find))
      expect(found.every((list) => list?.uri === position.uri)).toBe(true)
      expect(asked).toEqual([position.uri])
      later(299_000)
      await find()
      expect(asked).toHaveLength(1)
      later(2_000)
      await find()
      expect(asked).toHaveLength(2)
    })

    it('and kept while the node does not answer or offers an older one', async () => {
      const signedAt = new Date(Date.now() - HOUR_MS)
      const older = await listOf([], { signedAt: new Date(signedAt.getTime() - HOUR_MS) })
      const token = await listOf([], { signedAt })
      const { find, later, asked } = await source([
        () => new Response(token),
        down,
        () => new Response('no', { status: 503 }),
        () => new Response(older),
        () => new Response('x'.repeat(600 * 1024)),
      ])
      for (let n = 0; n < 5; n++) {
        expect(await find()).toBe(second(signedAt.getTime()))
        later(301_000)
      }
      expect(asked).toHaveLength(5)
    })

    it('not again for a minute where the node does not answer', async () => {
      const token = await listOf([])
      const { find, later, asked } = await source([down, () => new Response(token)])
      expect([await find(), await find()]).toEqual([undefined, undefined])
      expect(asked).toHaveLength(1)
      later(61_000)
      expect(await find()).toBeDefined()
    })

    it('and not believed any longer than their signer', async () => {
      const { trust, paths } = nodes.UZ.running.deps
      const token = await listOf([])
      const asked: string[] = []
      let isListed = true
      const lists = fetchedStatusLists({
        paths,
        join: joinWork(),
        now: () => new Date(),
        fetch: async (input) => (asked.push(input as string), new Response(token)),
        trust: async () => {
          const present = await trust()
          const view = { ...present.view, key: () => undefined }
          return isListed ? present : { ...present, revision: present.revision + 1, view }
        },
      })
      expect(await lists.find(position.uri, 'BY')).toBeDefined()
      isListed = false
      expect(await lists.find(position.uri, 'BY')).toBeUndefined()
      expect(asked).toHaveLength(1)
    })

    it('from the node that the trust list of the state names, and under the URI asked for', async () => {
      const token = await listOf([])
      const { lists, asked } = await source([() => new Response(token)])
      for (const uri of [`${nodes.UZ.url}/status/1`, `${nodes.BY.url}.evil.example/status/1`])
        expect(await lists.find(uri, 'BY')).toBeUndefined()
      expect(await lists.find(position.uri, 'KZ')).toBeUndefined()
      expect(asked).toEqual([])
      expect(await lists.find(`${nodes.BY.url}/status/2`, 'BY')).toBeUndefined()
      expect(asked).toHaveLength(1)
    })
  })
})
