import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CryptoSuite, PublicKey } from '../../../src/crypto/crypto-suite.ts'
import { derElement, derInteger } from '../../../src/encoding/der-writer.ts'
import { octetsToHex } from '../../../src/encoding/octets.ts'
import { parsePath, validatePath } from '../../../src/x509/path-validation.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { describeSuite } from '../crypto/suite-contract.ts'
import { hexToOctets } from './forgery.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** ecdsa-with-SHA512 on P-521: an algorithm that no key of the exchange may have. */
const ECDSA_SHA512 = hexToOctets('300a06082a8648ce3d040304')
const P521_SPKI = '30819b301006072a8648ce3d020106052b81040023'

const P521: CryptoSuite = {
  id: 'p521',
  mode: 'local',
  jwsAlgs: ['ES512'],
  spkiOids: ['1.2.840.10045.2.1'],
  sigOids: ['1.2.840.10045.4.3.4'],
  hashOids: [],
  readKey(spki): PublicKey | undefined {
    if (!octetsToHex(spki).startsWith(P521_SPKI)) return undefined
    return { spki: new Uint8Array(spki), type: 'other', bits: 521, suite: P521 }
  },
  async verify(key, algorithm, tbs, signature) {
    if (typeof algorithm === 'string' || octetsToHex(algorithm) !== octetsToHex(ECDSA_SHA512))
      return 'unsupported'
    const held = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' })
    return verify('sha512', tbs, held, signature) ? 'valid' : 'invalid'
  },
  hash: () => Promise.resolve(undefined),
}

const root = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const leaf = generateKeyPairSync('ec', { namedCurve: 'P-521' })

function certificate(subject: string, key: typeof root, isCa: boolean): Bytes {
  const name = (text: string) =>
    derElement(
      0x30,
      derElement(
        0x31,
        derElement(
          0x30,
          hexToOctets('0603550403'),
          derElement(0x0c, new TextEncoder().encode(text)),
        ),
      ),
    )
  const time = (text: string) => derElement(0x17, new TextEncoder().encode(text))
  const ca = hexToOctets('300f0603551d130101ff040530030101ff')
  const tbs = derElement(
    0x30,
    derElement(0xa0, derInteger(2n)),
    derInteger(7n),
    ECDSA_SHA512,
    name('Root'),
    derElement(0x30, time('260101000000Z'), time('360101000000Z')),
    name(subject),
    new Uint8Array(key.publicKey.export({ format: 'der', type: 'spki' })),
    ...(isCa ? [derElement(0xa3, derElement(0x30, ca))] : []),
  )
  const signature = new Uint8Array(sign('sha512', tbs, root.privateKey))
  return derElement(0x30, tbs, ECDSA_SHA512, derElement(0x03, new Uint8Array([0, ...signature])))
}

const anchorDer = certificate('Root', root, true)
const leafDer = certificate('Leaf', leaf, false)

function judge(der: Bytes, others: readonly CryptoSuite[]) {
  const parsed = parsePath([der], others)
  const anchor = parseX509Certificate(anchorDer, others)
  if ('result' in parsed) return parsed
  if ('malformed' in anchor) throw new Error(anchor.malformed)
  return validatePath({
    ...parsed,
    anchor,
    at: new Date('2026-06-01T00:00:00Z'),
    eku: [],
    policy: {
      initialPolicySet: ['2.5.29.32.0'],
      explicit: false,
      inhibitMapping: false,
      inhibitAny: false,
    },
    issuanceRules: false,
    rsaMinBits: 3072,
    revocation: undefined,
  })
}

const tbs = new TextEncoder().encode('the signed bytes')
describeSuite('P-521 of the test', () => ({
  suite: P521,
  spki: new Uint8Array(leaf.publicKey.export({ format: 'der', type: 'spki' })),
  algorithm: ECDSA_SHA512,
  tbs,
  signature: new Uint8Array(sign('sha512', tbs, leaf.privateKey)),
}))

describe('path validation with a suite beside WebCrypto', () => {
  it('is done by the suite that the keys name, without any caller naming it', async () => {
    expect(await judge(leafDer, [P521])).toMatchObject({ result: 'valid', key: { suite: P521 } })
    const forged = leafDer.slice()
    forged[forged.length - 1]! ^= 1
    expect(await judge(forged, [P521])).toMatchObject({
      result: 'invalid',
      code: 'signature-invalid',
    })
  })

  it('is refused where nobody gave the suite, as in every path of the exchange', async () => {
    expect(await judge(leafDer, [])).toMatchObject({ result: 'invalid', code: 'key-not-allowed' })
  })

  it('is neither valid nor invalid where the suite gives no answer that counts', async () => {
    const readKey = (spki: Uint8Array) => {
      const key = P521.readKey(spki)
      return key && { ...key, suite: silent }
    }
    const silent: CryptoSuite = {
      ...P521,
      mode: 'remote',
      readKey,
      verify: () => Promise.resolve('unknown'),
    }
    expect(await judge(leafDer, [silent])).toMatchObject({
      result: 'unknown',
      code: 'signature-algorithm-not-supported',
    })
  })
})
