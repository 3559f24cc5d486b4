import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import { decideWaiting } from '../../src/exchange/incoming/decide-waiting.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { type Seal, signJws } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { openSeal } from '../../src/node/keyring.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { certex, words } from '../support/cli.ts'
import { today } from '../support/day.ts'
import { movingClock } from '../support/reconciling.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const context = { officer: 'Test', purpose: 'test' }
/** Of Uzbekistan; Belarus counts what it adds itself at once. */
const DELAY_HOURS = 1

const clock = movingClock()
const afterTheDelay = () => clock.forward(DELAY_HOURS * 3_600_000 + 1_000)
let nodes: TwoNodes
let chamber: ApiClient
let publisher: ApiClient
let customs: ApiClient
let template: { claims: object; certificate: { number: string } }
let serial = 400

beforeAll(async () => {
  nodes = await startTwoNodes({
    now: clock.now,
    policies: { UZ: { trustAdditionDelayHours: DELAY_HOURS } },
  })
  const { BY, UZ } = nodes
  chamber = await BY.client('issuer', 'BY.CCI')
  publisher = await BY.client('authority', 'BY.CCI')
  customs = await UZ.client('customs', 'UZ.CUSTOMS')
  const certificate = await demoCertificate('origin-ct1-tractors', today, serial++)
  const issued = await chamber.post('/v1/certificates', { certificate })
  expect(issued.status).toBe(201)
  const payload = payloadOf((issued.body as { document: string }).document)
  const { certificate: first, ...claims } = payload as { certificate: { number: string } }
  template = { claims, certificate: first }
})
afterAll(() => nodes.close())

/** The list of Belarus at one of the nodes. */
async function newest(at: 'BY' | 'UZ' = 'BY') {
  const lists = await nodes[at].running.deps.trustStore.newest()
  const { jws, sha256, version } = lists.find(({ state }) => state === 'BY')!
  return { jws, sha256, version, list: TrustList.parse(payloadOf(jws)) }
}

/** A new seal of BY.CCI.001, in the next version of the list of Belarus, which both nodes then have. */
async function listNewSeal(): Promise<{ seal: Seal; version: number; sha256: string }> {
  const { BY } = nodes
  const made = await certex(
    words`pki add-seal --pki ${BY.keys} --body BY.CCI.001
      --passphrase-file ${join(BY.keys, 'passphrase')}`,
  )
  expect(made).toMatchObject({ code: 0 })
  const pki = await loadPkiDirectory(BY.keys)
  const stored = pki.keys.findLast(
    ({ purpose, partyId }) => purpose === 'document-seal' && partyId === 'BY.CCI.001',
  )!
  const seal = await openSeal(pki, stored, BY.passphrase)
  const previous = await newest()
  const { bodies, url } = BY
  const list = await makeTrustList({ pki, bodies, url, now: new Date(), validDays: 30, previous })
  const signed = await signTrustList(list, pki, BY.passphrase)
  const published = await publisher.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
  expect(published.status).toBe(201)
  await eventually('Uzbekistan has it', async () => (await newest('UZ')).version === list.version)
  return { seal, version: list.version, sha256: await digestOf(signed) }
}

/** A certificate under this seal, appended at Belarus and on its way. */
async function sent(seal: Seal): Promise<{ jws: string; sha256: string }> {
  const number = template.certificate.number.replace(/400$/, String(serial++))
  const status = { status_list: { uri: `${nodes.BY.url}/status/1`, idx: 900_000 + serial } }
  const payload = {
    ...template.claims,
    status,
    certificate: { ...template.certificate, number },
  }
  const signedAt = new Date()
  const jws = await signJws({ typ: 'product-certificate+jwt', payload, seal, signedAt })
  const sha256 = await digestOf(jws)
  const entry = { kind: 'certificate', sha256, jws, to: ['UZ'], effects: [] } as const
  await nodes.BY.running.deps.append({ entries: [entry] })
  nodes.BY.running.deps.outgoing()
  return { jws, sha256 }
}

async function validated(jws: string): Promise<{ answer: string; reasons: string[] }> {
  const { body } = await customs.post('/v1/validations', { context, items: [{ document: jws }] })
  const [report] = (body as { reports: { answer: string; reasons: string[] }[] }).reports
  return report!
}

const fate = async (sha256: string) =>
  (await nodes.UZ.running.deps.inbox.find('BY', [sha256])).get(sha256)

/** What waits is looked at every minute; here sooner. */
async function decidedSoon(sha256: string) {
  nodes.UZ.running.schedule.wakeWaiting('BY')
  return (await fate(sha256))?.decision
}

const alarmsOf = async (kind: string) =>
  (await nodes.UZ.running.deps.alarms.list(0, 1000)).filter((alarm) => alarm.kind === kind)

describe('a seal that a new version of a peer’s list adds', () => {
  it('counts after the delay: until then nobody can tell, the operator is told, and nothing is lost', async () => {
    const { UZ } = nodes
    const { seal, version } = await listNewSeal()
    const [alarm] = await alarmsOf('trust-additions-pending')
    expect(alarm).toMatchObject({ peer: 'BY' })
    expect(alarm!.detail).toContain(`version ${version} of the trust list adds key ${seal.x5tS256}`)

    const { jws, sha256 } = await sent(seal)
    await eventually('it came', async () => fate(sha256))
    expect(await fate(sha256)).toMatchObject({ waitsFor: 'registration: key-pending' })
    expect(await validated(jws)).toMatchObject({ answer: 'cannot-tell', reasons: ['key-pending'] })

    const overseer = await UZ.client('auditor', 'UZ.AUDIT')
    const { body } = await overseer.get('/v1/trust/decisions')
    const { pending } = body as { pending: { countsFrom: string }[] }
    expect(pending).toMatchObject([
      { state: 'BY', version, additions: [{ added: 'key', subject: seal.x5tS256 }] },
    ])
    const shown = await certex(words`trust show --config ${UZ.configFile} --state BY`)
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain(`counts here from ${pending[0]!.countsFrom}`)
    expect(shown.stdout).toMatch(new RegExp(`${seal.x5tS256} .* pending`))
    const warned = await overseer.get('/v1/warnings')
    expect(JSON.stringify(warned.body)).toContain('trust-additions-pending')

    afterTheDelay()
    await eventually('it counts', () => decidedSoon(sha256))
    expect((await fate(sha256))!.decision).toMatchObject({ outcome: 'accepted' })
    expect(await validated(jws)).toMatchObject({ answer: 'usable' })
  })

  it('counts at once when two client systems of the authority say so, and not by one alone', async () => {
    const { UZ } = nodes
    const { seal, sha256: subject } = await listNewSeal()
    const { jws } = await sent(seal)
    expect(await validated(jws)).toMatchObject({ answer: 'cannot-tell' })
    const [anna, boris] = [
      await UZ.client('authority', 'UZ.CUSTOMS'),
      await UZ.client('authority', 'UZ.CUSTOMS'),
    ]
    const question = { kind: 'additions', state: 'BY', subject }
    const refused = (reason: string) => ({ status: 409, body: { reason } })
    expect(await boris.post('/v1/admin/trust-approvals', question)).toMatchObject(
      refused('not-proposed'),
    )
    const strange = { ...question, subject: 'A'.repeat(43) }
    expect(await anna.post('/v1/admin/trust-proposals', strange)).toMatchObject(
      refused('unknown-subject'),
    )
    const proposed = await anna.post('/v1/admin/trust-proposals', question)
    expect(proposed).toMatchObject({ status: 201, body: { proposedBy: `client:${anna.id}` } })
    expect(await boris.post('/v1/admin/trust-proposals', question)).toMatchObject({ status: 200 })
    expect(await anna.post('/v1/admin/trust-approvals', question)).toMatchObject(
      refused('same-person'),
    )
    expect(await validated(jws)).toMatchObject({ answer: 'cannot-tell' })
    expect((await boris.post('/v1/admin/trust-approvals', question)).status).toBe(201)
    expect(await boris.post('/v1/admin/trust-approvals', question)).toMatchObject({ status: 200 })
    expect(['usable', 'cannot-tell']).toContain((await validated(jws)).answer)
    await eventually('it is usable', async () => (await validated(jws)).answer === 'usable')
    const acts = await UZ.running.deps.adminActs.list(0, 1000)
    expect(acts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ act: 'additions-proposed', actor: `client:${anna.id}` }),
        expect.objectContaining({ act: 'additions-approved', actor: `client:${boris.id}` }),
      ]),
    )
  })
})

describe('what a new version adds', () => {
  it('counts at once when two operators say so at the command line', async () => {
    const { seal, version } = await listNewSeal()
    const { configFile } = nodes.UZ
    const { jws } = await sent(seal)
    expect(await validated(jws)).toMatchObject({ answer: 'cannot-tell' })
    const decide = (verb: string, as: string) =>
      certex(
        words`trust ${verb} --config ${configFile} --state BY --version ${String(version)} --as ${as}`,
      )
    const strange = await certex(
      words`trust hasten --config ${configFile} --state BY --version 999 --as Anna`,
    )
    expect(strange).toMatchObject({ code: 1, stdout: '' })
    expect(strange.stderr).toContain('accepted no version 999 of the trust list of BY')
    expect((await decide('approve', 'Boris')).stderr).toContain('Nobody has proposed this')
    const proposed = await decide('hasten', 'Anna K.')
    expect(proposed).toMatchObject({ code: 0, stderr: '' })
    expect(proposed.stdout).toMatch(/^Proposed: what version \d+ [^]*certex trust approve/)
    const same = await decide('approve', 'Anna K.')
    expect(same).toMatchObject({ code: 1, stdout: '' })
    const approved = await decide('approve', 'Boris M.')
    expect(approved).toMatchObject({ code: 0, stderr: '' })
    expect(approved.stdout).toMatch(/^Counts at once from now on: /)
    await eventually('it is usable', async () => (await validated(jws)).answer === 'usable')
    const acts = await nodes.UZ.running.deps.adminActs.list(0, 1000)
    expect(acts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ act: 'additions-proposed', actor: 'user:Anna K.' }),
        expect.objectContaining({ act: 'additions-approved', actor: 'user:Boris M.' }),
      ]),
    )
  })
})

describe('two versions of the same number under one signer', () => {
  it('freeze additions until two persons decide; both are evidence, and documents keep flowing', async () => {
    const { BY, UZ } = nodes
    const { deps } = UZ.running
    const { seal, version } = await listNewSeal()
    const accepted = await newest()
    const other = { ...accepted.list, nextUpdate: accepted.list.issuedAt }
    const forked = await signTrustList(other, BY.pki, BY.passphrase)
    const forkSha256 = await digestOf(forked)
    const server = createServer((request, response) => {
      if (request.url === '/trust/list') response.end(forked)
      else
        void fetch(`${BY.url}${request.url}`)
          .then((answer) => answer.arrayBuffer())
          .then((bytes) => response.end(Buffer.from(bytes)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const poll = pollTrust({ ...deps, fetch })
      for (let n = 0; n < 3; n++)
        expect(await poll('BY', url)).toEqual({
          error: `another version ${version} than the one accepted before`,
        })
    } finally {
      server.close()
      server.closeAllConnections()
    }
    const alarms = await alarmsOf('trust-list-forked')
    expect(alarms).toHaveLength(1)
    expect(alarms[0]!.detail).toContain(forkSha256)
    expect(await deps.trustStore.forkedList(forkSha256)).toBe(forked)
    expect(await deps.trustStore.version('BY', version)).toBe(accepted.jws)

    const { jws, sha256 } = await sent(seal)
    await eventually('it came', () => fate(sha256))
    afterTheDelay()
    await decideWaiting(deps)()
    expect(await fate(sha256)).toMatchObject({ waitsFor: 'registration: key-pending' })
    const issued = await chamber.post('/v1/certificates', {
      certificate: await demoCertificate('origin-ct1-tractors', today, serial++),
    })
    const { sha256: ordinary } = issued.body as { sha256: string }
    await eventually('the exchange goes on', async () => (await fate(ordinary))?.decision)
    expect((await fate(ordinary))!.decision).toMatchObject({ outcome: 'accepted' })

    const fork = (verb: string, as: string) =>
      certex(
        words`trust ${verb} --config ${UZ.configFile} --state BY --fork ${forkSha256} --as ${as}`,
      )
    const shown = await certex(words`trust show --config ${UZ.configFile} --state BY`)
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/FROZEN .*\n[^]*FORK .*settle-fork/)
    expect(await fork('settle-fork', 'Anna')).toMatchObject({ code: 0 })
    expect(await fork('approve', 'Anna')).toMatchObject({ code: 1 })
    expect(await validated(jws)).toMatchObject({ answer: 'cannot-tell' })
    expect(await fork('approve', 'Boris')).toMatchObject({ code: 0 })
    await eventually('it counts', () => decidedSoon(sha256))
    expect(await validated(jws)).toMatchObject({ answer: 'usable' })
  })
  it('freeze them as well when an operator brings the second as a file', async () => {
    const { BY, UZ } = nodes
    const { version } = await listNewSeal()
    const other = { ...(await newest()).list, nextUpdate: (await newest()).list.issuedAt }
    const forked = await signTrustList(other, BY.pki, BY.passphrase)
    const sha256 = await digestOf(forked)
    const file = join(UZ.data, 'fork.jws')
    await writeFile(file, forked)
    for (let n = 0; n < 2; n++) {
      const ran = await certex(
        words`trust publish --config ${UZ.configFile} ${file} --crls ${join(BY.keys, 'crls')}`,
      )
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr).toMatch(/fork: its signer signed another[^]*Both are kept/)
    }
    expect(await UZ.running.deps.trustStore.forkedList(sha256)).toBe(forked)
    expect((await newest('UZ')).version).toBe(version)
    const alarms = await alarmsOf('trust-list-forked')
    expect(alarms.filter(({ detail }) => detail.includes(sha256))).toHaveLength(1)
    const shown = await certex(words`trust show --config ${UZ.configFile} --state BY`)
    expect(shown.stdout).toMatch(new RegExp(`FROZEN +version ${version} [^]*FORK .*${sha256}`))
    const overseer = await UZ.client('auditor', 'UZ.AUDIT')
    const { body } = await overseer.get('/v1/warnings')
    expect(JSON.stringify(body)).toContain('trust-list-forked')
  })
})
