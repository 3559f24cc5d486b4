import { readFile, rm, writeFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decideWaiting } from '../../src/exchange/incoming/decide-waiting.ts'
import { deliverTo } from '../../src/exchange/delivery/deliver.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { peerClient, peerReader, type PeerAnswer } from '../../src/exchange/delivery/peer-client.ts'
import { pullFrom, type PullDependencies } from '../../src/exchange/delivery/pull.ts'
import { openWorkbench } from '../../src/node/bootstrap.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { parseJws } from '../../src/jose/parse.ts'
import { flawsOf, seededRandom } from '../support/crash.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { getAs, type Peer, peerOf, postAs, signedHeaders } from '../support/sign-as.ts'
import {
  eventually,
  freePort,
  prepareTwoStates,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

interface Page {
  readonly messages: readonly { readonly seq: number; readonly document: string }[]
  readonly next: string
  readonly hasMore: boolean
}

const FEED = '/exchange/v1/feed'
const kinds = (node: TestNode) => rowsOf(node, 'alarms').map(({ kind }) => kind)
const databaseOf = ({ data }: PreparedState) => join(data, 'node.sqlite')

async function issue(BY: TestNode): Promise<{ sha256: string; document: string; number: string }> {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const certificate = await freshCertificate()
  const { status, body } = await chamber.post('/v1/certificates', { certificate })
  expect(status, JSON.stringify(body)).toBe(201)
  const { number } = certificate as { number: string }
  return { ...(body as { sha256: string; document: string }), number }
}

async function annul(BY: TestNode, number: string): Promise<string> {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const path = `/v1/certificates/BY/origin.ct1/${number}/status-changes`
  const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка' }
  const { status, body } = await chamber.post(path, change)
  expect(status, JSON.stringify(body)).toBe(201)
  return (body as { sha256: string }).sha256
}

/** Of one recipient, what its peer says it has. */
const receivedUpTo = (node: TestNode, recipient = 'UZ') =>
  rowsOf(node, 'outgoing')
    .filter((row) => row['recipient'] === recipient && row['received_at'] !== null)
    .map(({ seq }) => seq)

async function expectSound(node: PreparedState): Promise<void> {
  const database = new SqliteDatabase(databaseOf(node))
  expect(flawsOf(database.raw)).toEqual([])
  expect(await differencesFromLog(database, node.state)).toEqual([])
  database.close()
}

describe('the feed of a peer', () => {
  let nodes: TwoNodes
  let BY: TestNode
  let UZ: Peer
  beforeAll(async () => {
    nodes = await startTwoNodes()
    BY = nodes.BY
    UZ = await peerOf(nodes.UZ)
    await nodes.UZ.running.stop()
    await BY.running.schedule.stop()
  })
  afterAll(async () => {
    await BY.running.stop()
    await rm(nodes.folder, { recursive: true, force: true })
  })

  const ask = (query: Record<string, string> = {}) =>
    getAs(UZ, BY, `${FEED}?${new URLSearchParams({ limit: '100', ...query }).toString()}`)

  async function read(query: Record<string, string> = {}): Promise<Page> {
    const { status, body, text } = await ask(query)
    expect(status, text).toBe(200)
    return body as Page
  }

  /** Of every request whose signature was right there is one. */
  const nonces = () => rowsOf(BY, 'used_once').length
  const came = (n: number, before: number) =>
    eventually(`${n} requests have come`, async () => nonces() === before + n)

  it('has the messages to it in order, in pages of any size, as they are pushed', async () => {
    for (let n = 0; n < 5; n++) await issue(BY)
    const all = await read()
    expect(all.hasMore).toBe(false)
    const outgoing = rowsOf(BY, 'outgoing')
    expect(all.messages.map(({ seq }) => seq)).toEqual(outgoing.map(({ seq }) => seq))
    expect(all.messages.map(({ document }) => digest(document))).toEqual(
      outgoing.map(({ sha256 }) => sha256),
    )
    const paged: Page['messages'][number][] = []
    let after: string | undefined
    for (;;) {
      const page = await read({ limit: '2', ...(after && { after }) })
      expect(page.messages.length).toBeLessThanOrEqual(2)
      paged.push(...page.messages)
      after = page.next
      if (!page.hasMore) break
    }
    expect(paged).toEqual(all.messages)
    expect(after).toBe(all.next)
  })

  it('shows nothing that is addressed to another', async () => {
    const before = await read()
    const jws = 'for Kazakhstan alone'
    const entry = { kind: 'unknown', sha256: digest(jws), jws, to: ['KZ'], effects: [] } as const
    expect(await BY.running.deps.append({ entries: [entry] })).not.toBe('duplicate')
    expect(await read()).toEqual(before)
    await read({ after: before.next })
    expect(receivedUpTo(BY, 'KZ')).toEqual([])
  })

  it('is acknowledged up to the cursor that is named, and that for good', async () => {
    const [first, second] = [await issue(BY), await issue(BY)]
    const { messages, next } = await read()
    const seqOf = (sha256: string) =>
      messages.find(({ document }) => digest(document) === sha256)!.seq
    const [epoch] = next.split('.')
    await read({ after: `${epoch}.${seqOf(first.sha256)}` })
    expect(receivedUpTo(BY)).toContain(seqOf(first.sha256))
    expect(receivedUpTo(BY)).not.toContain(seqOf(second.sha256))
    await read({ after: next })
    const acknowledged = rowsOf(BY, 'outgoing')
    expect(receivedUpTo(BY)).toEqual(messages.map(({ seq }) => seq))
    await read()
    await read({ after: `${epoch}.1` })
    expect(rowsOf(BY, 'outgoing')).toEqual(acknowledged)
    expect(await BY.running.deps.outbox.unreceived('UZ', 10, 1e6)).toEqual([])
    const kept = rowsOf(BY, 'exchange_archive').filter(({ request }) =>
      String(request).includes(`after=${epoch}.`),
    )
    expect(kept.length).toBeGreaterThanOrEqual(3)
  })

  it('is refused from a cursor that it never gave, and nothing is acknowledged by it', async () => {
    await issue(BY)
    const { next } = await read()
    const [epoch, last] = next.split('.') as [string, string]
    const before = rowsOf(BY, 'outgoing')
    for (const after of [
      '',
      'x',
      '.',
      epoch,
      `${epoch}.`,
      `${epoch}.-1`,
      `${epoch}.+1`,
      `${epoch}.01`,
      `${epoch}.1.0`,
      `${epoch}.1e1`,
      ` ${next}`,
      `${next}\n`,
      `${epoch}.${'9'.repeat(16)}`,
      `${epoch}.${'9'.repeat(400)}`,
      `${'e'.repeat(65)}.1`,
      `${epoch}.١`,
      `${epoch}'; DROP TABLE outgoing;--.1`,
    ]) {
      const { status, body } = await ask({ after })
      expect([status, (body as { type: string }).type], after).toEqual([
        400,
        `${BY.url}/problems/invalid-parameter`,
      ])
    }
    for (const after of [
      `${epoch}.${Number(last) + 1}`,
      `${epoch}.999999999999999`,
      `other.1`,
      `other.0`,
      `${epoch.toUpperCase()}x.1`,
    ]) {
      const { status, body } = await ask({ after, wait: '5' })
      expect([status, body], after).toMatchObject([
        410,
        { type: `${BY.url}/problems/cursor-gone`, restart: `${epoch}.0` },
      ])
    }
    expect(rowsOf(BY, 'outgoing')).toEqual(before)
    expect((await read({ after: `${epoch}.0` })).messages).toHaveLength(Number(last))
  })

  it('answers at once when something comes, from this process or another', async () => {
    const { next } = await read()
    const waiting = read({ after: next, wait: '30' })
    const { document } = await issue(BY)
    const page = await waiting
    expect(page.messages.map((message) => message.document)).toEqual([document])

    const another = new SqliteDatabase(databaseOf(BY))
    const jws = 'from another process'
    const waitingAgain = read({ after: page.next, wait: '30' })
    await appendOneByOne(
      sqlJournal(another),
      () => new Date(),
    )({
      entries: [{ kind: 'unknown', sha256: digest(jws), jws, to: ['UZ'], effects: [] }],
    })
    expect((await waitingAgain).messages.map((message) => message.document)).toEqual([jws])
    another.close()
  })

  it('answers with nothing when nothing comes, and does not wait for what is there', async () => {
    const { next } = await read()
    const started = performance.now()
    expect(await read({ after: next, wait: '1' })).toEqual({ messages: [], next, hasMore: false })
    expect(performance.now() - started).toBeGreaterThan(900)
    expect((await read({ wait: '30' })).messages.length).toBeGreaterThan(0)
    expect((await ask({ after: next, wait: '31' })).status).toBe(400)
  })

  it('is not read from a closed database for somebody who did not wait', async () => {
    const { next } = await read()
    const before = nonces()
    const asked = `${FEED}?${new URLSearchParams({ after: next, wait: '30' }).toString()}`
    const url = `${BY.url}${asked}`
    const gone = new AbortController()
    const waiting = Array.from({ length: 3 }, async () => {
      const headers = await signedHeaders(UZ, BY, url, '', { method: 'GET' })
      return fetch(url, { headers, signal: gone.signal })
    })
    const settled = Promise.allSettled(waiting)
    await came(3, before)
    gone.abort()
    await settled
    await BY.running.stop()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(BY.log.filter((line) => line.includes('"level":"error"'))).toEqual([])
    BY = await startTestNode(BY)
    await BY.running.schedule.stop()
  })

  it('lets nobody wait for a node that stops', async () => {
    const { next } = await read()
    const before = nonces()
    const waiting = Array.from({ length: 3 }, () => read({ after: next, wait: '30' }))
    await came(3, before)
    const started = performance.now()
    await BY.running.stop()
    expect(performance.now() - started).toBeLessThan(20_000)
    for (const page of await Promise.all(waiting)) expect(page.messages).toEqual([])
    BY = await startTestNode(BY)
    await BY.running.schedule.stop()
  })
})

describe('a node that nobody can reach', () => {
  let folder: string
  let BY: TestNode
  let UZ: TestNode
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-test-'))
    const prepared = await prepareTwoStates(folder)
    await carryTrust(prepared.UZ, prepared.BY)
    const config = JSON.parse(await readFile(prepared.UZ.configFile, 'utf8')) as {
      listen: { port: number }
      peers: { pull?: boolean }[]
    }
    // Its own address, as the trust list has it, leads nowhere.
    config.listen.port = await freePort()
    config.peers[0]!.pull = true
    await writeFile(prepared.UZ.configFile, JSON.stringify(config))
    BY = await startTestNode(prepared.BY)
    UZ = await startTestNode(prepared.UZ)
  })
  afterAll(async () => {
    await Promise.all([BY.running.stop(), UZ.running.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  it('gets everything by pulling, and its decisions get back', async () => {
    const issued = [await issue(BY), await issue(BY)]
    const change = await annul(BY, issued[0]!.number)
    for (const sha256 of [...issued.map((each) => each.sha256), change]) {
      const delivery = await eventually('a decision', async () => {
        const found = await BY.running.deps.outbox.delivery('UZ', sha256)
        return found?.decision && found.receivedAt !== undefined ? found : undefined
      })
      expect(delivery.decision).toMatchObject({ outcome: 'accepted', findings: [] })
    }
    expect(rowsOf(UZ, 'certificates').map(({ sha256, status }) => [sha256, status])).toEqual(
      expect.arrayContaining([
        [issued[0]!.sha256, 'annulled'],
        [issued[1]!.sha256, 'issued'],
      ]),
    )
    const pushed = rowsOf(BY, 'exchange_archive').filter(({ direction }) => direction === 'sent')
    expect(pushed).toEqual([])
    expect(await UZ.running.deps.peers.find('BY')).toMatchObject({
      completeAt: expect.any(String) as string,
    })
    await expectSound(BY)
    await expectSound(UZ)
  })

  it('hears of what is issued while it waits', async () => {
    await eventually('it waits', () =>
      Promise.resolve(
        rowsOf(BY, 'outgoing').every((row) => row['received_at'] !== null) && 'all received',
      ),
    )
    const { sha256 } = await issue(BY)
    await eventually('it is there', () => UZ.running.deps.certificates.findByDigest(sha256))
  })
})

/** Brings one state's trust list and CRLs into the database of another, by hand. */
async function carryTrust(from: PreparedState, to: PreparedState): Promise<void> {
  const bench = (of: PreparedState) =>
    openWorkbench({ state: of.state, environment: 'production', database: databaseOf(of) })
  const source = await bench(from)
  const target = await bench(to)
  const list = (await source.trustStore.newest()).find(({ state }) => state === from.state)!
  const parsed = parseJws(list.jws)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  // The list is judged under the CRL of its root, the CRLs under the list.
  for (const { der, state } of await source.trustStore.crls())
    if (state === from.state)
      await target.publishCrl(Buffer.from(der, 'base64'), TrustList.parse(parsed.payload))
  expect(await target.publishList(list.jws)).toMatchObject({ outcome: 'published' })
  await source.close()
  await target.close()
}

describe('pulling from a peer', () => {
  let nodes: TwoNodes
  let BY: TestNode
  let UZ: TestNode
  beforeAll(async () => {
    nodes = await startTwoNodes()
    ;({ BY, UZ } = nodes)
    await Promise.all([BY.running.schedule.stop(), UZ.running.schedule.stop()])
  })
  afterAll(async () => {
    await Promise.all([BY.running.stop(), UZ.running.stop()])
    await rm(nodes.folder, { recursive: true, force: true })
  })

  const pulling = (ask: PullDependencies['ask'], over: Partial<PullDependencies> = {}) =>
    pullFrom({
      ...UZ.running.deps,
      outgoing: () => undefined,
      waiting: () => undefined,
      ...over,
      ask,
    })('BY')

  function reallyAsk(): PullDependencies['ask'] {
    const { deps } = UZ.running
    return peerReader({
      ...deps,
      fetch,
      node: deps.nodeKey,
      resolveKey: nodeKeyResolver(deps),
    })
  }

  it('and being pushed to, in any mixture and with any loss, is the same', async () => {
    const peer = await peerOf(BY)
    const seal = await sealOf(BY, 'BY.CCI.001')
    for (let seed = 1; seed <= 5; seed++) {
      const random = seededRandom(seed)
      const chance = (share: number) => random() < share
      const documents: { sha256: string; outcome: string }[] = []
      for (let n = 0; n < 6; n++) {
        const { sha256, number } = await issue(BY)
        documents.push({ sha256, outcome: 'accepted' })
        if (chance(0.4)) documents.push({ sha256: await annul(BY, number), outcome: 'accepted' })
        if (!chance(0.5)) continue
        // What no honest node would send: it is decided the same way, whichever way it comes.
        const jws = chance(0.5)
          ? `garbage ${seed} ${n}`
          : await forge(seal, {
              payload: claimsFor(BY, await freshCertificate(), { aud: ['KZ'] }),
            })
        const entry = {
          kind: 'unknown',
          sha256: digest(jws),
          jws,
          to: ['UZ'],
          effects: [],
        } as const
        await BY.running.deps.append({ entries: [entry] })
        documents.push({ sha256: digest(jws), outcome: 'refused' })
      }
      const all = await BY.running.deps.outbox.feed('UZ', 0, 1000, 1e9)
      const open = new Set(documents.map(({ sha256 }) => sha256))
      const feed = all.filter(({ sha256 }) => open.has(sha256))
      const answered = new Map<string, Set<string>>()
      const push = async (messages: typeof feed, answerIsLost: boolean) => {
        const batch = messages.map(({ seq, jws }) => ({ seq, document: jws }))
        const { body } = await postAs(peer, UZ, '/exchange/v1/messages', { messages: batch })
        const { receipts } = body as { receipts: string[] }
        if (!answerIsLost) await postAs(await peerOf(UZ), BY, '/exchange/v1/receipts', { receipts })
        for (const receipt of receipts) note(receipt)
      }
      const note = (receipt: string) => {
        for (const sha256 of decisionsOf(receipt))
          answered.set(sha256, (answered.get(sha256) ?? new Set()).add(digest(receipt)))
      }
      const reader = reallyAsk()
      const faulty: PullDependencies['ask'] = async (...call) => {
        const [state, uri, wait] = call
        const answer = await reader(state, uri.replace(/limit=\d+/, 'limit=3'), wait)
        return chance(0.3) ? { ok: false, error: 'lost' } : answer
      }
      const dies = {
        peers: {
          ...UZ.running.deps.peers,
          advanceFeed: () => Promise.reject(new Error('killed')),
          startFeed: () => Promise.reject(new Error('killed')),
        },
      }
      for (let n = 0; n < 12; n++) {
        const from = Math.floor(random() * feed.length)
        const some = feed.slice(from, from + 1 + Math.floor(random() * 4))
        if (chance(0.2)) some.reverse()
        await (chance(0.5)
          ? push(some, chance(0.5))
          : pulling(faulty, chance(0.2) ? dies : {}).catch(() => undefined))
      }
      expect(await pulling(reader)).toHaveProperty('pulled')
      await UZ.running.deps.peers.sendSucceeded('BY', new Date().toISOString())
      await push(feed, true)

      const late = await UZ.running.deps.outbox.lateReceipts('BY', 1000, 1e9)
      for (const { jws } of late) note(jws)
      const receipts = late.map(({ jws }) => jws)
      if (receipts.length > 0)
        expect(
          await postAs(await peerOf(UZ), BY, '/exchange/v1/receipts', { receipts }),
        ).toMatchObject({ status: 200 })
      await UZ.running.deps.outbox.markReceiptsDelivered(
        late.map(({ sha256 }) => sha256),
        new Date().toISOString(),
      )
      for (const { sha256, outcome } of documents) {
        const delivery = await BY.running.deps.outbox.delivery('UZ', sha256)
        expect(delivery, `seed ${seed}`).toMatchObject({
          receivedAt: expect.any(String) as string,
          decision: { outcome },
        })
        // One decision, always the same bytes.
        expect([...answered.get(sha256)!]).toEqual([delivery!.decision!.receipt])
      }
      const { feed: place } = await UZ.running.deps.peers.find('BY')
      expect(place?.seq).toBe(all.at(-1)!.seq)
    }
    expect(kinds(UZ)).toEqual([])
    expect(kinds(BY).filter((kind) => kind !== 'document-refused-by-peer')).toEqual([])
    await expectSound(BY)
    await expectSound(UZ)
  })

  it('and being pushed the same changes at the same moment loses to nobody', async () => {
    await pulling(reallyAsk())
    const { feed } = await UZ.running.deps.peers.find('BY')
    const numbers: string[] = []
    for (let n = 0; n < 20; n++) numbers.push((await issue(BY)).number)
    for (const number of numbers) await annul(BY, number)
    const messages = (await BY.running.deps.outbox.feed('UZ', feed!.seq, 100, 1e9)).map(
      ({ seq, jws }) => ({ seq, document: jws }),
    )
    expect(messages).toHaveLength(40)
    const peer = await peerOf(BY)
    const push = () => postAs(peer, UZ, '/exchange/v1/messages', { messages })
    const [pulled, first, second] = await Promise.all([pulling(reallyAsk()), push(), push()])
    expect(pulled).toHaveProperty('pulled')
    expect([first.status, second.status], first.text + second.text).toEqual([200, 200])
    expect(first.body).toEqual(second.body)
    expect(
      rowsOf(UZ, 'certificates').filter(({ number }) => numbers.includes(number as string)),
    ).toMatchObject(numbers.map(() => ({ status: 'annulled' })))
  })

  it('carries nothing again that was pushed', async () => {
    await pulling(reallyAsk())
    const peer = await peerOf(BY)
    const { feed } = await UZ.running.deps.peers.find('BY')
    const issued = [await issue(BY), await issue(BY), await issue(BY)]
    const messages = issued.map(({ document }, n) => ({ seq: feed!.seq + 1 + n, document }))
    await postAs(peer, UZ, '/exchange/v1/messages', { messages: messages.slice(0, 2) })
    expect(await UZ.running.deps.peers.find('BY')).toMatchObject({
      feed: { epoch: feed!.epoch, seq: feed!.seq + 2 },
    })
    expect(await pulling(reallyAsk())).toEqual({ pulled: 1 })
    expect(await pulling(reallyAsk())).toEqual({ pulled: 0 })
  })

  it('notices what is left out, says so once, and goes on', async () => {
    await pulling(reallyAsk())
    const { feed } = await UZ.running.deps.peers.find('BY')
    const { epoch, seq } = feed!
    const page = (messages: readonly { seq: number; document: string }[], after: number) => {
      const next = `${epoch}.${messages.at(-1)?.seq ?? after}`
      return answerOf({ messages, next, hasMore: false })
    }
    const pages = [
      page(
        [
          { seq: seq + 1, document: 'one' },
          { seq: seq + 4, document: 'four' },
          { seq: seq + 6, document: 'six' },
        ],
        seq,
      ),
      page([], seq + 6),
      page([{ seq: seq + 7, document: 'seven' }], seq + 6),
      page([], seq + 7),
    ]
    const asked: string[] = []
    const ask = async (_: string, uri: string) => {
      asked.push(new URL(uri).searchParams.get('after')!)
      return pages.shift()!
    }
    expect(await pulling(ask)).toEqual({ pulled: 3 })
    expect(await pulling(ask)).toEqual({ pulled: 1 })
    expect(asked).toEqual([seq, seq + 6, seq + 6, seq + 7].map((n) => `${epoch}.${n}`))
    const alarms = rowsOf(UZ, 'alarms').filter(({ kind }) => kind === 'sequence-gap')
    expect(alarms.map(({ peer, detail }) => [peer, detail])).toEqual([
      ['BY', `its feed leaves out messages ${seq + 2} to ${seq + 3}`],
      ['BY', `its feed leaves out message ${seq + 5}`],
    ])
  })

  it('takes no page that contradicts itself or the cursor', async () => {
    const { feed } = await UZ.running.deps.peers.find('BY')
    const { epoch, seq } = feed!
    const message = (n: number) => ({ seq: n, document: 'x' })
    const before = rowsOf(UZ, 'inbox')
    for (const [why, page] of Object.entries({
      schema: { messages: [], next: `${epoch}.${seq}`, hasMore: false, more: 1 },
      'another epoch': { messages: [], next: `other.${seq}`, hasMore: false },
      backwards: { messages: [message(seq)], next: `${epoch}.${seq}`, hasMore: false },
      unordered: {
        messages: [message(seq + 2), message(seq + 1)],
        next: `${epoch}.${seq + 1}`,
        hasMore: false,
      },
      'ahead of itself': { messages: [], next: `${epoch}.${seq + 5}`, hasMore: false },
      'behind itself': { messages: [message(seq + 1)], next: `${epoch}.${seq}`, hasMore: false },
      'never ends': { messages: [], next: `${epoch}.${seq}`, hasMore: true },
    })) {
      const result = await pulling(async () => answerOf(page))
      expect(result, why).toHaveProperty('error')
    }
    let calls = 0
    const gone = async (): Promise<PeerAnswer> => {
      const restart = new TextEncoder().encode(JSON.stringify({ restart: `new${++calls}.0` }))
      return { ok: false, error: 'HTTP 410', gone: restart }
    }
    expect(await pulling(gone)).toHaveProperty('error')
    expect(calls).toBe(2)
    expect(rowsOf(UZ, 'inbox')).toEqual(before)
    await UZ.running.deps.peers.startFeed('BY', { epoch, seq })
  })

  it('does not acknowledge what it had no room for', async () => {
    expect(await pulling(reallyAsk())).toHaveProperty('pulled')
    const { feed: before } = await UZ.running.deps.peers.find('BY')
    const database = new SqliteDatabase(databaseOf(UZ))
    const trustChanged = 'UPDATE node SET trust_revision = trust_revision + 1'
    database.raw.exec(
      `CREATE TEMP TABLE kept AS SELECT * FROM crls; DELETE FROM crls; ${trustChanged}`,
    )
    const issued = [await issue(BY), await issue(BY), await issue(BY)]
    const cramped = { limits: { waitingDocuments: 1 } }
    /** Without revocation data no answer could be believed either. */
    const remembered: PullDependencies['ask'] = async (_, uri) => {
      const after = new URL(uri).searchParams.get('after')!
      const seq = Number(after.split('.')[1])
      const messages = (await BY.running.deps.outbox.feed('UZ', seq, 1, 1e9)).map((message) => ({
        seq: message.seq,
        document: message.jws,
      }))
      const next = `${before!.epoch}.${messages.at(-1)?.seq ?? seq}`
      return answerOf({ messages, next, hasMore: false })
    }
    expect(await pulling(remembered, cramped)).toHaveProperty('error')
    expect(await UZ.running.deps.peers.find('BY')).toMatchObject({
      feed: { epoch: before!.epoch, seq: before!.seq + 1 },
    })
    database.raw.exec(`INSERT INTO crls SELECT * FROM kept; ${trustChanged}`)
    database.close()
    await decideWaiting(UZ.running.deps)()
    expect(await pulling(reallyAsk(), cramped)).toEqual({ pulled: 2 })
    for (const { sha256 } of issued)
      expect(await UZ.running.deps.certificates.findByDigest(sha256)).toBeDefined()
  })

  it('asks a peer that cannot bring them for the decisions it made late', async () => {
    const { deps } = UZ.running
    const send = peerClient({
      ...deps,
      fetch,
      node: deps.nodeKey,
      resolveKey: nodeKeyResolver(deps),
    })
    /** Delivers as `minutes` from now, whatever waits. */
    const deliver = (minutes: number) => {
      const now = () => new Date(Date.now() + minutes * 60_000)
      return deliverTo({ ...deps, now, send })('BY')
    }
    // What waits since the tests before.
    await deliver(0)
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    const certificate = await freshCertificate('origin-ct1-uz-dried-fruit')
    const { status, body } = await expert.post('/v1/certificates', { certificate })
    expect(status, JSON.stringify(body)).toBe(201)
    const { sha256 } = body as { sha256: string }
    const decision = async () => (await deps.outbox.delivery('BY', sha256))?.decision
    // Belarus cannot tell whether the seal was revoked.
    const database = new SqliteDatabase(databaseOf(BY))
    const trustChanged = 'UPDATE node SET trust_revision = trust_revision + 1'
    database.raw.exec(
      `CREATE TEMP TABLE kept AS SELECT * FROM crls; DELETE FROM crls; ${trustChanged}`,
    )
    await deliver(0)
    database.raw.exec(`INSERT INTO crls SELECT * FROM kept; ${trustChanged}`)
    database.close()
    expect(await deps.outbox.delivery('BY', sha256)).toMatchObject({
      receivedAt: expect.any(String) as string,
      decision: undefined,
    })
    expect(await decideWaiting(BY.running.deps)()).toBe(1)
    await deliver(0.5)
    expect(await decision()).toBeUndefined()
    await deliver(4)
    const late = await BY.running.deps.outbox.lateReceipts('UZ', 10, 1e6)
    expect(await decision()).toMatchObject({
      outcome: 'accepted',
      receipt: late.find(({ jws }) => decisionsOf(jws).includes(sha256))!.sha256,
    })
    await deliver(6)
    expect(kinds(BY).concat(kinds(UZ))).not.toContain('contradicting-receipt')
    expect(kinds(BY).concat(kinds(UZ))).not.toContain('decided-again')
  })

  it('follows at once when a push skips something', async () => {
    await UZ.running.stop()
    UZ = await startTestNode(UZ)
    const { running } = UZ
    const peer = await peerOf(BY)
    await eventually('it has pulled', async () => {
      const [last] = (await BY.running.deps.outbox.feed('UZ', 0, 1000, 1e9)).slice(-1)
      const { feed } = await running.deps.peers.find('BY')
      return feed && last && feed.seq >= last.seq
    })
    const skipped = await issue(BY)
    const sent = await issue(BY)
    const { seq } = (await BY.running.deps.outbox.delivery('UZ', sent.sha256))!
    const messages = [{ seq, document: sent.document }]
    await postAs(peer, UZ, '/exchange/v1/messages', { messages })
    await eventually('what was skipped', () =>
      running.deps.certificates.findByDigest(skipped.sha256),
    )
  })
})

/** Digests of the documents that a receipt decides on. */
function decisionsOf(receipt: string): string[] {
  const payload = Buffer.from(receipt.split('.')[1]!, 'base64url').toString()
  const { decisions } = JSON.parse(payload) as { decisions: { sha256: string }[] }
  return decisions.map(({ sha256 }) => sha256)
}

function answerOf(page: object): PeerAnswer {
  return { ok: true, body: new TextEncoder().encode(JSON.stringify(page)) }
}
