import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import { demoCertificate, type DemoCertificate } from '../../src/cli/demo/documents.ts'
import { type ApiClient, apiClient } from '../../src/node/api-client.ts'
import { today } from '../support/day.ts'
import { answered, content } from '../support/typed.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const context = { officer: 'Каримов А.', post: 'Тошкент-АЭРО', purpose: 'таможенный контроль' }

describe('reading and validating', () => {
  let nodes: TwoNodes
  let chamber: ApiClient
  let certifier: ApiClient
  let customs: ApiClient
  let auditor: ApiClient
  let origin: DemoCertificate
  let conformity: DemoCertificate
  let sha256: string

  beforeAll(async () => {
    nodes = await startTwoNodes()
    chamber = await nodes.BY.client('issuer', 'BY.CCI')
    certifier = await nodes.BY.client('issuer', 'BY.TESTCERT')
    customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
    origin = await demoCertificate('origin-ct1-tractors', today, 11)
    conformity = await demoCertificate('conformity-eaeu-certificate', today, 12)
    const issued = await chamber.api.issueCertificate({ body: { certificate: content(origin) } })
    const other = await certifier.api.issueCertificate({
      body: { certificate: content(conformity), to: ['UZ'] },
    })
    ;({ sha256 } = answered(issued, 201).body)
    answered(other, 201)
    await eventually('both arrive', async () => {
      const { deps } = nodes.UZ.running
      const numbers = await Promise.all(
        [origin, conformity].map(({ type, number }) => customs.get(byNumber(type, number))),
      )
      return deps && numbers.every(({ status }) => status === 200)
    })
  })
  afterAll(() => nodes.close())

  const byNumber = (type: string, number: string) =>
    `/v1/certificates/by-number?${new URLSearchParams({ state: 'BY', type, number }).toString()}`

  it('finds a number whatever its signs, spaces and look-alike letters', async () => {
    // № added, spaces doubled, the Cyrillic ЕАС of ЕАЭС and ТР typed in Latin
    const typed = conformity.number.replace('ЕАЭС ', '№  EAЭC  ').replace('ТР', 'TP')
    const found = await customs.api.searchCertificates({ query: { number: typed } })
    expect(answered(found, 200).body).toMatchObject({
      certificates: [{ number: conformity.number, issuer: 'BY.TESTCERT' }],
    })
  })

  it('serves numbers with slashes as a path segment too', async () => {
    const params = { state: 'BY', type: conformity.type, number: conformity.number }
    const read = await customs.api.getCertificate({ params })
    expect(answered(read, 200).body).toMatchObject({
      certificate: { number: conformity.number },
      current: { status: 'active' },
    })
  })

  it('shows headquarters what its branches issued and a branch nothing of others', async () => {
    const branch = await nodes.BY.client('issuer', 'BY.CCI.001')
    const sister = await nodes.BY.client('issuer', 'BY.CCI.002')
    const path = byNumber(origin.type, origin.number)
    expect((await chamber.get(path)).status).toBe(200)
    expect((await branch.get(path)).status).toBe(200)
    expect((await sister.get(path)).status).toBe(404)
    expect((await certifier.get(path)).status).toBe(404)
  })

  it('asks customs who reads, and records it for the auditor', async () => {
    const { id, privateJwk } = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    const path = byNumber(origin.type, origin.number)
    const anonymous = apiClient({ url: nodes.UZ.url, clientId: id, privateJwk })
    const refused = await anonymous.get(path)
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({
      detail: expect.stringContaining('Access-Officer') as string,
    })

    const headers = {
      'Access-Officer': encodeURIComponent('Қодиров Ш.'),
      'Access-Purpose': encodeURIComponent('текшириш'),
    }
    const named = apiClient({ url: nodes.UZ.url, clientId: id, privateJwk, headers })
    expect((await named.get(path)).status).toBe(200)
    const query = { state: 'BY', type: origin.type, number: origin.number }
    const listed = await auditor.api.listAccessesByNumber({ query })
    const { accesses } = answered(listed, 200).body
    expect(accesses.filter(({ client }) => client === id)).toEqual([
      expect.objectContaining({
        operation: 'getCertificate',
        role: 'customs',
        context: { officer: 'Қодиров Ш.', purpose: 'текшириш' },
      }),
    ])
  })

  it('serves the exact signed document', async () => {
    const params = { state: 'BY', type: origin.type, number: origin.number }
    const [here, there] = await Promise.all(
      [chamber, customs].map(({ api }) => api.getCertificateDocument({ params })),
    )
    expect(here!.body).toBe(there!.body)
    expect(await nodes.BY.running.deps.certificates.document(sha256)).toBe(here!.body)
  })

  it('judges without issuing when asked to check', async () => {
    const draft = await demoCertificate('origin-ct1-tractors', today, 77)
    const [item] = draft['items'] as { netKg: number; grossKg: number }[]
    const heavy = { ...draft, items: [{ ...item, netKg: item!.grossKg + 1 }] }
    const good = await chamber.post('/v1/certificates?check=true', { certificate: draft })
    const bad = await chamber.post('/v1/certificates?check=true', { certificate: heavy })
    expect(good).toMatchObject({
      status: 200,
      body: { issuable: true, issuer: 'BY.CCI.001', findings: [] },
    })
    expect(bad).toMatchObject({
      status: 200,
      body: { issuable: false, findings: [{ rule: 'ORI-NET-GT-GROSS', severity: 'error' }] },
    })
    expect((await chamber.get(byNumber(draft.type, draft.number))).status).toBe(404)

    const [first] = origin['items'] as { description: string }[]
    const other = { ...origin, items: [{ ...first, description: 'Другие тракторы' }] }
    const again = await chamber.post('/v1/certificates?check=true', { certificate: origin })
    const taken = await chamber.post('/v1/certificates?check=true', { certificate: other })
    expect(again).toMatchObject({ status: 200, body: { sha256 } })
    expect(taken).toMatchObject({ status: 409, body: { existing: sha256 } })
  })

  it('keeps reports for the organisation that asked and for overseers', async () => {
    const identity = { state: 'BY', type: origin.type, number: origin.number }
    const asked = await customs.api.createValidations({ body: { context, items: [{ identity }] } })
    const [report] = answered(asked, 200).body.reports
    expect(report!.answer).toBe('usable')
    const params = { id: report!.id }
    const stranger = await nodes.UZ.client('customs', 'UZ.CUSTOMS2')
    expect((await customs.api.getValidation({ params })).body).toEqual(report)
    expect((await auditor.api.getValidation({ params })).body).toEqual(report)
    answered(await stranger.api.getValidation({ params }), 404)
  })

  it('matches the lines of a declaration and says what differs', async () => {
    const [item] = origin['items'] as {
      hsCode: string
      netKg: number
      invoice: { number: string }
    }[]
    const declaration = {
      number: '1/2/3',
      date: today,
      lines: [
        {
          n: 1,
          hsCode: item!.hsCode,
          origin: 'BY',
          netKg: item!.netKg,
          invoice: item!.invoice.number,
        },
        { n: 2, hsCode: item!.hsCode, origin: 'RU', netKg: item!.netKg },
        { n: 3, hsCode: item!.hsCode, netKg: item!.netKg * 1.06 },
        { n: 4, hsCode: '0405101100' },
      ],
    }
    const identity = { state: 'BY', type: origin.type, number: origin.number }
    const asked = await customs.api.createValidations({
      body: { context, items: [{ identity, declaration }] },
    })
    const [report] = answered(asked, 200).body.reports
    expect(report).toMatchObject({
      answer: 'not-usable',
      reasons: ['line-not-covered'],
      lines: [
        { line: 1, item: 1, differences: [] },
        { line: 2, item: 1, differences: [{ differs: 'origin', declared: 'RU', certified: 'BY' }] },
        { line: 3, item: 1, differences: [{ differs: 'quantity', measure: 'net' }] },
        { line: 4, item: null },
      ],
    })
  })

  it('explains why a certificate is not found', async () => {
    const ask = async (identity: object) => {
      const { body } = await customs.post('/v1/validations', { context, items: [{ identity }] })
      const [report] = (body as { reports: { answer: string; reasons: string[] }[] }).reports
      return `${report!.answer} ${report!.reasons.join()}`
    }
    const base = { state: 'BY', type: 'origin.ct1', number: `BYUZ${today.slice(3, 4)}001999999` }
    expect(await ask({ ...base, number: 'BYUZ12' })).toBe('cannot-tell not-found-malformed-number')
    expect(await ask({ ...base, number: `BYKZ${today.slice(3, 4)}001999999` })).toBe(
      'cannot-tell not-found-addressed-elsewhere',
    )
    expect(await ask({ ...base, issuedOn: today })).toBe('cannot-tell not-found-deadline-open')
    expect(await ask({ ...base, issuedOn: addDays(today, -30) })).toBe(
      'cannot-tell not-found-before-feed',
    )
    expect(await ask({ ...base, type: 'origin.unheard' })).toBe(
      'cannot-tell not-found-unknown-type',
    )
    expect(await ask({ ...base, state: 'KZ' })).toBe('cannot-tell not-found-unknown-state')
    expect(await ask({ ...base, state: 'UZ', number: `UZBY${today.slice(3, 4)}001999999` })).toBe(
      'not-usable not-found-feed-complete',
    )
  })

  it('answers five hundred questions in one call, in order', async () => {
    const items = Array.from({ length: 500 }, (_, n) => ({
      identity:
        n % 2 === 0
          ? { state: 'BY', type: origin.type, number: origin.number }
          : { state: 'BY', type: origin.type, number: 'nothing' },
    }))
    const asked = await customs.api.createValidations({ body: { context, items } })
    const answers = answered(asked, 200).body.reports.map(({ answer }) => answer)
    expect(answers).toEqual(items.map((_, n) => (n % 2 === 0 ? 'usable' : 'cannot-tell')))
    const tooMany = await customs.post('/v1/validations', { context, items: [...items, items[0]] })
    expect(tooMany.status).toBe(422)
  })

  it('lets overseers see how the exchange goes', async () => {
    const peers = answered(await auditor.api.listPeers(), 200)
    expect(peers.body).toMatchObject({ peers: [{ state: 'BY', waiting: 0, attempts: 0 }] })
    expect(answered(await auditor.api.listAlarms(), 200).body).toEqual({ alarms: [] })
    const { rules } = answered(await auditor.api.listRules(), 200).body
    expect(rules.map(({ id }) => id)).toContain('ORI-VALIDITY-12M')
  })
})
