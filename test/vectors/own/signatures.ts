import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { createStatePki } from '../../../src/node/pki/state-pki.ts'
import type { Files } from './folder.ts'

const base64url = (value: object | string | Uint8Array) =>
  Buffer.from(
    typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value),
  ).toString('base64url')

const ieee = (input: string | Uint8Array, key: KeyObject, hash = 'sha256') =>
  sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })

function compact(header: object, payload: string, signer: (input: string) => Uint8Array): string {
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${base64url(signer(input))}`
}

/** As Wycheproof's JWS: two keys, of which one list permits the algorithms of both. */
export function ownJws(): Files {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = Buffer.alloc(32, 7)
  const es256 = compact({ alg: 'ES256' }, 'own', (input) => ieee(input, privateKey))
  const mac = (input: string) => createHmac('sha256', secret).update(input).digest()
  const hs256 = compact({ alg: 'HS256' }, 'own', mac)
  const test = (tcId: number, jws: string, result: string) => ({
    tcId,
    comment: 'own',
    flags: [],
    jws,
    result,
  })
  return {
    'suite.json': {
      suite: 'wycheproof-jws',
      cases: 4,
      files: ['own.json'],
      runs: [
        { name: 'narrow', algs: ['ES256'] },
        { name: 'both', algs: ['ES256', 'HS256'] },
      ],
    },
    'own.json': {
      testGroups: [
        {
          public: { ...publicKey.export({ format: 'jwk' }), alg: 'ES256' },
          tests: [test(1, es256, 'valid'), test(2, `${es256.slice(0, -2)}AA`, 'invalid')],
        },
        {
          private: { kty: 'oct', k: base64url(secret), alg: 'HS256' },
          tests: [test(3, hs256, 'valid'), test(4, `${hs256.slice(0, -2)}AA`, 'invalid')],
        },
      ],
    },
  }
}

/** As Wycheproof's raw signatures, over another curve too; the numbers of both files are the same. */
export function ownRaw(): Files {
  const file = (key: KeyObject, spki: KeyObject, hash: string | undefined) => {
    const msg = Buffer.from('own')
    const sig = hash ? ieee(msg, key, hash) : sign(null, msg, key)
    const flipped = Buffer.from(sig)
    flipped[3]! ^= 1
    const test = (tcId: number, value: Buffer, result: string) => ({
      tcId,
      msg: msg.toString('hex'),
      sig: value.toString('hex'),
      result,
    })
    const publicKeyDer = spki.export({ format: 'der', type: 'spki' }).toString('hex')
    const tests = [test(1, sig, 'valid'), test(2, flipped, 'invalid')]
    return { testGroups: [{ ...(hash && { sha: hash }), publicKeyDer, tests }] }
  }
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const ed25519 = generateKeyPairSync('ed25519')
  return {
    'suite.json': {
      suite: 'wycheproof-raw',
      cases: 4,
      files: {
        'p384.json': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
        'edwards.json': { name: 'Ed25519' },
      },
    },
    'p384.json': file(p384.privateKey, p384.publicKey, 'SHA-384'),
    'edwards.json': file(ed25519.privateKey, ed25519.publicKey, undefined),
  }
}

/** As RFC 7520: all three forms of one signature, detached; one whose algorithm nothing protects. */
export function ownCookbook(): Files {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ format: 'jwk' })
  const jws = compact({ alg: 'ES256' }, 'own', (input) => ieee(input, privateKey))
  const [header, payload, signature] = jws.split('.') as [string, string, string]
  const bare = base64url(ieee(`.${payload}`, privateKey))
  const input = { payload: 'own', key, alg: 'ES256' }
  return {
    'suite.json': {
      suite: 'jose-cookbook',
      cases: 4,
      runs: [
        { name: 'none of them', algs: ['ES384'] },
        { name: 'all', algs: ['ES256'] },
      ],
    },
    'jws/detached.json': {
      input,
      output: {
        compact: `${header}..${signature}`,
        json: { signatures: [{ protected: header, signature }] },
        json_flat: { protected: header, signature },
      },
    },
    'jws/unprotected.json': {
      input,
      output: { json_flat: { payload, header: { alg: 'ES256' }, signature: bare } },
    },
  }
}

/** As the samples of DSS: one document that conforms, one with two times of signing; no time-stamp. */
export async function ownJades(): Promise<Files> {
  const { stateCa } = await createStatePki({
    state: 'BY',
    organization: 'Own',
    bodies: [],
    now: new Date('2026-03-02T09:00:00Z'),
    sealAlgorithm: 'ES256',
  })
  const { subtle } = crypto
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await subtle.importKey('pkcs8', new Uint8Array(stateCa.pkcs8), algorithm, false, [
    'sign',
  ])
  const document = async (more: object) => {
    const header = {
      alg: 'ES256',
      kid: 'own',
      iat: 1_772_442_000,
      'x5t#S256': await thumbprint(stateCa.certificate),
      x5c: [Buffer.from(stateCa.certificate).toString('base64')],
      ...more,
    }
    const input = `${base64url(header)}.${base64url('{}')}`
    const params = { name: 'ECDSA', hash: 'SHA-256' }
    const value = await subtle.sign(params, key, Buffer.from(input))
    return `${input}.${base64url(new Uint8Array(value))}`
  }
  const expected = (file: string, structure: string, value: string) => ({
    file,
    upstream: file,
    container: 'compact',
    structure,
    signatures: [{ index: 0, alg: 'ES256', x5tS256: 'match', value }],
    timestamps: [],
  })
  return {
    'suite.json': { suite: 'jades', cases: 2, timestamps: 0 },
    'cases.json': [
      expected('conforms.jws', 'conforms', 'valid'),
      expected('two-times.jws', 'violates', 'valid'),
    ],
    'samples/conforms.jws': await document({}),
    'samples/two-times.jws': await document({ sigT: '2025-01-01T00:00:00Z' }),
  }
}
