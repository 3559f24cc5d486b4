import { describe, expect, it } from 'vitest'
import { inTurn } from '../../../src/exchange/signing-keys.ts'

const now = new Date('2026-03-02T12:00:00Z')
const listed: Record<string, { from: string; countsFrom?: string }> = {
  old: { from: '2025-01-01T00:00:00Z' },
  current: { from: '2026-02-01T00:00:00Z' },
  next: { from: '2026-04-01T00:00:00Z' },
  fresh: { from: '2026-03-02T11:56:00Z' },
  delayed: { from: '2026-02-20T00:00:00Z', countsFrom: '2026-03-03T00:00:00Z' },
}
const turn = (...keys: string[]) => inTurn(keys, (key) => listed[key], now)

describe('of several keys for one work', () => {
  it('the newest that is in force goes first, those to come and those not listed last', () => {
    expect(turn('old', 'unlisted', 'next', 'current')).toEqual([
      'current',
      'old',
      'next',
      'unlisted',
    ])
  })

  it('one that has just begun waits a few minutes while another is in force', () => {
    expect(turn('fresh', 'current')).toEqual(['current', 'fresh'])
    expect(
      inTurn(['fresh', 'current'], (key) => listed[key], new Date('2026-03-02T12:01:00Z')),
    ).toEqual(['fresh', 'current'])
  })

  it('one whose addition is delayed waits until it counts', () => {
    expect(turn('delayed', 'current')).toEqual(['current', 'delayed'])
  })
})
