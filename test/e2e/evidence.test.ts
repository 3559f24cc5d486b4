import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import { type EvidencePack, readEvidencePack } from '../../src/exchange/evidence/pack.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { alterationsOf } from '../support/altered-packs.ts'
import { ask, decisionAt, issue, type Issued, pathOf } from '../support/changes.ts'
import { today } from '../support/day.ts'
import { completePack, judgePack, lastDayOf, rootOf } from '../support/evidence.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let sinov: ApiClient
let auditor: ApiClient
let certificate: Issued
let pack: EvidencePack
const dayOf = (n: number) => addDays(lastDayOf(pack), n)
const roots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

beforeAll(async () => {
  nodes = await startTwoNodes()
  sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
  auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
  certificate = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  await decisionAt(nodes.UZ, 'BY', certificate.sha256)
  pack = await completePack(auditor, nodes.UZ, certificate)
})
afterAll(() => nodes.close())

const judged = async (what: EvidencePack, day: number, given = roots()) =>
  (await judgePack(what, given, { day: dayOf(day) })).report

describe('an evidence pack', () => {
  it('answers for a certificate in force, proven by the witness of the other state', async () => {
    const report = await judged(pack, 0)
    expect(report).toMatchObject({ answer: 'usable', indication: 'TOTAL-PASSED' })
    expect(report.instants.proven).toBeDefined()
  })

  it('proves nothing under roots that nobody gave', async () => {
    for (const given of [[], [rootOf(nodes.BY)], [{ state: 'UZ', rootSha256: 'A'.repeat(43) }]])
      expect((await judged(pack, 0, given)).answer).not.toBe('usable')
  })

  it('answers nothing better when anything in it is missing or altered', async () => {
    const bearing = new Set<string>()
    let altered = 0
    for (const [name, other] of alterationsOf(pack)) {
      const answer = await answerBy(other)
      altered++
      if (answer !== 'usable') bearing.add(name.split(/[. ]/)[0]!)
      // By itself it decides nothing: receipts and lists are what they are, whenever they were logged;
      // without a proof the rules of then are unknown.
      else expect(name).toMatch(/^(receipts|rules|trustLists)\.\d\.proof( |$)/)
    }
    expect(altered).toBeGreaterThan(70)
    for (const name of PARTS) expect(bearing, name).toContain(name)
  })

  it('answers nothing better with parts of another pack', async () => {
    const other = await issue(sinov, 'conformity-uz-certificate', ['BY'])
    await decisionAt(nodes.UZ, 'BY', other.sha256)
    const stranger = await completePack(auditor, nodes.UZ, other)
    for (const name of ['document', 'receipts', 'statement'] as const) {
      expect(await answerBy({ ...pack, [name]: stranger[name] }), name).not.toBe('usable')
      expect(await answerBy({ ...stranger, [name]: pack[name] }), name).not.toBe('usable')
    }
    const { jws } = pack.document
    const swapped = { ...pack, document: { jws, proof: stranger.document.proof } }
    expect(await answerBy(swapped)).toBe('cannot-tell')
    expect(await answerBy({ ...pack, state: 'BY' })).toBe('cannot-tell')
  })

  it('tells an annulment, and no alteration takes it back', async () => {
    const path = pathOf(nodes.UZ, certificate, '/status-changes')
    const change = { change: 'annul', effectiveFrom: today, reason: 'Решение органа' }
    const answer = await ask(sinov, path, change)
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    await decisionAt(nodes.UZ, 'BY', answer.body['sha256'] as string)
    const later = await completePack(auditor, nodes.UZ, certificate)
    expect(await judged(later, 0)).toMatchObject({ answer: 'not-usable' })
    for (const [name, other] of alterationsOf(later))
      expect(await answerBy(other), name).not.toBe('usable')
  })
})

const PARTS = [
  'schema',
  'state',
  'document',
  'receipts',
  'trustLists',
  'crls',
  'rules',
  'policy',
  'missing',
  'statement',
]

/** What a verifier answers by the text of a file; it never throws. */
async function answerBy(file: unknown): Promise<string> {
  const read = readEvidencePack(new TextEncoder().encode(JSON.stringify(file)))
  return 'malformed' in read ? 'no pack' : (await judged(read, 0)).answer
}
