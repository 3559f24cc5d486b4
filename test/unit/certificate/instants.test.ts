import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { Instant } from '../../../src/certificate/fields.ts'
import { Decision } from '../../../src/exchange/delivery/receipt.ts'
import { Interval } from '../../../src/exchange/notices/security-notice.ts'
import { TrustKey } from '../../../src/trust/trust-list.ts'

const NONE = [
  '2026-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T00:00:00.000Z',
  '2026-01-01T00:00:00+00:00',
  '2026-01-01 00:00:00Z',
  '2026-01-01T00:00:00z',
  '٢026-01-01T00:00:00Z',
]

describe('an instant', () => {
  it('is a second that there is, in UTC, in its one form', () => {
    expect(NONE.filter((text) => Instant.safeParse(text).success)).toEqual([])
    const leap = '2028-02-29T23:59:59Z'
    expect(Instant.parse(leap)).toBe(leap)
  })

  it('is read alike in every document', () => {
    const instants: [string, z.ZodType][] = [
      ['a decision', Decision.shape.at],
      ['a security notice', Interval.shape.from],
      ['a trust list', TrustKey.shape.from],
    ]
    for (const [where, schema] of instants)
      expect(
        NONE.filter((text) => schema.safeParse(text).success),
        where,
      ).toEqual([])
  })
})
