import { weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { DerError } from '../encoding/der-error.ts'
import { decodeDer } from '../encoding/der.ts'
import { octetsToHex } from '../encoding/octets.ts'
import { beltHash } from './belt-hash.ts'
import type { CryptoSuite, PublicKey, SuiteVerdict } from './crypto-suite.ts'

const BIGN_PUBKEY = '1.2.112.0.2.0.34.101.45.2.1'
const BIGN_CURVE256V1 = '1.2.112.0.2.0.34.101.45.3.1'
const BIGN_WITH_HBELT = '1.2.112.0.2.0.34.101.45.12'
const BELT_HASH = '1.2.112.0.2.0.34.101.31.81'

/** DER of the OID of belt-hash, which the signature covers. */
const BELT_HASH_OID = Uint8Array.of(6, 9, 0x2a, 0x70, 0, 2, 0, 0x22, 0x65, 0x1f, 0x51)
/** AlgorithmIdentifiers of bign-with-hbelt, parameters absent or NULL. */
const SIGNATURE_ALGORITHMS: ReadonlySet<string> = new Set([
  '300b06092a7000020022652d0c',
  '300d06092a7000020022652d0c0500',
])

/** bign-curve256v1 (STB 34.101.45 annex B, table B.1), security level 128. */
const Point = weierstrass({
  p: 2n ** 256n - 189n,
  a: 2n ** 256n - 192n,
  b: 0x77ce6c1515f3a8edd2c13aabe4d8fbbe4cf55069978b9253b22e7d6bd69c03f1n,
  n: 0xffffffffffffffffffffffffffffffffd95c8ed60dfb4dfc7e5abf99263d6607n,
  h: 1n,
  Gx: 0n,
  Gy: 0x6bf7fc3cfb16d69f5ce4c9a351d6835d78913966c408f6521e29cf1804516a93n,
})
const ORDER = Point.Fn.ORDER
const LEVEL_OCTETS = 16
const FIELD_OCTETS = 32

/**
 * STB 34.101.45 with belt-hash at level 128: verification alone, on public data, without a secret that
 * timing could tell. Whoever signs does so with a certified product.
 */
export const BIGN: CryptoSuite = {
  id: 'bign',
  mode: 'local',
  jwsAlgs: [],
  spkiOids: [BIGN_PUBKEY],
  sigOids: [BIGN_WITH_HBELT],
  hashOids: [BELT_HASH],
  readKey,
  verify: (key, algorithm, tbs, signature) =>
    Promise.resolve(verify(key, algorithm, tbs, signature)),
  hash: (oid, bytes) => Promise.resolve(oid === BELT_HASH ? beltHash(bytes) : undefined),
}

function readKey(spki: Uint8Array): PublicKey | undefined {
  const point = pointOf(spki)
  return point && { spki: new Uint8Array(spki), type: 'other', bits: 256, suite: BIGN }
}

function verify(
  key: PublicKey,
  algorithm: Uint8Array | string,
  tbs: Uint8Array,
  signature: Uint8Array,
): SuiteVerdict {
  if (typeof algorithm === 'string' || !SIGNATURE_ALGORITHMS.has(octetsToHex(algorithm)))
    return 'unsupported'
  const publicPoint = pointOf(key.spki)
  if (!publicPoint) return 'invalid'
  return isSignature(publicPoint, beltHash(tbs), signature) ? 'valid' : 'invalid'
}

/** STB 34.101.45 §7.2.3: S0 of 16 octets, S1 of 32, both little-endian. */
function isSignature(
  publicPoint: InstanceType<typeof Point>,
  hash: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== LEVEL_OCTETS + FIELD_OCTETS) return false
  const s0 = signature.subarray(0, LEVEL_OCTETS)
  const s1 = toNumber(signature.subarray(LEVEL_OCTETS))
  if (s1 >= ORDER) return false
  const multiplier = (s1 + toNumber(hash)) % ORDER
  const r = Point.BASE.multiplyUnsafe(multiplier).add(
    publicPoint.multiplyUnsafe(toNumber(s0) + 2n ** 128n),
  )
  if (r.is0()) return false
  const expected = beltHash(
    Uint8Array.of(...BELT_HASH_OID, ...toOctets(r.toAffine().x), ...hash),
  ).subarray(0, LEVEL_OCTETS)
  return expected.every((octet, i) => octet === s0[i])
}

/** The key of a SubjectPublicKeyInfo, x and y little-endian, if it is a point of the curve. */
function pointOf(spki: Uint8Array): InstanceType<typeof Point> | undefined {
  const octets = decodeDer(spki, (reader) => {
    const info = reader.sequence()
    const algorithm = info.sequence()
    if (algorithm.oid() !== BIGN_PUBKEY || algorithm.oid() !== BIGN_CURVE256V1)
      throw new DerError('key algorithm or curve outside the suite')
    algorithm.end()
    const key = info.bitString()
    info.end()
    return key
  })
  if ('malformed' in octets || octets.length !== 2 * FIELD_OCTETS) return undefined
  try {
    const [x, y] = [octets.subarray(0, FIELD_OCTETS), octets.subarray(FIELD_OCTETS)].map(toNumber)
    const point = Point.fromAffine({ x: x!, y: y! })
    point.assertValidity()
    return point
  } catch {
    return undefined
  }
}

function toNumber(octets: Uint8Array): bigint {
  return BigInt(`0x${octetsToHex(octets.toReversed())}`)
}

function toOctets(value: bigint): Uint8Array {
  const hex = value.toString(16).padStart(2 * FIELD_OCTETS, '0')
  return Uint8Array.from({ length: FIELD_OCTETS }, (_, i) =>
    Number.parseInt(hex.slice(2 * (FIELD_OCTETS - 1 - i)).slice(0, 2), 16),
  )
}
