import { afterAll, beforeAll, expect, it } from 'vitest'
import { digest, forge, freshCertificate, sealOf } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes()
})
afterAll(() => nodes.close())

it('a receipt that first came among the messages, and was refused there, still counts as a receipt', async () => {
  const { BY, UZ } = nodes
  await UZ.running.stop()
  const chamber = await BY.client('issuer', 'BY.CCI')
  const { body } = await chamber.post('/v1/certificates', { certificate: await freshCertificate() })
  const { sha256 } = body as { sha256: string }
  const decision = { sha256, outcome: 'accepted', findings: [], at: '2026-03-02T09:15:00Z' }
  const receipt = await forge(await sealOf(UZ, 'registry-seal'), {
    typ: 'receipt+jwt',
    payload: { schema: 'receipt/1', iss: 'UZ.REGISTRY', aud: ['BY'], decisions: [decision] },
  })
  const peer = await peerOf(UZ)
  const messages = [{ seq: 1, document: receipt }]
  const refused = await postAs(peer, BY, '/exchange/v1/messages', { messages })
  expect(refused.body).toMatchObject({ received: [{ sha256: digest(receipt), state: 'decided' }] })

  const taken = await postAs(peer, BY, '/exchange/v1/receipts', { receipts: [receipt] })
  expect(taken.body).toEqual({ taken: [digest(receipt)] })
  expect(await BY.running.deps.outbox.delivery('UZ', sha256)).toMatchObject({
    decision: { outcome: 'accepted', receipt: digest(receipt) },
  })
})
