import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deliverTo } from '../../src/exchange/delivery/deliver.ts'
import type { PeerAnswer } from '../../src/exchange/delivery/peer-client.ts'
import { digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

/** What one call to the peer carried. */
interface Call {
  readonly messages: readonly { document: string }[]
}

describe('delivery', () => {
  let nodes: TwoNodes
  let BY: TestNode
  beforeAll(async () => {
    nodes = await startTwoNodes()
    BY = nodes.BY
    await nodes.UZ.running.stop()
    await BY.running.schedule.stop()
  })
  afterAll(() => BY.running.stop())
  beforeEach(() => BY.running.deps.peers.sendSucceeded('UZ', new Date().toISOString()))

  async function issue(): Promise<string> {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const certificate = await freshCertificate()
    const { status, body } = await chamber.post('/v1/certificates', { certificate })
    expect(status).toBe(201)
    return (body as { sha256: string }).sha256
  }

  /** Delivers to a peer that answers as told; what it was sent. */
  async function deliver(
    receipts: (documents: readonly string[]) => Promise<string[]>,
    now = () => new Date(),
  ): Promise<Call[]> {
    const calls: Call[] = []
    const send = async (_peer: string, _uri: string, json: object): Promise<PeerAnswer> => {
      const call = json as Call
      calls.push(call)
      const sent = call.messages.map(({ document }) => document)
      const received = sent.map((document) => ({ sha256: digest(document), state: 'decided' }))
      const answer = JSON.stringify({ received, receipts: await receipts(sent) })
      return { ok: true, body: new TextEncoder().encode(answer) }
    }
    await deliverTo({ ...BY.running.deps, now, send })('UZ')
    return calls
  }

  const receiptBy = async (seal: string, documents: readonly string[]) => {
    const at = '2026-03-02T09:15:00Z'
    const decisions = documents.map((document) => ({
      sha256: digest(document),
      outcome: 'accepted',
      findings: [],
      at,
    }))
    const payload = { schema: 'receipt/1', iss: 'UZ.REGISTRY', aud: ['BY'], decisions }
    return forge(await sealOf(nodes.UZ, seal), { typ: 'receipt+jwt', payload })
  }

  it('goes on behind a receipt that is not believed, and says so once', async () => {
    const first = await issue()
    const before = rowsOf(BY, 'alarms').length
    await deliver(async (documents) =>
      documents.length > 0 ? [await receiptBy('UZ.EXPERTIZA.001', documents)] : [],
    )
    expect(await BY.running.deps.outbox.unreceived('UZ', 10, 1e6)).toEqual([])
    expect(await BY.running.deps.outbox.delivery('UZ', first)).toMatchObject({
      decision: undefined,
    })
    expect(rowsOf(BY, 'alarms').slice(before)).toMatchObject([
      { kind: 'receipt-not-believed', peer: 'UZ' },
    ])

    const second = await issue()
    await deliver(async (documents) =>
      documents.length > 0 ? [await receiptBy('registry-seal', documents)] : [],
    )
    expect(await BY.running.deps.outbox.delivery('UZ', second)).toMatchObject({
      decision: { outcome: 'accepted' },
    })
  })

  it('waits out a back-off, but not one of a clock that was hours ahead', async () => {
    await issue()
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000)
    const held = { attempts: 3, nextAttemptAt: inHours(0.05).toISOString(), error: 'x' }
    await BY.running.deps.peers.sendFailed('UZ', held)
    expect(await deliver(async () => [])).toEqual([])

    await BY.running.deps.peers.sendFailed('UZ', {
      ...held,
      nextAttemptAt: inHours(3).toISOString(),
    })
    const calls = await deliver(async () => [])
    expect(calls.flatMap(({ messages }) => messages)).toHaveLength(1)
  })

  it('says that nothing waits once a minute, also after the clock was set back by hours', async () => {
    await deliver(async () => [])
    const { deps } = BY.running
    const talk = async (lastSentAt: Date) => {
      await deps.peers.sendSucceeded('UZ', lastSentAt.toISOString())
      let calls = 0
      const send = async (): Promise<PeerAnswer> => {
        calls++
        return { ok: true, body: new TextEncoder().encode('{"received":[],"receipts":[]}') }
      }
      const to = deliverTo({ ...deps, send })
      await to('UZ')
      const greeting = calls
      await deps.peers.sendSucceeded('UZ', lastSentAt.toISOString())
      await to('UZ')
      return [greeting, calls - greeting]
    }
    expect(await talk(new Date(Date.now() - 10_000))).toEqual([1, 0])
    expect(await talk(new Date(Date.now() - 61_000))).toEqual([1, 1])
    expect(await talk(new Date(Date.now() + 3 * 3_600_000))).toEqual([1, 1])
  })
})
