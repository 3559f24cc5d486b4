import { describe, expect, it } from 'vitest'
import type { CryptoSuite } from '../../../src/crypto/crypto-suite.ts'
import { parsePublicKey, verifyX509Signature } from '../../../src/crypto/suite.ts'
import { octetsToHex } from '../../../src/encoding/octets.ts'
import { hexToOctets } from '../x509/forgery.ts'

/** A suite, and a signature that it knows to be right. */
export interface SuiteSample {
  readonly suite: CryptoSuite
  readonly spki: Uint8Array
  /** DER of the AlgorithmIdentifier. */
  readonly algorithm: Uint8Array
  readonly tbs: Uint8Array
  readonly signature: Uint8Array
  readonly hash?: { readonly oid: string; readonly bytes: Uint8Array; readonly hex: string }
}

/** What every suite promises to its callers, whatever it computes and where. */
export function describeSuite(name: string, sample: () => SuiteSample): void {
  describe(`the suite ${name}`, () => {
    it('reads its keys, and its keys name it', () => {
      const { suite, spki } = sample()
      const key = parsePublicKey(spki, [suite])
      expect(key?.suite).toBe(suite)
      expect(octetsToHex(key!.spki)).toBe(octetsToHex(spki))
      expect(suite.spkiOids.length).toBeGreaterThan(0)
    })

    it('reads no key of another suite and no broken one', () => {
      const { suite, spki } = sample()
      for (const foreign of [new Uint8Array(), new Uint8Array(200), spki.subarray(1), DSA_KEY])
        expect(suite.readKey(foreign)).toBeUndefined()
    })

    it('verifies for a caller that names no suite', async () => {
      const { suite, spki, algorithm, tbs, signature } = sample()
      const key = suite.readKey(spki)!
      expect(await verifyX509Signature(algorithm, key, signature, tbs)).toBe('valid')
    })

    it('says no of other bytes and of another signature', async () => {
      const { suite, spki, algorithm, tbs, signature } = sample()
      const key = suite.readKey(spki)!
      const damaged = signature.slice()
      damaged[damaged.length - 1]! ^= 1
      const other = tbs.slice()
      other[0]! ^= 0x80
      expect(await suite.verify(key, algorithm, other, signature)).toBe('invalid')
      expect(await suite.verify(key, algorithm, tbs, damaged)).toBe('invalid')
    })

    it('computes nothing under an algorithm that is not its own, and throws at nothing', async () => {
      const { suite, spki, tbs, signature } = sample()
      const key = suite.readKey(spki)!
      for (const algorithm of [
        new Uint8Array(),
        new Uint8Array(5000),
        'none',
        'toString',
        MD5_RSA,
      ]) {
        const verdict = await suite.verify(key, algorithm, tbs, signature)
        expect(['unsupported', 'unknown']).toContain(verdict)
      }
      const { algorithm } = sample()
      for (const broken of [new Uint8Array(), new Uint8Array(5000)])
        expect(await suite.verify(key, algorithm, tbs, broken)).not.toBe('valid')
    })

    it('hashes what it says it hashes, and nothing else', async () => {
      const { suite, hash } = sample()
      expect(suite.hashOids.length > 0).toBe(hash !== undefined)
      expect(await suite.hash('1.2.840.113549.2.5', new Uint8Array(1))).toBeUndefined()
      if (!hash) return
      expect(suite.hashOids).toContain(hash.oid)
      expect(octetsToHex((await suite.hash(hash.oid, hash.bytes))!)).toBe(hash.hex)
    })
  })
}

const MD5_RSA = hexToOctets('300d06092a864886f70d0101040500')

/** A DSA key without parameters, which none has. */
const DSA_KEY = hexToOctets('301406072a8648ce380401030900020501234567890a')
