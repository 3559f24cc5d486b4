import { afterAll, beforeAll, expect, it } from 'vitest'
import { dayAt } from '../../src/certificate/day.ts'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { validateCertificate } from '../../src/exchange/validation/validate.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const today = dayAt(new Date(), 180)
let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes({ policies: { UZ: { trustListGraceHours: 1 } } })
}, 120_000)
afterAll(() => nodes.close())

it('a list past its next update warns, then leaves answers open, and stops no one from issuing', async () => {
  const { BY, UZ } = nodes
  const chamber = await BY.client('issuer', 'BY.CCI')
  const publisher = await BY.client('authority', 'BY.CCI')
  const newest = await BY.running.deps.trustStore.newest()
  const { jws, sha256 } = newest.find(({ state }) => state === 'BY')!
  const previous = { list: TrustList.parse(payloadOf(jws)), sha256 }
  const { pki, bodies, url, passphrase } = BY
  // Two seconds: it is past before anything is asked.
  const made = await makeTrustList({
    pki,
    bodies,
    url,
    now: new Date(),
    validDays: 2 / 86_400,
    previous,
  })
  const signed = await signTrustList(made, pki, passphrase)
  const published = await publisher.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
  expect(published.status).toBe(201)
  await new Promise((resolve) => setTimeout(resolve, 3_000))

  const certificate = await demoCertificate('origin-ct1-tractors', today, 71)
  const issued = await chamber.post('/v1/certificates', { certificate })
  expect(issued.status).toBe(201)
  const { document, sha256: digest } = issued.body as { document: string; sha256: string }
  await eventually('it is decided', async () => {
    const found = await UZ.running.deps.inbox.find('BY', [digest])
    return found.get(digest)?.decision?.outcome === 'accepted'
  })

  const { deps } = UZ.running
  const afterHours = (hours: number) =>
    validateCertificate({ ...deps, now: () => new Date(Date.now() + hours * 3_600_000) })({
      subject: { document },
    })
  const inGrace = await afterHours(0)
  expect(inGrace.answer).toBe('usable')
  expect(inGrace.checks).toContainEqual(
    expect.objectContaining({ code: 'trust-list-overdue', outcome: 'warning' }),
  )
  const past = await afterHours(1.1)
  expect(past).toMatchObject({ answer: 'cannot-tell' })
  expect(past.reasons).toContain('trust-list-stale')

  const auditor = await UZ.client('auditor', 'UZ.AUDIT')
  const { body } = await auditor.get('/v1/warnings')
  expect((body as { warnings: object[] }).warnings).toContainEqual(
    expect.objectContaining({ kind: 'trust-list-due', subject: 'BY', overdue: true }),
  )
}, 120_000)
