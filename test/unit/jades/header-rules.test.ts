import { describe, expect, it } from 'vitest'
import { readJades } from '../../../src/jades/container.ts'
import { headerFaults } from '../../../src/jades/header-rules.ts'

const header = {
  alg: 'ES256',
  typ: 'product-certificate+jwt',
  cty: 'application/json',
  iat: 1_772_442_000,
  'x5t#S256': 'Nb1Qc6M7v2V5PwdQVPGCzE0TnIaHFU0tu7ajp3Ubz5o',
  x5c: ['MIIB'],
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('the header rules of JAdES', () => {
  it('have nothing against the header that this project signs', () => {
    expect(headerFaults(header)).toEqual([])
  })

  it.each([
    ['no signing certificate is referred to', { 'x5t#S256': undefined }],
    ['two references', { 'x5t#o': { digAlg: 'S512', digVal: 'AA' } }],
    ['no time of signing', { iat: undefined }],
    ['two times of signing', { sigT: '2024-01-01T00:00:00Z' }],
    ['sigT after its time', { iat: undefined, sigT: '2025-07-15T00:00:00Z' }],
    ['x5t', { x5t: 'AA' }],
    ['x5c that is no array', { x5c: 'MIIB' }],
    ['an empty crit', { crit: [] }],
    ['crit naming what is absent', { crit: ['sigPl'] }],
    ['crit naming what RFC 7515 defines', { crit: ['alg'] }],
    ['crit naming twice', { crit: ['iat', 'iat'] }],
    ['sigD that is not critical', { sigD: { mId: 'http://uri.etsi.org/19182/HttpHeaders' } }],
    ['b64 that is not critical', { b64: false }],
    ['an empty place of signing', { sigPl: {} }],
  ])('refuse %s', (_, change) => {
    const changed = JSON.parse(JSON.stringify({ ...header, ...change })) as Record<string, unknown>
    expect(headerFaults(changed)).not.toEqual([])
  })
})

describe('the container of JAdES', () => {
  const parts = { payload: 'e30', protected: encode(header), signature: 'AA' }

  it('is read in all three serializations', () => {
    const { payload, ...signature } = parts
    const documents = {
      compact: `${parts.protected}.e30.AA`,
      flattened: JSON.stringify(parts),
      general: JSON.stringify({ payload, signatures: [signature, signature] }),
    }
    for (const [container, document] of Object.entries(documents))
      expect(readJades(document)).toMatchObject({ container, faults: [] })
  })

  it.each([
    ['a foreign member', { ...parts, evil: 1 }],
    ['a payload that is no text', { ...parts, payload: {} }],
    ['a name in both headers', { ...parts, header: { alg: 'none' } }],
    ['a signature that is not base64url', { ...parts, signature: 'A=' }],
  ])('with %s is faulty', (_, document) => {
    const read = readJades(JSON.stringify(document))
    expect('faults' in read && read.faults).toHaveLength(1)
  })

  it.each([
    [
      '',
      'a.b',
      'a.b.c.d',
      '{',
      '{"a":1,"a":2}',
      '[]',
      '{"signatures":[]}',
      '{"signatures":[null]}',
    ],
  ])('that is none is told, not thrown: %s', (...documents) => {
    for (const document of documents) expect(readJades(document)).toHaveProperty('malformed')
  })
})
