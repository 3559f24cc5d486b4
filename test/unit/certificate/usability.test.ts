import { describe, expect, it } from 'vitest'
import type { CertificateState } from '../../../src/certificate/certificate-state.ts'
import { usability } from '../../../src/certificate/usability.ts'

const VALIDITY = { from: '2026-03-02', until: '2027-03-02' }
const issued: CertificateState = { status: 'issued', since: '2026-03-02' }

function verdict(
  state: CertificateState,
  day: string,
  validity: { from: string; until?: string } = VALIDITY,
) {
  const answer = usability(state, validity, day)
  return answer.verdict === 'usable'
    ? 'usable'
    : `${answer.verdict} ${answer.reason} ${answer.since}`
}

describe('usability', () => {
  it('lasts from the first day to the last, both included', () => {
    expect(verdict(issued, '2026-03-01')).toBe('not-usable not-yet-valid 2026-03-02')
    expect(verdict(issued, '2026-03-02')).toBe('usable')
    expect(verdict(issued, '2027-03-02')).toBe('usable')
    expect(verdict(issued, '2027-03-03')).toBe('not-usable expired 2027-03-03')
  })

  it('has no end where the document has none', () => {
    expect(
      verdict({ status: 'active', since: '2026-03-02' }, '2999-12-31', { from: '2026-03-02' }),
    ).toBe('usable')
  })

  it('ends with annulment or replacement, for every day', () => {
    const annulled: CertificateState = {
      status: 'annulled',
      annulledAt: '2026-05-01',
      reason: 'ошибка',
    }
    const replaced: CertificateState = {
      ...annulled,
      status: 'replaced',
      replacedBy: 'A'.repeat(43),
    }
    for (const day of ['2026-04-30', '2026-05-01', '2028-01-01']) {
      expect(verdict(annulled, day)).toBe('not-usable annulled 2026-05-01')
      expect(verdict(replaced, day)).toBe('not-usable replaced 2026-05-01')
    }
  })

  it.each(['suspended', 'terminated', 'archived'] as const)('ends when %s', (status) => {
    const state: CertificateState = { status, since: '2026-05-01' }
    expect(verdict(state, '2026-05-01')).toBe(`not-usable ${status} 2026-05-01`)
  })

  it.each(['resumed', 'extended', 'suspended', 'terminated'] as const)(
    'cannot be told for a day before the certificate was %s',
    (status) => {
      expect(verdict({ status, since: '2026-05-01' }, '2026-04-30')).toBe(
        'cannot-tell changed-later 2026-05-01',
      )
    },
  )

  it('returns with resumption', () => {
    expect(verdict({ status: 'resumed', since: '2026-05-01' }, '2026-05-01')).toBe('usable')
  })

  it('reaches to the end that an extension names', () => {
    const state: CertificateState = {
      status: 'extended',
      since: '2026-05-01',
      extendedUntil: '2028-03-02',
    }
    expect(verdict(state, '2028-03-02')).toBe('usable')
    expect(verdict(state, '2028-03-03')).toBe('not-usable expired 2028-03-03')
  })

  it('cannot be told past the old end when an extension names no new one', () => {
    const state: CertificateState = {
      status: 'extended',
      since: '2026-05-01',
      extendedUntil: null,
    }
    expect(verdict(state, '2027-03-02')).toBe('usable')
    expect(verdict(state, '2027-03-03')).toBe('cannot-tell extended-without-end 2027-03-02')
  })

  it('calls a suspended certificate expired once its time is over', () => {
    expect(verdict({ status: 'suspended', since: '2026-05-01' }, '2027-03-03')).toBe(
      'not-usable expired 2027-03-03',
    )
  })

  it('takes an end that the document itself tells of', () => {
    expect(verdict({ status: 'expired', since: '2026-06-01' }, '2026-06-01')).toBe(
      'not-usable expired 2026-06-01',
    )
  })
})
