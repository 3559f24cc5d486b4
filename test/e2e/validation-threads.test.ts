import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateAll } from '../../src/exchange/validation/validate.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { ask, type Issued, issue, pathOf } from '../support/changes.ts'
import { revoke } from '../support/compromise.ts'
import { today } from '../support/day.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const context = { officer: 'Test', purpose: 'test' }
let nodes: TwoNodes
let customs: ApiClient
let chamber: ApiClient
let certificates: readonly Issued[]

beforeAll(async () => {
  nodes = await startTwoNodes({ validationThreads: 2 })
  customs = await nodes.BY.client('customs', 'BY.GTK')
  chamber = await nodes.BY.client('issuer', 'BY.CCI')
  certificates = await Promise.all(
    Array.from({ length: 5 }, () => issue(chamber, 'origin-ct1-tractors')),
  )
})
afterAll(() => nodes.close())

interface Answered {
  readonly reports: readonly { readonly answer: string; readonly createdAt: string }[]
}

function decodedHeader(document: string): string {
  return Buffer.from(document.split('.')[0]!, 'base64url').toString()
}

/** Without what two reports about one thing differ in anyway; witnesses cosign meanwhile. */
function withoutNames(report: object): object {
  const plain = JSON.parse(JSON.stringify(report)) as Record<string, unknown>
  return { ...plain, id: '', chain: undefined, provenAlso: undefined }
}

describe('a node that validates in threads', () => {
  it('answers as it would in its own thread, in order, also about what is broken', async () => {
    const documents = certificates.map(({ document }) => document)
    const [first = '', second = ''] = documents
    const altered = `${first.slice(0, -9)}${first.at(-9) === 'A' ? 'B' : 'A'}${first.slice(-8)}`
    const subjects = [
      ...documents.map((document) => ({ document })),
      { document: altered },
      { document: 'not a document' },
      { identity: { state: 'KZ', type: 'origin.ct1', number: 'KZUZ0000000000' } },
      ...Array.from({ length: 30 }, () => ({ document: second })),
    ]
    const { status, body } = await customs.post('/v1/validations', { context, items: subjects })
    expect(status).toBe(200)
    const { reports } = body as Answered
    const now = () => new Date(reports[0]!.createdAt)
    const inPlace = validateAll({ ...nodes.BY.running.deps, now })
    const here = await inPlace(subjects.map((subject) => ({ subject })))
    expect(reports.map(withoutNames)).toEqual(here.map(withoutNames))
    expect(new Set(reports.map(({ answer }) => answer))).toEqual(
      new Set(['usable', 'not-usable', 'cannot-tell']),
    )
  })

  it('knows at once what was written a moment ago', async () => {
    const [certificate] = certificates
    const answerNow = async () => {
      const { document } = certificate!
      const { body } = await customs.post('/v1/validations', {
        context,
        items: [{ document }, { document }],
      })
      return (body as Answered).reports[0]
    }
    expect(await answerNow()).toMatchObject({ answer: 'usable' })
    const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка в наименовании' }
    const changed = await ask(chamber, pathOf(nodes.BY, certificate!, '/status-changes'), change)
    expect(changed.status, JSON.stringify(changed.body)).toBe(201)
    expect(await answerNow()).toMatchObject({ answer: 'not-usable' })
  })

  it('believes no seal any more from the moment that its revocation is known', async () => {
    const { document } = certificates[1]!
    const { path } = nodes.BY.running.deps.seals.bodies.find(({ x5c }) =>
      decodedHeader(document).includes(x5c[0]!),
    )!
    const answerNow = async () => {
      const items = [{ document }, { document }]
      const { body } = await customs.post('/v1/validations', { context, items })
      return (body as { reports: { answer: string; reasons: string[] }[] }).reports
    }
    expect(await answerNow()).toMatchObject([{ answer: 'usable' }, { answer: 'usable' }])
    await revoke(nodes, new Uint8Array(path[0]!), 'keyCompromise', '2026-01-01T00:00:00Z')
    const reports = await answerNow()
    expect(reports.map(({ answer }) => answer)).toEqual(['not-usable', 'not-usable'])
    expect(reports[0]!.reasons).toContain('revoked')
  })
})
