import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import type { EvidencePack } from '../../src/exchange/evidence-pack.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { ask, decisionAt, issue, type Issued, pathOf, today } from '../support/changes.ts'
import { completePack, packOf, judgePack, rootOf } from '../support/evidence.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const DAY_MS = 86_400_000

let nodes: TwoNodes
let days = 0
let sinov: ApiClient
let auditor: ApiClient
let certificate: Issued
const now = () => new Date(Date.now() + days * DAY_MS)
const dayOf = (n: number) => addDays(today, n)
const roots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

async function change(body: { change: string }, day: number) {
  days = day
  const path = pathOf(nodes.UZ, certificate, '/status-changes')
  const words = { effectiveFrom: dayOf(day), reason: 'Решение органа по сертификации' }
  const answer = await ask(sinov, path, { ...words, ...body })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  await decisionAt(nodes.UZ, 'BY', answer.body['sha256'] as string)
}

beforeAll(async () => {
  nodes = await startTwoNodes({ now })
  sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
  auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
  certificate = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  await decisionAt(nodes.UZ, 'BY', certificate.sha256)
}, 120_000)
afterAll(() => nodes.close())

const at = async (pack: EvidencePack, day: number) =>
  (await judgePack(pack, roots(), { day: dayOf(day), now: now() })).report

describe('an evidence pack', () => {
  it('works', async () => {
    await new Promise(r=>setTimeout(r,5000)); const p0 = await packOf(auditor, nodes.UZ, certificate); console.log(p0.missing, p0.document.proof)
    console.log((await nodes.UZ.running.deps.trustStore.crls()).map(({state,ski})=>state+ski), p0.crls.length, p0.ocspResponses.length, p0.trustLists.length); const {parseX509Certificate}=await import('../../src/x509/x509-certificate.ts'); for (const k of [...nodes.UZ.pki.keys,...nodes.BY.pki.keys]) { const c = parseX509Certificate(new Uint8Array(Buffer.from(k.certificate,'base64'))) as any; console.log(k.purpose, Buffer.from(c.subjectKeyIdentifier).toString('hex'), Buffer.from(c.authorityKeyIdentifier?.keyIdentifier??[]).toString('hex')) }; return
    const pack = await completePack(auditor, nodes.UZ, certificate)
    writeFileSync('/tmp/k1-pack.json', JSON.stringify(pack))
    const report = await at(pack, 0)
    console.log(JSON.stringify(report, undefined, 1))
    console.log(JSON.stringify(pack).length)
  })
})
