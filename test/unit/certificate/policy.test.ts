import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/certificate/default-policy.ts'
import { numberFormatFor, readNumber } from '../../../src/certificate/number-format.ts'
import { formsInForce } from '../../../src/certificate/origin-ct1/forms-in-force.ts'
import { Policy } from '../../../src/certificate/policy.ts'
import { zoneOffset } from '../../../src/certificate/zone.ts'

describe('policy', () => {
  it('has defaults of its own schema', () => {
    expect(Policy.parse(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY)
  })

  it('refuses patterns that are no regular expressions, and unknown members', () => {
    const format = { issuer: 'BY', type: 'origin.ct1', on: 'folded', pattern: '(' }
    expect(Policy.safeParse({ ...DEFAULT_POLICY, numberFormats: [format] }).success).toBe(false)
    expect(Policy.safeParse({ ...DEFAULT_POLICY, more: 1 }).success).toBe(false)
  })

  it('knows 249 countries, the CIS list among them', () => {
    expect(new Set(DEFAULT_POLICY.countries).size).toBe(249)
    for (const code of [...DEFAULT_POLICY.cisCountries, 'GE', 'UA', 'LV', 'TR', 'CN'])
      expect(DEFAULT_POLICY.countries).toContain(code)
  })

  it('reads zones east and west of Greenwich', () => {
    const policy = { ...DEFAULT_POLICY, zones: { BY: '+03:00', UZ: '+05:00', XX: '-03:30' } }
    expect(zoneOffset(policy, 'BY')).toBe(180)
    expect(zoneOffset(policy, 'UZ')).toBe(300)
    expect(zoneOffset(policy, 'XX')).toBe(-210)
    expect(zoneOffset(policy, 'KZ')).toBeUndefined()
  })
})

describe('number formats', () => {
  const own = { issuer: 'BY.CCI.001', type: 'origin.ct1', pattern: '^A$', on: 'folded' } as const
  const policy = {
    ...DEFAULT_POLICY,
    numberFormats: [
      own,
      ...DEFAULT_POLICY.numberFormats,
      { ...own, issuer: 'BY.CCI', pattern: '^B$' },
    ],
  }
  const pattern = (issuer: string) =>
    numberFormatFor(policy, { issuer, type: 'origin.ct1' })?.pattern

  it('come from the nearest of party, headquarters and state', () => {
    expect(pattern('BY.CCI.001')).toBe('^A$')
    expect(pattern('BY.CCI.002')).toBe('^B$')
    expect(pattern('BY.OTHER')).toMatch(/issuer/)
    expect(pattern('KZ.CHAMBER')).toBeUndefined()
  })

  it('read the parts of a CT-1 number', () => {
    const format = numberFormatFor(DEFAULT_POLICY, { issuer: 'UZ', type: 'origin.ct1' })
    if (!format) throw new Error('No format')
    expect(readNumber(format, 'UZBY6001000303')).toEqual({
      issuer: 'UZ',
      destination: 'BY',
      year: '6',
      body: '001',
      serial: '000303',
    })
    expect(readNumber(format, 'UZBY600100030')).toBeUndefined()
  })
})

describe('rule sets and layouts in force', () => {
  const between = (issuedIn: string, forPresentationIn: string, day = '2026-03-02') =>
    formsInForce(DEFAULT_POLICY, { issuedIn, forPresentationIn }, day).map(
      ({ ruleSet, layout }) => `${ruleSet} ${layout}`,
    )

  it('begin with the rules of 1993 between Belarus and Uzbekistan', () => {
    expect(between('BY', 'UZ')).toEqual([
      'CIS-1993 CT1-1993',
      'CIS-2000 CT1-2009',
      'CIS-2009 CT1-2009',
    ])
  })

  it('put the form of 2009 in the place of the form of 1993 with Turkmenistan, on either side', () => {
    for (const forms of [between('BY', 'TM'), between('TM', 'BY')])
      expect(forms).toEqual(['CIS-1993 CT1-2009', 'CIS-2000 CT1-2009', 'CIS-2009 CT1-2009'])
  })

  it('are switched off for one state by an ended record of its own', () => {
    const off = {
      ruleSet: 'CIS-2009',
      layout: 'CT1-2009',
      partner: 'UZ',
      from: '2009-11-20',
    } as const
    const originForms = [...DEFAULT_POLICY.originForms, { ...off, until: '2009-11-20' }]
    const ruleSets = (forPresentationIn: string) =>
      formsInForce(
        { ...DEFAULT_POLICY, originForms },
        { issuedIn: 'BY', forPresentationIn },
        '2026-03-02',
      ).map(({ ruleSet }) => ruleSet)
    expect(ruleSets('UZ')).toEqual(['CIS-1993', 'CIS-2000'])
    expect(ruleSets('KZ')).toEqual(['CIS-1993', 'CIS-2000', 'CIS-2009'])
  })

  it('follow the date', () => {
    expect(between('BY', 'TM', '2009-11-19')[0]).toBe('CIS-1993 CT1-1993')
    expect(between('BY', 'UZ', '2009-11-19')).toEqual(['CIS-1993 CT1-1993', 'CIS-2000 CT1-2009'])
    const originForms = DEFAULT_POLICY.originForms.map((form) =>
      form.ruleSet === 'CIS-1993' ? form : { ...form, until: '2026-03-01' },
    )
    const policy = { ...DEFAULT_POLICY, originForms }
    const states = { issuedIn: 'BY', forPresentationIn: 'UZ' }
    expect(formsInForce(policy, states, '2026-03-01').length).toBe(3)
    expect(formsInForce(policy, states, '2026-03-02').length).toBe(1)
  })
})
