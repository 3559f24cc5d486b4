import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import type { ValidationReport } from '../../src/exchange/validation/validation-report.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { digest, freshCertificate } from '../support/hostile.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'
import { compactOf } from './genuine.ts'
import { bitFlips, everyNth, textMutations } from './text-mutations.ts'

const SAMPLE = 400
const BATCH = 100

let nodes: TwoNodes
let customs: ApiClient
let genuine: string
let another: string

beforeAll(async () => {
  nodes = await startTwoNodes()
  customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const issue = async () => {
    const issued = await chamber.post('/v1/certificates', { certificate: await freshCertificate() })
    return (issued.body as { document: string }).document
  }
  genuine = await issue()
  another = await issue()
  await eventually('the certificate has arrived', () =>
    nodes.UZ.running.deps.certificates.findByDigest(digest(genuine)),
  )
})
afterAll(() => nodes.close())

async function answersTo(documents: readonly string[]): Promise<string[]> {
  const { status, body } = await customs.post('/v1/validations', {
    context: { officer: 'Test', purpose: 'test' },
    items: documents.map((document) => ({ document })),
  })
  expect(status, JSON.stringify(body).slice(0, 300)).toBe(200)
  return (body as { reports: ValidationReport[] }).reports.map(({ answer }) => answer)
}

describe('customs at a node', () => {
  it('finds no altered copy of a received certificate usable, and the certificate itself usable', async () => {
    const all = [...textMutations(genuine)]
    const texts = [...everyNth(all, Math.ceil(all.length / SAMPLE))]
    const [header, payload, signature] = genuine
      .split('.')
      .map((part) => Buffer.from(part, 'base64url'))
    const members = JSON.parse(header!.toString()) as { x5c: string[] }
    for (const [at, text] of members.x5c.entries()) {
      const flips = [...bitFlips(Buffer.from(text, 'base64'))]
      for (const flipped of everyNth(flips, Math.ceil(flips.length / 60))) {
        const x5c = members.x5c.with(at, encodeBase64(flipped))
        texts.push(compactOf({ ...members, x5c }, payload!, signature!))
      }
    }
    const [a, b] = [genuine.split('.'), another.split('.')]
    for (let choice = 1; choice < 7; choice++) {
      const mixed = a.map((part, i) => ((choice >> i) & 1 ? b[i] : part)).join('.')
      if (mixed !== genuine && mixed !== another) texts.push(mixed)
    }
    expect(texts.length).toBeGreaterThan(SAMPLE + 150)
    const answers = new Set<string>()
    for (let from = 0; from < texts.length; from += BATCH)
      for (const answer of await answersTo(texts.slice(from, from + BATCH))) answers.add(answer)
    expect(
      [...answers].filter((answer) => !['not-usable', 'cannot-tell'].includes(answer)),
    ).toEqual([])
    expect(await answersTo([genuine])).toEqual(['usable'])
  })
})
