import { describe, expect, it } from 'vitest'
import { BIGN } from '../../../src/crypto/bign.ts'
import type { CryptoSuite } from '../../../src/crypto/crypto-suite.ts'
import { encodeBase64, encodeBase64url } from '../../../src/encoding/base64url.ts'
import { computeHere } from '../../../src/exchange/second-signatures/compute-national-signature.ts'
import type { SecondSignature } from '../../../src/exchange/second-signatures/second-signature.ts'
import { BIGN_SIGNATURES, BIGN_SPKI, H48 } from '../crypto/bign-vectors.ts'
import { hexToOctets } from '../x509/forgery.ts'

const [[length, hex]] = BIGN_SIGNATURES
/** A document whose payload is what the annex of the standard signs. */
const document = `e30.${encodeBase64url(H48.subarray(0, length))}.AAAA`
const BIGN_WITH_HBELT = '1.2.112.0.2.0.34.101.45.12'

function signature(changed: Partial<SecondSignature> = {}): SecondSignature {
  return {
    schema: 'second-signature/1',
    iss: 'BY.CCI.001',
    aud: ['UZ'],
    target: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE',
    over: 'payload',
    container: BIGN_WITH_HBELT,
    key: encodeBase64(BIGN_SPKI),
    value: encodeBase64(hexToOctets(hex)),
    ...changed,
  }
}

describe('a national signature computed here', () => {
  it('of bign is right over what was signed and wrong over anything else', async () => {
    const computed = await computeHere([BIGN], signature(), document)
    expect(computed).toEqual({ verdict: 'valid', suite: 'bign' })
    const elsewhere = await computeHere([BIGN], signature({ over: 'document' }), document)
    expect(elsewhere).toEqual({ verdict: 'invalid', suite: 'bign' })
  })

  it('is not computed without its suite, key or bare container', async () => {
    expect(await computeHere([], signature(), document)).toBeUndefined()
    const { key: _key, ...keyless } = signature()
    expect(await computeHere([BIGN], keyless, document)).toBeUndefined()
    for (const container of ['1.2.840.113549.1.7.2', '1.2.840.10045.4.3.2', '2.999.1'])
      expect(await computeHere([BIGN], signature({ container }), document)).toBeUndefined()
  })

  it('has no answer where the suite has none', async () => {
    const silent: CryptoSuite = {
      ...BIGN,
      readKey: (spki) => {
        const key = BIGN.readKey(spki)
        return key && { ...key, suite: silent }
      },
      verify: () => Promise.resolve('unknown'),
    }
    expect(await computeHere([silent], signature(), document)).toBeUndefined()
  })
})
