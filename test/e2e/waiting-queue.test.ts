import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliverTo } from '../../src/exchange/delivery/deliver.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { type PeerAnswer, peerClient } from '../../src/exchange/delivery/peer-client.ts'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { type Peer, peerOf, postAs } from '../support/sign-as.ts'
import { startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

const MOST = 3

let nodes: TwoNodes
let BY: TestNode
let peer: Peer
let seal: Seal
beforeAll(async () => {
  nodes = await startTwoNodes({ limits: { waitingDocuments: MOST } })
  BY = nodes.BY
  peer = await peerOf(nodes.UZ)
  seal = await sealOf(nodes.UZ, 'UZ.EXPERTIZA.001')
  await nodes.UZ.running.schedule.stop()
})
afterAll(() => nodes.close())

let seq = 1_000
const push = (...documents: string[]) => {
  const messages = documents.map((document) => ({ seq: ++seq, document }))
  return postAs(peer, BY, '/exchange/v1/messages', { messages })
}

async function certificate(): Promise<string> {
  const fresh = await freshCertificate('origin-ct1-uz-dried-fruit')
  return forge(seal, { payload: claimsFor(nodes.UZ, fresh) })
}

/** The annulment of something that has not come. */
function change(target: string): Promise<string> {
  const payload = {
    schema: 'status-change/1',
    iss: 'UZ.EXPERTIZA.001',
    aud: ['BY'],
    target: digest(target),
    change: 'annul',
    effectiveFrom: today,
    reason: 'ошибка',
  }
  return forge(seal, { typ: 'status-change+jwt', payload })
}

const waiting = () => rowsOf(BY, 'inbox').filter((row) => row['waits_for'] !== null).length

describe('the documents of one peer that wait', () => {
  it('are bounded: further ones are not kept, those that can be decided are, and make room', async () => {
    const targets = await Promise.all(Array.from({ length: MOST + 1 }, certificate))
    const changes = await Promise.all(targets.map(change))
    const last = changes.pop()!
    for (const document of changes) {
      const reply = await push(document)
      expect(reply.body, reply.text).toMatchObject({ received: [{ state: 'received' }] })
    }
    expect(waiting()).toBe(MOST)

    const other = await certificate()
    const refused = await push(last, other)
    expect(refused.status, refused.text).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(refused.headers.has('signature')).toBe(true)
    const archived = rowsOf(BY, 'exchange_archive').map(({ response }) => String(response))
    expect(archived.some((response) => response.startsWith('{"status":200'))).toBe(true)
    expect(archived.filter((response) => response.startsWith('{"status":429'))).toEqual([])
    expect(refused.body).toMatchObject({ type: `${BY.url}/problems/too-many-requests` })
    expect(waiting()).toBe(MOST)
    expect(await BY.running.deps.inbox.find('UZ', [digest(last)])).toEqual(new Map())
    expect(await BY.running.deps.certificates.findByDigest(digest(other))).toBeDefined()

    const repeated = await push(changes[0]!)
    expect(repeated.body).toMatchObject({ received: [{ state: 'received' }] })

    const [first] = targets
    const came = await push(first!)
    expect(came.body, came.text).toMatchObject({ received: [{ state: 'decided' }] })
    expect(waiting()).toBe(MOST - 1)
    expect((await push(last, other)).status).toBe(200)
    expect(waiting()).toBe(MOST)
  })

  it('are told of as new the first time only', async () => {
    const roomy = { ...BY.running.deps, limits: { waitingDocuments: 10 * MOST } }
    const receive = receiveMessages(roomy)
    const message = { seq: ++seq, document: await change(await certificate()) }
    expect(await receive('UZ', [message])).toMatchObject({ newlyWaiting: true })
    expect(await receive('UZ', [message])).toMatchObject({
      received: [{ state: 'received' }],
      newlyWaiting: false,
    })
  })

  it('make the sender wait as long as he was asked to', async () => {
    const { deps } = nodes.UZ.running
    const url = `${BY.url}/exchange/v1/messages`
    const call = peerClient({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })
    const answers: PeerAnswer[] = []
    const document = await change(await certificate())
    const send = async (to: string): Promise<PeerAnswer> => {
      const answer = await call(to, url, { messages: [{ seq: ++seq, document }] })
      answers.push(answer)
      return answer
    }
    const startedAt = deps.now().getTime()
    await deps.peers.sendSucceeded('BY', '2026-01-01T00:00:00Z')
    const { nextAt } = await deliverTo({ ...deps, send })('BY')
    expect(answers).toMatchObject([{ ok: false, retryAfterMs: 60_000 }])
    expect(nextAt.getTime()).toBeGreaterThanOrEqual(startedAt + 60_000)
    const { attempts, lastError } = await deps.peers.find('BY')
    expect({ attempts, lastError }).toEqual({
      attempts: 1,
      lastError: 'HTTP 429 (too-many-requests)',
    })
  })

  it('never make him wait longer than a failure would', async () => {
    const { deps } = nodes.UZ.running
    await deps.peers.sendSucceeded('BY', '2026-01-01T00:00:00Z')
    const send = async (): Promise<PeerAnswer> => ({ ok: false, error: 'x', retryAfterMs: 9e9 })
    const startedAt = Date.now()
    const { nextAt } = await deliverTo({ ...deps, send })('BY')
    expect(nextAt.getTime()).toBeLessThanOrEqual(Date.now() + 5 * 60_000)
    expect(nextAt.getTime()).toBeGreaterThan(startedAt + 60_000)
  })
})
