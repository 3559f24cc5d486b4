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
import { type Bytes, empty, ROLES, version } from './chain.ts'
import { extend, extended, type Mutation, inEach } from './mutation.ts'

const hex = hexToOctets
const BELOW = ['state', 'body', 'seal'] as const
const AUTHORITIES = ['root', 'state', 'body'] as const
const octets = (length: number, value = 0x41) => new Uint8Array(length).fill(value)
const strange = (critical: boolean, value = hex('0500')) => extension('1.2.3.4.5', critical, value)

/** P6: extensions that stand twice, are unknown, or are known to others only. */
export const EXTENSION_CHANGES: readonly Mutation[] = [
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

/** P13: the shape of certificates, and versions (R6). */
export const SHAPES: readonly Mutation[] = [
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
