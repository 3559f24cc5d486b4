import { derElement } from '../../src/encoding/der-writer.ts'
import { EKU, EXTENSION } from '../../src/x509/oids.ts'
import {
  basicConstraints,
  derOid,
  eku,
  extension,
  hexToOctets,
  keyUsage,
} from '../unit/x509/forgery.ts'
import { type Bytes, type ChainSpec, named, type Role } from './chain.ts'
import { keyOf } from './keys.ts'
import { extend, inserted, merged, type Mutation, inEach, inChain } from './mutation.ts'

const hex = hexToOctets
const AUTHORITIES = ['root', 'state', 'body'] as const

/** P7 and P8: who may issue, and how far down. */
export const AUTHORITY_CHANGES: readonly Mutation[] = [
  ...inEach(AUTHORITIES, 'P7', {
    'basic constraints absent': extend({ bc: undefined }),
    'no authority': extend({ bc: extension(EXTENSION.basicConstraints, true, hex('3000')) }),
    'key usage absent': extend({ ku: undefined }),
    ...Object.fromEntries(
      [0, 1, 2, 3, 4, 6].map((bit) => [
        `key usage only bit ${bit}`,
        extend({ ku: keyUsage([7 - bit, 1 << (7 - bit)]) }),
      ]),
    ),
    'key usage keyCertSign alone': extend({ ku: keyUsage([2, 0x04]) }),
    'key usage with digitalSignature': extend({ ku: keyUsage([1, 0x86]) }),
    'path length 0': extend({ bc: basicConstraints(0n) }),
    'path length 1': extend({ bc: basicConstraints(1n) }),
    'path length 2': extend({ bc: basicConstraints(2n) }),
    'path length of 40 bits': extend({ bc: basicConstraints(1n << 39n) }),
    'no path length': extend({ bc: basicConstraints() }),
    'path length without cA': extend({
      bc: extension(EXTENSION.basicConstraints, true, hex('3003020100')),
    }),
  }),
  ...inChain('P8', {
    'one more below the state': (chain) => inserted(chain, 'body', 'extra'),
    'one more below the body': (chain) => inserted(chain, 'seal', 'extra'),
    'one more below the root': (chain) => inserted(chain, 'state', 'extra'),
    'self-issued below the state': (chain) => selfIssued(chain, 'body'),
    'self-issued below the body': (chain) => selfIssued(chain, 'seal'),
    'self-issued below the root': (chain) => selfIssued(chain, 'state'),
    'self-issued with path length 0 below the state': (chain) =>
      selfIssued(chain, 'body', { bc: basicConstraints(0n) }),
    'self-issued and no authority': (chain) => selfIssued(chain, 'seal', { bc: undefined }),
    'seal straight below the state': (chain) => without(chain, 'body'),
    'seal straight below the root': (chain) => without(without(chain, 'body'), 'state'),
    'authority missing': (chain) => {
      const short = without(chain, 'body')
      const seal = { issuer: named('body'), signer: keyOf('P-256', 2) }
      return {
        ...short,
        certificates: short.certificates.map((c) => (c.role === 'seal' ? { ...c, ...seal } : c)),
      }
    },
  }),
]

/** A new key of the authority above, certified with its old one. */
function selfIssued(
  chain: ChainSpec,
  below: Role,
  extensions: Record<string, Bytes | undefined> = {},
): ChainSpec {
  const above = chain.certificates[chain.certificates.findIndex((c) => c.role === below) - 1]!
  return inserted(chain, below, 'renewed', {
    subject: above.subject,
    extensions: merged(above.extensions, extensions),
  })
}

function without(chain: ChainSpec, role: Role): ChainSpec {
  const certificates = chain.certificates.filter((c) => c.role !== role)
  const at = chain.certificates.findIndex((c) => c.role === role)
  const issuer = chain.certificates[at - 1]!
  return {
    ...chain,
    crls: [],
    certificates: certificates.map((c, i) =>
      i === at
        ? {
            ...c,
            extensions: merged(c.extensions, { aki: chain.certificates[at]!.extensions['aki'] }),
            issuer: issuer.subject,
          }
        : c,
    ),
  }
}

/** P11: what the keys are for. */
export const PURPOSE_CHANGES: readonly Mutation[] = [
  ...inEach(['seal'], 'P11', {
    'key usage absent': extend({ ku: undefined }),
    'key usage not critical': extend({ ku: keyUsage([6, 0xc0], false) }),
    'key usage digitalSignature alone': extend({ ku: keyUsage([7, 0x80]) }),
    'key usage nonRepudiation alone': extend({ ku: keyUsage([6, 0x40]) }),
    'key usage with keyEncipherment': extend({ ku: keyUsage([5, 0xe0]) }),
    'key usage keyAgreement alone': extend({ ku: keyUsage([3, 0x08]) }),
    'key usage keyCertSign': extend({ ku: keyUsage([2, 0x84]) }),
    'key usage cRLSign': extend({ ku: keyUsage([1, 0x82]) }),
    'key usage decipherOnly': extend({ ku: keyUsage([7, 0x08, 0x80]) }),
    'key usage beyond the ninth bit': extend({ ku: keyUsage([6, 0x80, 0x40]) }),
    'purpose absent': extend({ eku: undefined }),
    'purpose any': extend({ eku: eku(EKU.any) }),
    'purpose any as well': extend({ eku: eku(EKU.documentSigning, EKU.any) }),
    'purpose another': extend({ eku: eku('1.3.6.1.5.5.7.3.1') }),
    'purpose another as well': extend({ eku: eku(EKU.documentSigning, '1.3.6.1.5.5.7.3.1') }),
    'purpose twice': extend({ eku: eku(EKU.documentSigning, EKU.documentSigning) }),
    'purposes empty': extend({ eku: extension(EXTENSION.extendedKeyUsage, false, hex('3000')) }),
    'purpose critical': extend({
      eku: extension(
        EXTENSION.extendedKeyUsage,
        true,
        derElement(0x30, derOid(EKU.documentSigning)),
      ),
    }),
    'authority that signs documents': extend({
      bc: basicConstraints(),
      ku: keyUsage([1, 0xc6]),
    }),
    'authority by basic constraints alone': extend({ bc: basicConstraints() }),
    'path length of no authority': extend({
      bc: extension(EXTENSION.basicConstraints, true, hex('3003020100')),
    }),
    'basic constraints empty': extend({
      bc: extension(EXTENSION.basicConstraints, false, hex('3000')),
    }),
  }),
  ...inEach(AUTHORITIES, 'P11', {
    'purpose of the seal': extend({ eku: eku(EKU.documentSigning) }),
    'purpose another': extend({ eku: eku('1.3.6.1.5.5.7.3.1') }),
    'purpose any': extend({ eku: eku(EKU.any) }),
  }),
]
