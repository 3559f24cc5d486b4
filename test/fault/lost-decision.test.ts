import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliverTo } from '../../src/exchange/delivery/deliver.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { type PeerAnswer, peerClient, peerReader } from '../../src/exchange/delivery/peer-client.ts'
import { pullFrom } from '../../src/exchange/delivery/pull.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

type Send = (peer: string, uri: string, json: object) => Promise<PeerAnswer>

let nodes: TwoNodes
let BY: TestNode
let UZ: TestNode
beforeAll(async () => {
  nodes = await startTwoNodes()
  ;({ BY, UZ } = nodes)
  for (const node of [BY, UZ]) {
    await eventually('its feed is followed', async () => {
      const [peer] = await node.running.deps.peers.all()
      return peer?.feed
    })
    await node.running.schedule.stop()
  }
})
afterAll(() => nodes.close())

/** Signed calls, as a node makes them. */
function clientOf({ running: { deps } }: TestNode) {
  return { ...deps, fetch, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) }
}

/** Deliveries of one process to its peer, each at so many minutes from now. */
function deliveries(node: TestNode, wrap: (send: Send) => Send = (send) => send) {
  let minutes = 0
  const { deps } = node.running
  const now = () => new Date(Date.now() + minutes * 60_000)
  const deliver = deliverTo({ ...deps, now, send: wrap(peerClient(clientOf(node))) })
  return (at: number) => {
    minutes = at
    return deliver(node === BY ? 'UZ' : 'BY')
  }
}

async function issue(node: TestNode): Promise<string> {
  const [party, name] =
    node === BY ? ['BY.CCI', 'origin-ct1-tractors'] : ['UZ.EXPERTIZA', 'origin-ct1-uz-dried-fruit']
  const client = await node.client('issuer', party)
  const { status, body } = await client.post('/v1/certificates', {
    certificate: await freshCertificate(name),
  })
  expect(status, JSON.stringify(body)).toBe(201)
  return (body as { sha256: string }).sha256
}

const toUZ = (sha256: string) => BY.running.deps.outbox.delivery('UZ', sha256)
const alarmsOf = (node: TestNode, kind: string) =>
  rowsOf(node, 'alarms').filter((alarm) => alarm['kind'] === kind)
const pullBY = () =>
  pullFrom({ ...UZ.running.deps, ask: peerReader(clientOf(UZ)), waiting: () => undefined })('BY')

/** Until what is returned is called the node has no revocation data. */
function forgetRevocations(node: TestNode): () => void {
  const database = new SqliteDatabase(join(node.data, 'node.sqlite'))
  const changed = 'UPDATE node SET trust_revision = trust_revision + 1'
  database.raw.exec(`CREATE TEMP TABLE kept AS SELECT * FROM crls; DELETE FROM crls; ${changed}`)
  return () => {
    database.raw.exec(`INSERT INTO crls SELECT * FROM kept; ${changed}`)
    database.close()
  }
}

describe('a decision', () => {
  it('whose answer was lost, on a message that a cursor then acknowledged, is asked for again', async () => {
    await pullBY()
    const sha256 = await issue(BY)
    const lost = (send: Send): Send => {
      return async (...call) => {
        await send(...call)
        return { ok: false, error: 'no answer: the line is cut' }
      }
    }
    await deliveries(BY, lost)(0)
    expect(await toUZ(sha256)).toMatchObject({ receivedAt: undefined, decision: undefined })
    expect(await pullBY()).toEqual({ pulled: 0 })
    const acknowledged = await toUZ(sha256)
    expect(acknowledged).toMatchObject({ decision: undefined })
    expect(acknowledged?.receivedAt).toBeDefined()

    const deliver = deliveries(BY)
    await deliver(0.5)
    expect((await toUZ(sha256))?.decision).toBeUndefined()
    await deliver(2)
    const inbox = (await UZ.running.deps.inbox.find('BY', [sha256])).get(sha256)!
    const { receipt } = inbox.decision!
    expect((await toUZ(sha256))?.decision).toMatchObject({ outcome: 'accepted', receipt })
    expect(await BY.running.deps.certificates.document(receipt)).toBe(
      await UZ.running.deps.certificates.document(receipt),
    )
  })

  it('that cannot be judged yet holds up no message, is told once and taken later', async () => {
    const first = await issue(BY)
    const remember = forgetRevocations(BY)
    let again: () => void = () => undefined
    let pushes = 0
    /** Answers cannot be believed either without revocation data: it goes only when one has come. */
    const blinded = (send: Send): Send => {
      return async (...call) => {
        remember()
        const answer = await send(...call)
        again = forgetRevocations(BY)
        pushes++
        return answer
      }
    }
    await deliveries(BY, blinded)(3)
    again()
    expect(pushes).toBe(1)
    const delivered = await toUZ(first)
    expect(delivered).toMatchObject({ decision: undefined })
    expect(delivered?.receivedAt).toBeDefined()
    expect(alarmsOf(BY, 'receipt-undecidable')).toMatchObject([{ peer: 'UZ' }])
    await deliveries(BY)(6)
    expect((await toUZ(first))?.decision).toMatchObject({ outcome: 'accepted' })
  })

  it('that the peer cannot judge now holds up no message, and is brought again', async () => {
    const { deps } = UZ.running
    const theirs = await issue(BY)
    await deliveries(BY)(0)
    const { receipt } = (await toUZ(theirs))!.decision!
    await deps.outbox.sendReceipts('BY', [receipt])
    const calls: string[] = []
    let able = false
    const deliver = deliveries(UZ, (send) => async (peer, uri, json) => {
      const path = new URL(uri).pathname.split('/').at(-1)!
      calls.push(path)
      if (path === 'receipts' && !able)
        return { ok: false, answered: true, error: 'HTTP 503 (unavailable)' }
      return send(peer, uri, json)
    })
    const sha256 = await issue(UZ)
    await deliver(0)
    expect(calls.slice(0, 2)).toEqual(['receipts', 'messages'])
    expect((await deps.outbox.delivery('BY', sha256))?.receivedAt).toBeDefined()
    const before = calls.filter((path) => path === 'receipts').length
    expect(before).toBe(1)
    able = true
    await deliver(1)
    expect(calls.filter((path) => path === 'receipts').length).toBeGreaterThan(before)
    expect(await deps.outbox.lateReceipts('BY', 10, 1e9)).toEqual([])
  })
})

it('after a refusal of its own a peer is left in peace, whatever is heard of it', async () => {
  await issue(BY)
  let calls = 0
  const deliver = deliveries(BY, () => async () => {
    calls++
    return {
      ok: false,
      answered: true,
      error: 'HTTP 429 (too-many-requests)',
      retryAfterMs: 60_000,
    }
  })
  await deliver(10)
  expect(calls).toBe(1)
  await BY.running.deps.peers.heard('UZ', new Date().toISOString(), false)
  await deliver(10)
  expect(calls).toBe(1)
  await deliver(11.1)
  expect(calls).toBe(2)
})
