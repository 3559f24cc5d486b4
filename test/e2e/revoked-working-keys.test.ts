import Sqlite from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliverTo } from '../../src/exchange/delivery/deliver.ts'
import { type PeerAnswer, peerClient } from '../../src/exchange/delivery/peer-client.ts'
import { decideWaiting } from '../../src/exchange/incoming/decide-waiting.ts'
import type { ReceiptPayload } from '../../src/exchange/delivery/receipt.ts'
import { signReceipt } from '../../src/exchange/delivery/sign-receipt.ts'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import { publishTrustList } from '../../src/exchange/keep-trust/publish-trust.ts'
import { NoKeyInForce } from '../../src/exchange/key-in-force.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { makeReconciliation } from '../../src/exchange/reconciliation/make.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { currentWarnings } from '../../src/exchange/warnings/warnings.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { loadPkiDirectory, type StoredKey } from '../../src/node/pki/pki-directory.ts'
import { renewKey } from '../../src/node/pki/renew.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { ask, expectLogsToTell, issue as issueBy } from '../support/changes.ts'
import { certex, words } from '../support/cli.ts'
import { polled, revoke } from '../support/compromise.ts'
import { digest, rowsOf } from '../support/hostile.ts'
import { headerOf } from '../support/rollover.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { eventually, prepareTwoStates, startTestNode, type TestNode } from '../support/two-nodes.ts'

type Send = (peer: string, uri: string, json: object) => Promise<PeerAnswer>
const RENEWED = ['registry-seal', 'status-signer', 'node'] as const
type Renewed = (typeof RENEWED)[number]

let folder: string
let BY: TestNode
let UZ: TestNode
/** The former key of each kind and the one that is ready and that no list names yet, in BY's folder. */
let keys: Record<Renewed, readonly [StoredKey & Id, StoredKey & Id]>
interface Id {
  readonly id: string
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-revoked-keys-'))
  const prepared = await prepareTwoStates(folder)
  const { keys: dir, passphrase } = prepared.BY
  for (const purpose of RENEWED) {
    const now = new Date()
    const renewal = { purpose, now, from: now, sealAlgorithm: 'ES256' } as const
    const made = await renewKey(await loadPkiDirectory(dir), renewal, passphrase)
    if ('obstacle' in made) throw new Error(made.obstacle)
  }
  const pki = await loadPkiDirectory(dir)
  keys = Object.fromEntries(
    RENEWED.map((purpose) => {
      const [former, next] = pki.keys.filter((key) => key.purpose === purpose)
      return [
        purpose,
        [
          { ...former!, id: idOf(former!) },
          { ...next!, id: idOf(next!) },
        ],
      ]
    }),
  ) as unknown as typeof keys
  BY = await startTestNode({ ...prepared.BY, pki })
  UZ = await startTestNode(prepared.UZ)
  // What is exchanged is what these tests exchange.
  await Promise.all([BY.running.schedule.stop(), UZ.running.schedule.stop()])
  await polled(UZ, BY)
  await polled(BY, UZ)
})
afterAll(async () => {
  await Promise.all([BY.running.stop(), UZ.running.stop()])
  await rm(folder, { recursive: true, force: true })
})

function idOf({ certificate }: StoredKey): string {
  return createHash('sha256').update(certificate).digest('base64url')
}

/** The next list of Belarus: it names what was made of these kinds and removes these keys. */
async function publishNext(named: readonly Renewed[], remove: readonly string[]): Promise<void> {
  const { deps } = BY.running
  const { jws } = (await deps.trustStore.newest()).find(({ state }) => state === 'BY')!
  const pki = await loadPkiDirectory(BY.keys)
  const unnamed = RENEWED.filter((purpose) => !named.includes(purpose)).map(
    (purpose) => keys[purpose][1].certificateFile,
  )
  const list = await makeTrustList({
    pki: { ...pki, keys: pki.keys.filter((key) => !unnamed.includes(key.certificateFile)) },
    bodies: BY.bodies,
    url: BY.url,
    now: new Date(),
    validDays: 90,
    previous: { list: TrustList.parse(payloadOf(jws)), sha256: digest(jws) },
    remove: remove.map((x5tS256) => ({ x5tS256, reason: 'keyCompromise' })),
  })
  const published = await publishTrustList(deps)(await signTrustList(list, pki, BY.passphrase))
  expect(published).toMatchObject({ outcome: 'published' })
  await polled(UZ, BY)
}

/** Deliveries of one process to the peer, each at so many minutes from now. */
function deliveries(node: TestNode, wrap: (send: Send) => Send = (send) => send) {
  const { deps } = node.running
  let minutes = 0
  const now = () => new Date(Date.now() + minutes * 60_000)
  const client = { ...deps, fetch, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) }
  const deliver = deliverTo({ ...deps, now, send: wrap(peerClient(client)) })
  return (at: number) => {
    minutes = at
    return deliver(node === BY ? 'UZ' : 'BY')
  }
}

async function issue(node: TestNode): Promise<string> {
  const [party, name] =
    node === BY ? ['BY.CCI', 'origin-ct1-tractors'] : ['UZ.EXPERTIZA', 'origin-ct1-uz-dried-fruit']
  return (await issueBy(await node.client('issuer', party), name)).sha256
}

/** Belarus decides on what Uzbekistan sends, and Uzbekistan does not learn of it. */
async function decidedUnheard(sha256: string): Promise<string> {
  const messages = await UZ.running.deps.outbox.unreceived('BY', 100, 1e7)
  const { jws, seq } = messages.find((message) => message.sha256 === sha256)!
  const answer = await receiveMessages(BY.running.deps)('UZ', [{ seq, document: jws }])
  expect(answer.received).toEqual([{ sha256, state: 'decided' }])
  return answer.receipts[0]!
}

const toBY = async (sha256: string) => (await UZ.running.deps.outbox.delivery('BY', sha256))!
const inBY = async (sha256: string) =>
  (await BY.running.deps.inbox.find('UZ', [sha256])).get(sha256)
const signerOf = (jws: string) => headerOf(jws)['x5t#S256']
const receiptsOf = (node: TestNode) =>
  rowsOf(node, 'entries').filter(({ kind }) => kind === 'receipt')
const alarmsOf = (node: TestNode, kind: string) =>
  rowsOf(node, 'alarms').filter((alarm) => alarm['kind'] === kind)

async function unusable(): Promise<{ subject: string; message: { en: string; ru: string } }[]> {
  const warnings = await currentWarnings(BY.running.deps)()
  return warnings.filter(({ kind }) => kind === 'working-key-unusable')
}

describe('a registry seal that is revoked', () => {
  /** Decided before; the answer, or the receipt that was to be brought later, is still under way. */
  let unheard: string
  let late: string
  /** Sent afterwards. */
  let sent: string
  const receipts: Record<string, string> = {}
  const [former, next] = [() => keys['registry-seal'][0].id, () => keys['registry-seal'][1].id]

  beforeAll(async () => {
    unheard = await issue(UZ)
    receipts[unheard] = await decidedUnheard(unheard)
    late = await issue(UZ)
    receipts[late] = await decidedUnheard(late)
    await BY.running.deps.outbox.sendReceipts('UZ', [digest(receipts[late]!)])
    expect(signerOf(receipts[unheard]!)).toBe(former())
    expect(await unusable()).toEqual([])
    await revoke({ BY, UZ }, keys['registry-seal'][0].certificate, 'superseded')
    sent = await issue(UZ)
  })

  it('signs no decision; what comes in is received, kept and told of', async () => {
    const before = receiptsOf(BY)
    await deliveries(UZ)(0)
    const delivered = await toBY(sent)
    expect(delivered).toMatchObject({ decision: undefined })
    expect(delivered.receivedAt).toBeDefined()
    expect(await inBY(sent)).toMatchObject({
      decision: undefined,
      waitsFor: 'a registry seal of this node',
    })
    expect(await decideWaiting(BY.running.deps)()).toBe(0)
    expect(receiptsOf(BY)).toEqual(before)

    const [warning, ...others] = await unusable()
    expect(others).toEqual([])
    expect(warning).toMatchObject({ subject: former() })
    expect(warning!.message.en).toContain('No registry-seal key is in force')
    expect(warning!.message.en).toContain('revoked')
    expect(warning!.message.ru).toContain('отозван')
    const status = await certex(words`status --config ${BY.configFile} --language en`)
    expect(status.stdout, status.stderr).toContain('! working-key-unusable: No registry-seal key')
    expect(status.stdout).toContain(former())
  })

  it('signs nothing else: no notice, no evidence, no reconciliation', async () => {
    await expect(BY.running.deps.seals.registry()).rejects.toThrow(NoKeyInForce)
    const authority = await BY.client('authority', 'BY.CCI')
    const refused = await ask(authority, '/v1/security-notices', {
      change: 'declare',
      subject: { state: 'BY', x5tS256: await sealOfBody() },
      severity: 'suspected',
      interval: { from: '2026-03-02T08:00:00Z' },
      measure: 'hold',
      reason: 'Token lost',
      advice: 'Wait',
    })
    expect(refused).toMatchObject({ status: 503, slug: 'unavailable' })
    expect(refused.body['detail']).toContain('No registry-seal key of BY is in force: revoked')
    const issued = await issueBy(await BY.client('issuer', 'BY.CCI'), 'origin-ct1-tractors')
    const auditor = await BY.client('auditor', 'BY.AUDIT')
    const number = encodeURIComponent(issued.number)
    const evidence = await ask(auditor, `/v1/certificates/BY/${issued.type}/${number}/evidence`)
    expect(evidence).toMatchObject({ status: 503, slug: 'unavailable' })
    const tomorrow = () => new Date(Date.now() + 86_400_000)
    expect(await makeReconciliation({ ...BY.running.deps, now: tomorrow })('UZ')).toBe(false)
  })

  it('leaves nothing to give for what it signed before; the sender waits without an alarm', async () => {
    const deliver = deliveries(UZ)
    await deliver(2)
    await deliver(4)
    expect(await toBY(unheard)).toMatchObject({ decision: undefined })
    expect(alarmsOf(UZ, 'receipt-not-believed')).toEqual([])
    await deliveries(BY)(0)
    expect(await toBY(late)).toMatchObject({ decision: undefined })
    expect(await BY.running.deps.outbox.lateReceipts('UZ', 10, 1e7)).toHaveLength(1)
  })

  it('is told once as the signer of what cannot be believed, however often that comes', async () => {
    const given = receipts[unheard]!
    const body = JSON.stringify({
      received: [{ sha256: unheard, state: 'decided' }],
      receipts: [given],
    })
    const deliver = deliveries(UZ, () => async () => ({
      ok: true,
      body: new TextEncoder().encode(body),
    }))
    for (const minute of [6, 8, 10]) await deliver(minute)
    expect(alarmsOf(UZ, 'receipt-not-believed')).toMatchObject([
      { peer: 'BY', detail: 'revocation: revoked' },
    ])
    expect(await toBY(unheard)).toMatchObject({ decision: undefined })
  })

  it('gives way to the next one that a list names, without a restart: everything is decided', async () => {
    await publishNext(['registry-seal'], [former()])
    expect((await BY.running.deps.seals.registry()).x5tS256).toBe(next())
    expect(await unusable()).toEqual([])
    expect(await decideWaiting(BY.running.deps)()).toBe(1)
    await deliveries(BY)(20)
    const { decision } = await toBY(sent)
    expect(decision).toMatchObject({ outcome: 'accepted', findings: [] })
    const receipt = await UZ.running.deps.certificates.document(decision!.receipt)
    expect(signerOf(receipt!)).toBe(next())
  })

  it('and what nobody heard of comes again under the new seal, word for word', async () => {
    await deliveries(UZ)(30)
    for (const sha256 of [unheard, late]) {
      const given = receipts[sha256]!
      const { decision } = await toBY(sha256)
      const [said] = (payloadOf(given) as { decisions: { sha256: string }[] }).decisions
      expect({ sha256, ...decision }).toEqual({ ...said, receipt: decision!.receipt })
      const further = (await UZ.running.deps.certificates.document(decision!.receipt))!
      expect(signerOf(further)).toBe(next())
      expect(payloadOf(further)).toEqual(payloadOf(given))
      expect((await inBY(sha256))?.decision?.receipt).toBe(decision!.receipt)
      // Each stands in the log as a leaf of its own.
      const logged = receiptsOf(BY).map((entry) => entry['sha256'])
      expect(logged).toEqual(expect.arrayContaining([digest(given), digest(further)]))
    }
    expect(alarmsOf(UZ, 'decided-again')).toEqual([])
    expect(alarmsOf(BY, 'receipt-refused-by-peer')).toEqual([])
    expect(await BY.running.deps.outbox.lateReceipts('UZ', 10, 1e7)).toEqual([])
  })

  it('once: whoever asks again gets the same bytes', async () => {
    const before = receiptsOf(BY).length
    const [message] = await UZ.running.deps.outbox.feed('BY', 0, 1, 1e7)
    const documents = [{ seq: message!.seq, document: message!.jws }]
    const answers = await Promise.all(
      [1, 2].map(() => receiveMessages(BY.running.deps)('UZ', documents)),
    )
    expect(answers[0]!.receipts.map(digest)).toEqual([
      (await inBY(message!.sha256))?.decision?.receipt,
    ])
    expect(answers[1]).toEqual(answers[0])
    expect(receiptsOf(BY)).toHaveLength(before)
  })

  it('what has given way and waits again all the same is brought once, and nobody is told', async () => {
    const { outbox } = BY.running.deps
    const sha256 = digest(receipts[late]!)
    await outbox.sendReceipts('UZ', [sha256])
    expect(await outbox.lateReceipts('UZ', 10, 1e7)).toEqual([])

    const [logged, alarms] = [receiptsOf(BY), rowsOf(BY, 'alarms')]
    const database = new Sqlite(join(BY.data, 'node.sqlite'))
    try {
      database.prepare('INSERT INTO late_receipts VALUES (?, ?, NULL)').run(sha256, 'UZ')
      let brought = 0
      const deliver = deliveries(BY, (send) => (peer, uri, json) => {
        if (uri.endsWith('/receipts') && ++brought > 3) throw new Error('It is brought for ever')
        return send(peer, uri, json)
      })
      await deliver(60)
      await deliver(62)
      expect(brought).toBe(1)
      expect(await outbox.lateReceipts('UZ', 10, 1e7)).toEqual([])
      expect(receiptsOf(BY)).toEqual(logged)
      expect(rowsOf(BY, 'alarms')).toEqual(alarms)
    } finally {
      // No node leaves such a row, and the audit below would find it.
      database.prepare('DELETE FROM late_receipts WHERE sha256 = ?').run(sha256)
      database.close()
    }
  })
})

async function sealOfBody(): Promise<string> {
  const { view } = await BY.running.deps.trust()
  return view.list('BY')!.keys.find(({ usage }) => usage === 'seal')!.x5tS256
}

describe('a status signer that is revoked', () => {
  it('publishes nothing new, also where a token is held; the next one does', async () => {
    await issue(BY)
    const status = `${BY.url}/status/1`
    const signer = async () => signerOf(await (await fetch(status)).text())
    const [former, next] = keys['status-signer']
    expect(await signer()).toBe(former.id)
    await revoke({ BY, UZ }, former.certificate, 'superseded')
    const refused = await fetch(status)
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({
      detail: 'No status-signer key of BY is in force: revoked',
    })
    expect(await unusable()).toMatchObject([{ subject: former.id }])
    await publishNext(['registry-seal', 'status-signer'], [former.id])
    expect(await signer()).toBe(next.id)
  })
})

describe('a node key that is revoked', () => {
  let sent: string
  const sentByBY = () =>
    rowsOf(BY, 'exchange_archive').filter(({ direction }) => direction === 'sent')

  beforeAll(async () => {
    sent = await issue(BY)
    await revoke({ BY, UZ }, keys.node[0].certificate, 'keyCompromise')
  })

  it('signs no message: what waits for the peer waits, and the operator is told why', async () => {
    const before = sentByBY().length
    await deliveries(BY)(0)
    expect(sentByBY()).toHaveLength(before)
    const contact = (await BY.running.deps.peers.all()).find(({ state }) => state === 'UZ')
    expect(contact?.lastError).toBe('No node key of BY is in force: revoked')
    expect((await unusable()).map(({ subject }) => subject)).toContain(keys.node[0].id)
  })

  it('signs no answer: what a peer sends is not taken on, and stays with the peer', async () => {
    const before = rowsOf(BY, 'inbox')
    const theirs = await issue(UZ)
    await deliveries(UZ)(0)
    expect(await toBY(theirs)).toMatchObject({ receivedAt: undefined })
    expect(rowsOf(BY, 'inbox')).toEqual(before)
    const answer = await postAs(await peerOf(UZ), BY, '/exchange/v1/messages', { messages: [] })
    expect(answer.status).toBe(503)
    expect(answer.headers.has('signature')).toBe(false)
  })

  it('keeps no node from starting', async () => {
    await BY.running.stop()
    BY = await startTestNode(BY)
    const warned = () => BY.log.filter((line) => line.includes('working-key-unusable'))
    await eventually('it is told', async () => warned().length === 1)
    await BY.running.schedule.stop()
    const health = await fetch(`${BY.url}/health`)
    expect(health.status).toBe(200)
  })

  it('gives way to the next one that a list names: the exchange goes on, nothing is lost', async () => {
    await publishNext(RENEWED, [keys.node[0].id])
    expect(await BY.running.deps.nodeKey()).toMatchObject({ keyid: keys.node[1].id })
    await deliveries(BY)(15)
    expect(await BY.running.deps.outbox.delivery('UZ', sent)).toMatchObject({
      decision: { outcome: 'accepted' },
    })
    await deliveries(UZ)(40)
    await deliveries(UZ)(42)
    await expectLogsToTell(BY, UZ)
  })
})

it('an audit finds two receipts with the same decisions in order, and not one that says otherwise', async () => {
  const quiet = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }
  for (const node of [BY, UZ]) {
    const { findings } = await auditFile(join(node.data, 'node.sqlite'), quiet)
    // The clients of these tests nobody has registered.
    expect(findings.filter(({ where }) => !where.startsWith('clients '))).toEqual([])
  }
  const { deps } = BY.running
  const seal = await deps.seals.registry()
  const [{ receipt }] = rowsOf(BY, 'further_receipts') as [{ receipt: string }]
  const said = payloadOf((await deps.certificates.document(receipt))!) as ReceiptPayload
  const decisions = said.decisions.map((decision) => ({ ...decision, outcome: 'refused' as const }))
  const { sha256, jws } = await signReceipt({ ...said, decisions }, seal, new Date())
  await deps.append({ entries: [{ kind: 'receipt', sha256, jws, to: [], effects: [] }] })
  const { findings } = await auditFile(join(BY.data, 'node.sqlite'), quiet)
  expect(findings).toContainEqual(
    expect.objectContaining({
      code: 'differs-from-log',
      detail: expect.stringContaining('it decides again on') as string,
    }),
  )
})
