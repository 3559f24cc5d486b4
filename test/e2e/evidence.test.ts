import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import type { EvidencePack } from '../../src/exchange/evidence-pack.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { ask, decisionAt, issue, type Issued, pathOf, today } from '../support/changes.ts'
import { completePack, judgePack, rootOf } from '../support/evidence.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let sinov: ApiClient
let auditor: ApiClient
let certificate: Issued
let pack: EvidencePack
const dayOf = (n: number) => addDays(today, n)
const roots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

beforeAll(async () => {
  nodes = await startTwoNodes()
  sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
  auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
  certificate = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  await decisionAt(nodes.UZ, 'BY', certificate.sha256)
  pack = await completePack(auditor, nodes.UZ, certificate)
}, 120_000)
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

  it('answers nothing better when a part is missing or altered', async () => {
    const whole = await judged(pack, 0)
    const bearing = new Set<string>()
    let altered = 0
    for (const [name, other] of alterationsOf(pack)) {
      const report = await judged(other, 0)
      altered++
      if (report.answer !== 'usable') bearing.add(name)
      // What does not bear on the answer makes no proof of time earlier.
      else expect(report.instants.proven! >= whole.instants.proven!, name).toBe(true)
    }
    expect(altered).toBeGreaterThan(12)
    for (const name of ['document.jws', 'document.proof', 'trustLists', 'crls'])
      expect(bearing, name).toContain(name)
  })

  it('tells an annulment from the day on which it took effect', async () => {
    const path = pathOf(nodes.UZ, certificate, '/status-changes')
    const change = { change: 'annul', effectiveFrom: today, reason: 'Решение органа' }
    const answer = await ask(sinov, path, change)
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    await decisionAt(nodes.UZ, 'BY', answer.body['sha256'] as string)
    const later = await completePack(auditor, nodes.UZ, certificate)
    expect(await judged(later, 0)).toMatchObject({ answer: 'not-usable' })
  })
})

/** The pack with one list emptied, or one of its texts turned by one character; under its place. */
function* alterationsOf(whole: EvidencePack): Generator<[string, EvidencePack]> {
  for (const [name, value] of Object.entries(whole))
    if (Array.isArray(value) && value.length > 0) yield [name, { ...whole, [name]: [] }]
  for (const path of textsIn(whole)) {
    const copy = structuredClone(whole)
    const holder = path.slice(0, -1).reduce((at, step) => at[step] as Node, copy as unknown as Node)
    const last = path.at(-1)!
    holder[last] = turned(holder[last] as string)
    yield [path.join('.'), copy]
  }
}

type Node = Record<string, unknown>

/** Places of the longer texts: documents, proofs, lists, settings are none. */
function textsIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'string') return value.length > 60 ? [[...path]] : []
  if (typeof value !== 'object' || value === null || path[0] === 'policy') return []
  return Object.entries(value).flatMap(([name, member]) => textsIn(member, [...path, name]))
}

function turned(text: string): string {
  const at = text.length >> 1
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}
