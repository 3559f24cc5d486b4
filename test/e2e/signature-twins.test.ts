import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { payloadOf } from '../../src/exchange/registered.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { signJws } from '../../src/jose/sign.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import type { EntryKind } from '../../src/tlog/leaf.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { ask, issue, type Issued, pathOf, registerOf, validated } from '../support/changes.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, sealOf } from '../support/hostile.ts'
import { provenAt, reports } from '../support/notices.ts'
import { twinOf } from '../support/twin.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let certifier: ApiClient
let customs: ApiClient
beforeAll(async () => {
  nodes = await startTwoNodes()
  certifier = await nodes.BY.client('issuer', 'BY.TESTCERT')
  customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
})
afterAll(() => nodes.close())

/** What a node sends that holds no seal: a document of its body, with the other form of its signature. */
async function sendTwin(kind: EntryKind, jws: string) {
  const twin = twinOf(jws)
  return { twin, decision: await send(kind, twin) }
}

async function send(kind: EntryKind, jws: string) {
  const { BY, UZ } = nodes
  const sha256 = digest(jws)
  await BY.running.deps.append({ entries: [{ kind, sha256, jws, to: ['UZ'], effects: [] }] })
  BY.running.deps.outgoing()
  return eventually('it is decided', async () => {
    const found = (await UZ.running.deps.inbox.find('BY', [sha256])).get(sha256)
    return found?.decision
  })
}

async function change(certificate: Issued, kind: string): Promise<string> {
  const { status, body } = await ask(certifier, pathOf(nodes.BY, certificate, '/status-changes'), {
    change: kind,
    effectiveFrom: today,
    reason: 'Проверка',
  })
  expect(status, JSON.stringify(body)).toBe(201)
  const { sha256, document } = body as { sha256: string; document: string }
  await eventually('the change arrives', async () => {
    const changes = await nodes.UZ.running.deps.certificates.statusChanges(certificate.sha256)
    return changes.some((one) => one.sha256 === sha256)
  })
  return document
}

const alarmsOf = async (...kinds: string[]) =>
  (await nodes.UZ.running.deps.alarms.list(0, 1000)).filter(({ kind }) => kinds.includes(kind))

describe('the other form of a signature, which anybody makes without a key', () => {
  it('of a change of status is that change: nothing is suspended or resumed once more by it', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    await provenAt(nodes.UZ, certificate.sha256)
    const suspend = await change(certificate, 'suspend')
    await change(certificate, 'resume')
    const before = registerOf(nodes.UZ)
    const { decision } = await sendTwin('status-change', suspend)
    expect(decision).toMatchObject({ outcome: 'accepted', findings: [] })
    expect(registerOf(nodes.UZ)).toEqual(before)
    expect(await validated(customs, nodes.BY, certificate)).toMatchObject({ answer: 'usable' })

    const path = pathOf(nodes.BY, certificate, '/status-changes')
    const again = await ask(certifier, path, { document: twinOf(suspend) })
    expect(again).toMatchObject({ status: 200, body: { sha256: digest(suspend) } })
    expect(await validated(customs, nodes.BY, certificate)).toMatchObject({ answer: 'usable' })
  })

  it('of a refused change is refused as that was, though the register would permit it by now', async () => {
    const { BY, UZ } = nodes
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    await provenAt(UZ, certificate.sha256)
    const payload = {
      schema: 'status-change/1',
      iss: 'BY.TESTCERT',
      aud: ['UZ'],
      target: certificate.sha256,
      change: 'resume',
      effectiveFrom: today,
      reason: 'Проверка',
    }
    const seal = await sealOf(BY, 'BY.TESTCERT')
    const resume = await signJws({
      typ: 'status-change+jwt',
      payload,
      seal,
      signedAt: new Date(),
    })
    const refused = await send('status-change', resume)
    expect(refused).toMatchObject({ outcome: 'refused' })
    await change(certificate, 'suspend')
    const { decision } = await sendTwin('status-change', resume)
    expect(decision).toMatchObject({ outcome: 'refused', findings: refused.findings })
    expect(await validated(customs, BY, certificate)).toMatchObject({ reasons: ['suspended'] })
  })

  it('of a certificate is the registered one at receipt and at the border, and alarms nobody', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    await provenAt(nodes.UZ, certificate.sha256)
    const before = registerOf(nodes.UZ)
    const { twin, decision } = await sendTwin('certificate', certificate.document)
    expect(decision).toMatchObject({ outcome: 'accepted', findings: [] })
    expect(registerOf(nodes.UZ)).toEqual(before)
    expect(await alarmsOf('identity-conflict')).toEqual([])

    const [genuine, other] = await reports(customs, [certificate.document, twin])
    expect(genuine).toMatchObject({ answer: 'usable', indication: 'TOTAL-PASSED' })
    expect(other).toMatchObject({
      answer: 'usable',
      indication: 'TOTAL-PASSED',
      certificate: { sha256: certificate.sha256 },
    })
    expect(other!.checks).toContainEqual(
      expect.objectContaining({
        check: 'identity',
        outcome: 'warning',
        code: 'signature-in-other-form',
        detail: certificate.sha256,
      }),
    )
    await change(certificate, 'annul')
    const [after] = await reports(customs, [twin])
    expect(after).toMatchObject({ answer: 'not-usable', reasons: ['annulled'] })
  })
})

it('Both forms of a new certificate in one message are one certificate', async () => {
  const { BY, UZ } = nodes
  const payload = claimsFor(BY, await freshCertificate())
  const jws = await forge(await sealOf(BY, 'BY.CCI.001'), { payload })
  const both = [jws, twinOf(jws)].map((text) => ({ sha256: digest(text), jws: text }))
  const entry = { kind: 'certificate', to: ['UZ'], effects: [] } as const
  await BY.running.deps.append({ entries: both.map((one) => ({ ...entry, ...one })) })
  BY.running.deps.outgoing()
  const digests = both.map(({ sha256 }) => sha256)
  const decided = await eventually('both are decided', async () => {
    const found = [...(await UZ.running.deps.inbox.find('BY', digests)).values()]
    return found.length === 2 && found.every(({ decision }) => decision) ? found : undefined
  })
  expect(decided.map(({ decision }) => decision!.outcome)).toEqual(['accepted', 'accepted'])
  expect(await UZ.running.deps.certificates.findByDigests(digests)).toHaveLength(1)
  expect(await alarmsOf('identity-conflict')).toEqual([])
})

describe('the other form of a trust list’s signature, served in the place of the list', () => {
  it('forks nothing, and the next version follows it', async () => {
    const { BY, UZ } = nodes
    const { trustStore } = UZ.running.deps
    const publisher = await BY.client('authority', 'BY.CCI')
    const newest = (await BY.running.deps.trustStore.newest()).find(({ state }) => state === 'BY')!
    const make = async (jws: string, daysAhead: number) => {
      const { bodies, url, pki, passphrase } = BY
      const previous = { list: TrustList.parse(payloadOf(jws)), sha256: digest(jws) }
      const now = new Date()
      const list = await makeTrustList({ pki, bodies, url, now, validDays: daysAhead, previous })
      return signTrustList(list, pki, passphrase)
    }
    const second = await make(newest.jws, 31)
    const third = await make(second, 32)
    const served = { now: twinOf(second) }
    const poll = pollTrust({
      ...UZ.running.deps,
      fetch: async (input) => {
        const url = String(input)
        return url.endsWith('/trust/list') ? new Response(served.now) : fetch(url)
      },
    })
    expect(await poll('BY', BY.url)).toEqual({ ok: true })
    expect((await trustStore.versions('BY')).at(-1)).toMatchObject({ sha256: digest(served.now) })
    served.now = second
    expect(await poll('BY', BY.url)).toEqual({ ok: true })
    for (const jws of [second, third]) {
      const posted = await publisher.postBytes('/v1/admin/trust-lists', 'application/jose', jws)
      expect(posted.status).toBe(201)
    }
    const { version } = TrustList.parse(payloadOf(third))
    await eventually('the next version is there', async () => {
      const [last] = (await trustStore.versions('BY')).slice(-1)
      return last?.version === version
    })
    for (const jws of [second, third]) {
      const sha256 = digest(jws)
      const decision = await eventually(
        'it is decided',
        async () => (await UZ.running.deps.inbox.find('BY', [sha256])).get(sha256)?.decision,
      )
      expect(decision).toMatchObject({ outcome: 'accepted' })
    }
    expect(await trustStore.forks()).toEqual([])
    expect(await alarmsOf('trust-list-forked', 'trust-list-refused')).toEqual([])
  })
})
