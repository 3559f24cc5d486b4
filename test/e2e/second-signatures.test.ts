import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { payloadOf } from '../../src/exchange/registered.ts'
import type { ValidationReport } from '../../src/exchange/validation/validation-report.ts'
import { validateCertificate } from '../../src/exchange/validation/validate.ts'
import type { Seal } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import {
  ask,
  decisionAt,
  expectLogsToTell,
  issue,
  type Issued,
  pathOf,
  validated,
} from '../support/changes.ts'
import { claimsFor, digest, forge, freshCertificate, sealOf } from '../support/hostile.ts'
import { skiOf } from '../../src/trust/accept-crl.ts'
import { parseX509Certificate, type X509Certificate } from '../../src/x509/x509-certificate.ts'
import { arrived, nextSecond, suspicion, tell } from '../support/notices.ts'
import { type Peer, peerOf, postAs } from '../support/sign-as.ts'
import { attestationBy, startStatesWithServices } from '../support/trust-service.ts'
import type { TestNode } from '../support/two-nodes.ts'

let nodes: Awaited<ReturnType<typeof startStatesWithServices>>
let BY: TestNode
let UZ: TestNode
let chamber: ApiClient
let authority: ApiClient
let customs: ApiClient
let seal: Seal
let peer: Peer

beforeAll(async () => {
  nodes = await startStatesWithServices()
  BY = nodes.BY
  UZ = nodes.UZ
  chamber = await BY.client('issuer', 'BY.CCI')
  authority = await BY.client('authority', 'BY.GOSSTANDART')
  customs = await UZ.client('customs', 'UZ.CUSTOMS')
  seal = await sealOf(BY, 'BY.CCI.001')
  peer = await peerOf(BY)
})
afterAll(() => nodes.close())

const CMS = '1.2.840.113549.1.7.2'

/** National bytes that nobody here can read. */
const national = (octets = 1500) => ({
  over: 'document',
  container: CMS,
  algorithm: '1.2.112.0.2.0.34.101.45.12',
  value: randomBytes(octets).toString('base64'),
  signer: 'CN=Иванов И.И., O=БелТПП, C=BY',
})

interface Added {
  readonly sha256: string
  readonly document: string
}

async function added(certificate: Issued, signature: object): Promise<Added> {
  const path = pathOf(BY, certificate, '/second-signatures')
  const { status, body } = await ask(chamber, path, signature)
  expect(status, JSON.stringify(body)).toBe(201)
  return body as unknown as Added
}

/** A certificate with a national signature that both nodes have. */
async function signedTwice(signature: ReturnType<typeof national> & { key?: string } = national()) {
  const certificate = await issue(chamber, 'origin-ct1-tractors')
  const second = await added(certificate, signature)
  expect(await decisionAt(BY, 'UZ', second.sha256)).toEqual({ outcome: 'accepted', findings: [] })
  return { certificate, second, value: signature.value }
}

async function attest(claims: Parameters<typeof attestationBy>[1]): Promise<string> {
  const document = await attestationBy(nodes.services.BY, claims)
  const { status, body } = await ask(authority, '/v1/attestations', { document })
  expect(status, JSON.stringify(body)).toBe(201)
  expect(await decisionAt(BY, 'UZ', body['sha256'] as string)).toMatchObject({
    outcome: 'accepted',
  })
  return document
}

const checkOf = async (certificate: Issued, client = customs) => {
  const report = await validated(client, BY, certificate)
  expect(report.answer).toBe('usable')
  return report.checks.filter(({ check }) => check === 'national-signature')
}

/** The report where the policy of Uzbekistan demands national signatures of Belarus. */
function demanding({ document }: { document: string }): Promise<ValidationReport> {
  const { deps } = UZ.running
  const policy = { ...deps.policy, nationalSignatureOf: ['BY'] }
  return validateCertificate({ ...deps, policy })({ subject: { document } })
}

describe('a national signature beside a certificate', () => {
  it('is kept and forwarded byte for byte, and reported as not computable here', async () => {
    const certificate = await issue(chamber, 'origin-ct1-tractors')
    await decisionAt(BY, 'UZ', certificate.sha256)
    expect(await checkOf(certificate)).toEqual([])
    const signature = national()
    const second = await added(certificate, signature)
    await decisionAt(BY, 'UZ', second.sha256)
    expect(payloadOf(second.document)).toEqual({
      schema: 'second-signature/1',
      iss: 'BY.CCI.001',
      aud: ['UZ'],
      target: certificate.sha256,
      ...signature,
    })
    for (const [client, path] of [
      [chamber, pathOf(BY, certificate)],
      [customs, pathOf(BY, certificate)],
    ] as const) {
      const { body } = await ask(client, `${path}/second-signatures`)
      expect(body).toEqual({
        secondSignatures: [
          expect.objectContaining({ ...second, issuer: 'BY.CCI.001', signature, attestations: [] }),
        ],
      })
    }
    for (const { running } of [BY, UZ])
      expect(await running.deps.certificates.document(certificate.sha256)).toBe(
        certificate.document,
      )
    expect(await checkOf(certificate)).toEqual([
      expect.objectContaining({
        outcome: 'warning',
        code: 'national-signature-not-computable',
        detail: `${second.sha256}: ${CMS}`,
      }),
    ])
  })

  it('is the same document when the same is sent again, and another beside it when it differs', async () => {
    const certificate = await issue(chamber, 'origin-ct1-tractors')
    const path = pathOf(BY, certificate, '/second-signatures')
    const signature = national()
    const answers = await Promise.all([1, 2, 3].map(() => ask(chamber, path, signature)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 201])
    expect(new Set(answers.map(({ body }) => body['sha256'])).size).toBe(1)
    await added(certificate, { ...signature, over: 'payload' })
    expect((await ask(chamber, path)).body['secondSignatures']).toHaveLength(2)
  })

  it('is attested by a trust service, and the report names service and time', async () => {
    const { certificate, second, value } = await signedTwice()
    const document = await attest({ iss: 'BY.NCES', target: second.sha256, value })
    const { at, service } = payloadOf(document) as { at: string; service: string }
    expect(await checkOf(certificate)).toEqual([
      expect.objectContaining({
        outcome: 'passed',
        code: 'ok',
        detail: `${service} (BY.NCES), ${at}`,
      }),
    ])
    const { body } = await ask(customs, pathOf(BY, certificate, '/second-signatures'))
    expect(body['secondSignatures']).toMatchObject([
      { attestations: [{ issuer: 'BY.NCES', indication: 'TOTAL-PASSED', document, at }] },
    ])
    const again = await ask(authority, '/v1/attestations', { document })
    expect(again).toMatchObject({ status: 200, body: { sha256: digest(document) } })
  })

  it('may be attested by the state that received it: there it counts, and here it is that state’s word', async () => {
    const { certificate, second, value } = await signedTwice()
    const abroad = await UZ.client('authority', 'UZ.STANDART')
    const claims = { iss: 'UZ.YARMD', aud: ['BY'], target: second.sha256, value }
    const document = await attestationBy(nodes.services.UZ, claims)
    expect((await ask(abroad, '/v1/attestations', { document })).status).toBe(201)
    await decisionAt(UZ, 'BY', digest(document))
    expect(await checkOf(certificate)).toMatchObject([{ outcome: 'passed' }])
    const here = await BY.running.deps.secondSignatures.attestations(second.sha256)
    expect(here.map(({ sha256 }) => sha256)).toEqual([digest(document)])
    const { deps } = BY.running
    const { checks } = await validateCertificate(deps)({
      subject: { document: certificate.document },
    })
    expect(checks.find(({ check }) => check === 'national-signature')).toMatchObject({
      outcome: 'warning',
      code: 'national-signature-not-computable',
    })
  })

  it('is what the own service found, whatever the issuing state’s says later', async () => {
    const { certificate, second, value } = await signedTwice()
    const abroad = await UZ.client('authority', 'UZ.STANDART')
    const claims = { aud: ['BY'], iss: 'UZ.YARMD', target: second.sha256, value }
    const hour = (n: number) =>
      `${new Date(Date.now() + n * 3_600_000).toISOString().slice(0, 19)}Z`
    const own = { ...claims, at: hour(-2), indication: 'TOTAL-FAILED' }
    const document = await attestationBy(nodes.services.UZ, own)
    expect((await ask(abroad, '/v1/attestations', { document })).status).toBe(201)
    await attest({ iss: 'BY.NCES', target: second.sha256, value })
    expect(await checkOf(certificate)).toMatchObject([{ code: 'national-signature-failed' }])
  })

  it('is undecided while the key of the service behind it is on hold', async () => {
    const { certificate, second, value } = await signedTwice()
    const from = await nextSecond()
    await attest({ iss: 'BY.NCES', target: second.sha256, value })
    expect(await checkOf(certificate)).toMatchObject([{ outcome: 'passed' }])
    const stateCa = parseX509Certificate(Buffer.from(nodes.services.BY.x5c[1]!, 'base64'))
    const ski = skiOf(stateCa as X509Certificate)
    const notice = await tell(authority, suspicion({ state: 'BY', ski }, { from }))
    await arrived(UZ, notice)
    expect(await checkOf(certificate)).toMatchObject([
      { outcome: 'warning', code: 'national-signature-undecided' },
    ])
    await arrived(UZ, await tell(authority, { change: 'release', notice, reason: 'Проверка' }))
    expect(await checkOf(certificate)).toMatchObject([{ outcome: 'passed' }])
  })

  it('that a service finds wrong, or no longer stands by, takes nothing from the seal', async () => {
    const { certificate, second, value } = await signedTwice()
    const claims = { iss: 'BY.NCES', target: second.sha256, value }
    const hour = (n: number) =>
      `${new Date(Date.now() + n * 3_600_000).toISOString().slice(0, 19)}Z`
    await attest({ ...claims, at: hour(-3), expires: hour(-2) })
    expect(await checkOf(certificate)).toMatchObject([
      { outcome: 'warning', code: 'national-attestation-expired' },
    ])
    await attest({ ...claims, at: hour(-2), indication: 'INDETERMINATE' })
    expect(await checkOf(certificate)).toMatchObject([
      { outcome: 'warning', code: 'national-signature-undecided' },
    ])
    await attest({ ...claims, at: hour(-1), indication: 'TOTAL-FAILED' })
    expect(await checkOf(certificate)).toMatchObject([
      { outcome: 'warning', code: 'national-signature-failed' },
    ])
    expect(await demanding(certificate)).toMatchObject({
      answer: 'not-usable',
      indication: 'INDETERMINATE',
      subIndication: 'CUSTOM',
    })
  })

  it('is not computable again once the key behind its attestation is no longer believed', async () => {
    const { certificate, second, value } = await signedTwice()
    await attest({ iss: 'BY.NCES', target: second.sha256, value })
    const { deps } = UZ.running
    const subject = { document: certificate.document }
    const check = async (trust: typeof deps.trust) => {
      const { checks } = await validateCertificate({ ...deps, trust })({ subject })
      return checks.find((made) => made.check === 'national-signature')
    }
    expect(await check(deps.trust)).toMatchObject({ outcome: 'passed' })
    const trust = await deps.trust()
    const { x5tS256 } = nodes.services.BY
    const without = {
      ...trust,
      view: {
        ...trust.view,
        key: (named: string, state: string) =>
          named === x5tS256 ? undefined : trust.view.key(named, state),
      },
    }
    expect(await check(() => Promise.resolve(without))).toMatchObject({
      outcome: 'warning',
      code: 'national-signature-not-computable',
    })
  })

  it('is demanded where the policy says so: without one, or one that nobody attests, nobody can tell', async () => {
    const plain = await issue(chamber, 'origin-ct1-tractors')
    await decisionAt(BY, 'UZ', plain.sha256)
    const custom = { answer: 'cannot-tell', indication: 'INDETERMINATE', subIndication: 'CUSTOM' }
    expect(await demanding(plain)).toMatchObject({
      ...custom,
      reasons: ['national-signature-missing'],
    })
    const { certificate, second, value } = await signedTwice()
    expect(await demanding(certificate)).toMatchObject({
      ...custom,
      reasons: ['national-signature-not-computable'],
    })
    await attest({ iss: 'BY.NCES', target: second.sha256, value })
    expect(await demanding(certificate)).toMatchObject({
      answer: 'usable',
      indication: 'TOTAL-PASSED',
    })
  })

  it('is computed where a suite of the node can: right or wrong', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    const certificate = await issue(chamber, 'origin-ct1-tractors')
    const value = sign('sha256', Buffer.from(certificate.document), privateKey).toString('base64')
    const bare = { over: 'document', container: '1.2.840.10045.4.3.2', key }
    const right = await added(certificate, { ...bare, value })
    await decisionAt(BY, 'UZ', right.sha256)
    expect(await checkOf(certificate)).toMatchObject([
      { outcome: 'passed', detail: '1.2.840.10045.4.3.2: webcrypto' },
    ])
    const wrong = await added(certificate, { ...bare, value, over: 'payload' })
    await decisionAt(BY, 'UZ', wrong.sha256)
    expect(await checkOf(certificate)).toMatchObject([
      { outcome: 'warning', code: 'national-signature-failed' },
    ])
  })

  it('may be read by whoever may read the certificate, and by nobody else', async () => {
    const { certificate } = await signedTwice()
    const path = pathOf(BY, certificate, '/second-signatures')
    const stranger = await BY.client('issuer', 'BY.TESTCERT')
    const ownCustoms = await BY.client('customs', 'BY.CUSTOMS')
    const auditor = await BY.client('auditor', 'BY.AUDIT')
    for (const client of [stranger, ownCustoms])
      expect((await ask(client, path)).slug).toBe('certificate-not-found')
    for (const client of [chamber, authority, auditor, customs])
      expect((await ask(client, path)).status).toBe(200)
    for (const client of [stranger])
      expect((await ask(client, path, national())).slug).toBe('certificate-not-found')
    const abroad = await UZ.client('issuer', 'UZ.EXPERTIZA')
    expect((await ask(abroad, path, national())).slug).toBe('certificate-not-found')
    for (const client of [authority, customs])
      expect((await ask(client, path, national())).status).toBe(403)
  })

  it('is refused when it is too long, no base64 or of no container, and beyond twenty', async () => {
    const certificate = await issue(chamber, 'origin-ct1-tractors')
    const path = pathOf(BY, certificate, '/second-signatures')
    for (const wrong of [
      national(64 * 1024 + 1),
      { ...national(), value: 'AAA' },
      { ...national(), value: 'QUJDRA' },
      { ...national(), value: '' },
      { ...national(), container: 'CMS' },
      { ...national(), container: '1.2.840.' },
      { ...national(), over: 'hash' },
      { ...national(), target: certificate.sha256 },
    ])
      expect((await ask(chamber, path, wrong)).status, JSON.stringify(wrong).slice(-99)).toBe(422)
    for (let n = 0; n < 20; n++) await added(certificate, national(n === 0 ? 64 * 1024 : 9))
    expect((await ask(chamber, path, national(9))).slug).toBe('too-many-statements')
  })
})

describe('an attestation that is not what it says', () => {
  it('is refused at the node of its service', async () => {
    const { second, value } = await signedTwice()
    const claims = { iss: 'BY.NCES', target: second.sha256, value }
    const submitted = async (document: string) => {
      const { slug, body } = await ask(authority, '/v1/attestations', { document })
      return [slug, ...((body['differences'] as string[]) ?? [])].join(' ')
    }
    const by = (changed: object, key = nodes.services.BY) =>
      attestationBy(key, { ...claims, ...changed }).then(submitted)
    const tomorrow = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 19)}Z`
    expect(await by({ value: 'AAAA' })).toBe('claims-differ /original')
    expect(await by({ target: digest('another') })).toBe('second-signature-not-found')
    expect(await by({ aud: ['KZ'] })).toBe('claims-differ /aud')
    expect(await by({ iss: 'BY.OTHER' })).toBe('claims-differ /iss')
    expect(await by({ at: tomorrow })).toBe('claims-differ /at')
    expect(await by({ indication: 'VALID' })).toBe('document-invalid')
    expect(await by({ expires: '2020-01-01T00:00:00Z' })).toBe('document-invalid')
    expect(await by({ iss: 'UZ.YARMD' }, nodes.services.UZ)).toBe('document-invalid')
    // Keys with another usage: the right purpose, and the same place below the state CA.
    expect(await by({ iss: 'BY.CCI.001' }, seal)).toBe('document-invalid')
    expect(await by({}, await sealOf(BY, 'registry-seal'))).toBe('document-invalid')
    expect(await BY.running.deps.secondSignatures.attestations(second.sha256)).toEqual([])
  })
})

describe('from a peer', () => {
  let seq = 0
  async function decisionsOn(...documents: string[]): Promise<string[]> {
    // Numbers that the real node of Belarus will not reach.
    const messages = documents.map((document) => ({ seq: 100_000 + ++seq, document }))
    const reply = await postAs(peer, UZ, '/exchange/v1/messages', { messages })
    expect(reply.status, reply.text).toBe(200)
    const { receipts } = reply.body as { receipts: string[] }
    const decided = receipts.flatMap(
      (jws) =>
        (payloadOf(jws) as { decisions: { sha256: string; outcome: string; findings: string[] }[] })
          .decisions,
    )
    return documents.map((jws) => {
      const found = decided.find(({ sha256 }) => sha256 === digest(jws))
      return [found?.outcome ?? 'waits', ...(found?.findings ?? [])].join(' ')
    })
  }

  const statement = (target: string, changed: object = {}, by = seal) =>
    forge(by, {
      typ: 'second-signature+jwt',
      payload: {
        schema: 'second-signature/1',
        iss: 'BY.CCI.001',
        aud: ['UZ'],
        target,
        ...national(),
        ...changed,
      },
    })

  it('certificate, second signature and attestation are taken in every order', async () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ] as const
    for (const order of orders) {
      const certificate = await forge(seal, { payload: claimsFor(BY, await freshCertificate()) })
      const value = randomBytes(9).toString('base64')
      const second = await statement(digest(certificate), { value })
      const claims = { iss: 'BY.NCES', target: digest(second), value }
      const attestation = await attestationBy(nodes.services.BY, claims)
      const documents = [certificate, second, attestation]
      for (const i of order) await decisionsOn(documents[i]!)
      const { inbox, secondSignatures } = UZ.running.deps
      const decisions = await inbox.find('BY', documents.map(digest))
      expect(
        documents.map((jws) => decisions.get(digest(jws))?.decision?.outcome),
        order.join(),
      ).toEqual(['accepted', 'accepted', 'accepted'])
      expect(await secondSignatures.attestations(digest(second))).toHaveLength(1)
    }
  })

  it('what is not its own, not whole or not about what is here is refused', async () => {
    const certificate = await forge(seal, { payload: claimsFor(BY, await freshCertificate()) })
    const target = digest(certificate)
    const other = await sealOf(BY, 'BY.TESTCERT')
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    const theirs = await issue(expert, 'origin-ct1-uz-dried-fruit')
    expect(
      await decisionsOn(
        certificate,
        await statement(target, { iss: 'BY.TESTCERT' }, other),
        await statement(target, {}, other),
        await statement(theirs.sha256),
        await statement(target, { aud: ['KZ'] }),
        await statement(target, national(64 * 1024 + 1)),
        await statement(target, { container: '9.9' }),
        await statement(target, { valid: true }),
        await statement(target, { schema: 'second-signature/2' }),
        await statement(digest('never sent')),
        await statement(target, {}, nodes.services.BY),
      ),
    ).toEqual([
      'accepted',
      'refused NOT-YOUR-CERTIFICATE',
      'refused ISSUER-DIFFERS',
      'refused NOT-YOUR-CERTIFICATE',
      'refused NOT-ADDRESSED-HERE',
      'refused SCHEMA-BROKEN',
      'refused SCHEMA-BROKEN',
      'refused SCHEMA-BROKEN',
      'not-readable SCHEMA-UNKNOWN',
      'waits',
      expect.stringMatching(/^refused /),
    ])
    expect(await UZ.running.deps.secondSignatures.of(target)).toEqual([])
  })

  it('an attestation with other bytes, by another key or of another party is refused', async () => {
    const certificate = await forge(seal, { payload: claimsFor(BY, await freshCertificate()) })
    const value = randomBytes(9).toString('base64')
    const second = await statement(digest(certificate), { value })
    const refused = await statement(digest(certificate), { over: 'nothing' })
    const by = (changed: object, key = nodes.services.BY) =>
      attestationBy(key, { iss: 'BY.NCES', target: digest(second), value, ...changed })
    expect(
      await decisionsOn(
        certificate,
        second,
        refused,
        await by({ value: 'AAAA' }),
        await by({ target: digest(refused) }),
        await by({ iss: 'BY.OTHER' }),
        await by({ aud: ['KZ'] }),
        await by({ at: '2999-01-01T00:00:00Z' }),
        await by({}, await sealOf(BY, 'registry-seal')),
        await by({ iss: 'UZ.YARMD' }, nodes.services.UZ),
        await by({ target: digest('never sent') }),
        await by({ schema: 'attestation/2' }),
      ),
    ).toEqual([
      'accepted',
      'accepted',
      'refused SCHEMA-BROKEN',
      'refused ORIGINAL-DIFFERS',
      'refused TARGET-REFUSED',
      'refused ISSUER-DIFFERS',
      'refused NOT-ADDRESSED-HERE',
      'refused VERIFIED-AFTER-SIGNING',
      'refused KEY-USAGE-DIFFERS',
      'refused SENDER-DIFFERS',
      'waits',
      'not-readable SCHEMA-UNKNOWN',
    ])
    expect(await UZ.running.deps.secondSignatures.attestations(digest(second))).toEqual([])
  })

  it('an attestation of a time to come waits for it, and one of a far time is refused', async () => {
    const certificate = await forge(seal, { payload: claimsFor(BY, await freshCertificate()) })
    const value = randomBytes(9).toString('base64')
    const second = await statement(digest(certificate), { value })
    const service = nodes.services.BY
    const signedIn = async (seconds: number) => {
      const payload = payloadOf(
        await attestationBy(service, { iss: 'BY.NCES', target: digest(second), value }),
      )
      const iat = Math.floor(Date.now() / 1000) + seconds
      return forge(service, { typ: 'attestation+jwt', payload, header: { iat } })
    }
    expect(
      await decisionsOn(
        certificate,
        second,
        await signedIn(30),
        await signedIn(3600),
        await signedIn(90_000),
      ),
    ).toEqual(['accepted', 'accepted', 'accepted', 'waits', 'refused SIGNED-IN-FUTURE'])
  })

  it('no more are taken than one certificate has', async () => {
    const certificate = await forge(seal, { payload: claimsFor(BY, await freshCertificate()) })
    const many = await Promise.all(
      Array.from({ length: 21 }, () => statement(digest(certificate), national(9))),
    )
    const decisions = await decisionsOn(certificate, ...many)
    expect(decisions.filter((decision) => decision === 'accepted')).toHaveLength(21)
    expect(decisions.at(-1)).toBe('refused TOO-MANY-SECOND-SIGNATURES')
  })
})

describe('the logs', () => {
  it('tell of every second signature and attestation', async () => {
    await expectLogsToTell(BY, UZ)
  })
})
