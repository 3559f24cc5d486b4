import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import type { CertificatePayload } from '../../src/certificate/payload.ts'
import type { Reservation } from '../../src/exchange/issuing/reservations.ts'
import { sqlReservationStore } from '../../src/storage/reservations.ts'
import type { Engine, OpenDatabase } from './storage-engines.ts'

const AT = '2026-03-02T09:15:00Z'
const NEXT_DAY = '2026-03-03T09:15:00Z'
const NEVER = ''

const idOf = (number: string, type = 'origin.ct1') =>
  parseCertificateId({ state: 'BY', type, number })!

function reservation(idx: number, changes: Partial<Reservation> = {}): Reservation {
  const { id = idOf('BY 1'), issuer = 'BY.CCI.001', reservedAt = AT } = changes
  const claims: CertificatePayload = {
    schema: 'origin.ct1/1',
    iss: issuer,
    aud: ['UZ'],
    status: { status_list: { uri: 'https://by.example/status/1', idx } },
    certificate: { number: id.number, Ўзбек: 'Қ', second: 1, first: 2 },
  }
  return { id, issuer, claims, reservedAt, ...changes }
}

/** What every engine promises of numbers that are held for bodies that sign themselves. */
export function reservationsContract(name: string, engine: Engine): void {
  describe(`reservations on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const store = () => sqlReservationStore(open.database)
    const elsewhere = () => sqlReservationStore(open.another)

    it('hold the claims as they are, in the order of their members, for whoever reads them', async () => {
      const held = reservation(7)
      expect(await store().hold(held, NEVER)).toBe('held')
      const found = await elsewhere().find(held.id)
      expect(found).toEqual(held)
      expect(JSON.stringify(found!.claims)).toBe(JSON.stringify(held.claims))
      expect(await store().find(idOf('BY 2'))).toBeUndefined()
      expect(await store().find(idOf('BY 1', 'conformity.eaeu'))).toBeUndefined()
    })

    it('change for the same body at the same place, and there alone', async () => {
      await store().hold(reservation(7), NEVER)
      const next = reservation(7, { reservedAt: NEXT_DAY })
      expect(await elsewhere().hold(next, NEVER)).toBe('held')
      expect(await store().find(next.id)).toEqual(next)
      expect(await store().hold(reservation(8, { reservedAt: NEXT_DAY }), NEXT_DAY)).toBe('lost')
      const otherList = reservation(7)
      otherList.claims.status.status_list.uri = 'https://by.example/status/2'
      expect(await store().hold(otherList, NEXT_DAY)).toBe('lost')
      expect(await store().find(next.id)).toEqual(next)
    })

    it('go to another body when they have ended, to the instant', async () => {
      await store().hold(reservation(7), NEVER)
      const other = reservation(9, { issuer: 'BY.CCI.002', reservedAt: NEXT_DAY })
      expect(await store().hold(other, '2026-03-02T09:14:59Z')).toBe('lost')
      expect((await store().find(other.id))?.issuer).toBe('BY.CCI.001')
      expect(await store().hold(other, AT)).toBe('held')
      expect(await elsewhere().find(other.id)).toEqual(other)
      // The body that had it before has no more right to it than any other.
      expect(await store().hold(reservation(7, { reservedAt: NEXT_DAY }), AT)).toBe('lost')
    })

    it('have one winner, however many ask at once', async () => {
      const asked = Array.from({ length: 20 }, (_, i) =>
        reservation(i, { issuer: `BY.CCI.0${10 + (i % 4)}` }),
      )
      const outcomes = await Promise.all(
        asked.map((next, i) => (i % 2 === 0 ? store() : elsewhere()).hold(next, NEVER)),
      )
      expect(outcomes.filter((outcome) => outcome === 'held')).toHaveLength(1)
      expect(await store().find(idOf('BY 1'))).toEqual(asked[outcomes.indexOf('held')])
    })

    it('are forgotten once they are old', async () => {
      await store().hold(reservation(1), NEVER)
      await store().hold(reservation(2, { id: idOf('BY 2'), reservedAt: NEXT_DAY }), NEVER)
      await store().prune(NEXT_DAY)
      expect(await store().find(idOf('BY 1'))).toBeUndefined()
      expect(await store().find(idOf('BY 2'))).toBeDefined()
    })
  })
}
