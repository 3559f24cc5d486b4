import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { today } from '../support/day.ts'
import { answered, content } from '../support/typed.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

describe('two states', () => {
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await startTwoNodes()
  })
  afterAll(() => nodes.close())

  it('issue, deliver and decide, once, with a signed receipt', async () => {
    const { api } = await nodes.BY.client('issuer', 'BY.CCI')
    const sample = await demoCertificate('origin-ct1-tractors', today, 901)
    const certificate = content(sample)
    const issued = answered(await api.issueCertificate({ body: { certificate } }), 201)
    const { sha256, document } = issued.body

    const params = { state: 'BY', type: sample.type, number: sample.number }
    const delivery = await eventually('a decision', async () => {
      const answer = answered(await api.getDelivery({ params }), 200)
      const [view] = answer.body.certificate
      return view?.state === 'decided' && view
    })
    expect(delivery).toMatchObject({ recipient: 'UZ', outcome: 'accepted', findings: [] })

    const stored = await nodes.UZ.running.deps.certificates.document(sha256)
    expect(stored).toBe(document)
    const again = await api.issueCertificate({ body: { certificate } })
    expect(again).toMatchObject({ status: 200, body: { sha256, document } })
  })
})
