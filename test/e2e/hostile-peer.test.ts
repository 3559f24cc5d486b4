import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { signingKey } from '../../src/crypto/suite.ts'
import { generateKeyPair } from '../../src/crypto/suite.ts'
import { PROBLEM_MEDIA_TYPE } from '../../src/http/problem.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { today } from '../support/day.ts'
import {
  claimsFor,
  digest,
  forge,
  freshCertificate,
  rowsOf,
  sealOf,
  stateOf,
} from '../support/hostile.ts'
import { type Deviation, type Peer, peerOf, post, postAs } from '../support/sign-as.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

const MESSAGES = '/exchange/v1/messages'
const RECEIPTS = '/exchange/v1/receipts'

let nodes: TwoNodes
let BY: TestNode
let UZ: TestNode
let peer: Peer
let seal: Seal
let registry: Seal
let testCert: Seal

beforeAll(async () => {
  nodes = await startTwoNodes()
  BY = nodes.BY
  UZ = nodes.UZ
  peer = await peerOf(BY)
  seal = await sealOf(BY, 'BY.CCI.001')
  registry = await sealOf(BY, 'registry-seal')
  testCert = await sealOf(BY, 'BY.TESTCERT')
})
afterAll(() => nodes.close())

let seq = 0
const batch = (...documents: string[]) => ({
  messages: documents.map((document) => ({ seq: ++seq, document })),
})

interface Reception {
  received: { sha256: string; state: string }[]
  receipts: string[]
}

interface ReceivedDecision {
  sha256: string
  outcome: string
  findings: string[]
}

/** Pushes as Belarus and gives what Uzbekistan answered. */
async function push(...documents: string[]): Promise<Reception> {
  const { status, text, body } = await postAs(peer, UZ, MESSAGES, batch(...documents))
  expect(status, text).toBe(200)
  return body as Reception
}

async function decisionsOn(...documents: string[]): Promise<string[]> {
  const { received, receipts } = await push(...documents)
  expect(received.map(({ sha256 }) => sha256)).toEqual([...new Set(documents.map(digest))])
  const decisions = receipts.flatMap((receipt) => decisionsOf(receipt))
  return received.map(({ sha256, state }) => {
    const of = decisions.filter((decision) => decision.sha256 === sha256)
    expect(of).toHaveLength(state === 'decided' ? 1 : 0)
    return [of[0]?.outcome ?? 'waits', ...(of[0]?.findings ?? [])].join(' ')
  })
}

function decisionsOf(receipt: string): ReceivedDecision[] {
  const payload = Buffer.from(receipt.split('.')[1]!, 'base64url').toString()
  return (JSON.parse(payload) as { decisions: ReceivedDecision[] }).decisions
}

async function certificate(
  claims: Record<string, unknown> = {},
  content: Record<string, unknown> = {},
): Promise<string> {
  const fresh = { ...(await freshCertificate()), ...content } as DemoCertificate
  return forge(seal, { payload: claimsFor(BY, fresh, claims) })
}

function annulment(target: string, claims: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema: 'status-change/1',
    iss: 'BY.CCI.001',
    aud: ['UZ'],
    target,
    change: 'annul',
    effectiveFrom: today,
    reason: 'ошибка',
    ...claims,
  }
}

const alarmsOf = async (node: TestNode) =>
  (await node.running.deps.alarms.list(0, 1000)).map(({ kind, detail }) => `${kind}: ${detail}`)

/** Puts a document into the outbox of Belarus as its own node would, whatever the document is. */
async function sendFrom(node: TestNode, kind: 'certificate' | 'status-change', jws: string) {
  const to = [node === BY ? 'UZ' : 'BY']
  await node.running.deps.append({ entries: [{ kind, sha256: digest(jws), jws, to, effects: [] }] })
  node.running.deps.outgoing()
}

describe('a request to the exchange', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const refused = async (deviation: Deviation, expected: string, reason?: string) => {
    for (const path of [MESSAGES, RECEIPTS]) {
      const before = stateOf(UZ)
      const body = path === MESSAGES ? batch(await certificate()) : { receipts: ['x'] }
      const { status, body: problem, headers, text } = await postAs(peer, UZ, path, body, deviation)
      expect(headers.get('content-type')).toBe(PROBLEM_MEDIA_TYPE)
      expect(`${status} ${slug(problem)}`, text).toBe(expected)
      if (reason !== undefined) expect(problem).toMatchObject({ reason })
      expect(headers.has('signature')).toBe(false)
      expect(stateOf(UZ)).toEqual(before)
    }
  }
  const slug = (problem: unknown) =>
    (problem as { type: string }).type.replace(`${UZ.url}/problems/`, '')

  it('without a signature is refused', async () => {
    const none = { signature: undefined, 'signature-input': undefined }
    await refused({ headers: none }, '401 signature-required')
  })

  it('with half a signature is refused', async () => {
    await refused(
      { headers: { signature: undefined } },
      '401 signature-required',
      'signature-missing',
    )
    await refused(
      { headers: { 'signature-input': undefined } },
      '401 signature-required',
      'signature-missing',
    )
  })

  it('signed with another key under the keyid of the node is refused', async () => {
    const { pkcs8 } = await generateKeyPair('ES256')
    const key = await signingKey(pkcs8, 'ES256')
    await refused({ key }, '401 signature-invalid', 'signature-wrong')
  })

  it('signed with a seal, a key of another purpose, is refused', async () => {
    for (const other of [seal, registry, await sealOf(BY, 'status-signer')])
      await refused({ key: other.key, keyid: other.x5tS256 }, '401 unknown-peer', 'key-unknown')
  })

  it('under an unknown or malformed keyid is refused', async () => {
    const keyid = randomBytes(32).toString('base64url')
    await refused({ keyid }, '401 unknown-peer', 'key-unknown')
    await refused({ keyid: 'x' }, '401 signature-invalid', 'parameters-wrong')
  })

  it('in the name of another sender is refused', async () => {
    for (const sender of ['UZ', 'KZ'])
      await refused({ sender }, '401 unknown-peer', 'sender-mismatch')
  })

  it("signed with this node's own key, sent back to it, is refused", async () => {
    const own = await peerOf(UZ)
    const reply = await postAs(own, UZ, MESSAGES, batch())
    expect(`${reply.status} ${slug(reply.body)}`, reply.text).toBe('401 unknown-peer')
  })

  it('for another recipient is refused', async () => {
    await refused({ recipient: 'KZ' }, '421 wrong-recipient', 'recipient-mismatch')
    await refused({ recipient: '' }, '401 signature-invalid')
  })

  it('signed for another address, method or host is refused', async () => {
    for (const targetUri of [
      `${UZ.url}/exchange/v1/feed`,
      `${UZ.url}${MESSAGES}?x=1`,
      `${UZ.url.replace('http:', 'https:')}${MESSAGES}`,
      `http://uz.example${MESSAGES}`,
    ])
      await refused({ targetUri }, '401 signature-invalid', 'signature-wrong')
    await refused({ method: 'PUT' }, '401 signature-invalid', 'signature-wrong')
  })

  it('that a proxy claims to have received elsewhere is judged by the configured address', async () => {
    const headers = {
      'x-forwarded-host': 'uz.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=uz.example',
    }
    const url = `https://uz.example${MESSAGES}`
    await refused({ targetUri: url, headers }, '401 signature-invalid', 'signature-wrong')
    const reply = await postAs(peer, UZ, MESSAGES, batch(), { headers })
    expect(reply.status).toBe(200)
  })

  it('that was created long ago, or will be, is refused', async () => {
    await refused({ created: now() - 3600 }, '401 clock-skew', 'outside-window')
    await refused({ created: now() - 365 }, '401 clock-skew', 'outside-window')
    await refused({ created: now() + 90 }, '401 clock-skew', 'outside-window')
  })

  it('that lives longer than 300 seconds, or not at all, is refused', async () => {
    await refused({ lifetime: 301 }, '401 clock-skew', 'window-too-long')
    await refused({ lifetime: 5 * 365 * 86_400 }, '401 clock-skew', 'window-too-long')
    await refused({ lifetime: -1 }, '401 clock-skew', 'window-too-long')
  })

  it('without one of the agreed components is refused', async () => {
    for (const uncovered of [
      '@method',
      '@target-uri',
      'content-digest',
      'content-type',
      'exc-message-id',
      'exc-sender',
      'exc-recipient',
    ])
      await refused({ uncovered }, '401 signature-invalid', 'components-wrong')
  })

  it('with a weak nonce or a foreign tag is refused', async () => {
    await refused({ nonce: 'AAAA' }, '401 signature-invalid', 'parameters-wrong')
    await refused({ nonce: `${'A'.repeat(21)}B` }, '401 signature-invalid', 'parameters-wrong')
    await refused({ tag: 'other' }, '401 signature-invalid', 'parameters-wrong')
  })

  it('whose body is not the one that was signed is refused', async () => {
    await refused({ sentBody: '{"messages":[]}' }, '400 digest-mismatch', 'digest-mismatch')
    await refused({ sentBody: '' }, '401 signature-invalid', 'components-wrong')
    await refused({ digest: 'sha-256=:AAAA:' }, '400 digest-mismatch')
    await refused({ digest: 'md5=:AAAA:' }, '400 digest-mismatch', 'digest-malformed')
  })

  it('changed in a header after signing is refused', async () => {
    await refused({ headers: { 'exc-message-id': 'another' } }, '401 signature-invalid')
    await refused(
      { headers: { 'content-type': 'application/json; charset=utf-8' } },
      '401 signature-invalid',
      'signature-wrong',
    )
  })

  it('that comes a second time is refused, with the same body or another', async () => {
    const nonce = randomBytes(16).toString('base64url')
    const deviation = { nonce, created: now() }
    const document = await certificate()
    const json = JSON.stringify(batch(document))
    expect((await postAs(peer, UZ, MESSAGES, json, deviation)).status).toBe(200)
    for (const again of [json, JSON.stringify(batch(await certificate()))]) {
      const before = stateOf(UZ)
      const { status, body } = await postAs(peer, UZ, MESSAGES, again, deviation)
      expect(`${status} ${slug(body)}`).toBe('409 message-replayed')
      expect(stateOf(UZ)).toEqual(before)
    }
  })

  it('with the token of a client system instead is refused', async () => {
    const roles = [
      ['customs', 'UZ.CUSTOMS'],
      ['authority', 'UZ.STATE'],
    ] as const
    for (const [role, party] of roles) {
      const client = await UZ.client(role, party)
      const before = stateOf(UZ)
      const answer = await client.post(MESSAGES, batch(await certificate()))
      expect(answer).toMatchObject({ status: 403, body: { status: 403 } })
      expect(slug(answer.body)).toBe('forbidden')
      expect(stateOf(UZ)).toEqual(before)
    }
  })

  it('with an authentic signature but a body out of schema is refused, by a signed answer', async () => {
    const document = await certificate()
    const many = (n: number) => ({
      messages: Array.from({ length: n }, () => ({ seq: 1, document: 'x' })),
    })
    const cases: [unknown, string][] = [
      ['{"messages":', '400 malformed-json'],
      ['{"messages":[],"messages":[]}', '400 duplicate-member'],
      [{}, '422 invalid-body'],
      [{ messages: [{ seq: 1 }] }, '422 invalid-body'],
      [{ messages: [{ seq: 0, document }] }, '422 invalid-body'],
      [{ messages: [{ seq: 1.5, document }] }, '422 invalid-body'],
      [{ messages: [{ seq: 1, document: '' }] }, '422 invalid-body'],
      [{ messages: [{ seq: 1, document, to: 'KZ' }] }, '422 invalid-body'],
      [{ messages: [{ seq: 1, document: 'x'.repeat(1_900_001) }] }, '422 invalid-body'],
      [many(501), '422 invalid-body'],
    ]
    for (const [body, expected] of cases) {
      const before = stateOf(UZ)
      const reply = await postAs(peer, UZ, MESSAGES, body)
      expect(`${reply.status} ${slug(reply.body)}`, reply.text).toBe(expected)
      expect(reply.headers.get('signature')).toMatch(/^exc=:/)
      expect(stateOf(UZ)).toEqual(before)
    }
  })

  it('larger than 8 MiB is refused before anything is looked at', async () => {
    const before = stateOf(UZ)
    const reply = await postAs(peer, UZ, MESSAGES, `"${'x'.repeat(8 * 1024 * 1024)}"`)
    expect(`${reply.status} ${slug(reply.body)}`).toBe('413 body-too-large')
    expect(stateOf(UZ)).toEqual(before)
  })

  it('without any header of the profile is no peer', async () => {
    const reply = await post(`${UZ.url}${MESSAGES}`, { 'content-type': 'application/json' }, '{}')
    expect(`${reply.status} ${slug(reply.body)}`).toBe('401 signature-required')
  })
})

describe('an authentic peer', () => {
  it('gets the same receipts byte for byte, however often and in whatever batch it asks', async () => {
    const [a, b, c] = [await certificate(), await certificate(), await certificate()] as const
    const first = await push(a, b)
    const before = stateOf(UZ)
    expect(await push(a, b)).toEqual(first)
    expect(stateOf(UZ)).toEqual(before)
    expect((await push(b)).receipts).toEqual(first.receipts)
    expect((await push(a, a, a)).receipts).toEqual(first.receipts)
    const mixed = await push(c, a)
    expect(mixed.receipts).toHaveLength(2)
    expect(mixed.receipts).toContain(first.receipts[0])
  })

  it('gets one decision also when it asks many times at once', async () => {
    const documents = await Promise.all([certificate(), certificate(), certificate()])
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => push(...documents.slice(i % 3), documents[0])),
    )
    const receipts = new Set(answers.flatMap((answer) => answer.receipts))
    const decided = [...receipts].flatMap(decisionsOf).map(({ sha256 }) => sha256)
    expect(decided.toSorted()).toEqual(documents.map(digest).toSorted())
  })

  it('that sends two certificates of one identity in one batch has the first accepted only', async () => {
    const fresh = await freshCertificate()
    const a = await forge(seal, { payload: claimsFor(BY, fresh) })
    const b = await forge(seal, { payload: claimsFor(BY, fresh) })
    expect(await decisionsOn(a, b)).toEqual(['accepted', 'refused CONFLICT'])
  })

  it('that sends a number again with look-alike letters is in conflict', async () => {
    const fresh = await freshCertificate()
    const number = fresh.number.replace('BY', 'ВУ')
    const a = await forge(seal, { payload: claimsFor(BY, fresh) })
    const b = await forge(seal, { payload: claimsFor(BY, { ...fresh, number }) })
    expect(await decisionsOn(a)).toEqual(['accepted'])
    expect(await decisionsOn(b)).toEqual(['refused CONFLICT'])
  })

  it('in conflict alarms both sides, and both texts are kept', async () => {
    const fresh = await freshCertificate()
    const first = await forge(seal, { payload: claimsFor(BY, fresh) })
    const second = await forge(seal, {
      payload: claimsFor(BY, { ...fresh, transportRoute: 'иначе' }),
    })
    await sendFrom(BY, 'certificate', first)
    await eventually('the first decision', async () => decidedAt('UZ', first))
    await sendFrom(BY, 'certificate', second)
    const delivery = await eventually('the second decision', async () => decidedAt('UZ', second))
    expect(delivery.decision).toMatchObject({ outcome: 'refused', findings: ['CONFLICT'] })
    const { certificates } = UZ.running.deps
    expect(await certificates.document(digest(first))).toBe(first)
    expect(await certificates.document(digest(second))).toBe(second)
    const id = parseCertificateId({ state: 'BY', type: fresh.type, number: fresh.number })!
    expect((await certificates.find(id))?.sha256).toBe(digest(first))
    expect(await alarmsOf(UZ)).toContainEqual(
      expect.stringMatching(`identity-conflict: ${digest(second)} .* ${digest(first)}`),
    )
    await eventually('the alarm at the issuer', async () =>
      (await alarmsOf(BY)).some(
        (text) => text === `document-refused-by-peer: ${digest(second)}: CONFLICT`,
      ),
    )
  })

  it('that gives a status list position twice is in conflict, in one batch or in two', async () => {
    const status = { status_list: { uri: `${BY.url}/status/901`, idx: 7 } }
    expect(await decisionsOn(await certificate({ status }), await certificate({ status }))).toEqual(
      ['accepted', 'refused STATUS-POSITION-TAKEN'],
    )
    expect(await decisionsOn(await certificate({ status }))).toEqual([
      'refused STATUS-POSITION-TAKEN',
    ])
  })

  it("that claims a position in this node's own status list is refused, so that it is left for ours", async () => {
    const status = { status_list: { uri: `${UZ.url}/status/1`, idx: 0 } }
    expect(await decisionsOn(await certificate({ status }))).toEqual([
      'refused STATUS-LIST-FOREIGN',
    ])
  })

  it('is refused what is addressed elsewhere, of another body or out of scope', async () => {
    const conformity = await freshCertificate('conformity-eaeu-certificate')
    const toKz = claimsFor(BY, conformity, { iss: 'BY.TESTCERT', aud: ['KZ'] })
    expect(await decisionsOn(await forge(testCert, { payload: toKz }))).toEqual([
      'refused NOT-ADDRESSED-HERE',
    ])
    expect(await decisionsOn(await certificate({ aud: ['UZ', 'KZ'] }))).toEqual([
      'refused SCHEMA-BROKEN',
    ])
    expect(await decisionsOn(await certificate({ iss: 'BY.TESTCERT' }))).toEqual([
      'refused ISSUER-DIFFERS',
    ])
    expect(await decisionsOn(await certificate({ iss: 'UZ.EXPERTIZA.001' }))).toEqual([
      'refused ISSUER-DIFFERS',
    ])

    const fresh = await freshCertificate()
    const claims = claimsFor(BY, fresh, { iss: 'BY.TESTCERT' })
    expect(await decisionsOn(await forge(testCert, { payload: claims }))).toEqual([
      'refused BODY-DIFFERS',
    ])
    const issuer = { ...(fresh['issuer'] as object), code: '999' }
    const own = { ...claims, certificate: { ...fresh, issuer } }
    expect(await decisionsOn(await forge(testCert, { payload: own }))).toEqual([
      'refused OUT-OF-SCOPE',
    ])
  })

  it("is refused a document of another state's body, also one of ours", async () => {
    const ours = await sealOf(UZ, 'UZ.EXPERTIZA.001')
    const fresh = await freshCertificate('origin-ct1-uz-dried-fruit')
    const claims = claimsFor(UZ, fresh, { aud: ['UZ'] })
    const foreign = await forge(ours, { payload: claims })
    expect(await decisionsOn(foreign)).toEqual(['refused SENDER-DIFFERS'])
  })

  it('cannot issue certificates of our numbers with its own seal', async () => {
    const fresh = await freshCertificate()
    const stolen = await certificate(
      {},
      { issuedIn: 'UZ', number: fresh.number.replace('BYUZ', 'UZBY') },
    )
    expect(await decisionsOn(stolen)).toEqual(['refused BODY-DIFFERS'])
  })

  it('is refused garbage, which is kept', async () => {
    const texts = ['garbage', 'a.b.c', 'é'.repeat(100), '\u0000', ' '.repeat(512 * 1024), '....']
    expect(await decisionsOn(...texts)).toEqual(texts.map(() => 'refused MALFORMED'))
    for (const text of texts)
      expect(await UZ.running.deps.certificates.document(digest(text))).toBe(text)
  })

  it('is told of kinds and versions that cannot be read here yet, and they are kept', async () => {
    const kinds = [
      await forge(seal, { typ: 'use-report+jwt', payload: { schema: 'use-report/1' } }),
      await forge(registry, { typ: 'outage-notice+jwt', payload: { schema: 'outage-notice/1' } }),
      await certificate({ schema: 'origin.ct1/2' }),
      await certificate({ schema: 'phyto.sanitary/1' }),
      await forge(seal, {
        typ: 'status-change+jwt',
        payload: annulment(randomBytes(32).toString('base64url'), { schema: 'status-change/2' }),
      }),
    ]
    expect(await decisionsOn(...kinds)).toEqual([
      'not-readable TYPE-UNKNOWN',
      'not-readable TYPE-UNKNOWN',
      'not-readable SCHEMA-UNKNOWN',
      'not-readable SCHEMA-UNKNOWN',
      'not-readable SCHEMA-UNKNOWN',
    ])
    for (const text of kinds)
      expect(await UZ.running.deps.certificates.document(digest(text))).toBe(text)
    // Unknown is no way around authentication.
    const status = await sealOf(BY, 'status-signer')
    const unsealed = await forge(status, { typ: 'use-report+jwt', payload: {} })
    expect(await decisionsOn(unsealed)).toEqual([expect.stringMatching(/^refused /)])
  })

  it('is refused an unknown member, wherever it stands', async () => {
    expect(
      await decisionsOn(
        await certificate({ exp: 1 }),
        await certificate({}, { unexpected: 1 }),
        await certificate({ status: { status_list: { uri: 'https://x/1', idx: 1, more: 1 } } }),
      ),
    ).toEqual(['refused SCHEMA-BROKEN', 'refused SCHEMA-BROKEN', 'refused SCHEMA-BROKEN'])
  })

  it('has a certificate accepted with findings that breaks rules only: to refuse it is for customs', async () => {
    const { items } = (await freshCertificate()) as unknown as { items: object[] }
    const heavy = [{ ...items[0], netKg: 30_000 }, items[1]]
    const [decision] = await decisionsOn(await certificate({}, { items: heavy }))
    expect(decision).toMatch(/^accepted-with-findings .*ORI-NET-GT-GROSS/)
  })

  it('is refused a seal of another purpose', async () => {
    const payload = claimsFor(BY, await freshCertificate())
    const decisions: string[] = []
    for (const name of ['registry-seal', 'status-signer', 'node', 'trust-list-signer'] as const)
      decisions.push(...(await decisionsOn(await forge(await sealOf(BY, name), { payload }))))
    expect(decisions).toEqual([
      'refused PATH-SHAPE',
      'refused EXTENDED-KEY-USAGE-WRONG',
      'refused EXTENDED-KEY-USAGE-WRONG',
      'refused EXTENDED-KEY-USAGE-WRONG',
    ])
  })

  it('cannot pass a receipt off as a message', async () => {
    const receipt = await forge(registry, { typ: 'receipt+jwt', payload: {} })
    expect(await decisionsOn(receipt)).toEqual(['refused TYP-NOT-EXPECTED'])
  })
})

describe('a third peer', () => {
  it('that sends a document of another state first does not spoil it for its sender', async () => {
    const genuine = await certificate()
    const early = await receiveMessages(UZ.running.deps)('KZ', [{ seq: 1, document: genuine }])
    expect(early.receipts.flatMap((receipt) => decisionsOf(receipt))).toMatchObject([
      { outcome: 'refused', findings: ['SENDER-DIFFERS'] },
    ])
    expect(await decisionsOn(genuine)).toEqual(['accepted'])
  })
})

describe('a status change from a peer', () => {
  it('that overtakes its target waits, and is decided once, in a late receipt, when the target comes', async () => {
    const target = await certificate()
    const change = await forge(seal, {
      typ: 'status-change+jwt',
      payload: annulment(digest(target)),
    })
    await sendFrom(BY, 'status-change', change)
    await eventually('the change has arrived', async () => {
      const delivery = await BY.running.deps.outbox.delivery('UZ', digest(change))
      return delivery?.receivedAt
    })
    expect(await decisionsOn(change)).toEqual(['waits'])
    await sendFrom(BY, 'certificate', target)
    const decided = await eventually('the late receipt', async () => decidedAt('UZ', change), 5000)
    expect(decided.decision).toMatchObject({ outcome: 'accepted', findings: [] })
    const { receipts } = await push(change)
    expect(receipts.map(digest)).toEqual([decided.decision?.receipt])
    expect(await push(change)).toMatchObject({ receipts })
    const found = await UZ.running.deps.certificates.findByDigest(digest(target))
    expect(found?.status).toBe('annulled')
    expect(rowsOf(UZ, 'decisions').filter((row) => row['sha256'] === digest(change))).toHaveLength(
      1,
    )
    expect(
      rowsOf(UZ, 'late_receipts').filter((row) => row['sha256'] === decided.decision?.receipt),
    ).toMatchObject([{ recipient: 'BY' }])
  })

  it('that comes in one batch with its target is decided in it, whatever their order', async () => {
    const target = await certificate()
    const change = await forge(seal, {
      typ: 'status-change+jwt',
      payload: annulment(digest(target)),
    })
    expect(await decisionsOn(change, target)).toEqual(['accepted', 'accepted'])
  })

  it('is taken once: a second annulment of the same certificate is refused', async () => {
    const target = await certificate()
    const payload = annulment(digest(target))
    const [a, b] = [
      await forge(seal, { typ: 'status-change+jwt', payload }),
      await forge(seal, { typ: 'status-change+jwt', payload }),
    ] as const
    const [first, second, third] = await decisionsOn(target, a, b)
    expect([first, second]).toEqual(['accepted', 'accepted'])
    expect(third).toMatch(/^refused CHANGE-/)
  })

  it('of another body, of nobody, to somebody else or for what cannot change so is refused', async () => {
    const target = await certificate()
    expect(await decisionsOn(target)).toEqual(['accepted'])
    const change = (by: Seal, claims: Record<string, unknown>) =>
      forge(by, { typ: 'status-change+jwt', payload: annulment(digest(target), claims) })
    const before = (await UZ.running.deps.certificates.findByDigest(digest(target)))?.status
    expect(
      await decisionsOn(
        await change(testCert, { iss: 'BY.TESTCERT' }),
        await change(testCert, {}),
        await change(seal, { iss: 'BY.CCI' }),
        await change(seal, { aud: ['KZ'] }),
        await change(seal, { change: 'suspend' }),
        await change(seal, { validUntil: '2030-01-01' }),
        await change(seal, { reason: '' }),
      ),
    ).toEqual([
      'refused NOT-YOUR-CERTIFICATE',
      'refused ISSUER-DIFFERS',
      'refused ISSUER-DIFFERS',
      'refused NOT-ADDRESSED-HERE',
      expect.stringMatching(/^refused CHANGE-/),
      'refused SCHEMA-BROKEN',
      'refused SCHEMA-BROKEN',
    ])
    const after = (await UZ.running.deps.certificates.findByDigest(digest(target)))?.status
    expect(after).toBe(before)
  })

  it('on a certificate that we issued is refused', async () => {
    const chamber = await UZ.client('issuer', 'UZ.EXPERTIZA')
    const ours = await freshCertificate('origin-ct1-uz-dried-fruit')
    const issued = await chamber.post('/v1/certificates', { certificate: ours })
    const { sha256 } = issued.body as { sha256: string }
    const change = await forge(seal, { typ: 'status-change+jwt', payload: annulment(sha256) })
    expect(await decisionsOn(change)).toEqual(['refused NOT-YOUR-CERTIFICATE'])
    expect((await UZ.running.deps.certificates.findByDigest(sha256))?.status).toBe('issued')
  })
})

describe('trust lists from a peer', () => {
  it('are judged one after another: of two successors in one batch the second is refused', async () => {
    const newest = (await BY.running.deps.trustStore.newest()).find(({ state }) => state === 'BY')!
    const previous = { list: TrustList.parse(payloadOf(newest.jws)), sha256: newest.sha256 }
    const { pki, passphrase, bodies, url } = BY
    const make = (validDays: number) =>
      makeTrustList({ pki, bodies, url, now: new Date(), validDays, previous })
    const second = await signTrustList(await make(80), pki, passphrase)
    const fork = await signTrustList(await make(70), pki, passphrase)
    const third = await signTrustList(
      await makeTrustList({
        pki,
        bodies,
        url,
        now: new Date(),
        validDays: 90,
        previous: { list: await make(80), sha256: digest(second) },
      }),
      pki,
      passphrase,
    )
    expect(await decisionsOn(second, fork, third)).toEqual([
      'accepted',
      'refused TRUST-LIST-FORK',
      'accepted',
    ])
    const known = await UZ.running.deps.trustStore.versions('BY')
    expect(known.map(({ sha256 }) => sha256)).toEqual([
      newest.sha256,
      digest(second),
      digest(third),
    ])
    // The node itself has to know what it is said to have published, or the others would disagree.
    const bench = BY.running.deps.trustStore
    expect((await bench.versions('BY')).length).toBe(1)
    const authority = await BY.client('authority', 'BY.STATE')
    for (const list of [second, third])
      expect(
        (await authority.postBytes('/v1/admin/trust-lists', 'application/jose', list)).status,
      ).toBe(201)
  })

  it('of another state are refused', async () => {
    const ours = (await UZ.running.deps.trustStore.newest()).find(({ state }) => state === 'UZ')!
    expect(await decisionsOn(ours.jws)).toEqual([expect.stringMatching(/^refused /)])
  })
})

describe('receipts from a peer', () => {
  let back: Peer
  let theirs: Seal
  beforeAll(async () => {
    back = await peerOf(UZ)
    theirs = await sealOf(UZ, 'registry-seal')
    await eventually('both nodes are quiet', async () => {
      const backlogs = await Promise.all([
        BY.running.deps.outbox.backlog('UZ'),
        UZ.running.deps.outbox.backlog('BY'),
      ])
      return backlogs.every(({ undecided }) => undecided === 0)
    })
  })

  const receipt = (by: Seal, decisions: unknown[], claims: Record<string, unknown> = {}) =>
    forge(by, {
      typ: 'receipt+jwt',
      payload: { schema: 'receipt/1', iss: 'UZ.REGISTRY', aud: ['BY'], decisions, ...claims },
    })
  const decision = (sha256: string, outcome = 'accepted', findings: string[] = []) => ({
    sha256,
    outcome,
    findings,
    at: '2026-03-02T00:00:00Z',
  })
  const bring = async (...receipts: string[]) => {
    const { status, body, text } = await postAs(back, BY, RECEIPTS, { receipts })
    return status === 200 ? 'taken' : `${status} ${(body as { detail?: string }).detail ?? text}`
  }
  const issue = async () => {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const answer = await chamber.post('/v1/certificates', { certificate: await freshCertificate() })
    const { sha256, document } = answer.body as { sha256: string; document: string }
    await eventually('a decision', async () => decidedAt('UZ', document))
    return sha256
  }

  it('on what was never sent are refused', async () => {
    const before = stateOf(BY)
    const unknown = await receipt(theirs, [decision(randomBytes(32).toString('base64url'))])
    expect(await bring(unknown)).toBe('422 it decides on what was never sent')
    expect(stateOf(BY)).toEqual(before)
  })

  it('signed by a body, by another state or by nobody are refused', async () => {
    const sha256 = await issue()
    const before = stateOf(BY)
    const body = await sealOf(UZ, 'UZ.EXPERTIZA.001')
    expect(await bring(await receipt(body, [decision(sha256)]))).toMatch(/^422 certification-path/)
    expect(
      await bring(await receipt(body, [decision(sha256)], { iss: 'UZ.EXPERTIZA.001' })),
    ).toMatch(/^422 certification-path/)
    expect(await bring(await receipt(registry, [decision(sha256)]))).toMatch(
      /^422 not from this peer/,
    )
    expect(
      await bring(await receipt(registry, [decision(sha256)], { iss: 'BY.REGISTRY' })),
    ).toMatch(/^422 not from this peer/)
    const node = await sealOf(UZ, 'node')
    expect(await bring(await receipt(node, [decision(sha256)]))).toMatch(/^422 certification-path/)
    expect(await bring('garbage')).toMatch(/^422 form: malformed/)
    expect(stateOf(BY)).toEqual(before)
  })

  it('to another state, about nothing or of another form are refused', async () => {
    const sha256 = await issue()
    const before = stateOf(BY)
    for (const claims of [
      { aud: ['KZ'] },
      { aud: ['BY', 'KZ'] },
      { decisions: [] },
      { schema: 'receipt/2' },
      { logIndex: 7 },
      { decisions: [decision(sha256, 'perhaps')] },
      { decisions: [decision(sha256), decision(sha256, 'refused', ['CONFLICT'])] },
    ])
      expect(await bring(await receipt(theirs, [decision(sha256)], claims))).toMatch(/^422 /)
    expect(stateOf(BY)).toEqual(before)
  })

  it('that contradict an earlier decision raise an alarm, are kept as evidence and change nothing', async () => {
    const sha256 = await issue()
    const first = await BY.running.deps.outbox.delivery('UZ', sha256)
    const contradiction = await receipt(theirs, [decision(sha256, 'refused', ['CONFLICT'])])
    expect(await bring(contradiction)).toBe('taken')
    expect(await bring(contradiction)).toBe('taken')
    expect(await BY.running.deps.outbox.delivery('UZ', sha256)).toEqual(first)
    expect(await BY.running.deps.certificates.document(digest(contradiction))).toBe(contradiction)
    const alarm = `contradicting-receipt: ${digest(contradiction)} decides again on ${sha256}`
    expect((await alarmsOf(BY)).filter((text) => text === alarm)).toHaveLength(1)
  })

  it('raise one alarm, however many unknown documents they name', async () => {
    const unknown = Array.from({ length: 50 }, () => randomBytes(32).toString('base64url'))
    const sha256s = [await issue(), ...unknown]
    const flood = await receipt(
      theirs,
      sha256s.map((sha256) => decision(sha256)),
    )
    expect(await bring(flood)).toBe('taken')
    const kind = 'decision-on-unknown-document'
    expect((await alarmsOf(BY)).filter((text) => text.startsWith(kind))).toEqual([
      `${kind}: ${digest(flood)} decides on what this node does not have: ${unknown[0]!} and 49 more`,
    ])
  })
})

async function decidedAt(recipient: string, jws: string) {
  const delivery = await BY.running.deps.outbox.delivery(recipient, digest(jws))
  return delivery?.decision && delivery
}
