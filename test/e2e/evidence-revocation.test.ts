import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { decisionAt, issue, type Issued, today } from '../support/changes.ts'
import { revoke } from '../support/compromise.ts'
import { completePack, judgePack, rootOf } from '../support/evidence.ts'
import { sealOf } from '../support/hostile.ts'
import { nextSecond } from '../support/notices.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let auditor: ApiClient
let certificate: Issued
/** From before anything was revoked. */
let early: EvidencePack
beforeEach(async () => {
  nodes = await startTwoNodes()
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
  certificate = await issue(chamber, 'origin-ct1-tractors')
  await decisionAt(nodes.BY, 'UZ', certificate.sha256)
  early = await completePack(auditor, nodes.BY, certificate)
  await nextSecond()
}, 60_000)
afterEach(() => nodes.close())

async function seal(): Promise<Uint8Array<ArrayBuffer>> {
  const { x5c } = await sealOf(nodes.BY, 'BY.CCI.001')
  return new Uint8Array(Buffer.from(x5c[0]!, 'base64'))
}

const roots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

async function judged(pack: EvidencePack) {
  return (await judgePack(pack, roots(), { day: today })).report
}

/** An old pack beside the CRLs of today, as `--crl` gives them. */
async function judgedWithNewCrls(pack: EvidencePack) {
  const kept = await nodes.BY.running.deps.trustStore.crls()
  const read = kept.flatMap(({ der }) => {
    const crl = parseCrl(new Uint8Array(Buffer.from(der, 'base64')))
    return 'malformed' in crl ? [] : [crl]
  })
  const given = { roots: roots(), lists: [], crls: read, environment: 'production' } as const
  return (await judgePack(pack, roots(), { day: today, given })).report
}

describe('a seal that was revoked after', () => {
  it('leaves valid what a witness has seen before', async () => {
    await revoke(nodes, await seal(), 'cessationOfOperation')
    const pack = await completePack(auditor, nodes.BY, certificate)
    const report = await judged(pack)
    expect(report).toMatchObject({ answer: 'usable', indication: 'TOTAL-PASSED' })
    expect(report.judgements).toMatchObject([
      { instant: 'claimed', decides: false },
      { instant: 'proven', indication: 'TOTAL-PASSED', decides: true },
      { instant: 'present', subIndication: 'REVOKED_NO_POE', decides: false },
    ])
    expect(await judgedWithNewCrls(early)).toMatchObject({ answer: 'usable' })
    // Without the proof of the witness there is no time that it could have been valid at.
    const { proof: _proof, ...unproven } = pack.document
    expect(await judged({ ...pack, document: unproven })).not.toMatchObject({ answer: 'usable' })
  })

  it('because its key was in wrong hands at that time leaves nothing valid', async () => {
    const before = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '')
    await revoke(nodes, await seal(), 'keyCompromise', before)
    const pack = await completePack(auditor, nodes.BY, certificate)
    expect(await judged(pack)).toMatchObject({ answer: 'not-usable', reasons: ['revoked'] })
    // A pack from before knows nothing of it; with the CRL of today it is told.
    expect(await judged(early)).toMatchObject({ answer: 'usable' })
    expect(await judgedWithNewCrls(early)).toMatchObject({
      answer: 'not-usable',
      reasons: ['revoked'],
    })
    // Whoever takes the CRLs out, all or one, gains nothing.
    for (const [i] of pack.crls.entries())
      expect((await judged({ ...pack, crls: pack.crls.toSpliced(i, 1) })).answer).not.toBe('usable')
    expect((await judged({ ...pack, crls: [] })).answer).not.toBe('usable')
  })
})
