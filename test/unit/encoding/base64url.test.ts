import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeBase64url,
} from '../../../src/encoding/base64url.ts'

describe('base64url', () => {
  it('encodes as Node does and decodes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64url(text)).toEqual(bytes)
        const padded = encodeBase64(bytes)
        expect(padded).toBe(Buffer.from(bytes).toString('base64'))
        expect(decodeBase64(padded)).toEqual(bytes)
      }),
    )
  })

  it('decodes a text only if it is the one encoding of its bytes', () => {
    const character = fc.constantFrom(...'AB9-_+/= \n.')
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        const url = decodeBase64url(text)
        if (url) expect(encodeBase64url(url)).toBe(text)
        const plain = decodeBase64(text)
        if (plain) expect(encodeBase64(plain)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['QQ==', 'QR', 'Q', 'QQ\n', 'QQ ', 'Q+', 'é', 'QQ.'])('refuses %j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  })

  it.each(['QQ', 'QR==', 'QQ=', 'Q===', '====', 'Q-==', 'QQ==\n'])(
    'refuses %j as padded base64',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined()
    },
  )
})
