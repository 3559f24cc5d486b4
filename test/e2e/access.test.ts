import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatInstant } from '../../src/encoding/time.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import type { ApiAnswer, ApiClient } from '../../src/node/api-client.ts'
import { apiClient } from '../../src/node/api-client.ts'
import { today } from '../support/day.ts'
import { freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { arrived, suspicion, tell } from '../support/notices.ts'
import { answered, content } from '../support/typed.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const context = { officer: 'Test', purpose: 'test' }

let nodes: TwoNodes
let certificate: DemoCertificate
let document: string
let sha256: string
const clients: Record<string, ApiClient> = {}

beforeAll(async () => {
  nodes = await startTwoNodes()
  const { BY, UZ } = nodes
  const register = async (
    name: string,
    node: typeof BY,
    role: 'issuer' | 'customs',
    party: string,
  ) => (clients[name] = await node.client(role, party))
  await register('headquarters', BY, 'issuer', 'BY.CCI')
  await register('branch', BY, 'issuer', 'BY.CCI.001')
  await register('sibling', BY, 'issuer', 'BY.CCI.002')
  await register('namesake', BY, 'issuer', 'BY.CC')
  await register('longer namesake', BY, 'issuer', 'BY.CCI.0010')
  await register('certifier', BY, 'issuer', 'BY.TESTCERT')
  await register('customs of the issuing state', BY, 'customs', 'BY.CUSTOMS')
  await register('customs', UZ, 'customs', 'UZ.CUSTOMS')
  await register('customs post', UZ, 'customs', 'UZ.CUSTOMS.POST1')
  await register('issuer of the other state', UZ, 'issuer', 'UZ.EXPERTIZA')
  clients['authority'] = await BY.client('authority', 'BY.STATE')
  clients['auditor'] = await UZ.client('auditor', 'UZ.AUDIT')

  certificate = await freshCertificate()
  const issued = await clients['branch']!.api.issueCertificate({
    body: { certificate: content(certificate) },
  })
  ;({ document, sha256 } = answered(issued, 201).body)
  await eventually('it has arrived', () => UZ.running.deps.certificates.findByDigest(sha256))
})
afterAll(() => nodes.close())

const path = (rest = '') => `/v1/certificates/BY/origin.ct1/${certificate.number}${rest}`
const params = () => ({ state: 'BY', type: 'origin.ct1', number: certificate.number })
const by = (name: string) => clients[name]!

const SEEING = ['headquarters', 'branch', 'customs', 'authority', 'auditor']
const BLIND = [
  'sibling',
  'namesake',
  'longer namesake',
  'certifier',
  'customs of the issuing state',
  'issuer of the other state',
]

describe('a certificate', () => {
  it.each(SEEING)('is shown to %s', async (name) => {
    const { api } = by(name)
    answered(await api.getCertificate({ params: params() }), 200)
    expect((await api.getCertificateDocument({ params: params() })).body).toBe(document)
    const found = await api.searchCertificates({ query: { number: certificate.number } })
    expect(answered(found, 200).body).toMatchObject({ certificates: [{ sha256 }] })
  })

  it.each(BLIND)('is to %s as if it did not exist', async (name) => {
    const missing = '/v1/certificates/BY/origin.ct1/BYUZ6001999999'
    for (const rest of ['', '/document', '/status-changes']) {
      const answer = await by(name).get(path(rest))
      expect(answer.status).toBe(404)
      expect(withoutInstance(answer)).toEqual(withoutInstance(await by(name).get(missing + rest)))
    }
    const found = await by(name).get(`/v1/certificates?number=${certificate.number}`)
    expect(found).toMatchObject({ status: 200, body: { certificates: [] } })
  })

  it.each(['sibling', 'certifier', 'namesake', 'issuer of the other state'])(
    'is not shown to %s by way of a validation, nor whether it exists',
    async (name) => {
      const ask = (number: string) =>
        by(name).post('/v1/validations', {
          context,
          items: [{ identity: { state: 'BY', type: 'origin.ct1', number } }],
        })
      const answer = await ask(certificate.number)
      expect(answer.status).toBe(403)
      expect(JSON.stringify(answer.body)).not.toContain('Навои')
      expect(withoutInstance(answer)).toEqual(withoutInstance(await ask('BYUZ6001999999')))
    },
  )

  it('is validated by number for those who may see it, and by anybody who brings it', async () => {
    const identity = { state: 'BY', type: 'origin.ct1', number: certificate.number }
    for (const name of ['branch', 'customs', 'auditor']) {
      const answer = await by(name).post('/v1/validations', { context, items: [{ identity }] })
      expect(answer).toMatchObject({
        status: 200,
        body: { reports: [{ certificate: { sha256 } }] },
      })
    }
    const brought = await by('issuer of the other state').post('/v1/validations', {
      context,
      items: [{ document }],
    })
    expect(brought).toMatchObject({ status: 200, body: { reports: [{ answer: 'usable' }] } })
  })

  it.each(['sibling', 'namesake', 'longer namesake', 'certifier'])(
    'is not annulled by %s',
    async (name) => {
      const change = { change: 'annul', effectiveFrom: today, reason: 'x' }
      expect((await by(name).post(path('/status-changes'), change)).status).toBe(404)
      expect((await by(name).post('/v1/certificates', { certificate })).status).toBe(403)
    },
  )
})

describe('a validation report', () => {
  it('is shown again to the party that asked and to the overseers, and every reader is recorded', async () => {
    const asked = await by('customs').api.createValidations({
      body: { context, items: [{ document }] },
    })
    const [report] = answered(asked, 200).body.reports
    const again = { params: { id: report!.id } }
    for (const name of ['customs post', 'issuer of the other state'])
      answered(await by(name).api.getValidation(again), 404)
    const before = rowsOf(nodes.UZ, 'accesses').length
    for (const name of ['customs', 'auditor'])
      expect(await by(name).api.getValidation(again)).toMatchObject({ status: 200, body: report })
    expect(rowsOf(nodes.UZ, 'accesses').slice(before)).toMatchObject([
      { role: 'customs', operation: 'getValidation', certificate: sha256 },
      { role: 'auditor', operation: 'getValidation', certificate: sha256 },
    ])
  })
})

describe('every reader of a certificate', () => {
  it('is recorded, under the person that the customs system names', async () => {
    const officer = encodeURIComponent('Каримов А.')
    const headers = { 'Access-Officer': officer, 'Access-Purpose': 'release' }
    const { id, privateJwk } = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    const system = apiClient({ url: nodes.UZ.url, clientId: id, privateJwk, headers })
    await system.api.getCertificate({ params: params() })
    await system.api.getCertificateDocument({ params: params() })
    await system.api.searchCertificates({ query: { number: certificate.number } })
    const listed = await by('auditor').api.listAccesses({ params: params() })
    const mine = answered(listed, 200).body.accesses.filter(({ client }) => client === id)
    expect(mine).toMatchObject(
      ['getCertificate', 'getCertificateDocument', 'searchCertificates'].map((operation) => ({
        operation,
        role: 'customs',
        party: 'UZ.CUSTOMS',
        context: { officer: 'Каримов А.', purpose: 'release' },
      })),
    )
  })
})

describe('every route that shows a certificate', () => {
  it('records who read it', async () => {
    const authority = await nodes.BY.client('authority', 'BY.CCI')
    const { x5tS256 } = await sealOf(nodes.BY, 'BY.CCI.001')
    const from = formatInstant(new Date(Date.now() - 3_600_000))
    const notice = await tell(authority, suspicion({ state: 'BY', x5tS256 }, { from }))
    await arrived(nodes.UZ, notice)
    const auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
    const { api } = auditor
    const asked = await api.createValidations({ body: { context, items: [{ document }] } })
    const { id } = answered(asked, 200).body.reports[0]!
    const routes: Record<string, () => Promise<{ readonly status: number }>> = {
      createValidations: () => Promise.resolve(asked),
      getValidation: () => api.getValidation({ params: { id } }),
      getCertificate: () => api.getCertificate({ params: params() }),
      getCertificateDocument: () => api.getCertificateDocument({ params: params() }),
      searchCertificates: () => api.searchCertificates({ query: { number: certificate.number } }),
      getEvidence: () => api.getEvidence({ params: params() }),
      listStatusChanges: () => api.listStatusChanges({ params: params() }),
      listSecondSignatures: () => api.listSecondSignatures({ params: params() }),
      listConcernedCertificates: () =>
        api.listConcernedCertificates({ params: { sha256: notice } }),
      listAuditDocuments: () => api.listAuditDocuments({}),
      getArrival: () => api.getArrival({ params: { peer: 'BY', digest: sha256 } }),
    }
    for (const [operation, ask] of Object.entries(routes)) {
      expect((await ask()).status, operation).toBe(200)
      const mine = rowsOf(nodes.UZ, 'accesses').filter((row) => row['client'] === auditor.id)
      expect(mine, operation).toContainEqual(
        expect.objectContaining({ operation, certificate: sha256, role: 'auditor' }),
      )
    }
    // A route that records and is not asked here would be proven by nothing.
    const folder = new URL('../../src/http/routes/', import.meta.url)
    const recording = readdirSync(folder).flatMap((file) => {
      const calls = readFileSync(new URL(file, folder), 'utf8').matchAll(
        /recordAccess\([^)]*'(\w+)'/g,
      )
      return [...calls].map(([, operation]) => operation!)
    })
    expect(recording.length).toBeGreaterThan(8)
    expect(Object.keys(routes)).toEqual(expect.arrayContaining(recording))
  })
})

function withoutInstance({ status, body }: ApiAnswer) {
  return { status, ...(body as object), instance: '' }
}
