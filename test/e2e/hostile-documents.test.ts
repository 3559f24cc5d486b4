import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPathCache } from '../../src/x509/path-cache.ts'
import { generateKeyPair, signingKey, thumbprint } from '../../src/crypto/suite.ts'
import { decodeBase64url, encodeBase64, encodeBase64url } from '../../src/encoding/base64url.ts'
import { authenticate } from '../../src/exchange/validation/authenticate.ts'
import { examine } from '../../src/exchange/incoming/examine.ts'
import { judgeIncoming } from '../../src/exchange/incoming/judge.ts'
import { approveTrust, proposeTrust } from '../../src/exchange/keep-trust/four-eyes.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { validateCertificate } from '../../src/exchange/validation/validate.ts'
import { indicationOf } from '../../src/exchange/validation/judge-signature.ts'
import type { ValidationReport } from '../../src/exchange/validation/validation-report.ts'
import type { Seal } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { issueX509Certificate } from '../../src/node/pki/issue.ts'
import { LEAF_TEMPLATES } from '../../src/node/pki/key-templates.ts'
import { loadIssuer, loadKey, type StoredKey } from '../../src/node/pki/pki-directory.ts'
import { renewCrl } from '../../src/node/pki/renew-crl.ts'
import {
  type CertifiedKey,
  createSeal,
  createStatePki,
  DEFAULT_VALIDITY_DAYS,
} from '../../src/node/pki/state-pki.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { withdrawalSubject } from '../../src/trust/root-withdrawal.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import {
  claimsFor,
  digest,
  forge,
  type Forgery,
  freshCertificate,
  sealOf,
} from '../support/hostile.ts'
import { nextSecond } from '../support/notices.ts'
import { expectOneOrder } from '../support/report-order.ts'
import { twinOf } from '../support/twin.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

const DAY_MS = 86_400_000
const FORMAT = 'not-usable TOTAL-FAILED FORMAT_FAILURE'
const FORGED = 'not-usable TOTAL-FAILED SIG_CRYPTO_FAILURE'
const NO_SIGNER = 'not-usable INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND'
const NO_CHAIN = 'not-usable INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND'
const BAD_CHAIN = 'not-usable INDETERMINATE CHAIN_CONSTRAINTS_FAILURE'
const BAD_CLAIM = 'not-usable INDETERMINATE SIG_CONSTRAINTS_FAILURE'
const CONTRADICTORY = 'cannot-tell INDETERMINATE TIMESTAMP_ORDER_FAILURE'
const TOMORROW_S = Math.floor((Date.now() + DAY_MS) / 1000)
const UNKNOWN_ALGORITHM = 'cannot-tell INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE'
const GENUINE_UNREGISTERED = 'cannot-tell TOTAL-PASSED'

let nodes: TwoNodes
let BY: TestNode
let UZ: TestNode
let customs: ApiClient
let seal: Seal
/** Issued by Belarus and received by Uzbekistan. */
let genuine: string

beforeAll(async () => {
  nodes = await startTwoNodes()
  BY = nodes.BY
  UZ = nodes.UZ
  customs = await UZ.client('customs', 'UZ.CUSTOMS')
  seal = await sealOf(BY, 'BY.CCI.001')
  const chamber = await BY.client('issuer', 'BY.CCI')
  const issued = await chamber.post('/v1/certificates', { certificate: await freshCertificate() })
  genuine = (issued.body as { document: string }).document
  await arrived(genuine)
})
afterAll(() => nodes.close())

const arrived = (jws: string) =>
  eventually('the certificate has arrived', () =>
    UZ.running.deps.certificates.findByDigest(digest(jws)),
  )

async function reportsOn(...documents: string[]): Promise<ValidationReport[]> {
  const { status, body } = await customs.post('/v1/validations', {
    context: { officer: 'Test', purpose: 'test' },
    items: documents.map((document) => ({ document })),
  })
  expect(status, JSON.stringify(body).slice(0, 500)).toBe(200)
  const { reports } = body as { reports: ValidationReport[] }
  for (const report of reports) expectOneOrder(report)
  return reports
}

const verdictOf = ({ answer, indication, subIndication }: ValidationReport) =>
  [answer, indication, subIndication].filter((part) => part !== undefined).join(' ')

/** What customs is told, which must be what an offline check finds. */
async function verdict(jws: string): Promise<string> {
  const [report] = await reportsOn(jws)
  const checks = report!.checks.map(({ outcome, code }) => `${outcome} ${code}`)
  expect(report!.answer, checks.join('\n')).not.toBe('usable')
  if (report!.instants.proven === undefined && jws !== genuine) {
    const { checks: offline, document } = await authenticateOffline(jws)
    if (!document) {
      const { indication, subIndication } = indicationOf(
        offline,
        false,
        report!.subIndication === 'REVOKED',
      )
      expect(`${indication} ${subIndication}`).toBe(
        `${report!.indication} ${report!.subIndication}`,
      )
    }
  }
  return verdictOf(report!)
}

async function authenticateOffline(jws: string, at = new Date()) {
  return authenticate(jws, {
    trust: await UZ.running.deps.trust(),
    paths: createPathCache(),
    purpose: 'document-seal',
    at,
    now: at,
    typs: ['product-certificate+jwt'],
  })
}

async function document(forgery: Forgery = {}, by = seal, claims: Record<string, unknown> = {}) {
  return forge(by, { payload: claimsFor(BY, await freshCertificate(), claims), ...forgery })
}

describe('a genuine document', () => {
  it('is usable, or these tests prove nothing', async () => {
    const [report] = await reportsOn(genuine)
    expect(verdictOf(report!)).toBe('usable TOTAL-PASSED')
  })

  it('that never came through the exchange is authentic, and yet not usable', async () => {
    expect(await verdict(await document())).toBe(GENUINE_UNREGISTERED)
  })
})

describe('a header', () => {
  it.each<[string, Forgery['header'], string]>([
    ['alg none', { alg: 'none' }, FORMAT],
    ['alg None', { alg: 'None' }, UNKNOWN_ALGORITHM],
    ['alg HS256', { alg: 'HS256' }, UNKNOWN_ALGORITHM],
    ['alg RS256', { alg: 'RS256' }, UNKNOWN_ALGORITHM],
    ['alg ES256K', { alg: 'ES256K' }, UNKNOWN_ALGORITHM],
    ['alg __proto__', { alg: '__proto__' }, UNKNOWN_ALGORITHM],
    ['an alg of another key', { alg: 'Ed25519' }, FORGED],
    ['an alg of another curve', { alg: 'ES384' }, FORGED],
    ['no alg', { alg: undefined }, FORMAT],
    ['an alg that is no text', { alg: ['ES256'] }, FORMAT],
    ['a key', { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }, FORMAT],
    ['the address of a key', { jku: 'https://evil.example/keys' }, FORMAT],
    ['the address of a chain', { x5u: 'https://evil.example/chain' }, FORMAT],
    ['the name of a key', { kid: '1' }, FORMAT],
    ['a critical extension', { crit: ['exp'], exp: 1 }, FORMAT],
    ['an unencoded payload', { b64: false, crit: ['b64'] }, FORMAT],
    ['compression', { zip: 'DEF' }, FORMAT],
    ['another thumbprint', { x5t: 'AA' }, FORMAT],
    ['an old time of signing', { sigT: '2026-03-02T00:00:00Z' }, FORMAT],
    ['no time of signing', { iat: undefined }, FORMAT],
    ['a time of signing in words', { iat: '1' }, FORMAT],
    ['half a second', { iat: 1.5 }, FORMAT],
    ['no content type', { cty: undefined }, FORMAT],
    ['another content type', { cty: 'text/html' }, FORMAT],
    ['the typ of a status change', { typ: 'status-change+jwt' }, BAD_CLAIM],
    ['the typ of a receipt', { typ: 'receipt+jwt' }, BAD_CLAIM],
    ['the typ JWT', { typ: 'JWT' }, FORMAT],
    ['no typ', { typ: undefined }, FORMAT],
    ['no chain', { x5c: undefined }, NO_SIGNER],
    ['an empty chain', { x5c: [] }, NO_SIGNER],
    ['no thumbprint', { 'x5t#S256': undefined }, FORMAT],
    ['a thumbprint in hex', { 'x5t#S256': 'ab'.repeat(32) }, FORMAT],
    ['the thumbprint of something else', { 'x5t#S256': digest('something else') }, NO_SIGNER],
    ['a time of signing that has not come', { iat: TOMORROW_S }, CONTRADICTORY],
  ])('with %s is not believed', async (_, header, expected) => {
    expect(await verdict(await document({ header: header! }))).toBe(expected)
  })

  it('with a member that stands twice is malformed, and so is such a payload', async () => {
    const [header] = genuine.split('.')
    const text = new TextDecoder().decode(decodeBase64url(header!))
    for (const again of ['"alg":"ES256",', '"al\\u0067":"none",', '"x5c":[],'])
      expect(await verdict(await document({ headerText: text.replace('{', `{${again}`) }))).toBe(
        FORMAT,
      )
    const payload = JSON.stringify(claimsFor(BY, await freshCertificate()))
    for (const again of ['"iss":"BY.CCI.001",', '"i\\u0073s":"BY.TESTCERT",'])
      expect(
        await verdict(await document({ payloadText: payload.replace('{', `{${again}`) })),
      ).toBe(FORMAT)
    const nested = payload.replace('"exporter":{', '"exporter":{"country":"UZ",')
    expect(await verdict(await document({ payloadText: nested }))).toBe(FORMAT)
  })

  it('that is not a JSON object is malformed', async () => {
    for (const headerText of ['[]', 'null', '"x"', '1', '', '{', '\ufeff{}', '['.repeat(100)])
      expect(await verdict(await document({ headerText })), headerText).toBe(FORMAT)
  })
})

describe('the text of a document', () => {
  const parts = () => genuine.split('.') as [string, string, string]

  it('has one form only: the same bytes encoded otherwise are another document, and malformed', async () => {
    const [header, payload, signature] = parts()
    const texts = [
      ...[0, 1, 2].map((i) => parts().with(i, `${parts()[i]}=`).join('.')),
      ...[0, 1, 2].map((i) => parts().with(i, `${parts()[i]}==`).join('.')),
      ...[0, 1, 2].map((i) => parts().with(i, ` ${parts()[i]}`).join('.')),
      ...[0, 1, 2].map((i) =>
        parts()
          .with(i, `${parts()[i]!.slice(0, 8)}\n${parts()[i]!.slice(8)}`)
          .join('.'),
      ),
      `${genuine}\n`,
      ` ${genuine}`,
      `${genuine}.`,
      `.${genuine}`,
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `..`,
      `${genuine}.AA`,
      genuine.replace(/[-_]/, (c) => (c === '-' ? '+' : '/')),
      `\ufeff${genuine}`,
      genuine.replace('e', 'е'),
      JSON.stringify({ protected: header, payload, signature }),
    ]
    const reports = await reportsOn(...texts)
    expect(reports.map(verdictOf)).toEqual(texts.map(() => FORMAT))
  })

  it('ends with bits that say nothing and are zero', async () => {
    const texts: string[] = []
    for (const [i, part] of parts().entries()) {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const unused = { 0: 0, 2: 4, 3: 2 }[part.length % 4]!
      const last = alphabet.indexOf(part.at(-1)!)
      for (let bits = 1; bits < 1 << unused; bits++)
        texts.push(
          parts()
            .with(i, part.slice(0, -1) + alphabet[last | bits])
            .join('.'),
        )
    }
    expect(texts.length).toBeGreaterThan(0)
    expect((await reportsOn(...texts)).map(verdictOf)).toEqual(texts.map(() => FORMAT))
  })

  it('cannot be altered in a single character anywhere', async () => {
    const believed: number[] = []
    const texts = Array.from(genuine, (_, i) => flipped(i))
    for (const [i, text] of texts.entries()) {
      const { document: found } = await authenticateOffline(text)
      if (found) believed.push(i)
      // The nodes run in this process: connections that have ended meanwhile are to be noticed.
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(believed).toEqual([])
    const some = texts.filter((_, i) => i % 12 === 0)
    for (let i = 0; i < some.length; i += 500)
      for (const report of await reportsOn(...some.slice(i, i + 500)))
        expect(verdictOf(report)).toMatch(/^not-usable|^cannot-tell INDETERMINATE/)
  })

  function flipped(i: number): string {
    const c = genuine[i]!
    const other = c === '.' ? 'A' : c === 'A' ? 'B' : 'A'
    return genuine.slice(0, i) + other + genuine.slice(i + 1)
  }

  it('has two signatures that hold, as ECDSA is, and is the registered certificate with either', async () => {
    const twin = twinOf(genuine)
    expect((await authenticateOffline(twin)).document).toBeDefined()
    const [report] = await reportsOn(twin)
    expect(verdictOf(report!)).toBe('usable TOTAL-PASSED')
    expect(JSON.stringify(report!.checks)).toContain('signature-in-other-form')
  })

  it('signed in DER, cut short or with zeros is not believed', async () => {
    const [header, payload, signature] = parts()
    const bytes = decodeBase64url(signature)!
    const values = [
      new Uint8Array(64),
      bytes.slice(0, 63),
      Uint8Array.of(...bytes, 0),
      Uint8Array.of(0x30, 0x44, 0x02, 0x20, ...bytes.slice(0, 32), 0x02, 0x20, ...bytes.slice(32)),
    ]
    for (const value of values)
      expect(await verdict(`${header}.${payload}.${encodeBase64url(value)}`)).toBe(FORGED)
  })

  it('longer than any document is malformed', async () => {
    const payloadText = JSON.stringify({ x: 'x'.repeat(390 * 1024) })
    const long = await document({ payloadText })
    expect(long.length).toBeGreaterThan(512 * 1024)
    const { checks } = await authenticateOffline(long)
    expect(checks).toMatchObject([{ check: 'form', outcome: 'failed', code: 'malformed' }])
  })
})

describe('a chain', () => {
  const x5c = (header: string[]) => document({ header: { x5c: header } })
  const rootOf = (node: TestNode) =>
    encodeBase64(node.pki.keys.find(({ purpose }) => purpose === 'root')!.certificate)

  it('of a root that nobody pinned is not believed, whatever names it bears', async () => {
    const makePki = (organization: string) =>
      createStatePki({
        state: 'BY',
        organization,
        bodies: BY.bodies.map(({ id, name, code }) => ({ partyId: id, name, code })),
        now: new Date(),
        sealAlgorithm: 'ES256',
      })
    const stranger = await sealFrom((await makePki('Somebody')).bodies[0]!.seal)
    expect(await verdict(await document({}, stranger))).toBe(NO_CHAIN)
    const namesake = await makePki(BY.organization)
    const own = await sealFrom(namesake.bodies[0]!.seal)
    expect(await verdict(await document({}, own))).toBe(BAD_CHAIN)
    // With the genuine chain in the header, or the genuine thumbprint, it is not believed either.
    expect(await verdict(await document({ header: { x5c: seal.x5c } }, own))).toBe(NO_SIGNER)
    const stolen = { x5c: seal.x5c, 'x5t#S256': seal.x5tS256 }
    expect(await verdict(await document({ header: stolen }, own))).toBe(FORGED)
    const mixed = { x5c: [own.x5c[0], ...seal.x5c.slice(1)] }
    expect(await verdict(await document({ header: mixed }, own))).toBe(BAD_CHAIN)
  })

  it('may lead to a root that is pinned and whose list has not come: that cannot be told', async () => {
    const pki = await createStatePki({
      state: 'KZ',
      organization: 'Registry of KZ',
      bodies: [{ partyId: 'KZ.CCI.001', name: 'KZ.CCI.001', code: '001' }],
      now: new Date(),
      sealAlgorithm: 'ES256',
    })
    const kz = await sealFrom(pki.bodies[0]!.seal)
    const saying = async (iss: string) =>
      forge(kz, { payload: claimsFor(BY, await freshCertificate(), { iss }) })
    const [ofKz, ofBy] = [await saying('KZ.CCI.001'), await saying('BY.CCI.001')]
    expect(await verdict(ofKz)).toBe(NO_CHAIN)
    const { trustStore } = UZ.running.deps
    await pinForDevelopment(trustStore, 'KZ', await thumbprint(pki.root.certificate))
    const [report] = await reportsOn(ofKz)
    expect(report).toMatchObject({
      answer: 'cannot-tell',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
      reasons: ['no-anchor', 'trust-list-undecided'],
    })
    expect(report!.checks.map(({ detail }) => detail)).not.toContain('no root is pinned')
    // What says that it is of a state whose list is here does not lead to the root of that state.
    expect(await verdict(ofBy)).toBe(NO_CHAIN)

    // Withdrawn for all of its time, it vouches for nobody: whoever writes the state's name is a stranger.
    const subject = withdrawalSubject(
      await thumbprint(pki.root.certificate),
      '2020-01-01T00:00:00Z',
    )
    const withdrawal = { kind: 'root-withdrawn', state: 'KZ', subject } as const
    const deps = { trustStore, clients: UZ.running.deps.clients, now: () => new Date() }
    await proposeTrust(deps)(withdrawal, { actor: 'user:anna' })
    await approveTrust(deps)(withdrawal, { actor: 'user:boris' })
    expect(await verdict(ofKz)).toBe(NO_CHAIN)
  })

  it('is the path and nothing else', async () => {
    const [leaf, bodyCa, stateCa] = seal.x5c as [string, string, string]
    expect(await verdict(await x5c([leaf, bodyCa, stateCa, rootOf(BY)]))).toBe(BAD_CHAIN)
    expect(await verdict(await x5c([leaf, stateCa, bodyCa]))).not.toMatch(/^usable/)
    expect(await verdict(await x5c([leaf, bodyCa]))).toBe(NO_CHAIN)
    expect(await verdict(await x5c([leaf]))).toBe(NO_CHAIN)
    expect(await verdict(await x5c([leaf, stateCa]))).toBe(BAD_CHAIN)
    expect(await verdict(await x5c([leaf, bodyCa, bodyCa, stateCa]))).toBe(BAD_CHAIN)
    expect(await verdict(await x5c([leaf, leaf, bodyCa, stateCa]))).toBe(BAD_CHAIN)
    expect(await verdict(await x5c([bodyCa, stateCa]))).toBe(NO_SIGNER)
    expect(await verdict(await x5c([stateCa, bodyCa, leaf]))).toBe(NO_SIGNER)
    expect(await verdict(await x5c(Array.from({ length: 7 }, () => leaf)))).toBe(FORMAT)
  })

  it('is in base64 as it stands in RFC 7515, one text for one certificate', async () => {
    const [leaf, ...cas] = seal.x5c as [string, string, string]
    const url = leaf.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    for (const text of [url, `${leaf}\n`, `${leaf}=`, leaf.slice(0, -4), '', 'AAAA'])
      expect(await verdict(await x5c([text, ...cas]))).toMatch(
        /FORMAT_FAILURE|NO_SIGNING_CERTIFICATE_FOUND/,
      )
  })

  it('with something after the end of a certificate is malformed', async () => {
    const [, , stateCa] = seal.path as [Uint8Array, Uint8Array, Uint8Array]
    const longer = encodeBase64(Uint8Array.of(...stateCa, 0))
    expect(await verdict(await x5c([...seal.x5c.slice(0, 2), longer]))).toBe(FORMAT)
  })

  it('below a seal, which is no authority, is not believed', async () => {
    const stored = storedKey('document-seal', 'BY.CCI.001')
    const issuer = await loadIssuer(BY.pki, stored, BY.passphrase)
    const { pkcs8, spki } = await generateKeyPair('ES256')
    const certificate = await issueX509Certificate({
      template: LEAF_TEMPLATES['document-seal'],
      subject: { country: 'BY', organization: 'rogue', commonName: 'rogue' },
      spki,
      issuer,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + DAY_MS),
    })
    const rogue = await sealFrom({ pkcs8, certificate, x5c: [certificate, ...stored.x5c] })
    expect(await verdict(await document({}, rogue))).toBe(BAD_CHAIN)
  })

  it('that ends in an authority, which seals nothing, is not believed', async () => {
    for (const purpose of ['body-ca', 'state-ca'] as const) {
      const stored = storedKey(purpose)
      const pkcs8 = await loadKey(BY.pki, stored, BY.passphrase)
      const ca = await sealFrom({ pkcs8, certificate: stored.certificate, x5c: stored.x5c })
      expect(await verdict(await document({}, ca))).toBe(BAD_CHAIN)
    }
  })

  it('of a key that is for something else is not believed', async () => {
    for (const purpose of ['registry-seal', 'node', 'status-signer', 'trust-list-signer'] as const)
      expect(await verdict(await document({}, await sealOf(BY, purpose))), purpose).toBe(BAD_CHAIN)
  })

  it('of a seal that is valid no more, or not yet, decides nothing without a proof of time', async () => {
    const { now, validity } = { now: new Date(), validity: DEFAULT_VALIDITY_DAYS }
    const ca = storedKey('body-ca', 'BY.CCI.001')
    const issuer = await loadIssuer(BY.pki, ca, BY.passphrase)
    const body = { partyId: 'BY.CCI.001', name: 'x', code: '001' }
    // The revocation list was issued after the expiry and says nothing of what has expired before.
    for (const [days, expected] of [
      [-10, 'OUT_OF_BOUNDS_NO_POE'],
      [10, 'OUT_OF_BOUNDS_NOT_REVOKED'],
    ] as const) {
      const made = await createSeal(body, issuer, {
        state: 'BY',
        now: new Date(now.getTime() + days * DAY_MS),
        sealAlgorithm: 'ES256',
        validity: { ...validity, leaf: 5 },
      })
      const by = await sealFrom(made)
      const claimed = Math.min(now.getTime(), now.getTime() + (days + 2) * DAY_MS)
      const text = await document({ header: { iat: Math.floor(claimed / 1000) } }, by)
      expect(await verdict(text)).toBe(`cannot-tell INDETERMINATE ${expected}`)
      // Unless it says itself that it was signed when the seal had ended.
      const [late] = await reportsOn(await document({}, by))
      if (days < 0) expect(verdictOf(late!)).toBe('not-usable TOTAL-FAILED EXPIRED')
    }
    const later = new Date(now.getTime() + (validity.leaf + 1) * DAY_MS)
    const { checks } = await authenticateOffline(genuine, later)
    expect(indicationOf(checks, false)).toMatchObject({ indication: 'INDETERMINATE' })
    expect(checks.at(-1)).toMatchObject({ check: 'certification-path', code: 'expired' })
  })

  it('tells altered from genuine also where revocation is open, or the seal has expired', async () => {
    const [header, , signature] = genuine.split('.')
    const altered = `${header}.${(await document()).split('.')[1]}.${signature}`
    const { deps } = UZ.running
    const trust = await deps.trust()
    const received = async (jws: string, now: Date) => {
      const sha256 = digest(jws)
      const incoming = { sha256, jws, sender: 'BY', seq: 1, arrivedAt: now.toISOString() }
      const examined = await examine(incoming, deps, { trust, now })
      const context = { trust, now, accepted: new Map(), message: [], trustCheckedAt: undefined }
      return judgeIncoming(examined, deps, context)
    }
    for (const [days, code, check] of [
      [50, 'crl-stale', 'revocation'],
      [DEFAULT_VALIDITY_DAYS.leaf + 1, 'expired', 'certification-path'],
    ] as const) {
      const now = new Date(Date.now() + days * DAY_MS)
      const { checks } = await authenticateOffline(genuine, now)
      expect(checks).toContainEqual({ check: 'signature', outcome: 'passed', code: 'ok' })
      expect(checks.at(-1)).toMatchObject({ check, code })

      const validate = validateCertificate({ ...deps, now: () => now })
      const report = await validate({ subject: { document: altered } })
      expectOneOrder(report)
      expect(verdictOf(report)).toBe(FORGED)
      expect(report).toMatchObject({ reasons: ['signature-wrong'], stoppedBy: 'signature' })
      expect(report.checks).toContainEqual(expect.objectContaining({ check, code }))
      const refused = { verdict: 'decided', outcome: 'refused', findings: ['SIGNATURE-WRONG'] }
      expect(await received(altered, now)).toMatchObject(refused)
    }
    const stale = new Date(Date.now() + 50 * DAY_MS)
    const waiting = await received(await document(), stale)
    expect(waiting).toMatchObject({ verdict: 'wait', waitsFor: 'revocation: crl-stale' })
  })

  it('in order, but of a seal that the trust list does not name, is not believed', async () => {
    const issuer = await loadIssuer(BY.pki, storedKey('body-ca', 'BY.CCI.001'), BY.passphrase)
    const unlisted = await createSeal({ partyId: 'BY.CCI.001', name: 'x', code: '001' }, issuer, {
      state: 'BY',
      now: new Date(Date.now() - 60_000),
      sealAlgorithm: 'Ed25519',
      validity: DEFAULT_VALIDITY_DAYS,
    })
    const text = await document({}, await sealFrom(unlisted))
    expect(await verdict(text)).toBe(NO_CHAIN)
    const [report] = await reportsOn(text)
    expect(report!.reasons).toEqual(['key-unknown'])
  })

  function storedKey(purpose: StoredKey['purpose'], partyId?: string): StoredKey {
    return BY.pki.keys.find(
      (key) => key.purpose === purpose && (partyId === undefined || key.partyId === partyId),
    )!
  }
})

describe('a seal', () => {
  it('speaks for its own body only', async () => {
    const fresh = await freshCertificate()
    const testCert = await sealOf(BY, 'BY.TESTCERT')
    const uz = await sealOf(UZ, 'UZ.EXPERTIZA.001')
    const payload = claimsFor(BY, fresh)
    expect(await verdict(await forge(testCert, { payload }))).toBe(BAD_CLAIM)
    const own = { ...payload, iss: 'BY.TESTCERT' }
    expect(await verdict(await forge(testCert, { payload: own }))).toBe(BAD_CLAIM)
    expect(await verdict(await forge(uz, { payload }))).toBe(BAD_CLAIM)
    const theirs = { ...payload, iss: 'UZ.EXPERTIZA.001' }
    expect(await verdict(await forge(uz, { payload: theirs }))).toBe(BAD_CLAIM)
    const headquarters = { ...payload, iss: 'BY.CCI' }
    expect(await verdict(await forge(seal, { payload: headquarters }))).toBe(BAD_CLAIM)
  })

  it('is not believed beyond its scope', async () => {
    const fresh = await freshCertificate()
    const issuer = { ...(fresh['issuer'] as object), code: '999' }
    const claims = claimsFor(BY, { ...fresh, issuer }, { iss: 'BY.TESTCERT' })
    const [report] = await reportsOn(
      await forge(await sealOf(BY, 'BY.TESTCERT'), { payload: claims }),
    )
    expect(report!.answer).toBe('not-usable')
    expect(report!.reasons).toContain('out-of-scope')
  })

  it('on a number of another body makes no certificate of it', async () => {
    const fresh = await freshCertificate()
    const number = fresh.number.replace(/^(.{5})001/, '$1002')
    const [report] = await reportsOn(
      await forge(seal, { payload: claimsFor(BY, { ...fresh, number }) }),
    )
    expect(report!.answer).toBe('cannot-tell')
    expect(report!.checks).toContainEqual(
      expect.objectContaining({ check: 'rules', outcome: 'warning' }),
    )
  })

  it('on what breaks the schema is not believed', async () => {
    for (const claims of [
      { exp: 1 },
      { aud: [] },
      { aud: ['KZ'] },
      { schema: 'origin.ct1/2' },
      { certificate: null },
      { status: null },
    ]) {
      const [report] = await reportsOn(await document({}, seal, claims))
      expect(report!.answer).not.toBe('usable')
      expect(report!.indication).toBe('INDETERMINATE')
    }
    for (const payloadText of ['null', '[]', '"x"', '1e999', '{"schema":{}}']) {
      const [report] = await reportsOn(await document({ payloadText }))
      expect(report!.answer).toBe('not-usable')
    }
  })
})

describe('a seal that was withdrawn', () => {
  let before: string
  let late: string
  /** On the number of the one that was received. */
  let rival: string
  let stored: StoredKey
  let testCert: Seal

  const conformity = async () => {
    const fresh = await freshCertificate('conformity-eaeu-certificate')
    return claimsFor(BY, fresh, { iss: 'BY.TESTCERT' })
  }

  beforeAll(async () => {
    const certifier = await BY.client('issuer', 'BY.TESTCERT')
    const certificate = await freshCertificate('conformity-eaeu-certificate')
    const issued = await certifier.post('/v1/certificates', { certificate, to: ['UZ'] })
    before = (issued.body as { document: string }).document
    await arrived(before)
    testCert = await sealOf(BY, 'BY.TESTCERT')
    late = await forge(testCert, { payload: await conformity() })
    rival = await forge(testCert, { payload: payloadOf(before) })
    stored = BY.pki.keys.find(
      ({ purpose, partyId }) => purpose === 'document-seal' && partyId === 'BY.TESTCERT',
    )!
  })

  it('from the trust list signs nothing new, while what was received before stays good', async () => {
    expect(await verdict(late)).toBe(GENUINE_UNREGISTERED)
    // Instants are whole seconds; what came in the second of the removal counts as after it.
    await nextSecond()
    const newest = (await BY.running.deps.trustStore.newest()).find(({ state }) => state === 'BY')!
    const list = await makeTrustList({
      pki: BY.pki,
      bodies: BY.bodies,
      url: BY.url,
      now: new Date(),
      validDays: 90,
      previous: { list: TrustList.parse(payloadOf(newest.jws)), sha256: newest.sha256 },
      remove: [{ x5tS256: testCert.x5tS256, reason: 'lost' }],
    })
    const jws = await signTrustList(list, BY.pki, BY.passphrase)
    await publish('/v1/admin/trust-lists', 'application/jose', jws)
    await eventually('the other state has the list', async () => {
      const { view } = await UZ.running.deps.trust()
      return view.key(testCert.x5tS256, 'BY')?.key.removedAt
    })
    // It claims to be older than the removal, and nothing proves that it is not.
    expect(await verdict(late)).toBe('cannot-tell INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND')
    const [report] = await reportsOn(late)
    expect(report!.reasons).toEqual(['key-removed'])
    // Under whatever key, it is not the one that the register has.
    const [other] = await reportsOn(rival)
    expect(verdictOf(other!)).toBe('not-usable INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND')
    expect(other!.reasons).toEqual(['content-differs-from-registered'])
    const [old] = await reportsOn(before)
    expect(verdictOf(old!)).toBe('usable TOTAL-PASSED')
  })

  it('because it was compromised is revoked, and the node of its body issues nothing with it', async () => {
    const ca = BY.pki.keys.find(
      ({ purpose, partyId }) => purpose === 'body-ca' && partyId === 'BY.TESTCERT',
    )!
    const parsed = parseX509Certificate(stored.certificate)
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    const now = new Date()
    const { deps } = BY.running
    const ski = ca.crlFile!.replace(/^crls\/|\.crl$/g, '')
    const held = await deps.trustStore.crl('BY', ski)
    const crl = await renewCrl({
      ca: await loadIssuer(BY.pki, ca, BY.passphrase),
      previous: Buffer.from(held!.der, 'base64'),
      revoke: [
        {
          serialNumber: parsed.serialNumber,
          revokedAt: new Date(Date.now() - DAY_MS),
          reason: 'keyCompromise',
        },
      ],
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + 30 * DAY_MS),
    })
    await publish('/v1/admin/crls', 'application/pkix-crl', crl)
    UZ.running.deps.waiting('BY')
    await eventually('the other state has the revocation', async () => {
      const other = await UZ.running.deps.trustStore.crl('BY', ski)
      return other?.der === encodeBase64(crl)
    })
    // The revocation is older than what it claims.
    expect(await verdict(late)).toBe('not-usable TOTAL-FAILED REVOKED')
    const [old] = await reportsOn(before)
    expect(verdictOf(old!)).toBe('not-usable TOTAL-FAILED REVOKED')

    const certifier = await BY.client('issuer', 'BY.TESTCERT')
    const certificate = await freshCertificate('conformity-eaeu-certificate')
    const answer = await certifier.post('/v1/certificates', { certificate, to: ['UZ'] })
    expect(answer).toMatchObject({ status: 409 })
    expect((answer.body as { type: string }).type).toMatch(/seal-not-available$/)
  })

  async function publish(path: string, type: string, body: string | Uint8Array<ArrayBuffer>) {
    const authority = await BY.client('authority', 'BY.STATE')
    const answer = await authority.postBytes(path, type, body)
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  }
})

async function sealFrom({ pkcs8, certificate, x5c }: CertifiedKey): Promise<Seal> {
  const parsed = parseX509Certificate(certificate)
  const alg = 'malformed' in parsed || parsed.key?.type !== 'Ed25519' ? 'ES256' : 'Ed25519'
  return {
    key: await signingKey(pkcs8, alg),
    x5tS256: await thumbprint(certificate),
    path: x5c,
    x5c: x5c.map(encodeBase64),
    environment: 'production',
  }
}
