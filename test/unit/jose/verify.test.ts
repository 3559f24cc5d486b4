import { beforeAll, describe, expect, it } from 'vitest'
import {
  generateKeyPair,
  type JwsAlgorithm,
  jwsAlgorithmsOf,
  parsePublicKey,
  type PublicKey,
  signingKey,
  verifyJwsSignature,
} from '../../../src/crypto/suite.ts'
import { authenticate } from '../../../src/exchange/validation/authenticate.ts'
import { parseJws } from '../../../src/jose/parse.ts'
import { trustOf, type Trust } from '../../../src/trust/trust.ts'
import { parseCrl, type Crl } from '../../../src/x509/crl.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { digest, forge, type Forgery } from '../../support/hostile.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'

const ALGORITHMS = ['ES256', 'ES384', 'Ed25519'] as const
const data = new TextEncoder().encode('header.payload')

describe('J2: the key names the algorithm', () => {
  it('and no other may be used with it, whatever the header says', async () => {
    for (const alg of ALGORITHMS) {
      const { pkcs8, spki } = await generateKeyPair(alg)
      const key = parsePublicKey(spki) as PublicKey
      const signature = await (await signingKey(pkcs8, alg)).sign(data)
      const holds: JwsAlgorithm[] = []
      for (const claimed of ['ES256', 'ES384', 'Ed25519', 'EdDSA', 'PS256'] as const)
        if (await verifyJwsSignature(claimed, key, signature, data)) holds.push(claimed)
      expect(holds).toEqual(jwsAlgorithmsOf(key))
      expect(holds[0]).toBe(alg)
    }
  })

  it('a signature of another length, form or content is none, and never throws', async () => {
    for (const alg of ALGORITHMS) {
      const { pkcs8, spki } = await generateKeyPair(alg)
      const key = parsePublicKey(spki) as PublicKey
      const signature = await (await signingKey(pkcs8, alg)).sign(data)
      const n = signature.length
      for (const value of [
        new Uint8Array(),
        new Uint8Array(n),
        new Uint8Array(n).fill(0xff),
        signature.slice(1),
        Uint8Array.of(...signature, 0),
        Uint8Array.of(...signature.slice(n / 2), ...signature.slice(0, n / 2)),
      ])
        expect(await verifyJwsSignature(alg, key, value, data)).toBe(false)
      expect(await verifyJwsSignature(alg, key, signature, data.slice(1))).toBe(false)
    }
  })
})

describe('the signing certificate', () => {
  let BY: ListedState
  let trust: Trust

  beforeAll(async () => {
    BY = await listedState('BY')
    const { root, stateCa, bodies } = BY.pki
    const crls = [root, stateCa, ...bodies.map(({ ca }) => ca)].map(
      ({ crl }) => parseCrl(crl) as Crl,
    )
    trust = await trustOf({ pins: [BY.pin], lists: [BY.list], crls, revision: 1 })
  })

  const check = async (
    jws: string,
    purpose: 'document-seal' | 'registry-seal' = 'document-seal',
  ) => {
    const { checks, document } = await authenticate(jws, {
      trust,
      paths: createPathCache(),
      purpose,
      at: NOW,
      now: NOW,
      typs: ['product-certificate+jwt'],
    })
    if (document) return document.signer
    return `${checks.at(-1)!.check} ${checks.at(-1)!.code}`
  }
  const signed = async (which: 0 | 1, forgery: Forgery = {}) =>
    forge(await sealOfKey(BY.pki.bodies[which]!.seal), {
      payload: { iss: 'BY.CCI.001' },
      ...forgery,
    })

  it('X1: is the first of x5c, and its key verifies', async () => {
    expect(await check(await signed(0))).toBe('BY.CCI.001')
    expect(await check(await signed(1))).toBe('BY.CCI.002')
    const other = await sealOfKey(BY.pki.bodies[1]!.seal)
    const header = { 'x5t#S256': other.x5tS256, x5c: other.x5c }
    expect(await check(await signed(0, { header }))).toBe('signature signature-wrong')
  })

  it('X2: with the algorithm of its own key', async () => {
    for (const alg of ['ES384', 'Ed25519', 'EdDSA', 'PS256'])
      expect(await check(await signed(0, { header: { alg } }))).toBe('signature signature-wrong')
  })

  it('X3: is the one that x5t#S256 names', async () => {
    const other = await sealOfKey(BY.pki.bodies[1]!.seal)
    for (const header of [
      { 'x5t#S256': other.x5tS256 },
      { x5c: other.x5c },
      { 'x5t#S256': digest('x') },
    ])
      expect(await check(await signed(0, { header }))).toBe(
        'signing-certificate thumbprint-differs',
      )
  })

  it('J5: speaks under the typ that is due here only', async () => {
    for (const typ of ['status-change+jwt', 'receipt+jwt', 'trust-list+jwt', 'other+jwt'])
      expect(await check(await signed(0, { typ }))).toBe('form typ-not-expected')
  })

  it('is a seal where a seal is due, and the registry where the registry is', async () => {
    const registry = await sealOfKey(BY.pki.registrySeal)
    const byRegistry = await forge(registry, { payload: {} })
    expect(await check(byRegistry)).toBe('certification-path path-shape')
    expect(await check(byRegistry, 'registry-seal')).toBe('BY.REGISTRY')
    expect(await check(await signed(0), 'registry-seal')).toBe('certification-path path-shape')
  })

  it('cannot be put under a payload that it did not sign', async () => {
    const [header, , signature] = (await signed(0)).split('.')
    const [, payload] = (await signed(0, { payload: { iss: 'BY.CCI.002' } })).split('.')
    const jws = `${header}.${payload}.${signature}`
    expect(parseJws(jws)).toHaveProperty('header')
    expect(await check(jws)).toBe('signature signature-wrong')
  })
})
