import { describe, expect, it } from 'vitest'
import { isWithin, PartyId, stateOf } from '../../../src/certificate/party-id.ts'

describe('PartyId', () => {
  it.each(['BY.CCI', 'BY.CCI.001', 'UZ.EXPERTIZA', 'BY.TEST-CERT.1'])('accepts %s', (id) => {
    expect(PartyId.safeParse(id).success).toBe(true)
  })

  it.each([
    'BY',
    'by.CCI',
    'BY.',
    'BY..CCI',
    'BY.cci',
    'BYX.CCI',
    'BY.CCI.',
    '.BY.CCI',
    'BY.CCI ',
    'BY.-CCI',
    'ВY.CCI',
    'BY.A.B.C.D.E.F.G.H',
    `BY.${'A'.repeat(62)}`,
  ])('refuses %s', (id) => {
    expect(PartyId.safeParse(id).success).toBe(false)
  })

  it('finds a branch within its headquarters, not the reverse', () => {
    expect(isWithin('BY.CCI.001', 'BY.CCI')).toBe(true)
    expect(isWithin('BY.CCI', 'BY.CCI')).toBe(true)
    expect(isWithin('BY.CCI.001', 'BY')).toBe(true)
    expect(isWithin('BY.CCI', 'BY.CCI.001')).toBe(false)
    expect(isWithin('BY.CCI.001', 'BY.CCI.002')).toBe(false)
  })

  it('does not take a longer name for a branch', () => {
    expect(isWithin('BY.CCIX', 'BY.CCI')).toBe(false)
    expect(isWithin('BY.CCI.0010', 'BY.CCI.001')).toBe(false)
  })

  it('names the state', () => {
    expect(stateOf('UZ.EXPERTIZA.001')).toBe('UZ')
  })
})
