import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlOcspStore } from '../../src/storage/ocsp-store.ts'
import { sqlRevocationFetches } from '../../src/storage/revocation-fetches.ts'
import { sql } from '../../src/storage/tables.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import { evidenceDigest } from '../../src/trust/evidence-digest.ts'
import type { StoredOcspResponse } from '../../src/trust/ocsp-store.ts'
import type { Engine, OpenDatabase } from './storage-engines.ts'

const day = (n: number) => `2026-03-0${n}T09:15:00Z`
const URL = 'https://by.example/trust/ocsp'

function response(
  n: number,
  status: StoredOcspResponse['status'] = 'good',
  changes: Partial<StoredOcspResponse> = {},
): StoredOcspResponse {
  const times = { thisUpdate: day(n), nextUpdate: day(9), storedAt: day(n) }
  return {
    state: 'BY',
    ski: 'ab',
    serial: '5a01',
    der: btoa(`${n} ${status}`),
    status,
    ...times,
    ...changes,
  }
}

/** What every engine promises of evidence of revocation and of how fetching it goes. */
export function revocationContract(name: string, engine: Engine): void {
  describe(`evidence of revocation on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const store = () => sqlOcspStore(open.database)
    const elsewhere = () => sqlOcspStore(open.another)
    const held = async () => (await elsewhere().ocspResponses()).map(({ der }) => atob(der))
    const told = () =>
      open.another.query(sql.selectFrom('kept_evidence').selectAll().orderBy('n').compile())

    it('keeps the newest OCSP response about a key, and a revocation over all but a later one', async () => {
      expect(await store().putOcspResponses([response(2)])).toBe(1)
      expect(await elsewhere().putOcspResponses([response(1)])).toBe(0)
      expect(await elsewhere().putOcspResponses([response(3, 'on-hold')])).toBe(1)
      expect(await store().putOcspResponses([response(4)])).toBe(1)
      // Within one second what revokes is the later.
      expect(await store().putOcspResponses([response(4, 'revoked')])).toBe(1)
      expect(await store().putOcspResponses([response(4)])).toBe(0)
      expect(await store().putOcspResponses([response(5), response(5, 'on-hold')])).toBe(0)
      expect(await held()).toEqual(['4 revoked'])
      expect(await store().putOcspResponses([response(6, 'revoked')])).toBe(1)
      expect(await held()).toEqual(['6 revoked'])
      expect(await store().ocspResponse('BY', '5a01')).toEqual([response(6, 'revoked')])
      const { der: _der, ...facts } = response(6, 'revoked')
      expect(await store().heldOcspResponses()).toEqual([facts])
      // Each that was kept and says another thing against the key is told of, in its order, and none else.
      const kept = [response(3, 'on-hold'), response(4, 'revoked')]
      const rows = kept.map((one, i) => ({
        n: i + 1,
        state: 'BY',
        ski: 'ab',
        serial: '5a01',
        number: null,
        status: one.status,
        this_update: one.thisUpdate,
        sha256: evidenceDigest(one.der),
        stored_at: one.storedAt,
      }))
      expect(await told()).toEqual(rows)
    })

    it('takes a revocation that arrives after newer responses, and of one second what says more against', async () => {
      await store().putOcspResponses([response(4)])
      expect(await store().putOcspResponses([response(4, 'on-hold')])).toBe(1)
      expect(await elsewhere().putOcspResponses([response(4)])).toBe(0)
      expect(await store().putOcspResponses([response(2, 'revoked')])).toBe(1)
      expect(await elsewhere().putOcspResponses([response(5)])).toBe(0)
      expect(await held()).toEqual(['2 revoked'])
    })

    it('keeps the revocation when another process writes it at the same time', async () => {
      await Promise.all([
        store().putOcspResponses([response(3)]),
        elsewhere().putOcspResponses([response(2, 'revoked')]),
        store().putOcspResponses([response(4)]),
        elsewhere().putOcspResponses([response(5, 'revoked')]),
      ])
      expect(await held()).toEqual(['5 revoked'])
      expect((await told()).at(-1)).toMatchObject({ status: 'revoked', this_update: day(5) })
    })

    it('tells every process once that a round brought something, and nothing when it did not', async () => {
      const identity = { state: 'UZ', environment: 'production', epoch: '1' } as const
      await claimNode(open.database, identity, [])
      const revision = () => sqlTrustStore(open.another).revision()
      const before = await revision()
      const round = [response(1), response(1, 'good', { serial: '5a02' })]
      expect(await store().putOcspResponses(round)).toBe(2)
      expect(await revision()).toBe(before + 1)
      expect(await store().putOcspResponses(round)).toBe(0)
      expect(await store().putOcspResponses([])).toBe(0)
      expect(await revision()).toBe(before + 1)
    })

    it('counts failures of a URL until it answers, remembers both, forgets what is not asked any more', async () => {
      const fetches = sqlRevocationFetches(open.database)
      await fetches.failed('BY', URL, { at: day(1), failure: 'HTTP 503' })
      await fetches.failed('BY', URL, { at: day(2), failure: 'HTTP 500', nextAttemptAt: day(3) })
      const failed = { state: 'BY', url: URL, failedAt: day(2), failure: 'HTTP 500' }
      expect(await sqlRevocationFetches(open.another).all()).toEqual([
        { ...failed, succeededAt: undefined, attempts: 2, nextAttemptAt: day(3) },
      ])
      await fetches.succeeded('BY', [URL, `${URL}/2`], day(4))
      expect(await fetches.all()).toMatchObject([
        { ...failed, succeededAt: day(4), attempts: 0, nextAttemptAt: undefined },
        { url: `${URL}/2`, failure: undefined },
      ])
      await fetches.failed('BY', URL, { at: day(6), failure: 'HTTP 404' })
      await fetches.prune(day(5))
      expect(await fetches.all()).toMatchObject([{ url: URL, succeededAt: day(4), attempts: 1 }])
      await fetches.prune(day(7))
      expect(await fetches.all()).toEqual([])
    })
  })
}
