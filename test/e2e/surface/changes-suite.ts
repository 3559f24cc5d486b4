import { describe, expect, it } from 'vitest'
import { StatusListClaims } from '../../../src/status-list/claims.ts'
import { decodeStatusList, statusAt } from '../../../src/status-list/status-list.ts'
import { payloadOf } from '../../../src/exchange/registered.ts'
import type { ApiAnswer } from '../../../src/node/api-client.ts'
import { today } from '../../support/day.ts'
import { freshCertificate } from '../../support/hostile.ts'
import type { Surface } from '../../support/surface.ts'
import { eventually } from '../../support/two-nodes.ts'
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

/** Changes of a certificate's status, and who sees them. */
export function changesSuite(running: () => Surface): void {
  const chamber = () => running().BY.clients.chamber
  const change = (issued: Issued, body: object): Promise<ApiAnswer> => {
    const words = { effectiveFrom: today, reason: 'Выявлена ошибка' }
    return chamber().post(pathOf(issued.certificate, '/status-changes'), { ...words, ...body })
  }
  const seenAsUsable = (issued: Issued, isUsable: boolean) =>
    eventually(`Uzbekistan sees ${issued.certificate.number} as it is`, async () => {
      const report = await validate(running(), identityOf(issued.certificate))
      return (report.answer === 'usable') === isUsable && report
    })

  async function arrived(): Promise<Issued> {
    const issued = await issue(chamber())
    await decided(running(), issued.certificate)
    return issued
  }

  describe('a change', () => {
    it('that annuls is seen by customs, and is made once', async () => {
      const issued = await arrived()
      const first = await change(issued, { change: 'annul' })
      expect(first).toMatchObject({ status: 201, body: { status: 'annulled' } })
      const report = await seenAsUsable(issued, false)
      expect(report).toMatchObject({ answer: 'not-usable', reasons: ['annulled'] })
      const again = await change(issued, { change: 'annul' })
      expect(again).toMatchObject({ status: 200, body: first.body as object })
      expect((await change(issued, { change: 'suspend' })).status).toBe(409)
    })

    it('that suspends holds until the one that resumes', async () => {
      const certificate = await freshCertificate('conformity-eaeu-certificate')
      const { certifier } = running().BY.clients
      const posted = await certifier.post('/v1/certificates', { certificate, to: ['UZ'] })
      const { document } = bodyOf<Issued>(posted, 201)
      const path = `/v1/certificates/BY/conformity.eaeu/${encodeURIComponent(certificate.number)}`
      const words = { effectiveFrom: today, reason: 'Проверка производства' }
      for (const [name, status] of [
        ['suspend', 'suspended'],
        ['resume', 'resumed'],
      ]) {
        const changed = await certifier.post(`${path}/status-changes`, { ...words, change: name })
        expect(changed, JSON.stringify(changed.body)).toMatchObject({
          status: 201,
          body: { status },
        })
        await eventually(`Uzbekistan knows that it is ${status}`, async () => {
          const report = await validate(running(), { document })
          return report.status?.status === status
        })
      }
    })

    it('that replaces brings the successor in the same step, linked both ways', async () => {
      const issued = await arrived()
      const { number, certification } = issued.certificate as unknown as {
        number: string
        certification: { date: string }
      }
      const next = await freshCertificate()
      const remark = {
        kind: 'ISSUED_IN_REPLACEMENT',
        refNumber: number,
        refDate: certification.date,
        text: `Выдан взамен сертификата № ${number}`,
      }
      const certificate = { ...next, remarks: [remark] }
      const answer = await change(issued, { change: 'replace', certificate })
      const { replacement } = bodyOf<{ replacement: Issued }>(answer, 201)
      expect(await decided(running(), next)).toMatchObject({ outcome: 'accepted' })
      expect(await seenAsUsable(issued, false)).toMatchObject({ reasons: ['replaced'] })
      const successor = { ...replacement, certificate: next }
      await seenAsUsable(successor, true)
    })

    it('is told to nobody who did not issue', async () => {
      const issued = await arrived()
      const body = { change: 'annul', effectiveFrom: today, reason: 'x' }
      const path = pathOf(issued.certificate, '/status-changes')
      const { certifier } = running().BY.clients
      expect(slugOf(await certifier.post(path, body))).toBe('404 certificate-not-found')
      expect(slugOf(await running().UZ.clients.customs.post(path, body))).toBe('403 forbidden')
    })
  })

  describe('a status list', () => {
    it('is public and cacheable, and shows a change at once', async () => {
      const issued = await issue(chamber())
      const claims = payloadOf(issued.document) as {
        status: { status_list: { uri: string; idx: number } }
      }
      const { uri, idx } = claims.status.status_list
      const statusNow = async () => {
        const response = await fetch(uri)
        expect(response.headers.get('content-type')).toBe('application/statuslist+jwt')
        const token = await response.text()
        const list = await decodeStatusList(StatusListClaims.parse(payloadOf(token)).status_list)
        if ('malformed' in list) throw new Error(list.malformed)
        return { status: statusAt(list, idx), etag: response.headers.get('etag')! }
      }
      const before = await statusNow()
      expect(before.status).toBe(0)
      const cached = await fetch(uri, { headers: { 'if-none-match': before.etag } })
      expect([cached.status, await cached.text()]).toEqual([304, ''])
      await change(issued, { change: 'annul' })
      expect((await statusNow()).status).toBe(1)
    })

    it('gives every certificate a position of its own', async () => {
      const many = await Promise.all(Array.from({ length: 20 }, () => issue(chamber())))
      const positions = many.map(({ document }) => {
        const { status } = payloadOf(document) as { status: object }
        return JSON.stringify(status)
      })
      expect(new Set(positions).size).toBe(positions.length)
    })
  })
}
