import { describe, expect, it } from 'vitest'
import { freshCertificate } from '../../support/hostile.ts'
import { eventually } from '../../support/two-nodes.ts'
import type { Surface } from '../../support/surface.ts'
import { forge } from '../../support/hostile.ts'
import {
  bodyOf,
  decided,
  identityOf,
  issue,
  type Issued,
  pathOf,
  slugOf,
  validate,
} from './surface-steps.ts'

interface Found {
  readonly certificates: readonly { readonly sha256: string; readonly number: string }[]
  readonly next?: string
}

/** Certificates on their way: issued, delivered, found, validated. */
export function certificatesSuite(running: () => Surface): void {
  const chamber = () => running().BY.clients.chamber
  const customs = () => running().UZ.clients.customs

  describe('a certificate', () => {
    it('is issued, delivered and decided; customs has the same bytes and may use it', async () => {
      const { certificate, document, sha256 } = await issue(chamber())
      expect(await decided(running(), certificate)).toMatchObject({
        recipient: 'UZ',
        outcome: 'accepted',
      })
      const received = await customs().get(pathOf(certificate, '/document'))
      expect(bodyOf(received, 200)).toBe(document)
      const report = await validate(running(), identityOf(certificate))
      expect(report).toMatchObject({ answer: 'usable', certificate: { sha256 } })
      expect(await validate(running(), { document })).toMatchObject({ answer: 'usable' })
      const again = await customs().get(`/v1/validations/${report.id}`)
      expect(again).toMatchObject({ status: 200, body: { id: report.id, answer: 'usable' } })
    })

    it('is one, however often it is sent; other content under its number is refused', async () => {
      const { certificate, sha256, document } = await issue(chamber())
      const again = await chamber().post('/v1/certificates', { certificate })
      expect(again).toMatchObject({ status: 200, body: { sha256, document } })
      const other = { ...certificate, transportRoute: 'another way' }
      const refused = await chamber().post('/v1/certificates', { certificate: other })
      expect(slugOf(refused)).toBe('409 certificate-exists')
    })

    it('is refused with every broken rule, and where it does not follow its schema', async () => {
      const certificate = await freshCertificate()
      const broken = { ...certificate, stamp: 'unknown' }
      const malformed = await chamber().post('/v1/certificates', { certificate: broken })
      expect(slugOf(malformed)).toBe('422 invalid-body')
      const late = { ...certificate, usableUntil: '2001-01-01' }
      const refused = await chamber().post('/v1/certificates', { certificate: late })
      expect(slugOf(refused)).toBe('422 rule-violation')
      const { findings } = refused.body as { findings: { rule: string }[] }
      expect(findings.length).toBeGreaterThan(0)
      const wrongRole = await customs().post('/v1/certificates', { certificate })
      expect(slugOf(wrongRole)).toBe('403 forbidden')
      const found = await chamber().get(pathOf(certificate))
      expect(slugOf(found)).toBe('404 certificate-not-found')
    })

    it('is found by its number however it is typed, and by what it says, at both nodes', async () => {
      const { certificate, sha256 } = await issue(chamber())
      await decided(running(), certificate)
      const typed = encodeURIComponent(`№ ${certificate.number.toLowerCase()}`)
      for (const client of [chamber(), customs()])
        for (const query of [`number=${typed}`, `number=${typed}&hs=8701&party=zarafshon`]) {
          const answer = await client.get(`/v1/certificates?${query}`)
          const { certificates } = bodyOf<Found>(answer, 200)
          expect(certificates.map((found) => found.sha256)).toEqual([sha256])
        }
      const other = await chamber().get(`/v1/certificates?number=${typed}&hs=0407`)
      expect(bodyOf<Found>(other, 200).certificates).toEqual([])
    })

    it('is listed page by page, each once', async () => {
      const numbers = []
      for (let n = 0; n < 3; n++) numbers.push((await issue(chamber())).certificate.number)
      const seen: string[] = []
      let after: string | undefined
      do {
        const cursor = after === undefined ? '' : `&after=${after}`
        const answer = await chamber().get(`/v1/certificates?state=BY&limit=2${cursor}`)
        const page = bodyOf<Found>(answer, 200)
        seen.push(...page.certificates.map(({ number }) => number))
        after = page.next
      } while (after !== undefined)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toEqual(expect.arrayContaining(numbers))
    })

    it('that its body signs itself is prepared, signed elsewhere and issued', async () => {
      const { seal } = running().selfSigning
      const draft = await freshCertificate()
      const number = draft.number.replace(/^(BYUZ\d)001/, '$1002')
      const issuer = { ...(draft['issuer'] as object), code: '002' }
      const certificate = { ...draft, number, issuer }
      const prepared = await chamber().post('/v1/certificates/prepare', { certificate })
      const { claims } = bodyOf<{ claims: object }>(prepared, 200)
      const document = await forge(seal, { payload: claims })
      const send = () => chamber().postBytes('/v1/certificates', 'application/jose', document)
      expect(bodyOf<Issued>(await send(), 201).document).toBe(document)
      expect((await send()).status).toBe(200)
      expect(await decided(running(), certificate)).toMatchObject({ outcome: 'accepted' })
      expect(await validate(running(), { document })).toMatchObject({ answer: 'usable' })
    })

    it('of many at once is acknowledged once each, and each arrives', async () => {
      const many = await Promise.all(Array.from({ length: 32 }, () => issue(chamber())))
      expect(new Set(many.map(({ sha256 }) => sha256)).size).toBe(many.length)
      const { auditor } = running().UZ.clients
      await eventually('all of them are there', async () => {
        const found = await Promise.all(
          many.map(({ certificate }) => auditor.get(pathOf(certificate, '/document'))),
        )
        return found.every(({ status, body }, i) => status === 200 && body === many[i]!.document)
      })
    })

    it('of a batch has an outcome on its own line', async () => {
      const good = await freshCertificate()
      const known = await issue(chamber())
      const lines = [{ certificate: good }, { certificate: { ...good, stamp: 1 } }]
      const body = [...lines, { certificate: known.certificate }].map((line) =>
        JSON.stringify(line),
      )
      const answer = await chamber().postBytes(
        '/v1/certificates/batch',
        'application/x-ndjson',
        `${body.join('\n')}\n`,
      )
      const outcomes = String(bodyOf<unknown>(answer, 200)).trim().split('\n')
      expect(outcomes.map((line) => JSON.parse(line) as unknown)).toMatchObject([
        { line: 1, status: 201 },
        { line: 2, status: 422 },
        { line: 3, status: 200, sha256: known.sha256 },
      ])
    })
  })

  describe('access', () => {
    it('of customs is recorded for the auditor', async () => {
      const { certificate } = await issue(chamber())
      await decided(running(), certificate)
      await validate(running(), identityOf(certificate))
      const { auditor } = running().UZ.clients
      const answer = await auditor.get(pathOf(certificate, '/accesses'))
      const { accesses } = bodyOf<{ accesses: { operation: string; party: string }[] }>(answer, 200)
      expect(accesses).toMatchObject([{ operation: 'createValidations', party: 'UZ.CUSTOMS' }])
    })
  })
}
