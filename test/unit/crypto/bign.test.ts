import { describe, expect, it } from 'vitest'
import { beltHash } from '../../../src/crypto/belt-hash.ts'
import { BIGN } from '../../../src/crypto/bign.ts'
import { octetsToHex } from '../../../src/encoding/octets.ts'
import { hexToOctets } from '../x509/forgery.ts'
import {
  BELT_HASH_VECTORS,
  BIGN_SIGNATURES,
  BIGN_SPKI,
  BIGN_WITH_HBELT,
  H48,
} from './bign-vectors.ts'

const key = BIGN.readKey(BIGN_SPKI)!

describe('belt-hash', () => {
  it.each(BELT_HASH_VECTORS)('of %i octets is that of annex A of STB 34.101.31', (length, hash) => {
    expect(octetsToHex(beltHash(H48.subarray(0, length)))).toBe(hash)
  })
})

describe('bign', () => {
  it.each(BIGN_SIGNATURES)(
    'verifies the signature over %i octets of annex Г of STB 34.101.45',
    async (length, signature) => {
      const signed = H48.subarray(0, length)
      expect(await BIGN.verify(key, BIGN_WITH_HBELT, signed, hexToOctets(signature))).toBe('valid')
    },
  )

  it('rejects the signature with any one of its 384 bits turned', async () => {
    const [length, hex] = BIGN_SIGNATURES[0]
    const verdicts = new Set<string>()
    for (let bit = 0; bit < 384; bit++) {
      const signature = hexToOctets(hex)
      signature[bit >> 3]! ^= 1 << (bit & 7)
      verdicts.add(await BIGN.verify(key, BIGN_WITH_HBELT, H48.subarray(0, length), signature))
    }
    expect([...verdicts]).toEqual(['invalid'])
  })

  it('reads no point beside the curve and no other length', () => {
    const beside = BIGN_SPKI.slice()
    beside[beside.length - 1]! ^= 1
    expect(BIGN.readKey(beside)).toBeUndefined()
    expect(BIGN.readKey(BIGN_SPKI.subarray(0, -1))).toBeUndefined()
    const zero = BIGN_SPKI.slice().fill(0, BIGN_SPKI.length - 64)
    expect(BIGN.readKey(zero)).toBeUndefined()
  })
})
