import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditReport } from '../../src/exchange/audit/audit-report.ts'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { pathOf, ask } from '../support/changes.ts'
import { certex, words } from '../support/cli.ts'
import { type Proven, provenAtBoth, revoke, revokedAt } from '../support/compromise.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { nextSecond, reports, shifted } from '../support/notices.ts'
import { startTestNode, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const VALID = { answer: 'usable', indication: 'TOTAL-PASSED' }
const REVOKED = {
  answer: 'not-usable',
  indication: 'TOTAL-FAILED',
  subIndication: 'REVOKED',
  reasons: ['revoked'],
}

let nodes: TwoNodes
let chamber: ApiClient
let customs: ApiClient
let atHome: ApiClient
/** Three certificates in three different seconds, each in one second at both nodes. */
let proven: [Proven, Proven, Proven]
/** Signed with the same seal, and known to no node. */
let unproven: string

beforeEach(async () => {
  nodes = await startTwoNodes()
  await connect()
  proven = [
    await provenAtBoth(nodes, chamber),
    await provenAtBoth(nodes, chamber),
    await provenAtBoth(nodes, chamber),
  ]
  unproven = await signed({ iat: Math.floor(Date.parse(proven[0].at) / 1000) - 3600 })
  await nextSecond()
  await expectAnswers(VALID, VALID, VALID)
})
afterEach(() => nodes.close())

async function connect() {
  chamber = await nodes.BY.client('issuer', 'BY.CCI')
  atHome = await nodes.BY.client('auditor', 'BY.AUDIT')
  customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
}

async function signed(header = {}): Promise<string> {
  const payload = claimsFor(nodes.BY, await freshCertificate())
  return forge(await sealOf(nodes.BY, 'BY.CCI.001'), { payload, header })
}

/** What both nodes answer of the three certificates. */
async function expectAnswers(...expected: object[]): Promise<void> {
  const documents = proven.map(({ document }) => document)
  expect([await reports(atHome, documents), await reports(customs, documents)]).toMatchObject([
    expected,
    expected,
  ])
}

/** The seal, its CA, the CA of that. */
async function path(): Promise<Uint8Array<ArrayBuffer>[]> {
  const { x5c } = await sealOf(nodes.BY, 'BY.CCI.001')
  return x5c.map((text) => new Uint8Array(Buffer.from(text, 'base64')))
}

async function expectSignsNothing(): Promise<void> {
  const certificate = await freshCertificate()
  const refused = await ask(chamber, '/v1/certificates', { certificate })
  expect(refused).toMatchObject({ status: 409, slug: 'seal-not-available' })
  expect(refused.body['detail']).toContain('revoked')
  const document = await signed()
  await receiveMessages(nodes.UZ.running.deps)('BY', [{ seq: 9_001, document }])
  const decision = rowsOf(nodes.UZ, 'decisions').find((d) => d['sha256'] === digest(document))
  expect(decision).toMatchObject({ outcome: 'refused', findings: '["REVOKED"]' })
}

/** What a node says of a document that nothing proves to be older than the revocation. */
async function expectUnprovenToBe(subIndication: string): Promise<void> {
  for (const reader of [atHome, customs]) {
    const [report] = await reports(reader, [unproven])
    expect(report).toMatchObject({
      answer: 'cannot-tell',
      indication: 'INDETERMINATE',
      subIndication,
    })
  }
}

/** What somebody without a node and without a proof of time is told. */
async function offline(document: string): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-offline-'))
  try {
    const [file, list] = [join(folder, 'document.jws'), join(folder, 'list.jws')]
    const { jws } = (await nodes.BY.running.deps.trustStore.newest()).find(
      ({ state }) => state === 'BY',
    )!
    await writeFile(file, document)
    await writeFile(list, jws)
    const pin = (await nodes.BY.running.deps.trustStore.pins()).find((p) => p.state === 'BY')
    const crls = join(nodes.BY.keys, 'crls')
    const { stdout, stderr } = await certex(
      words`validate ${file} --trust-list ${list} --crl ${crls} ${`--anchor=BY=${pin!.rootSha256}`} --json`,
    )
    expect(stdout, stderr).not.toBe('')
    return JSON.parse(stdout) as Record<string, unknown>
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.each(['superseded', 'cessationOfOperation'])('a seal revoked as %s', (reason) => {
  it('signs nothing new, and what it signed before stays valid for ever', async () => {
    // Whatever date comes with it: only a compromise reaches back.
    await revoke(nodes, (await path())[0]!, reason, shifted(proven[0].at, -60))
    await expectAnswers(VALID, VALID, VALID)
    await expectSignsNothing()
    await expectUnprovenToBe('REVOKED_NO_POE')
    expect(await offline(proven[0].document)).toMatchObject({
      answer: 'cannot-tell',
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_NO_POE',
    })
    const search = await ask(customs, pathOf(nodes.BY, proven[0]))
    expect(search.status).toBe(200)
  })
})

describe('a seal revoked as keyCompromise', () => {
  it('loses exactly what was proven from the invalidity date on, to the second', async () => {
    const before = await revokedAt(nodes.UZ, 'BY')
    await revoke(nodes, (await path())[0]!, 'keyCompromise', proven[1].at)
    expect(await revokedAt(nodes.UZ, 'BY')).toBe(before + 1)
    await expectAnswers(VALID, REVOKED, REVOKED)
    await expectSignsNothing()
    await expectUnprovenToBe('REVOKED_NO_POE')
    expect(await offline(proven[2].document)).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
    // The register lists what was issued; the signature is for the validation to judge.
    for (const { sha256 } of proven) {
      const row = rowsOf(nodes.UZ, 'certificates').find((r) => r['sha256'] === sha256)
      expect(row).toMatchObject({ status: 'issued' })
    }
    await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
    const [BY, UZ] = await Promise.all([startTestNode(nodes.BY), startTestNode(nodes.UZ)])
    nodes = {
      ...nodes,
      BY,
      UZ,
      close: async () => {
        await Promise.all([BY.running.stop(), UZ.running.stop()])
        await rm(nodes.folder, { recursive: true, force: true })
      },
    }
    await connect()
    await expectAnswers(VALID, REVOKED, REVOKED)
    // Nobody has altered anything: an audit notes what the revocation reaches, and finds no fault in it.
    for (const { data } of [BY, UZ]) {
      const database = join(data, 'node.sqlite')
      const { stdout, stderr } = await certex(words`audit --database ${database} --json`)
      const { findings, revokedLater } = JSON.parse(stdout) as AuditReport
      // The client systems of these tests were added by nobody.
      const ofLog = findings.filter(({ where }) => !where.startsWith('clients '))
      expect(ofLog, stderr).toEqual([])
      const named = revokedLater!.named.map(({ detail }) => detail)
      expect(revokedLater!.documents).toBe(named.length)
      for (const { sha256 } of proven.slice(1))
        expect(named).toContainEqual(expect.stringContaining(sha256))
      expect(named).not.toContainEqual(expect.stringContaining(proven[0].sha256))
    }
  })

  it('keeps what was proven one second before the invalidity date', async () => {
    await revoke(nodes, (await path())[0]!, 'keyCompromise', shifted(proven[1].at, 1))
    await expectAnswers(VALID, VALID, REVOKED)
  })

  it('loses nothing that was proven before the revocation, where no earlier date is known', async () => {
    await revoke(nodes, (await path())[0]!, 'keyCompromise')
    await expectAnswers(VALID, VALID, VALID)
    await expectSignsNothing()
    await expectUnprovenToBe('REVOKED_NO_POE')
  })
})

describe.each([
  ['the CA of a body', 1],
  ['the CA of a state', 2],
] as const)('%s revoked as cACompromise', (_, index) => {
  it('loses what is below it, proven from the invalidity date on', async () => {
    await revoke(nodes, (await path())[index]!, 'cACompromise', proven[1].at)
    await expectAnswers(VALID, REVOKED, REVOKED)
    const certificate = await freshCertificate()
    expect(await ask(chamber, '/v1/certificates', { certificate })).toMatchObject({
      slug: 'seal-not-available',
    })
    await expectUnprovenToBe('REVOKED_CA_NO_POE')
    expect(await offline(proven[2].document)).toMatchObject({
      answer: 'cannot-tell',
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_CA_NO_POE',
    })
  })
})
