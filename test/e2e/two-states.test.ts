import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { dayAt } from '../../src/certificate/day.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const today = () => dayAt(new Date(), 180)

describe('two states', () => {
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await startTwoNodes()
  })
  afterAll(() => nodes.close())

  it('issue, deliver and decide, once, with a signed receipt', async () => {
    const chamber = await nodes.BY.client('issuer', 'BY.CCI')
    const certificate = await demoCertificate('origin-ct1-tractors', today(), 901)
    const { status, body } = await chamber.post('/v1/certificates', { certificate })
    expect(status).toBe(201)
    const { sha256, document } = body as { sha256: string; document: string }

    const path = `/v1/certificates/BY/origin.ct1/${certificate.number}`
    const delivery = await eventually('a decision', async () => {
      const answer = await chamber.get(`${path}/delivery`)
      const [view] = (answer.body as { certificate: { state: string }[] }).certificate
      return view?.state === 'decided' && view
    })
    expect(delivery).toMatchObject({ recipient: 'UZ', outcome: 'accepted', findings: [] })

    const stored = await nodes.UZ.running.deps.certificates.document(sha256)
    expect(stored).toBe(document)
    const again = await chamber.post('/v1/certificates', { certificate })
    expect(again).toMatchObject({ status: 200, body: { sha256, document } })
  })
})
