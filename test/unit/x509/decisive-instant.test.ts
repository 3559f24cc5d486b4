import { describe, expect, it } from 'vitest'
import { CRL_REASONS, type CrlReason, decisiveAt } from '../../../src/x509/crl.ts'

const at = (day: number) => new Date(Date.UTC(2027, 4, day))
const revokedAt = at(10)

describe('the instant from which a revocation counts', () => {
  it('is the date of invalidity of a compromise, and never later than the revocation', () => {
    for (const reason of ['keyCompromise', 'cACompromise', 'aACompromise'] as const) {
      expect(decisiveAt({ reason, revokedAt, invalidityDate: at(1) })).toEqual(at(1))
      expect(decisiveAt({ reason, revokedAt, invalidityDate: at(20) })).toEqual(revokedAt)
      expect(decisiveAt({ reason, revokedAt, invalidityDate: undefined })).toEqual(revokedAt)
    }
  })

  it('is the revocation itself for every other reason, whatever date of invalidity is told', () => {
    const others = (Object.keys(CRL_REASONS) as CrlReason[]).filter((r) => !/Compromise/.test(r))
    expect(others.length).toBeGreaterThan(5)
    for (const reason of others)
      for (const invalidityDate of [at(1), at(20), undefined])
        expect(decisiveAt({ reason, revokedAt, invalidityDate })).toEqual(revokedAt)
  })
})
