import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BIGN } from '../../../src/crypto/bign.ts'
import type { CryptoSuite } from '../../../src/crypto/crypto-suite.ts'
import { isJwsAlgorithm, parsePublicKey, verifyJwsSignature } from '../../../src/crypto/suite.ts'
import { remoteSuite, type RemoteQuestion } from '../../../src/crypto/remote-suite.ts'
import { WEBCRYPTO } from '../../../src/crypto/webcrypto.ts'
import { octetsToHex } from '../../../src/encoding/octets.ts'
import { hexToOctets } from '../x509/forgery.ts'
import {
  BELT_HASH_VECTORS,
  BIGN_SIGNATURES,
  BIGN_SPKI,
  BIGN_WITH_HBELT,
  H48,
} from './bign-vectors.ts'
import { describeSuite } from './suite-contract.ts'

const tbs = new TextEncoder().encode('the signed bytes')
const ECDSA_SHA256 = hexToOctets('300a06082a8648ce3d040302')
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = new Uint8Array(p256.publicKey.export({ format: 'der', type: 'spki' }))
const signature = new Uint8Array(sign('sha256', tbs, p256.privateKey))

describeSuite('WebCrypto', () => ({
  suite: WEBCRYPTO,
  spki,
  algorithm: ECDSA_SHA256,
  tbs,
  signature,
  hash: {
    oid: '2.16.840.1.101.3.4.2.1',
    bytes: tbs,
    hex: createHash('sha256').update(tbs).digest('hex'),
  },
}))

describeSuite('bign', () => ({
  suite: BIGN,
  spki: BIGN_SPKI,
  algorithm: BIGN_WITH_HBELT,
  tbs: H48,
  signature: hexToOctets(BIGN_SIGNATURES[1][1]),
  hash: { oid: '1.2.112.0.2.0.34.101.31.81', bytes: H48, hex: BELT_HASH_VECTORS[2][1] },
}))

/** A service that verifies Ed448, which WebCrypto does not; how it answers is the test's to say. */
const ed448 = generateKeyPairSync('ed448')
const ED448_ALGORITHM = hexToOctets('300506032b6571')
const ED448_SPKI = new Uint8Array(ed448.publicKey.export({ format: 'der', type: 'spki' }))
const NOW = new Date('2026-03-20T06:40:12Z')

function honestStatement(question: RemoteQuestion) {
  const known =
    typeof question.algorithm !== 'string' &&
    octetsToHex(question.algorithm) === octetsToHex(ED448_ALGORITHM)
  if (!known) return { error: 'algorithm not known' }
  const holds = verify(null, question.tbs, ed448.publicKey, question.signature)
  return {
    question: question.id,
    verdict: holds ? 'valid' : 'invalid',
    at: '2026-03-20T06:40:11Z',
    expires: '2026-03-20T06:45:11Z',
  }
}

function service(ask: (question: RemoteQuestion) => Promise<unknown>): CryptoSuite {
  return remoteSuite({
    id: 'ed448-service',
    jwsAlgs: [],
    spkiOids: ['1.3.101.113'],
    sigOids: ['1.3.101.113'],
    keyBits: (key) => (octetsToHex(key).startsWith('3043300506032b6571') ? 448 : undefined),
    ask,
    now: () => NOW,
    deadlineMs: 50,
  })
}

const ed448Signature = new Uint8Array(sign(null, tbs, ed448.privateKey))

describeSuite('of an honest service', () => ({
  suite: service(async (question) => honestStatement(question)),
  spki: ED448_SPKI,
  algorithm: ED448_ALGORITHM,
  tbs,
  signature: ed448Signature,
}))

describe('a service that cannot be believed leaves the verdict unknown', () => {
  const answers: Record<string, (question: RemoteQuestion) => Promise<unknown>> = {
    'it never answers': () => new Promise(() => undefined),
    'the call fails': () => Promise.reject(new Error('connection refused')),
    'it throws at once': () => {
      throw new Error('no route')
    },
    'it says yes to another question': async (question) => ({
      ...honestStatement(question),
      question: honestStatement({ ...question, id: 'another' }).question,
    }),
    'it repeats an answer of other bytes': async (question) =>
      honestStatement({ ...question, id: octetsToHex(question.tbs) }),
    'its statement has expired': async (question) => ({
      ...honestStatement(question),
      expires: '2026-03-20T06:40:12Z',
    }),
    'its statement is of the future': async (question) => ({
      ...honestStatement(question),
      at: '2026-03-20T06:40:13Z',
    }),
    'its statement has no time': async (question) => ({
      ...honestStatement(question),
      at: 'now',
      expires: 'never',
    }),
    'it answers with another word': async (question) => ({
      ...honestStatement(question),
      verdict: 'VALID',
    }),
    'it answers with nothing': async () => null,
  }
  it.each(Object.keys(answers))('%s', async (name) => {
    const suite = service(answers[name]!)
    const key = suite.readKey(ED448_SPKI)!
    expect(await suite.verify(key, ED448_ALGORITHM, tbs, ed448Signature)).toBe('unknown')
    const forged = new Uint8Array(114)
    expect(await suite.verify(key, ED448_ALGORITHM, tbs, forged)).toBe('unknown')
  })

  it('and is asked about every part of the question', async () => {
    const ids = new Set<string>()
    const suite = service(async ({ id }) => ids.add(id))
    const key = suite.readKey(ED448_SPKI)!
    await suite.verify(key, ED448_ALGORITHM, tbs, ed448Signature)
    await suite.verify(key, ED448_ALGORITHM, tbs.subarray(1), ed448Signature)
    await suite.verify(key, ED448_ALGORITHM, tbs, ed448Signature.subarray(1))
    await suite.verify(key, ECDSA_SHA256, tbs, ed448Signature)
    await suite.verify({ ...key, spki: new Uint8Array(1) }, ED448_ALGORITHM, tbs, ed448Signature)
    expect(ids.size).toBe(5)
  })
})

describe('a suite beside WebCrypto', () => {
  it('has no say unless somebody names it', () => {
    expect(parsePublicKey(BIGN_SPKI)).toBeUndefined()
    expect(parsePublicKey(spki, [BIGN])?.suite).toBe(WEBCRYPTO)
  })

  it('adds no name to the closed list of JWS algorithms and signs no document', async () => {
    for (const suite of [BIGN, service(async () => undefined)])
      expect(suite.jwsAlgs.some(isJwsAlgorithm)).toBe(false)
    const key = BIGN.readKey(BIGN_SPKI)!
    const right = hexToOctets(BIGN_SIGNATURES[1][1])
    for (const alg of ['ES256', 'Ed25519', 'PS256'] as const)
      expect(await verifyJwsSignature(alg, key, right, H48)).toBe(false)
  })

  it('is refused keys of WebCrypto that name another suite', async () => {
    const key = { ...WEBCRYPTO.readKey(spki)!, suite: BIGN }
    expect(await verifyJwsSignature('ES256', key, signature, tbs)).toBe(false)
  })
})
