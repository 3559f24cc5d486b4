import { derElement } from '../../src/encoding/der-writer.ts'
import { EXTENSION } from '../../src/x509/oids.ts'
import {
  aki,
  basicConstraints,
  CA_USAGE,
  extension,
  hexToOctets,
  keyUsage,
  ski,
} from '../unit/x509/forgery.ts'
import {
  AT,
  type Bytes,
  type ChainSpec,
  daysFrom,
  empty,
  ROLES,
  timeOf,
  timeText,
  version,
} from './chain.ts'
import { type KeyKind, keyOf, SIGNATURES } from './keys.ts'
import { extend, extended, inChain, inEach, inserted, type Mutation } from './mutation.ts'

const hex = hexToOctets
const BELOW = ['state', 'body', 'seal'] as const
const AUTHORITIES = ['root', 'state', 'body'] as const
const octets = (length: number, value = 0x41) => new Uint8Array(length).fill(value)
const strange = (critical: boolean, value = hex('0500')) => extension('1.2.3.4.5', critical, value)

/** The content of one element behind another header. */
const content = (der: Uint8Array) => der.subarray(der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f))
const longer = (der: Uint8Array): Bytes => {
  const inner = content(der)
  return Uint8Array.of(der[0]!, 0x83, 0, inner.length >> 8, inner.length & 255, ...inner)
}
const indefinite = (der: Uint8Array) => Uint8Array.of(der[0]!, 0x80, ...content(der), 0, 0)
const spoiled = (at: (length: number) => number) => (der: Bytes) => {
  const copy = der.slice()
  copy[at(der.length)]! ^= 1
  return copy
}
const seconds = (n: number) => new Date(AT.getTime() + n * 1000)

/** L1 and L2: limits and encodings. */
const ENCODINGS: readonly Mutation[] = [
  ...inChain('L1', {
    'six authorities between root and seal': (chain) => {
      const unlimited = chain.certificates.map((c) =>
        c.role === 'state' || c.role === 'body'
          ? { ...c, ...extended(c, { bc: basicConstraints() }) }
          : c,
      )
      return [1, 2, 3, 4].reduce<ChainSpec>(
        (longest, i) => inserted(longest, 'body', `extra ${i}`),
        { ...chain, certificates: unlimited },
      )
    },
  }),
  ...inEach(['seal'], 'L1', {
    'extension of 70,000 octets': extend({ x: strange(false, octets(70_000)) }),
  }),
  ...inEach(ROLES, 'L2', {
    'length of the signed part not minimal': () => ({ beforeSigning: longer }),
    'length of the whole not minimal': () => ({ afterSigning: longer }),
    'length of the whole indefinite': () => ({ afterSigning: indefinite }),
    'octet after the end': () => ({ afterSigning: (der) => Uint8Array.of(...der, 0) }),
    'element after the signed fields': () => ({
      beforeSigning: (tbs) => derElement(0x30, content(tbs), hex('0500')),
    }),
    'criticality encoded as 01': extend({ x: hex('300c06042a030405010101040100') }),
    'criticality false encoded': extend({ x: hex('300c06042a030405010100040100') }),
    'serial number not minimal': () => ({ serialNumber: hex('005a010203') }),
    'serial number without octets': () => ({ serialNumber: empty }),
    'signature with unused bits': () => ({ unusedBits: 1 }),
    'extensions empty': () => ({ extensionField: hex('a3023000') }),
    'object identifier not minimal': extend({ x: hex('300906052a800304050400') }),
    'key usage with a zero bit at its end': (c) =>
      extended(c, { ku: keyUsage(c.role === 'seal' ? [0, 0xc0] : [0, 0x06]) }),
    'key usage without bits': extend({ ku: keyUsage([0]) }),
  }),
  ...inEach(AUTHORITIES, 'L2', {
    'cA encoded as 01': extend({
      bc: extension(EXTENSION.basicConstraints, true, hex('3003010101')),
    }),
    'basic constraints with an octet after': extend({
      bc: extension(EXTENSION.basicConstraints, true, hex('30030101ff00')),
    }),
    'path length negative': extend({
      bc: extension(EXTENSION.basicConstraints, true, hex('30060101ff0201ff')),
    }),
  }),
  ...inEach(['seal'], 'L2', {
    'cA false encoded': extend({
      bc: extension(EXTENSION.basicConstraints, true, hex('3003010100')),
    }),
  }),
]

/** P3: algorithms and signatures. */
const SIGNED: readonly Mutation[] = [
  ...inEach(ROLES, 'P3', {
    'algorithm outside another': () => ({
      outerAlgorithm: SIGNATURES['ECDSA SHA-384'].identifier,
    }),
    'algorithm inside another': () => ({ innerAlgorithm: SIGNATURES['ECDSA SHA-384'].identifier }),
    'algorithm inside and outside of another key': ({ key }) => {
      const other = SIGNATURES[key.kind === 'Ed25519' ? 'ECDSA SHA-256' : 'Ed25519'].identifier
      return { innerAlgorithm: other, outerAlgorithm: other }
    },
    'signature of nothing': () => ({ signatureBits: () => empty }),
    'signature of zeros': () => ({ signatureBits: (bits) => octets(bits.length, 0) }),
    'signature cut': () => ({ signatureBits: (bits) => bits.slice(0, -1) }),
    'signature longer': () => ({ signatureBits: (bits) => Uint8Array.of(...bits, 0) }),
    'bit of the signature flipped': (_, random) => {
      const at = random(1000)
      return { signatureBits: spoiled((length) => at % length) }
    },
  }),
  ...inEach(BELOW, 'P3', {
    'signed by a stranger': ({ key }) => ({ signer: keyOf(key.kind, 9) }),
    'signed by itself': ({ key }) => ({ signer: key }),
    'bit flipped after signing': (_, random) => {
      const at = random(1_000_000)
      const bit = 1 << random(8)
      return {
        afterSigning: (der) => der.with(at % der.length, der[at % der.length]! ^ bit) as Bytes,
      }
    },
  }),
  ...(['ECDSA SHA-1', 'ECDSA SHA-256 NULL', 'ECDSA SHA-384', 'ECDSA SHA-512'] as const).flatMap(
    (signature) => issuedBy('P-256', signature),
  ),
  ...issuedBy('Ed25519', 'Ed25519 NULL'),
  ...(
    [
      'RSA SHA-1',
      'RSA SHA-384',
      'RSA SHA-512',
      'PSS SHA-256',
      'PSS salt of 20',
      'PSS MGF of SHA-1',
    ] as const
  ).flatMap((signature) => issuedBy('RSA 3072', signature)),
]

function issuedBy(kind: KeyKind, signature: keyof typeof SIGNATURES): Mutation[] {
  return inChain('P3', {
    [`seal signed with ${signature}`]: (chain) => {
      const key = keyOf(kind, 2)
      return {
        ...chain,
        crls: [],
        certificates: chain.certificates.map((c) =>
          c.role === 'body' ? { ...c, key } : c.role === 'seal' ? { ...c, signature } : c,
        ),
      }
    },
  })
}

/** P4: both ends of validity, to the second, in both forms. */
const TIMES: readonly Mutation[] = inEach(ROLES, 'P4', {
  'begins at the instant': () => ({ notBefore: timeOf(AT) }),
  'begins at the instant, GeneralizedTime': () => ({ notBefore: timeOf(AT, 'generalized') }),
  'begins a second later': () => ({ notBefore: timeOf(seconds(1)) }),
  'begins a second later, GeneralizedTime': () => ({
    notBefore: timeOf(seconds(1), 'generalized'),
  }),
  'ends at the instant': () => ({ notAfter: timeOf(AT) }),
  'ends at the instant, GeneralizedTime': () => ({ notAfter: timeOf(AT, 'generalized') }),
  'ended a second before': () => ({ notAfter: timeOf(seconds(-1)) }),
  'ended a second before, GeneralizedTime': () => ({
    notAfter: timeOf(seconds(-1), 'generalized'),
  }),
  'ends in 2050': () => ({ notAfter: timeText('20500101000000Z', 0x18) }),
  'ends never': () => ({ notAfter: timeText('99991231235959Z', 0x18) }),
  'begins in 1950': () => ({ notBefore: timeText('500101000000Z', 0x17) }),
  'ended in 1999': () => ({ notAfter: timeText('990101000000Z', 0x17) }),
  'ends before it begins': () => ({
    notBefore: timeOf(daysFrom(AT, 2)),
    notAfter: timeOf(daysFrom(AT, -2)),
  }),
  'time without seconds': () => ({ notAfter: timeText('3601010000Z', 0x17) }),
  'time with an offset': () => ({ notAfter: timeText('360101000000+0000', 0x17) }),
  'time without Z': () => ({ notAfter: timeText('360101000000', 0x17) }),
  'time with a fraction': () => ({ notAfter: timeText('20500101000000.5Z', 0x18) }),
  'thirtieth of February': () => ({ notAfter: timeText('360230000000Z', 0x17) }),
  'second 60': () => ({ notAfter: timeText('360101000060Z', 0x17) }),
  'time that is text': () => ({ notAfter: timeText('forever', 0x17) }),
})

/** P6: extensions that stand twice, are unknown, or are known to others only. */
const EXTENSIONS: readonly Mutation[] = [
  ...inEach(ROLES, 'P6', {
    'unknown extension': extend({ x: strange(false) }),
    'unknown critical extension': extend({ x: strange(true) }),
    'unknown extension twice': extend({ x: strange(false), y: strange(false) }),
    'key usage twice': (c) => extended(c, { again: c.extensions['ku']! }),
    'key identifier twice': (c) => extended(c, { again: c.extensions['ski']! }),
    'key usage twice, and different': extend({ again: keyUsage([7, 0x80]) }),
    'private key usage period critical': extend({ x: extension('2.5.29.16', true, hex('3000')) }),
    'Netscape type critical': extend({
      x: extension('2.16.840.1.113730.1.1', true, hex('03020780')),
    }),
    'OCSP no check critical': extend({ x: extension('1.3.6.1.5.5.7.48.1.5', true, hex('0500')) }),
    'qualified statements critical': extend({
      x: extension('1.3.6.1.5.5.7.1.3', true, hex('3000')),
    }),
    'proxy certificate info critical': extend({
      x: extension('1.3.6.1.5.5.7.1.14', true, hex('300c300a06082b06010505071501')),
    }),
    'certificate policies twice': (c) => {
      const pol = c.extensions['pol']
      return pol ? extended(c, { again: pol }) : {}
    },
  }),
]

/** P12: keys outside the suite. */
const KEYS: readonly Mutation[] = (
  [
    'P-384',
    'P-521',
    'secp256k1',
    'P-256 by its parameters',
    'P-256 compressed',
    'Ed25519',
    'Ed448',
    'RSA 1024',
    'RSA 2048',
    'RSA 3072',
    'RSA-PSS 3072',
  ] as const
).flatMap((kind) =>
  inEach(ROLES, 'P12', {
    [`key ${kind}`]: () => ({ key: keyOf(kind, 7) }),
  }),
)

/** P13: the shape of certificates, and versions (R6). */
const SHAPES: readonly Mutation[] = [
  ...inEach(ROLES, 'P13', {
    'serial number zero': () => ({ serialNumber: hex('00') }),
    'serial number one': () => ({ serialNumber: hex('01') }),
    'serial number negative': () => ({ serialNumber: hex('80') }),
    'serial number of 20 octets': () => ({ serialNumber: octets(20) }),
    'serial number of 21 octets': () => ({ serialNumber: octets(21) }),
    'version 1 with extensions': () => ({ version: empty }),
    'version 1 encoded': () => ({ version: version(0) }),
    'version 1': () => ({ version: empty, extensions: {} }),
    'version 2': () => ({ version: version(1), extensions: {} }),
    'version 2 with extensions': () => ({ version: version(1) }),
    'version 4': () => ({ version: version(3) }),
    'unique identifiers': () => ({ between: hex('810200aa820200bb') }),
    'own key identifier absent': extend({ ski: undefined }),
    'own key identifier critical': extend({
      ski: extension(EXTENSION.subjectKeyIdentifier, true, hex('040373656c')),
    }),
    'own key identifier empty': extend({
      ski: extension(EXTENSION.subjectKeyIdentifier, false, hex('0400')),
    }),
    'own key identifier another': extend({ ski: ski('another') }),
    'information access critical': extend({ aia: access(true) }),
    'information access malformed': extend({
      aia: extension(EXTENSION.authorityInfoAccess, false, hex('3000')),
    }),
    'information access': extend({ aia: access(false) }),
  }),
  ...inEach(BELOW, 'P13', {
    "issuer's key identifier absent": extend({ aki: undefined }),
    "issuer's key identifier another": extend({ aki: aki('another') }),
    "issuer's key identifier critical": (c) => extended(c, { aki: critical(c.extensions['aki']!) }),
    "issuer's key identifier without identifier": extend({
      aki: extension(EXTENSION.authorityKeyIdentifier, false, hex('3000')),
    }),
  }),
  ...inEach(AUTHORITIES, 'P13', {
    'basic constraints not critical': extend({ bc: basicConstraints(undefined, false) }),
    'key usage not critical': extend({ ku: keyUsage(CA_USAGE, false) }),
  }),
]

/** The extension with its criticality set; it stands behind an OID of three octets. */
function critical(der: Bytes): Bytes {
  return derElement(0x30, der.subarray(2, 7), hex('0101ff'), der.subarray(7))
}

function access(isCritical: boolean): Bytes {
  const place = derElement(0x86, new TextEncoder().encode('http://ocsp.example/'))
  const method = hex('06082b06010505073001')
  const value = derElement(0x30, derElement(0x30, method, place))
  return extension(EXTENSION.authorityInfoAccess, isCritical, value)
}

export const FORM_MUTATIONS: readonly Mutation[] = [
  ...ENCODINGS,
  ...SIGNED,
  ...TIMES,
  ...EXTENSIONS,
  ...KEYS,
  ...SHAPES,
]
