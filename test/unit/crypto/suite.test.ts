import { createHash, createSign, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  adoptEcdsaP256,
  adoptSha256,
  generateKeyPair,
  isJwsAlgorithm,
  jwsAlgorithmsOf,
  parsePublicKey,
  sha256,
  sha256OfText,
  sha256Sync,
  signingKey,
  thumbprint,
  verifyEd25519,
  verifyJwsSignature,
  verifyX509Signature,
} from '../../../src/crypto/suite.ts'
import type { PublicKey } from '../../../src/crypto/suite.ts'
import { encodeBase64url } from '../../../src/encoding/base64url.ts'
import { nativeEcdsa } from '../../../src/node/native-ecdsa.ts'
import { nativeSha256 } from '../../../src/node/native-sha256.ts'
import { hexToOctets } from '../x509/forgery.ts'

const data = new TextEncoder().encode('the signed bytes')
const other = new TextEncoder().encode('the signed byteS')

function publicKey(key: KeyObject): PublicKey {
  const parsed = parsePublicKey(key.export({ format: 'der', type: 'spki' }))
  if (!parsed) throw new Error('key outside the suite')
  return parsed
}

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed25519 = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 })

describe('JWS algorithms', () => {
  it('are a closed list', () => {
    const names = ['ES256', 'ES384', 'Ed25519', 'EdDSA', 'PS256']
    expect(names.every(isJwsAlgorithm)).toBe(true)
    const foreign = ['none', 'HS256', 'RS256', 'ES512', 'es256', 'toString', '__proto__', '']
    expect(foreign.some(isJwsAlgorithm)).toBe(false)
  })

  it('are named by the key', () => {
    const keys = [p256, p384, ed25519, rsa].map((pair) => publicKey(pair.publicKey))
    expect(keys.map(jwsAlgorithmsOf)).toEqual([
      ['ES256'],
      ['ES384'],
      ['Ed25519', 'EdDSA'],
      ['PS256'],
    ])
    expect(keys.map(({ bits }) => bits)).toEqual([256, 384, 256, 3072])
  })

  it.each(['ES256', 'ES384', 'Ed25519', 'EdDSA'] as const)(
    '%s signs, and verifies only what was signed, under that key and name',
    async (alg) => {
      const pair = await generateKeyPair(alg)
      const key = parsePublicKey(pair.spki)!
      const signature = await (await signingKey(pair.pkcs8, alg)).sign(data)
      expect(await verifyJwsSignature(alg, key, signature, data)).toBe(true)
      expect(await verifyJwsSignature(alg, key, signature, other)).toBe(false)
      expect(await verifyJwsSignature(alg, key, signature.slice(1), data)).toBe(false)
      expect(await verifyJwsSignature(alg, key, new Uint8Array(), data)).toBe(false)
      const stranger = parsePublicKey((await generateKeyPair(alg)).spki)!
      expect(await verifyJwsSignature(alg, stranger, signature, data)).toBe(false)
      expect(await verifyJwsSignature('PS256', key, signature, data)).toBe(false)
    },
  )

  it('PS256 verifies what node signs with a salt of 32 octets only', async () => {
    const key = publicKey(rsa.publicKey)
    const signature = (saltLength: number) =>
      sign('sha256', data, { key: rsa.privateKey, padding: 6, saltLength })
    expect(await verifyJwsSignature('PS256', key, signature(32), data)).toBe(true)
    expect(await verifyJwsSignature('PS256', key, signature(20), data)).toBe(false)
  })

  it('many verifications may be in flight', async () => {
    const key = publicKey(ed25519.publicKey)
    const signature = sign(null, data, ed25519.privateKey)
    const all = Array.from({ length: 200 }, () =>
      verifyJwsSignature('Ed25519', key, signature, data),
    )
    expect((await Promise.all(all)).every(Boolean)).toBe(true)
  })
})

describe('X.509 signatures', () => {
  const ECDSA_SHA256 = hexToOctets('300a06082a8648ce3d040302')
  const RSA_SHA256 = hexToOctets('300d06092a864886f70d01010b0500')
  const PSS_SHA256 = hexToOctets(
    '304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120',
  )

  it('verify under the algorithm they name', async () => {
    const ecdsa = createSign('sha256').update(data).sign(p256.privateKey)
    const pkcs1 = createSign('sha256').update(data).sign(rsa.privateKey)
    const pss = sign('sha256', data, { key: rsa.privateKey, padding: 6, saltLength: 32 })
    const [ec, rs] = [publicKey(p256.publicKey), publicKey(rsa.publicKey)]
    expect(await verifyX509Signature(ECDSA_SHA256, ec, ecdsa, data)).toBe('valid')
    expect(await verifyX509Signature(RSA_SHA256, rs, pkcs1, data)).toBe('valid')
    expect(await verifyX509Signature(PSS_SHA256, rs, pss, data)).toBe('valid')
    expect(await verifyX509Signature(RSA_SHA256, rs, pss, data)).toBe('invalid')
    expect(await verifyX509Signature(ECDSA_SHA256, ec, ecdsa, other)).toBe('invalid')
    expect(await verifyX509Signature(ECDSA_SHA256, rs, ecdsa, data)).toBe('invalid')
  })

  it('are unsupported under anything the table does not hold letter for letter', async () => {
    const key = publicKey(p256.publicKey)
    const sha1 = hexToOctets('300906072a8648ce3d0401')
    const withNull = hexToOctets('300c06082a8648ce3d0403020500')
    for (const algorithm of [sha1, withNull, new Uint8Array(), new Uint8Array(5000)])
      expect(await verifyX509Signature(algorithm, key, data, data)).toBe('unsupported')
  })

  it('an ECDSA signature has one encoding', async () => {
    const key = publicKey(p256.publicKey)
    const der = createSign('sha256').update(data).sign(p256.privateKey)
    const long = Buffer.concat([Buffer.from([0x30, 0x81, der[1]!]), der.subarray(2)])
    const trailing = Buffer.concat([der, Buffer.from([0])])
    for (const signature of [long, trailing])
      expect(await verifyX509Signature(ECDSA_SHA256, key, signature, data)).toBe('invalid')
  })
})

describe('keys', () => {
  it('outside the suite are not parsed', () => {
    const outside = [
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
      generateKeyPairSync('ec', { namedCurve: 'P-521' }),
      generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
      generateKeyPairSync('x25519'),
      generateKeyPairSync('ed448'),
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
    ]
    for (const pair of outside)
      expect(parsePublicKey(pair.publicKey.export({ format: 'der', type: 'spki' }))).toBeUndefined()
  })

  it('a point off the curve verifies nothing', async () => {
    const spki = new Uint8Array(publicKey(p256.publicKey).spki)
    spki[spki.length - 1]! ^= 1
    const key = parsePublicKey(spki)
    expect(key && (await verifyJwsSignature('ES256', key, new Uint8Array(64), data))).toBe(false)
  })

  it('a bare Ed25519 key needs its 32 octets', async () => {
    const raw = publicKey(ed25519.publicKey).spki.slice(-32)
    const signature = sign(null, data, ed25519.privateKey)
    expect(await verifyEd25519(raw, signature, data)).toBe(true)
    expect(await verifyEd25519(raw, signature, other)).toBe(false)
    expect(await verifyEd25519(raw.slice(1), signature, data)).toBe(false)
  })

  it('a private key signs only under its own algorithm', async () => {
    const { pkcs8 } = await generateKeyPair('ES256')
    await expect(signingKey(pkcs8, 'ES384')).rejects.toThrow()
    await expect(signingKey(pkcs8, 'Ed25519')).rejects.toThrow()
  })
})

describe('hashes', () => {
  it('both kinds of SHA-256 agree with node', async () => {
    for (const length of [0, 1, 63, 64, 65, 1000]) {
      const bytes = new Uint8Array(length).fill(7)
      const expected = new Uint8Array(createHash('sha256').update(bytes).digest())
      expect(await sha256(bytes)).toEqual(expected)
      expect(sha256Sync(bytes)).toEqual(expected)
      expect(await thumbprint(bytes)).toBe(encodeBase64url(expected))
    }
  })

  it('of many texts at once are each of its own text', async () => {
    const texts = Array.from({ length: 50 }, (_, n) => `№ ${n} `.repeat(1 + 400 * n))
    const digestsOfTexts = async () =>
      expect(await Promise.all(texts.map(sha256OfText))).toEqual(
        texts.map((text) => new Uint8Array(createHash('sha256').update(text).digest())),
      )
    await digestsOfTexts()
    adoptSha256(nativeSha256)
    await digestsOfTexts()
  })
})

describe('SHA-256 of the platform', () => {
  it('is refused if it is none, and changes no answer if it is one', async () => {
    const inputs = [0, 1, 55, 64, 5000, 70_000].map((length) => new Uint8Array(length).fill(7))
    const before = inputs.map((octets) => sha256Sync(octets))
    expect(() => adoptSha256((octets) => sha256Sync(octets.subarray(1)))).toThrow(/something else/)
    expect(() => adoptSha256((octets) => sha256Sync(octets).subarray(1))).toThrow(/something else/)
    expect(inputs.map((octets) => sha256Sync(octets))).toEqual(before)
    adoptSha256(nativeSha256)
    expect(inputs.map((octets) => sha256Sync(octets))).toEqual(before)
    expect(await Promise.all(inputs.map(sha256))).toEqual(before)
  })
})

describe('ECDSA of the platform', () => {
  it('is refused if it says yes or no to everything, or knows one hash alone', async () => {
    for (const wrong of [
      () => true,
      () => false,
      (...[, key, signature, data]: Parameters<typeof nativeEcdsa>) =>
        nativeEcdsa('SHA-256', key, signature, data),
    ])
      await expect(adoptEcdsaP256(wrong)).rejects.toThrow(/something else/)
  })

  it('says of keys on P-256 what WebCrypto says, and is not asked about others', async () => {
    const asked: string[] = []
    const answers = async () => {
      const found: boolean[] = []
      for (const alg of ['ES256', 'ES384', 'Ed25519'] as const) {
        const { pkcs8, spki } = await generateKeyPair(alg)
        const key = parsePublicKey(spki)!
        const data = new Uint8Array(300).fill(5)
        const right = await (await signingKey(pkcs8, alg)).sign(data)
        for (const signature of [right, right.with(9, right[9]! ^ 1), right.subarray(1), data])
          found.push(await verifyJwsSignature(alg, key, signature, data))
        found.push(await verifyJwsSignature(alg, key, right, data.with(0, 6)))
      }
      return found
    }
    const before = await answers()
    expect(before.filter(Boolean)).toHaveLength(3)
    await adoptEcdsaP256((hash, key, signature, data) => {
      asked.push(String((key.algorithm as { namedCurve?: string }).namedCurve))
      return nativeEcdsa(hash, key, signature, data)
    })
    asked.length = 0
    expect(await answers()).toEqual(before)
    expect(asked).toEqual(Array(5).fill('P-256'))
  })
})
