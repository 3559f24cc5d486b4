import { describe, expect, it } from 'vitest'
import { parsePayload } from '../../../src/certificate/payload.ts'
import { StatusChange } from '../../../src/certificate/status-change.ts'
import { ct1, readExample } from './judging.ts'

const DIGEST = 'A'.repeat(43)

function claims(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema: 'origin.ct1/1',
    iss: 'BY.CCI.001',
    aud: ['UZ'],
    status: { status_list: { uri: 'https://node.example/status/7', idx: 40213 } },
    certificate: ct1('origin-ct1-tractors'),
    ...over,
  }
}

describe('certificate payload', () => {
  it('reads a closed payload of a known type', () => {
    const parsed = parsePayload(claims())
    expect(parsed).toMatchObject({ outcome: 'readable', type: { type: 'origin.ct1' } })
    if (parsed.outcome === 'readable') expect(parsed.payload).toEqual(claims())
  })

  it('lets a conformity document name its addressees', () => {
    const certificate = readExample('conformity-eaeu-certificate')
    const conformity = { schema: 'conformity.eaeu/1', iss: 'BY.TESTCERT', certificate }
    expect(parsePayload(claims(conformity)).outcome).toBe('readable')
    expect(parsePayload(claims({ ...conformity, aud: ['UZ', 'KZ'] })).outcome).toBe('readable')
  })

  it('keeps a type or version it does not know', () => {
    for (const schema of ['origin.ct1/2', 'phyto.reference/1', 'origin.ct1'])
      expect(parsePayload(claims({ schema, more: 1 }))).toEqual({ outcome: 'not-readable', schema })
  })

  it.each([
    ['an unknown member', { more: 1 }],
    ['a jti', { jti: '1' }],
    ['a body that is no PartyId', { iss: 'CCI' }],
    ['no addressee', { aud: [] }],
    ['an addressee as a string', { aud: 'UZ' }],
    ['another addressee than box 4', { aud: ['KZ'] }],
    ['more addressees than box 4', { aud: ['UZ', 'KZ'] }],
    ['a state twice', { aud: ['UZ', 'UZ'] }],
    [
      'a status list elsewhere than on the web',
      { status: { status_list: { uri: 'file:///x', idx: 1 } } },
    ],
    [
      'a negative position',
      { status: { status_list: { uri: 'https://node.example/s', idx: -1 } } },
    ],
    [
      'a position with a fraction',
      { status: { status_list: { uri: 'https://node.example/s', idx: 0.5 } } },
    ],
    ['no status', { status: undefined }],
    [
      'another type in the certificate',
      { certificate: { ...ct1('origin-ct1-tractors'), type: 'conformity.uz' } },
    ],
    ['no certificate', { certificate: null }],
  ])('refuses %s', (_what, over) => {
    expect(parsePayload(claims(over)).outcome).toBe('malformed')
  })

  it.each([null, 'text', 1, [], {}, { schema: 1 }, { schema: '' }])('refuses %j', (value) => {
    expect(parsePayload(value).outcome).toBe('malformed')
  })

  it('points at what is wrong', () => {
    const certificate = { ...ct1('origin-ct1-tractors'), 'a/b~c': 1, usableUntil: '2027-02-30' }
    const parsed = parsePayload(claims({ certificate }))
    if (parsed.outcome !== 'malformed') throw new Error(parsed.outcome)
    expect(parsed.issues.map(({ path }) => path)).toEqual([
      '/certificate/usableUntil',
      '/certificate',
    ])
  })
})

describe('status change payload', () => {
  const common = {
    schema: 'status-change/1',
    iss: 'BY.CCI.001',
    aud: ['UZ'],
    target: DIGEST,
    effectiveFrom: '2026-06-01',
    reason: 'выдан ошибочно',
  }
  const accepts = (value: unknown) => StatusChange.safeParse(value).success

  it.each(['suspend', 'resume', 'extend', 'annul', 'terminate', 'archive'])(
    'reads %s',
    (change) => {
      expect(accepts({ ...common, change })).toBe(true)
      expect(accepts({ ...common, change, basis: { number: '1', date: '2026-05-31' } })).toBe(true)
      expect(accepts({ ...common, change, replacedBy: DIGEST })).toBe(false)
      expect(accepts({ ...common, change, more: 1 })).toBe(false)
    },
  )

  it('names the successor of a replaced certificate, and only there', () => {
    expect(accepts({ ...common, change: 'replace', replacedBy: DIGEST })).toBe(true)
    expect(accepts({ ...common, change: 'replace' })).toBe(false)
  })

  it('names a new end of validity only when extending', () => {
    expect(accepts({ ...common, change: 'extend', validUntil: '2030-01-01' })).toBe(true)
    expect(accepts({ ...common, change: 'suspend', validUntil: '2030-01-01' })).toBe(false)
  })

  it.each([
    { change: 'delete' },
    { change: 'annul', target: 'abc' },
    { change: 'annul', effectiveFrom: '2026-06-01T00:00:00Z' },
    { change: 'annul', reason: '' },
    { change: 'annul', reason: 'я'.repeat(1001) },
    { change: 'annul', iss: 'BY' },
    { change: 'annul', schema: 'status-change/2' },
  ])('refuses %j', (over) => {
    expect(accepts({ ...common, ...over })).toBe(false)
  })
})
