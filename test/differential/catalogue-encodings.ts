import { derElement } from '../../src/encoding/der-writer.ts'
import { EXTENSION } from '../../src/x509/oids.ts'
import { basicConstraints, extension, hexToOctets, keyUsage } from '../unit/x509/forgery.ts'
import {
  AT,
  type Bytes,
  type ChainSpec,
  daysFrom,
  empty,
  ROLES,
  timeOf,
  timeText,
} from './chain.ts'
import { extend, extended, inEach, inserted, type Mutation, inChain } from './mutation.ts'

const hex = hexToOctets
const AUTHORITIES = ['root', 'state', 'body'] as const
const octets = (length: number, value = 0x41) => new Uint8Array(length).fill(value)
const strange = (critical: boolean, value = hex('0500')) => extension('1.2.3.4.5', critical, value)
const seconds = (n: number) => new Date(AT.getTime() + n * 1000)

/** The content of one element behind another header. */
const content = (der: Uint8Array) => der.subarray(der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f))
const longer = (der: Uint8Array): Bytes => {
  const inner = content(der)
  return Uint8Array.of(der[0]!, 0x83, 0, inner.length >> 8, inner.length & 255, ...inner)
}
const indefinite = (der: Uint8Array) => Uint8Array.of(der[0]!, 0x80, ...content(der), 0, 0)

/** L1 and L2: limits and encodings. */
export const ENCODINGS: readonly Mutation[] = [
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

/** P4: both ends of validity, to the second, in both forms. */
export const TIMES: readonly Mutation[] = inEach(ROLES, 'P4', {
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
