import { readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { decisionAt, issue, type Issued } from '../support/changes.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { arrived, reports, shifted, suspicion, tell } from '../support/notices.ts'
import { startTestNode, startTwoNodes, type TestNode } from '../support/two-nodes.ts'

const NAMED = { check: 'security-notice', outcome: 'warning', code: 'named-in-security-notice' }
const TAKEN = { outcome: 'accepted-with-findings', findings: ['NAMED-IN-SECURITY-NOTICE'] }
const USABLE = { answer: 'usable', reasons: [] }
const HELD = { answer: 'cannot-tell', reasons: ['held-by-security-notice'] }

let folder: string
let BY: TestNode
let UZ: TestNode
let authority: ApiClient
let certificate: Issued
let about: { subject: object; interval: { from: string } }

beforeAll(async () => {
  ;({ folder, BY, UZ } = await startTwoNodes())
  await configure({ securityHold: 'warn' })
  authority = await BY.client('authority', 'BY.CCI')
  certificate = await issue(await BY.client('issuer', 'BY.CCI'), 'origin-ct1-tractors')
  expect(await decisionAt(BY, 'UZ', certificate.sha256)).toMatchObject({ outcome: 'accepted' })
  const { x5tS256 } = await sealOf(BY, 'BY.CCI.001')
  const from = shifted(new Date().toISOString(), -3600)
  about = { subject: { state: 'BY', x5tS256 }, interval: { from } }
})
afterAll(async () => {
  await Promise.all([BY.running.stop(), UZ.running.stop()])
  await rm(folder, { recursive: true, force: true })
})

/** Starts Uzbekistan again with this in the policy of its configuration file. */
async function configure(policy: object): Promise<void> {
  const config = JSON.parse(await readFile(UZ.configFile, 'utf8')) as { policy: object }
  const changed = { ...config, policy: { ...config.policy, ...policy } }
  await writeFile(UZ.configFile, JSON.stringify(changed))
  await UZ.running.stop()
  UZ = await startTestNode(UZ)
}

async function declared(measure: 'hold' | 'inform'): Promise<string> {
  const notice = await tell(authority, suspicion(about.subject, about.interval, { measure }))
  await arrived(UZ, notice)
  return notice
}

/** What the issuing state and customs are told of the certificate. */
async function answers() {
  const readers = [await BY.client('auditor', 'BY.AUDIT'), await UZ.client('customs', 'UZ.CUSTOMS')]
  const told = await Promise.all(readers.map((reader) => reports(reader, [certificate.document])))
  return told.map(([report]) => {
    const { answer, reasons, checks } = report!
    return { answer, reasons, notice: checks.find(({ check }) => check === 'security-notice') }
  })
}

describe('a notice that informs', () => {
  it('is an alarm and a warning at both nodes, and the seal goes on signing', async () => {
    const notice = await declared('inform')
    const warned = { ...USABLE, notice: { ...NAMED, detail: notice } }
    expect(await answers()).toMatchObject([warned, warned])
    for (const node of [BY, UZ]) {
      const alarms = rowsOf(node, 'alarms').filter(({ kind }) => kind === 'security-notice')
      expect(alarms.map(({ detail }) => detail)).toEqual([expect.stringContaining(notice)])
    }
    const further = await issue(await BY.client('issuer', 'BY.CCI'), 'origin-ct1-tractors')
    expect(await decisionAt(BY, 'UZ', further.sha256)).toEqual(TAKEN)
    const release = await tell(authority, { change: 'release', notice, reason: 'Проверка' })
    await arrived(UZ, release)
  })
})

describe('a notice that holds, at a node whose configuration says "securityHold": "warn"', () => {
  it('warns there and takes documents as ever; everywhere else it holds', async () => {
    const notice = await declared('hold')
    expect(await answers()).toMatchObject([
      HELD,
      { ...USABLE, notice: { ...NAMED, detail: notice } },
    ])
    const payload = claimsFor(BY, await freshCertificate())
    const document = await forge(await sealOf(BY, 'BY.CCI.001'), { payload })
    await receiveMessages(UZ.running.deps)('BY', [{ seq: 9_001, document }])
    const decision = rowsOf(UZ, 'decisions').find((row) => row['sha256'] === digest(document))
    expect(decision).toMatchObject({
      outcome: TAKEN.outcome,
      findings: JSON.stringify(TAKEN.findings),
    })
  })

  it('holds as soon as the configuration says so', async () => {
    await configure({ securityHold: 'hold' })
    expect(await answers()).toMatchObject([HELD, HELD])
  })
})
