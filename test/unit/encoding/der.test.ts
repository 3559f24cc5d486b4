import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePublicKey } from '../../../src/crypto/public-key.ts'
import { ecdsaSignatureToRaw } from '../../../src/crypto/x509-signature-algorithm.ts'
import { createStatePki } from '../../../src/node/pki/state-pki.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import { TAG, decodeDer } from '../../../src/encoding/der.ts'
import type { DerReader } from '../../../src/encoding/der.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { hexToOctets } from '../x509/forgery.ts'

function decode<T>(hex: string, read: (reader: DerReader) => T) {
  return decodeDer(hexToOctets(hex), (reader) => ({ value: read(reader) }))
}

describe('strict DER', () => {
  it.each([
    ['indefinite length', '3080020101', (r: DerReader) => r.sequence()],
    ['length in a longer form than needed', '0481017f', (r: DerReader) => r.octetString()],
    [
      'length with a leading zero',
      `048200ff${'00'.repeat(255)}`,
      (r: DerReader) => r.octetString(),
    ],
    ['length beyond the end', '040201', (r: DerReader) => r.octetString()],
    ['length of five octets', '04850000000001ff', (r: DerReader) => r.octetString()],
    ['trailing bytes', '02010100', (r: DerReader) => r.integer()],
    ['integer with a superfluous 00', '02020001', (r: DerReader) => r.integer()],
    ['integer with a superfluous FF', '0202ff80', (r: DerReader) => r.integer()],
    ['integer without octets', '0200', (r: DerReader) => r.integer()],
    ['boolean that is neither 00 nor FF', '010101', (r: DerReader) => r.boolean()],
    ['default value encoded', '010100', (r: DerReader) => r.defaultFalse()],
    ['bit string with unused bits', '03020780', (r: DerReader) => r.bitString()],
    ['named bits with a trailing zero', '03020540', (r: DerReader) => r.namedBits()],
    ['named bits with a padding bit set', '03020781', (r: DerReader) => r.namedBits()],
    ['named bits in a spare octet', '0303078000', (r: DerReader) => r.namedBits()],
    ['object identifier with a leading 80', '06032a8001', (r: DerReader) => r.oid()],
    ['object identifier cut off', '06022a86', (r: DerReader) => r.oid()],
    ['object identifier without arcs', '0600', (r: DerReader) => r.oid()],
    ['UTCTime without seconds', '170b323730363031303030305a', (r: DerReader) => r.time()],
    [
      'UTCTime with an offset',
      '17113237303630313030303030302b30303030',
      (r: DerReader) => r.time(),
    ],
    [
      'GeneralizedTime with a fraction',
      '181132303237303630313030303030302e315a',
      (r: DerReader) => r.time(),
    ],
    ['empty SEQUENCE OF', '3000', (r: DerReader) => r.sequenceOf((i) => i.any())],
    ['multi-octet tag', '1f8101', (r: DerReader) => r.any()],
  ])('refuses: %s', (_what, hex, read) => {
    expect(decode(hex, read as (reader: DerReader) => unknown)).toHaveProperty('malformed')
  })

  it('reads object identifiers of every size', () => {
    const oids = ['06032a0304', '0603550406', '060a2b06010401868d1f0201', '0603883703']
    oids.push('0603551d13', '0604551d8101', '0602551d', '0604551d2000')
    expect(oids.map((hex) => decode(hex, (r) => r.oid()))).toEqual([
      { value: '1.2.3.4' },
      { value: '2.5.4.6' },
      { value: '1.3.6.1.4.1.99999.2.1' },
      { value: '2.999.3' },
      { value: '2.5.29.19' },
      { value: '2.5.29.129' },
      { value: '2.5.29' },
      { value: '2.5.29.32.0' },
    ])
  })

  it('reads both kinds of time on both sides of 2050', () => {
    const encode = (tag: string, text: string) =>
      tag + text.length.toString(16).padStart(2, '0') + Buffer.from(text).toString('hex')
    const time = (hex: string) => decode(hex, (r) => r.time().toISOString())
    expect(time(encode('17', '491231235959Z'))).toEqual({ value: '2049-12-31T23:59:59.000Z' })
    expect(time(encode('17', '500101000000Z'))).toEqual({ value: '1950-01-01T00:00:00.000Z' })
    expect(time(encode('18', '20500101000000Z'))).toEqual({ value: '2050-01-01T00:00:00.000Z' })
    expect(time(encode('18', '99991231235959Z'))).toEqual({ value: '9999-12-31T23:59:59.000Z' })
    expect(time(encode('18', '00500228000000Z'))).toEqual({ value: '0050-02-28T00:00:00.000Z' })
  })

  it.each([
    '20230229000000Z',
    '20240431000000Z',
    '20240400000000Z',
    '20240132000000Z',
    '20240001000000Z',
    '20241301000000Z',
    '20240101240000Z',
    '20240101006000Z',
    '20240101000060Z',
    '2024010100000:Z',
    '20240101000/00Z',
  ])('refuses a time that no calendar or clock has: %s', (text) => {
    const encoded = `18${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`
    expect(decode(encoded, (r) => r.time())).toHaveProperty('malformed')
  })

  it('gives the same times as the platform reads in them', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          const seconds = new Date(Math.floor(date.getTime() / 1000) * 1000)
          const text = `${seconds.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`
          const encoded = `180f${Buffer.from(text).toString('hex')}`
          expect(decode(encoded, (r) => r.time().getTime())).toEqual({ value: seconds.getTime() })
        },
      ),
    )
  })
})

const pki = await createStatePki({
  state: 'BY',
  organization: 'Registry',
  bodies: [{ partyId: 'BY.CCI', name: 'Chamber', code: '001' }],
  now: new Date('2027-06-01T00:00:00Z'),
  sealAlgorithm: 'ES256',
})
const { seal, ca } = pki.bodies[0]!
const samples = [seal.certificate, ca.certificate, pki.root.certificate, ca.crl]

/** A sample with some octets replaced, removed or inserted. */
const damaged = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.nat(255)), { minLength: 1, maxLength: 4 }),
  )
  .map(([sample, edits]) => {
    const octets = [...sample]
    for (const [at, removed, octet] of edits) octets.splice(at % octets.length, removed, octet)
    return new Uint8Array(octets)
  })

/** Well-formed nesting of arbitrary tags: gets further than noise. */
const nested = fc.letrec<{ node: number[] }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 6 },
    fc
      .tuple(
        fc.constantFrom(1, 2, 3, 4, 5, 6, 12, 19, 23, 24, 0x80),
        fc.uint8Array({ maxLength: 20 }),
      )
      .map(([tag, content]) => [tag, content.length, ...content]),
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa3), fc.array(tie('node'), { maxLength: 4 }))
      .map(([tag, nodes]) => {
        const content = nodes.flat().slice(0, 127)
        return [tag, content.length, ...content]
      }),
  ),
})).node

const hostile = fc.oneof(
  damaged,
  nested.map((octets) => new Uint8Array(octets)),
  fc.uint8Array({ maxLength: 200 }),
)

describe('hostile input', () => {
  it('no parser throws', () => {
    fc.assert(
      fc.property(hostile, (octets) => {
        for (const parse of [parseX509Certificate, parseCrl, parsePublicKey]) parse(octets)
        ecdsaSignatureToRaw(octets, 32)
        decodeDer(octets, (reader) => reader.any())
      }),
      { numRuns: 4000 },
    )
  })

  it('deep nesting ends', () => {
    const deep = new Uint8Array(60_000).fill(0x30)
    expect(parseX509Certificate(deep)).toHaveProperty('malformed')
    expect(parseX509Certificate(new Uint8Array(65_537))).toHaveProperty('malformed')
    expect(parseCrl(new Uint8Array(4 * 1024 * 1024 + 1))).toHaveProperty('malformed')
  })

  it('what parses re-encodes: the signed part and the names are slices of the input', () => {
    const certificate = parseX509Certificate(seal.certificate)
    if ('malformed' in certificate) throw new Error(certificate.malformed)
    expect(certificate.der).toEqual(seal.certificate)
    expect(certificate.tbs[0]).toBe(TAG.SEQUENCE)
    const text = Buffer.from(seal.certificate).toString('hex')
    for (const part of [certificate.tbs, certificate.issuer.der, certificate.spki])
      expect(text).toContain(Buffer.from(part).toString('hex'))
  })

  it('validation neither throws nor accepts a damaged certificate or list', async () => {
    const lists = [pki.root.crl, pki.stateCa.crl]
    const ask = (x5c: readonly Uint8Array[], crls: readonly Uint8Array[]) =>
      validateSealPath({
        x5c,
        anchor: pki.root.certificate,
        at: new Date('2027-06-02T00:00:00Z'),
        purpose: 'document-seal',
        crls: crlSource(
          crls.map((der) => parseCrl(der)).flatMap((crl) => ('malformed' in crl ? [] : [crl])),
        ),
        revocationRequired: true,
      })
    expect(await ask(seal.x5c, [...lists, ca.crl])).toMatchObject({ result: 'valid' })
    await fc.assert(
      fc.asyncProperty(
        fc.nat(3),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (which, at, xor) => {
          const parts = [...seal.x5c, ca.crl].map((der) => der.slice())
          parts[which]![at % parts[which]!.length]! ^= xor
          const result = await ask(parts.slice(0, 3), [...lists, parts[3]!])
          expect(result.result).not.toBe('valid')
        },
      ),
      { numRuns: 1000 },
    )
  })
})
