import fc from 'fast-check'
import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import { PROBLEM_MEDIA_TYPE } from '../../src/http/problem.ts'
import { PROBLEMS, type ProblemSlug } from '../../src/http/problem-registry.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, sealOf, stateOf } from '../support/hostile.ts'
import { mutate, mutations } from '../support/matrix-json.ts'
import { listedState, signedList } from '../support/hostile-lists.ts'
import { type Peer, peerOf, postAs } from '../support/sign-as.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

const JSON_TYPE = 'application/json'
const LONG_NUMBER = '1'.repeat(101)
const TOO_MANY = Array.from({ length: 1001 }, () => ({}))
const ACCESS = { 'access-officer': 'Test', 'access-purpose': 'test' }

let nodes: TwoNodes
let BY: TestNode
const tokens: Record<string, string> = {}
let issued: DemoCertificate
let annulled: DemoCertificate
let foreign: DemoCertificate
let certifierOwn: DemoCertificate
let before: Record<string, string>

interface Sent {
  readonly method?: string
  readonly path: string
  readonly as?: string
  readonly body?: string | Uint8Array | undefined
  readonly type?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

interface Received {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Plain node:http: a fetch would mend some of what is sent here. */
function send({ method = 'GET', path, as, body, type, headers = {} }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(BY.url + path, {
      // A connection of its own: one that is kept may end with what has just been sent on it.
      agent: false,
      method,
      headers: {
        ...(type !== undefined && { 'content-type': type }),
        ...(as !== undefined && { authorization: `Bearer ${tokens[as]}` }),
        ...headers,
      },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.end(body)
  })
}

const post = (path: string, as: string, body: Sent['body'], type: string | undefined = JSON_TYPE) =>
  send({ method: 'POST', path, as, body, type })

/** The slug of a problem that has everything RFC 9457 and the registry demand of it. */
function slugOf({ status, type, text }: Received): string {
  expect(type, text.slice(0, 300)).toBe(PROBLEM_MEDIA_TYPE)
  const problem = JSON.parse(text) as Record<string, unknown>
  const slug = String(problem['type']).replace(`${BY.url}/problems/`, '') as ProblemSlug
  expect(Object.keys(PROBLEMS)).toContain(slug)
  expect(problem).toMatchObject({ status, title: PROBLEMS[slug].title.en })
  expect(problem['instance']).toMatch(/^urn:uuid:/)
  expect(text).not.toMatch(/node_modules|\.ts:\d|SQLITE|Zod/)
  return slug
}

async function refused(sent: Promise<Received>, expected: string): Promise<void> {
  await refusal(sent, expected)
}

/** The problem that a refusal tells, when nothing else has changed. */
async function refusal(
  sent: Promise<Received>,
  expected: string,
): Promise<Record<string, unknown>> {
  const answer = await sent
  expect(`${answer.status} ${slugOf(answer)}`, answer.text.slice(0, 500)).toBe(expected)
  const expectedState = before
  before = stateOf(BY)
  expect(before).toEqual(expectedState)
  return JSON.parse(answer.text) as Record<string, unknown>
}

beforeAll(async () => {
  nodes = await startTwoNodes()
  BY = nodes.BY
  const parties = {
    issuer: 'BY.CCI',
    certifier: 'BY.TESTCERT',
    customs: 'BY.CUSTOMS',
    authority: 'BY.STATE',
  }
  const clients = new Map<string, Awaited<ReturnType<TestNode['client']>>>()
  for (const [name, party] of Object.entries(parties)) {
    const client = await BY.client(name === 'certifier' ? 'issuer' : (name as 'customs'), party)
    clients.set(name, client)
    const claims = claimsOf(client.id)
    const { text } = await exchangeAssertion(assertion(keyOf(client.privateJwk), claims))
    tokens[name] = (JSON.parse(text) as { access_token: string }).access_token
  }
  issued = await freshCertificate()
  annulled = await freshCertificate()
  certifierOwn = await freshCertificate('conformity-eaeu-certificate')
  foreign = await freshCertificate('origin-ct1-uz-dried-fruit')
  for (const certificate of [issued, annulled])
    expect((await issue({ certificate })).status).toBe(201)
  const other = { certificate: certifierOwn, to: ['UZ'] }
  expect((await issue(other, 'certifier')).status).toBe(201)
  const change = { change: 'annul', effectiveFrom: today, reason: 'ошибка' }
  const path = `/v1/certificates/BY/origin.ct1/${annulled.number}/status-changes`
  expect((await post(path, 'issuer', JSON.stringify(change))).status).toBe(201)
  const chamber = await nodes.UZ.client('issuer', 'UZ.EXPERTIZA')
  const sent = await chamber.post('/v1/certificates', { certificate: foreign })
  expect(sent.status).toBe(201)
  await eventually('both nodes are quiet', async () => {
    const { outbox, certificates } = BY.running.deps
    const { undecided } = await outbox.backlog('UZ')
    const { sha256 } = sent.body as { sha256: string }
    const late = await outbox.lateReceipts('UZ', 1, 1_000_000)
    const found = await certificates.findByDigest(sha256)
    return undecided === 0 && late.length === 0 && found !== undefined
  })
  await eventually('the other node is quiet', async () => {
    const { undecided } = await nodes.UZ.running.deps.outbox.backlog('BY')
    return undecided === 0
  })
  // What was decided late is noted by both nodes once more, a moment after.
  before = await eventually('nothing changes any more', async () => {
    const state = stateOf(BY)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    return JSON.stringify(stateOf(BY)) === JSON.stringify(state) ? state : undefined
  })
})
afterAll(() => nodes.close())

const issue = (request: unknown, as = 'issuer') =>
  post('/v1/certificates', as, JSON.stringify(request))

describe('a certificate', () => {
  it.each([
    ['number', 17, '422 invalid-body'],
    ['number', '', '422 invalid-body'],
    ['number', LONG_NUMBER, '422 invalid-body'],
    ['number', 'BY\u202eUZ', '422 invalid-body'],
    ['number', 'BY\u0000UZ', '422 invalid-body'],
    ['number', '№ №', '422 invalid-number'],
    ['number', '\u200b', '422 invalid-number'],
    ['number', 'BYUZ6002000301', '422 rule-violation'],
    ['number', 'not of this form', '422 rule-violation'],
    ['items', {}, '422 invalid-body'],
    ['usableUntil', '2026-02-30', '422 invalid-body'],
    ['usableUntil', 'tomorrow', '422 invalid-body'],
    ['totals', { grossKg: 1e300 }, '422 invalid-body'],
    ['issuedIn', 'by', '422 invalid-body'],
    ['issuedIn', 'UZ', '403 issuer-unknown'],
    ['forPresentationIn', 'KZ', '422 invalid-addressee'],
    ['forPresentationIn', 'BY', '422 invalid-addressee'],
    ['items', TOO_MANY, '422 invalid-body'],
  ])('with %s %.40j is refused', async (member, value, problem) => {
    const certificate = { ...(await freshCertificate()), [member]: value }
    await refused(issue({ certificate }), problem)
  })

  it('under a number that is taken by other content is refused, and names nothing but the digest', async () => {
    const other = { ...issued, transportRoute: 'автомобильный транспорт' }
    const problem = await refusal(issue({ certificate: other }), '409 certificate-exists')
    expect(problem['existing']).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(JSON.stringify(problem)).not.toContain('Навои')
  })

  it('under a number that only looks different from a taken one is refused', async () => {
    for (const number of [issued.number.replace('BY', 'ВУ'), `№ ${issued.number}`])
      await refused(issue({ certificate: { ...issued, number } }), '409 certificate-exists')
  })

  it('of another organisation is refused', async () => {
    const certificate = await freshCertificate()
    await refused(issue({ certificate }, 'certifier'), '403 not-your-certificate')
    const conformity = await freshCertificate('conformity-eaeu-certificate')
    await refused(issue({ certificate: conformity, to: ['UZ'] }), '403 not-your-certificate')
  })

  it('of a body without scope, or of no body, is refused', async () => {
    const certificate = await freshCertificate()
    const body = certificate['issuer'] as object
    const named = (code: string) => ({ certificate: { ...certificate, issuer: { ...body, code } } })
    await refused(issue(named('999'), 'certifier'), '403 issuer-out-of-scope')
    await refused(issue(named('777')), '403 issuer-unknown')
  })

  it('for nobody, or for a state without exchange, is refused', async () => {
    const certificate = await freshCertificate('conformity-eaeu-certificate')
    await refused(issue({ certificate }, 'certifier'), '422 invalid-addressee')
    await refused(issue({ certificate, to: [] }, 'certifier'), '422 invalid-body')
    await refused(issue({ certificate, to: ['KZ'] }, 'certifier'), '422 invalid-addressee')
    await refused(issue({ certificate, to: ['UZ', 'BY'] }, 'certifier'), '422 invalid-addressee')
  })

  it('is not issued by those who may not issue', async () => {
    const certificate = await freshCertificate()
    for (const as of ['customs', 'authority'])
      await refused(issue({ certificate }, as), '403 forbidden')
    const sent = { method: 'POST', path: '/v1/certificates', type: JSON_TYPE }
    await refused(send({ ...sent, body: '{"certificate":' }), '401 unauthenticated')
  })

  it('that names a state twice is sealed for it once, without a gap in the sequence', async () => {
    const certificate = await freshCertificate('conformity-eaeu-certificate')
    const { seq: last } = await lastDelivery()
    const answer = await issue({ certificate, to: ['UZ', 'UZ'] }, 'certifier')
    expect(answer.status).toBe(201)
    const { document, sha256 } = JSON.parse(answer.text) as { document: string; sha256: string }
    const payload = Buffer.from(document.split('.')[1]!, 'base64url').toString()
    expect(JSON.parse(payload)).toMatchObject({ aud: ['UZ'] })
    const delivery = await eventually('a decision', async () => {
      const found = await BY.running.deps.outbox.delivery('UZ', sha256)
      return found?.decision && found
    })
    expect(delivery).toMatchObject({ seq: last + 1, decision: { outcome: 'accepted' } })
    before = stateOf(BY)
  })

  async function lastDelivery() {
    const found = await BY.running.deps.certificates.find(idOf(certifierOwn, 'conformity.eaeu'))
    const [delivery] = await BY.running.deps.outbox.deliveries(found!.sha256)
    return { seq: Math.max(delivery!.seq, await lastSeq()) }
  }
})

async function lastSeq(): Promise<number> {
  let seq = 0
  for (const certificate of [issued, annulled]) {
    const stored = await BY.running.deps.certificates.find(idOf(certificate, 'origin.ct1'))
    for (const { sha256 } of [
      stored!,
      ...(await BY.running.deps.certificates.statusChanges(stored!.sha256)),
    ])
      for (const delivery of await BY.running.deps.outbox.deliveries(sha256))
        seq = Math.max(seq, delivery.seq)
  }
  return seq
}

function idOf({ number }: DemoCertificate, type: 'origin.ct1' | 'conformity.eaeu') {
  const id = parseCertificateId({ state: 'BY', type, number })
  if (!id) throw new Error(`${number} is no number`)
  return id
}

describe('a status change', () => {
  const change = () => ({ change: 'annul', effectiveFrom: today, reason: 'опечатка' })
  const annul = (address: string, as = 'issuer', body: unknown = change()) =>
    post(`/v1/certificates/${address}/status-changes`, as, JSON.stringify(body))

  it('of a certificate that is unknown, foreign, of others or annulled is refused', async () => {
    const own = `BY/origin.ct1/${issued.number}`
    await refused(annul('BY/origin.ct1/BYUZ6001999999'), '404 certificate-not-found')
    await refused(annul('BY/origin.ct1/%20'), '404 certificate-not-found')
    await refused(annul('BY/no-such-type/1'), '404 certificate-not-found')
    await refused(annul(`UZ/origin.ct1/${foreign.number}`), '404 certificate-not-found')
    await refused(annul(own, 'certifier'), '404 certificate-not-found')
    await refused(annul(own, 'customs'), '403 forbidden')
    const { reason } = await refusal(
      annul(`BY/origin.ct1/${annulled.number}`),
      '409 change-not-permitted',
    )
    expect(reason).toBeTypeOf('string')
  })

  it.each([
    ['without anything', { change: undefined, effectiveFrom: undefined, reason: undefined }],
    ['of another kind', { change: 'forget' }],
    ['without a day', { effectiveFrom: undefined }],
    ['from a word', { effectiveFrom: 'today' }],
    ['from a day that is none', { effectiveFrom: '2026-13-01' }],
    ['from another age', { effectiveFrom: '1066-10-14' }],
    ['without a reason', { reason: '' }],
    ['with too long a reason', { reason: 'x'.repeat(1001) }],
    ['with a bell in its reason', { reason: '\u0007' }],
    ['with a member of another kind', { replacedBy: 'x' }],
  ])('%s is refused', (_, wrong) =>
    refused(
      annul(`BY/origin.ct1/${issued.number}`, 'issuer', { ...change(), ...wrong }),
      '422 invalid-body',
    ),
  )
})

describe('a validation request', () => {
  const context = { officer: 'Test', purpose: 'test' }
  const identity = { state: 'BY', type: 'origin.ct1', number: '1' }
  const line = { n: 1, hsCode: '8701' }
  const declaration = { number: '1', date: '2026-03-02', lines: [line] }

  it.each([
    ['nobody is named behind it', { items: [{ identity }] }],
    ['it asks nothing', { context, items: [] }],
    ['an item asks nothing', { context, items: [{}] }],
    ['an item asks two things', { context, items: [{ identity, document: 'x' }] }],
    ['it asks too much', { context, items: Array.from({ length: 501 }, () => ({ identity })) }],
    ['the state is none', { context, items: [{ identity: { ...identity, state: 'BYX' } }] }],
    ['the number is blank', { context, items: [{ identity: { ...identity, number: '' } }] }],
    ['the document is too long', { context, items: [{ document: 'x'.repeat(512 * 1024 + 1) }] }],
    [
      'a declaration has no lines',
      { context, items: [{ identity, declaration: { ...declaration, lines: [] } }] },
    ],
    [
      'a line has no weight',
      {
        context,
        items: [{ identity, declaration: { ...declaration, lines: [{ ...line, netKg: 0 }] } }],
      },
    ],
    [
      'the day is none',
      { context, items: [{ identity, declaration: { ...declaration, date: '2026-02-29' } }] },
    ],
    ['a member is unknown', { context, items: [{ identity, force: true }] }],
    [
      'its declarations have more lines than are matched in one call',
      {
        context,
        items: Array.from({ length: 11 }, () => ({
          identity,
          declaration: { ...declaration, lines: Array.from({ length: 1000 }, () => line) },
        })),
      },
    ],
  ])('is refused when %s', (_, request) =>
    refused(post('/v1/validations', 'customs', JSON.stringify(request)), '422 invalid-body'),
  )
})

describe('a parameter', () => {
  const number = 'BYUZ6001000301'
  it.each([
    [`/v1/certificates/BYX/origin.ct1/${number}`, '400 invalid-parameter'],
    [`/v1/certificates/by/origin.ct1/${number}`, '400 invalid-parameter'],
    [`/v1/certificates/BY/${'x'.repeat(41)}/${number}`, '400 invalid-parameter'],
    [`/v1/certificates/BY/origin.ct1/${'1'.repeat(101)}`, '400 invalid-parameter'],
    ['/v1/certificates/BY/origin.ct1/%zz', '400 invalid-parameter'],
    ['/v1/certificates/BY/origin.ct1/%ff', '400 invalid-parameter'],
    ['/v1/certificates/BY/origin.ct1/%00', '404 certificate-not-found'],
    ['/v1/certificates/BY/origin.ct1/..%2f..%2fetc', '404 certificate-not-found'],
    [`/v1/certificates/BY/origin.ct1/${number}'--`, '404 certificate-not-found'],
    [`/v1/certificates/BY/__proto__/${number}`, '404 certificate-not-found'],
    ['/v1/certificates/by-number', '400 invalid-parameter'],
    ['/v1/certificates/by-number?state=BY&type=origin.ct1', '400 invalid-parameter'],
    ['/v1/certificates/by-number?state=BY&state=UZ&type=a.b&number=1', '400 invalid-parameter'],
    ['/v1/validations/1', '400 invalid-parameter'],
    [`/v1/validations/${randomUUID()}`, '404 report-not-found'],
    ['/v1/alarms?after=-1', '400 invalid-parameter'],
    ['/v1/alarms?after=1e999', '400 invalid-parameter'],
    ['/v1/alarms?after=x', '400 invalid-parameter'],
    ['/trust/list/0', '400 invalid-parameter'],
    ['/trust/list/1.5', '400 invalid-parameter'],
    ['/trust/list/latest', '400 invalid-parameter'],
    ['/trust/list/2147483648', '404 not-found'],
    ['/trust/list/99999999999999', '400 invalid-parameter'],
    ['/trust/crls/..%2fnode.crl', '400 invalid-parameter'],
    ['/trust/crls/abcd.crl', '404 crl-not-found'],
    ['/problems/__proto__', '404 not-found'],
    ['/v1/certificates/BY', '404 not-found'],
    ['/%', '404 not-found'],
    ['//', '404 not-found'],
  ])('in %.90s is refused', (path, problem) => refused(send({ path, as: 'authority' }), problem))

  it('that customs owes, the person behind the call, is missed before anything is shown', async () => {
    const path = `/v1/certificates/UZ/origin.ct1/${foreign.number}`
    await refused(send({ path, as: 'customs' }), '400 invalid-parameter')
    const headers = { ...ACCESS, 'access-officer': '%zz' }
    await refused(send({ path, as: 'customs', headers }), '400 invalid-parameter')
  })
})

describe('trust data', () => {
  it.each([
    ['/v1/admin/trust-lists', 'application/jose', 'x', '422 trust-list-refused'],
    ['/v1/admin/trust-lists', 'application/jose', 'e30.e30.AA', '422 trust-list-refused'],
    ['/v1/admin/crls', 'application/pkix-crl', 'x', '422 crl-refused'],
    ['/v1/admin/crls', 'application/pkix-crl', '0\u0080', '422 crl-refused'],
    ['/v1/admin/ocsp-responses', 'application/ocsp-response', 'x', '422 ocsp-response-refused'],
  ])('at %s as %s is refused', (path, type, body, problem) =>
    refused(post(path, 'authority', body, type), problem),
  )

  it('of another state is refused as a list of this one, also one that the node has', async () => {
    const list = (await BY.running.deps.trustStore.newest()).find(({ state }) => state === 'UZ')!
    const sent = post('/v1/admin/trust-lists', 'authority', list.jws, 'application/jose')
    const problem = await refusal(sent, '422 trust-list-refused')
    expect(problem).toMatchObject({ reason: 'state-differs' })
  })

  it('signed by somebody else than the list signer is refused', async () => {
    const list = (await BY.running.deps.trustStore.newest()).find(({ state }) => state === 'BY')!
    const payload = JSON.parse(Buffer.from(list.jws.split('.')[1]!, 'base64url').toString()) as {
      version: number
    }
    const next = { ...payload, version: payload.version + 1, previous: list.sha256 }
    for (const key of ['registry-seal', 'state-ca', 'root', 'BY.CCI.001']) {
      const seal = await sealOf(BY, key)
      const jws = await forge(seal, { typ: 'trust-list+jwt', payload: next })
      const sent = post('/v1/admin/trust-lists', 'authority', jws, 'application/jose')
      await refused(sent, '422 trust-list-refused')
    }
  })
})

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

function exchangeAssertion(client_assertion: string, more: Record<string, string> = {}) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion,
    ...more,
  }).toString()
  const type = 'application/x-www-form-urlencoded'
  return send({ method: 'POST', path: '/oauth/token', body, type })
}

type Claims = ReturnType<typeof claimsOf>

function claimsOf(id: string) {
  const exp = Math.floor(Date.now() / 1000) + 120
  return { iss: id, sub: id, aud: BY.url, exp, jti: randomUUID() }
}

function keyOf(jwk: JWK): KeyObject {
  return createPrivateKey({ key: jwk as never, format: 'jwk' })
}

function assertion(
  key: KeyObject,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = { alg: 'ES256' },
): string {
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const value = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${value.toString('base64url')}`
}

describe('a client assertion', () => {
  let id: string
  let key: KeyObject
  let jwk: JWK
  beforeAll(async () => {
    const client = await BY.client('issuer', 'BY.CCI')
    id = client.id
    jwk = client.privateJwk
    key = keyOf(jwk)
    before = stateOf(BY)
  })

  const noToken = async (text: string, more?: Record<string, string>) => {
    const problem = await refusal(exchangeAssertion(text, more), '401 invalid-client')
    expect(problem).toMatchObject({ error: 'invalid_client' })
  }

  it('works when it is right, once', async () => {
    const right = assertion(key, claimsOf(id))
    const { status, text } = await exchangeAssertion(right)
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ token_type: 'Bearer' })
    await noToken(right)
  })

  it.each<[string, (claims: Claims) => Record<string, unknown>]>([
    ['has expired', (claims) => ({ ...claims, exp: claims.exp - 300 })],
    ['lives too long', (claims) => ({ ...claims, exp: claims.exp + 300 })],
    ['never expires', ({ exp: _, ...claims }) => claims],
    ['expires in words', (claims) => ({ ...claims, exp: 'tomorrow' })],
    ['is not valid yet', (claims) => ({ ...claims, nbf: claims.exp })],
    ['has no jti', ({ jti: _, ...claims }) => claims],
    ['has a jti of one letter', (claims) => ({ ...claims, jti: 'x' })],
    ['has a jti of another kind', (claims) => ({ ...claims, jti: { a: 1 } })],
    ['is for nobody', ({ aud: _, ...claims }) => claims],
    ['is for another node', (claims) => ({ ...claims, aud: nodes.UZ.url })],
    ['is for the token endpoint', (claims) => ({ ...claims, aud: `${BY.url}/oauth/token` })],
    ['is for the node with a slash', (claims) => ({ ...claims, aud: `${BY.url}/` })],
    ['is for several', (claims) => ({ ...claims, aud: [claims.aud, 'https://evil.example'] })],
    ['is for one in a list', (claims) => ({ ...claims, aud: [claims.aud] })],
    ['is issued by another', (claims) => ({ ...claims, iss: 'another' })],
    ['has no issuer', ({ iss: _, ...claims }) => claims],
    ['names no client', ({ sub: _, ...claims }) => claims],
    ['names an unknown client', (claims) => ({ ...claims, iss: 'nobody', sub: 'nobody' })],
    ['names a client in a list', (claims) => ({ ...claims, sub: [claims.sub] })],
  ])('that %s gives no token', (_, change) => noToken(assertion(key, change(claimsOf(id)))))

  it('signed with another key gives no token', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    await noToken(assertion(other, claimsOf(id)))
    const { privateJwk } = await BY.client('issuer', 'BY.CCI')
    before = stateOf(BY)
    await noToken(assertion(keyOf(privateJwk), claimsOf(id)))
  })

  it('that brings its own key, or names one, gives no token', async () => {
    const { d: _, ...own } = jwk
    for (const header of [
      { alg: 'ES256', jwk: own },
      { alg: 'ES256', jku: 'https://evil.example/keys' },
      { alg: 'ES256', crit: ['exp'], exp: 1 },
      { alg: 'ES256', b64: false, crit: ['b64'] },
    ])
      await noToken(assertion(key, claimsOf(id), header))
    const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const embedded = { alg: 'ES256', jwk: attacker.publicKey.export({ format: 'jwk' }) }
    await noToken(assertion(attacker.privateKey, claimsOf(id), embedded))
  })

  it('without a signature, or with the public key as a secret, gives no token', async () => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const claims = encode(claimsOf(id))
    for (const alg of ['none', 'None', 'NONE']) await noToken(`${encode({ alg })}.${claims}.`)
    const { d: _, ...publicJwk } = jwk
    const input = `${encode({ alg: 'HS256' })}.${claims}`
    for (const secret of [JSON.stringify(publicJwk), publicJwk.x!]) {
      const mac = createHmac('sha256', secret).update(input).digest('base64url')
      await noToken(`${input}.${mac}`)
    }
    const right = assertion(key, claimsOf(id))
    await noToken(right.slice(0, right.lastIndexOf('.') + 1))
    const zeros = Buffer.alloc(64).toString('base64url')
    await noToken(`${right.slice(0, right.lastIndexOf('.'))}.${zeros}`)
  })

  it.each([
    'x',
    'a.b.c',
    '..',
    'e30.e30.e30',
    `${'x'.repeat(8000)}.e30.AA`,
    'é.é.é',
    'e30.bnVsbA.AA',
  ])('that is none gives no token', (text) => noToken(text))

  it('of a disabled client, or beside the name of another, gives no token', async () => {
    await noToken(assertion(key, claimsOf(id)), { client_id: 'another' })
    const gone = await BY.client('issuer', 'BY.CCI')
    await BY.running.deps.clients.disable(gone.id, new Date().toISOString())
    before = stateOf(BY)
    await noToken(assertion(keyOf(gone.privateJwk), claimsOf(gone.id)))
  })
})

const RUNS = 300
/** Where every run leaves documents behind. */
const SEALED_RUNS = 150

describe('a certificate issued before', () => {
  it('is not issued again for other states under the same number: it would not reach them', async () => {
    const { pki, list, pin } = await listedState('KZ', ['KZ.CCI.001'])
    const jws = await signedList(list, pki.trustListSigner)
    const { deps } = BY.running
    await pinForDevelopment(deps.trustStore, 'KZ', pin.rootSha256)
    const sha256 = digest(jws)
    const effects = [{ effect: 'trust-list', state: 'KZ', version: 1, sha256 } as const]
    await deps.append({ entries: [{ kind: 'trust-list', sha256, jws, to: [], effects }] })
    before = stateOf(BY)
    const again = { certificate: certifierOwn, to: ['UZ'] }
    expect((await issue(again, 'certifier')).status).toBe(200)
    for (const to of [['KZ'], ['KZ', 'UZ']])
      await refused(issue({ ...again, to }, 'certifier'), '409 certificate-exists')
  })
})

describe('whatever becomes of a valid request', () => {
  let peer: Peer
  beforeAll(async () => {
    peer = await peerOf(nodes.UZ)
  })

  const never5xx = async (valid: unknown, ask: (body: string) => Promise<Received>) => {
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(mutations(), async (edits) => {
        const body = JSON.stringify(mutate(valid, edits))
        const answer = await ask(body)
        statuses.add(answer.status)
        expect(answer.status, body.slice(0, 2000)).toBeLessThan(500)
        if (answer.status >= 400) slugOf(answer)
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 6_000 },
    )
    expect(statuses).toContain(422)
  }

  it('judging a certificate of conformity never fails', async () => {
    const certificate = await freshCertificate('conformity-eaeu-certificate')
    await never5xx({ certificate, to: ['UZ'] }, (body) =>
      post('/v1/certificates?check=true', 'certifier', body),
    )
  })

  it('validating never fails', async () => {
    const found = await BY.running.deps.certificates.find(idOf(issued, 'origin.ct1'))
    const document = await BY.running.deps.certificates.document(found!.sha256)
    const declaration = {
      number: '00101/20.02.2026/0001234',
      date: today,
      lines: [{ n: 1, hsCode: '8701931000', origin: 'BY', netKg: 24600 }],
    }
    const identity = {
      state: 'UZ',
      type: 'origin.ct1',
      number: foreign.number,
      issuedOn: today,
    }
    const valid = {
      context: { officer: 'Test', purpose: 'test' },
      items: [
        { document, declaration },
        { identity, declaration },
      ],
    }
    await never5xx(valid, (body) => post('/v1/validations', 'customs', body))
  })

  it('receiving a sealed certificate with any content never fails', async () => {
    const seal = await sealOf(nodes.UZ, 'UZ.EXPERTIZA.001')
    const certificate = await freshCertificate('origin-ct1-uz-dried-fruit')
    const claims = claimsFor(nodes.UZ, certificate)
    await fc.assert(
      fc.asyncProperty(mutations(), async (edits) => {
        const document = await forge(seal, { payload: mutate(claims, edits) })
        const batch = { messages: [{ seq: 1, document }] }
        const { status, text, body } = await postAs(peer, BY, '/exchange/v1/messages', batch)
        expect(status, text.slice(0, 500)).toBe(200)
        expect((body as { receipts: string[] }).receipts).toHaveLength(1)
      }),
      { numRuns: SEALED_RUNS, interruptAfterTimeLimit: 6_000 },
    )
  })

  it('taking receipts never fails', async () => {
    const seal = await sealOf(nodes.UZ, 'registry-seal')
    const found = await BY.running.deps.certificates.find(idOf(issued, 'origin.ct1'))
    const at = '2026-03-02T00:00:00Z'
    const decisions = [{ sha256: found!.sha256, outcome: 'accepted', findings: [], at }]
    const claims = { schema: 'receipt/1', iss: 'UZ.REGISTRY', aud: ['BY'], decisions }
    await fc.assert(
      fc.asyncProperty(mutations(), async (edits) => {
        const payload = mutate(claims, edits)
        const receipt = await forge(seal, { typ: 'receipt+jwt', payload })
        const reply = await postAs(peer, BY, '/exchange/v1/receipts', { receipts: [receipt] })
        expect([200, 422], reply.text.slice(0, 500)).toContain(reply.status)
      }),
      { numRuns: SEALED_RUNS, interruptAfterTimeLimit: 6_000 },
    )
  })
})
