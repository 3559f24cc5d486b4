import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { payloadOf } from '../../../src/exchange/registered.ts'
import { verifyCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { verifyCosignature } from '../../../src/tlog/cosignature.ts'
import { type LogProof, parseLogProof, provesInclusion } from '../../../src/tlog/proof.ts'
import { parseVerifierKey, type SignatureType } from '../../../src/tlog/verifier-key.ts'
import { TrustList } from '../../../src/trust/trust-list.ts'
import type { Surface } from '../../support/surface.ts'
import { eventually } from '../../support/two-nodes.ts'
import { answered } from '../../support/typed.ts'
import { decided, issue, type Issued } from './surface-steps.ts'

const ORIGIN = 'exchange.by/log/1'
/** Who could not read a log at its start looks into it again a minute later. */
const A_LOOK_MS = 75_000

/** The key of a log or witness by the list that its state publishes. */
async function listedKey<T extends SignatureType>(url: string, origin: string, type: T) {
  const { logs } = TrustList.parse(payloadOf(await (await fetch(`${url}/trust/list`)).text()))
  const listed = logs.find((log) => log.origin === origin)
  const key = parseVerifierKey(listed?.key ?? '', type)
  if ('malformed' in key) throw new Error(key.malformed)
  return key
}

function proofIn(text: string): LogProof {
  const proof = parseLogProof(new TextEncoder().encode(text))
  if ('malformed' in proof) throw new Error(proof.malformed)
  return proof
}

const leafIn = ({ extra }: LogProof) => new TextDecoder().decode(extra)

/** The log of Belarus: signed there, cosigned and mirrored by Uzbekistan. */
export function logSuite(running: () => Surface): void {
  describe('the log', () => {
    let issued: Issued
    let proof: LogProof

    it('proves a certificate under a checkpoint that the other state has cosigned', async () => {
      const { BY, UZ } = running()
      issued = await issue(BY.clients.chamber)
      await decided(running(), issued.certificate)
      const text = await eventually('the proof is cosigned', async () => {
        const params = { digest: issued.sha256 }
        const answer = await BY.clients.auditor.api.getLogProof({ params })
        return answer.headers.get('Certex-Witnessed') === 'true' ? String(answer.body) : undefined
      })
      proof = proofIn(text)
      expect(leafIn(proof)).toContain(`"sha256":"${issued.sha256}"`)
      expect(provesInclusion(sha256Sync, proof, proof.extra!)).toBe(true)
      const log = await listedKey(BY.url, ORIGIN, 'ed25519')
      expect(await verifyCheckpoint(proof.signed, [log])).toBe('valid')
      const witness = await listedKey(UZ.url, 'exchange.uz/witness/1', 'cosignature/v1')
      expect(await verifyCosignature(proof.signed, witness)).toEqual({ at: expect.any(Date) })
    })

    it('shows its newest checkpoint, and the leaf in the tile that it covers', async () => {
      const { auditor } = running().BY.clients
      const checkpoint = await auditor.get('/log/checkpoint')
      expect(checkpoint.status).toBe(200)
      const size = BigInt(String(checkpoint.body).split('\n')[1]!)
      expect(size > proof.index).toBe(true)
      const [n, width] = [proof.index / 256n, size - (proof.index / 256n) * 256n]
      const partial = width < 256n ? `.p/${width}` : ''
      const tile = await auditor.get(`/log/tile/entries/${String(n).padStart(3, '0')}${partial}`)
      expect(tile.status).toBe(200)
      expect(String(tile.body)).toContain(issued.sha256)
    })

    it(
      'is mirrored by the other state, which proves by it what was sent',
      async () => {
        const { auditor } = running().UZ.clients
        const params = { peer: 'BY' }
        const complete = await eventually(
          'all that it names has come',
          async () => {
            const { logs } = answered(await auditor.api.getCompleteness({ params }), 200).body
            const [log] = logs
            const isWhole = log && log.mirrored > proof.index && log.missing.length === 0
            return isWhole ? log : undefined
          },
          A_LOOK_MS,
        )
        expect(complete).toMatchObject({ origin: ORIGIN, misnumbered: [] })
        expect(complete.received).toBe(complete.addressed)
        const query = { origin: ORIGIN, index: Number(proof.index) }
        const answer = await eventually('it is mirrored whole', async () => {
          const mirrored = await auditor.api.getMirroredProof({ params, query })
          return mirrored.status === 200 ? mirrored : undefined
        })
        const mirrored = proofIn(answer.body)
        expect(leafIn(mirrored)).toBe(leafIn(proof))
        expect(provesInclusion(sha256Sync, mirrored, mirrored.extra!)).toBe(true)
        const log = await listedKey(running().BY.url, ORIGIN, 'ed25519')
        expect(await verifyCheckpoint(mirrored.signed, [log])).toBe('valid')
      },
      2 * A_LOOK_MS,
    )

    it('lets an evidence pack be whole: what was issued, decided, witnessed, and by which rules', async () => {
      const { type, number } = issued.certificate
      const params = { state: 'BY', type, number }
      const pack = await eventually('it is complete', async () => {
        const answer = await running().BY.clients.auditor.api.getEvidence({ params })
        const read = JSON.parse(String(answer.body)) as { complete: boolean; rules: unknown[] }
        return read.complete ? read : undefined
      })
      expect(pack.rules).toHaveLength(1)
    })
  })
}
