import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeBase64 } from '../../src/encoding/base64url.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import type { ValidationReport } from '../../src/exchange/validation/validation-report.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { ask, issue, type Issued } from '../support/changes.ts'
import { revoke } from '../support/compromise.ts'
import { sealOf } from '../support/hostile.ts'
import { mirrorOnce } from '../support/mirror-once.ts'
import { nextSecond, provenAt } from '../support/notices.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const BY_LOG = { state: 'BY', origin: 'exchange.by/log/1' }

let nodes: TwoNodes
let chamber: ApiClient
let customs: ApiClient

beforeAll(async () => {
  nodes = await startTwoNodes()
  chamber = await nodes.BY.client('issuer', 'BY.CCI')
  customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
})
afterAll(() => nodes.close())

/** BY sends nothing for a while; its log goes on being witnessed and mirrored. */
const holdBack = () =>
  nodes.BY.running.deps.peers.sendFailed('UZ', {
    attempts: 1,
    nextAttemptAt: formatInstant(new Date(Date.now() + 240_000)),
    error: 'held back',
  })

const letGo = () => nodes.BY.running.deps.peers.sendSucceeded('UZ', formatInstant(new Date()))

/** A certificate that UZ knows from the log of BY alone, as soon as its witness has cosigned that. */
async function issueUnseen(): Promise<Issued> {
  const { certificates } = nodes.UZ.running.deps
  return eventually('UZ knows of one that has not come', async () => {
    // Whatever UZ says to BY meanwhile lets it send again: then another one.
    await holdBack()
    const certificate = await issue(chamber, 'origin-ct1-tractors')
    const { stored } = await eventually('its leaf is mirrored and cosigned', async () => {
      await mirrorOnce(nodes.UZ, 'BY')
      const known = await certificates.findProven(certificate.sha256)
      return known.proofs.mirrored && known
    })
    return stored ? undefined : certificate
  })
}

async function reportOf(reader: ApiClient, document: string): Promise<ValidationReport> {
  const { status, body } = await ask(reader, '/v1/validations', {
    context: { officer: 'Test', purpose: 'test' },
    items: [{ document }],
  })
  expect(status, JSON.stringify(body)).toBe(200)
  return (body['reports'] as ValidationReport[])[0]!
}

const kinds = ({ provenAlso = [] }: ValidationReport) => provenAlso.map(({ by }) => by).sort()

describe('the proven time of a certificate', () => {
  it('is that of the peer’s log, from when on the own witness has cosigned it', async () => {
    const certificate = await issueUnseen()
    const unseen = await reportOf(customs, certificate.document)
    expect(unseen.provenBy).toMatchObject({ by: 'peer-log', log: 'BY', origin: BY_LOG.origin })
    expect(unseen.provenAlso).toBeUndefined()

    await nextSecond()
    await letGo()
    const appendedAt = await provenAt(nodes.UZ, certificate.sha256)
    const witnessed = await eventually('BY has cosigned the own log', async () => {
      const report = await reportOf(customs, certificate.document)
      return kinds(report).includes('witness') ? report : undefined
    })
    expect(witnessed.answer).toBe('usable')
    expect(witnessed.instants.proven).toBe(unseen.instants.proven)
    expect(witnessed.instants.proven! < appendedAt).toBe(true)
    expect(witnessed.provenBy).toEqual(unseen.provenBy)
    expect(kinds(witnessed)).toEqual(['own-log', 'witness'])
    expect(witnessed.provenAlso).toContainEqual({ by: 'own-log', log: 'UZ', at: appendedAt })
    expect(witnessed.provenAlso).toContainEqual(
      expect.objectContaining({ by: 'witness', witness: 'exchange.by/witness/1', log: 'UZ' }),
    )
  })

  it('is that of its own append at the node that issued it, with the witness of the peer', async () => {
    const certificate = await issue(chamber, 'origin-ct1-tractors')
    const auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
    const report = await eventually('UZ has cosigned', async () => {
      const found = await reportOf(auditor, certificate.document)
      return found.provenAlso && found
    })
    expect(report.provenBy).toEqual({ by: 'own-log', log: 'BY' })
    expect(report.provenAlso).toMatchObject([
      { by: 'witness', witness: 'exchange.uz/witness/1', state: 'UZ', log: 'BY' },
    ])
  })

  it('keeps a signature valid that was proven before its seal was revoked', async () => {
    const before = await issueUnseen()
    await nextSecond()
    const { x5c } = await sealOf(nodes.BY, 'BY.CCI.001')
    await revoke(nodes, new Uint8Array(decodeBase64(x5c[0]!)!), 'cessationOfOperation')
    const report = await reportOf(customs, before.document)
    expect(report).toMatchObject({ indication: 'TOTAL-PASSED', provenBy: { by: 'peer-log' } })
    expect(report.judgements).toMatchObject([
      { instant: 'claimed' },
      { instant: 'proven', indication: 'TOTAL-PASSED', decides: true },
      { instant: 'present', subIndication: 'REVOKED_NO_POE' },
    ])

    // A log that has told two stories proves nothing any more.
    const { witnessed } = nodes.UZ.running.deps
    const note = (await witnessed.newest(BY_LOG.origin))!.note
    const fork = { ...BY_LOG, first: note, second: `${note}\n`, proof: [] }
    await witnessed.keepFork({ ...fork, foundAt: formatInstant(new Date()) })
    const doubted = await reportOf(customs, before.document)
    expect(doubted).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE' })
    expect(doubted.provenBy).toBeUndefined()
  })
})
