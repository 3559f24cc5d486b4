import { derElement, derInteger } from '../../src/encoding/der-writer.ts'
import { ANY_POLICY, EKU, EXCHANGE_POLICY, EXTENSION } from '../../src/x509/oids.ts'
import {
  basicConstraints,
  derName,
  derOid,
  directoryName,
  eku,
  extension,
  hexToOctets,
  keyUsage,
  policies,
} from '../unit/x509/forgery.ts'
import {
  type Bytes,
  type CertificateSpec,
  type ChainSpec,
  empty,
  named,
  type Role,
  ROLES,
  STRICT_POLICY,
} from './chain.ts'
import { keyOf } from './keys.ts'
import {
  changed,
  extend,
  extended,
  inChain,
  inEach,
  inserted,
  merged,
  type Mutation,
} from './mutation.ts'

const hex = hexToOctets
const utf8 = new TextEncoder()
const BELOW = ['state', 'body', 'seal'] as const
const AUTHORITIES = ['root', 'state', 'body'] as const
const CAS = ['state', 'body'] as const

/** One RDN per attribute, with the string type wanted. */
function nameOfType(tag: number, encode: (text: string) => Uint8Array, cn: string): Bytes {
  const rdn = (type: string, value: string) =>
    derElement(0x31, derElement(0x30, derOid(type), derElement(tag, encode(value))))
  return derElement(0x30, rdn('2.5.4.6', 'BY'), rdn('2.5.4.10', 'Differential'), rdn('2.5.4.3', cn))
}
const wide = (octets: 2 | 4) => (text: string) =>
  Uint8Array.from([...text].flatMap((c) => [...new Uint8Array(octets - 1), c.charCodeAt(0)]))
const issuedUnder =
  (name: (cn: string) => Bytes) =>
  ({ role }: CertificateSpec) => ({ issuer: name(ROLES[ROLES.indexOf(role as Role) - 1]!) })

/** P5: names that are the same, look the same, or are not the same. */
const NAMES: readonly Mutation[] = [
  ...inEach(BELOW, 'P5', {
    'issuer in capitals': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'DIFFERENTIAL'], ['CN', cn.toUpperCase()]),
    ),
    'issuer with spaces around and within': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', '  Differential '], ['CN', ` ${cn}  `]),
    ),
    'issuer as PrintableString': issuedUnder((cn) =>
      nameOfType(0x13, (text) => utf8.encode(text), cn),
    ),
    'issuer as TeletexString': issuedUnder((cn) =>
      nameOfType(0x14, (text) => utf8.encode(text), cn),
    ),
    'issuer as IA5String': issuedUnder((cn) => nameOfType(0x16, (text) => utf8.encode(text), cn)),
    'issuer as BMPString': issuedUnder((cn) => nameOfType(0x1e, wide(2), cn)),
    'issuer as UniversalString': issuedUnder((cn) => nameOfType(0x1c, wide(4), cn)),
    'issuer as VisibleString': issuedUnder((cn) =>
      nameOfType(0x1a, (text) => utf8.encode(text), cn),
    ),
    'issuer with full-width letters': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Ｄifferential'], ['CN', cn]),
    ),
    'issuer with a soft hyphen': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Differ\u00adential'], ['CN', cn]),
    ),
    'issuer with a no-break space': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Differential\u00a0'], ['CN', cn]),
    ),
    'issuer with its RDNs in another order': issuedUnder((cn) =>
      derName(['O', 'Differential'], ['C', 'BY'], ['CN', cn]),
    ),
    'issuer with an RDN more': issuedUnder((cn) =>
      derName(['C', 'BY'], ['O', 'Differential'], ['CN', cn], ['CN', 'x']),
    ),
    'issuer with an RDN less': issuedUnder(() => derName(['C', 'BY'], ['O', 'Differential'])),
    'issuer empty': () => ({ issuer: hex('3000') }),
    'issuer with an empty RDN': () => ({ issuer: hex('30023100') }),
    'issuer not UTF-8': () => ({ issuer: hex('300d310b300906035504030c02c328') }),
  }),
  ...inEach(['body'], 'P5', {
    'subject in Cyrillic': () => ({ subject: derName(['C', 'BY'], ['CN', 'Палата']) }),
  }),
  ...inChain('P5', {
    'issuer in Cyrillic capitals': (chain, random) =>
      changed(
        changed(chain, 'body', () => ({ subject: derName(['C', 'BY'], ['CN', 'Палата']) }), random),
        'seal',
        () => ({ issuer: derName(['C', 'BY'], ['CN', 'ПАЛАТА']) }),
        random,
      ),
  }),
  ...inEach(ROLES, 'P5', {
    'subject empty': () => ({ subject: hex('3000') }),
    'subject empty with alternative name': (c) => ({
      subject: hex('3000'),
      ...extended(c, { san: alternative(false, directoryName(named('x'))) }),
    }),
    'subject empty with critical alternative name': (c) => ({
      subject: hex('3000'),
      ...extended(c, { san: alternative(true, directoryName(named('x'))) }),
    }),
  }),
]

function alternative(critical: boolean, ...names: Bytes[]): Bytes {
  return extension(EXTENSION.subjectAltName, critical, derElement(0x30, ...names))
}

/** P7 and P8: who may issue, and how far down. */
const AUTHORITY: readonly Mutation[] = [
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
const PURPOSES: readonly Mutation[] = [
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

const mapping = (...pairs: [string, string][]) =>
  extension(
    EXTENSION.policyMappings,
    true,
    derElement(0x30, ...pairs.map(([a, b]) => derElement(0x30, derOid(a), derOid(b)))),
  )
const constraints = (require: bigint | undefined, inhibit: bigint | undefined, critical = true) => {
  const number = (tag: number, value: bigint | undefined) =>
    value === undefined ? empty : derElement(tag, derInteger(value).subarray(2))
  return extension(
    EXTENSION.policyConstraints,
    critical,
    derElement(0x30, number(0x80, require), number(0x81, inhibit)),
  )
}
const inhibitAny = (skip: bigint, critical = true) =>
  extension(EXTENSION.inhibitAnyPolicy, critical, derInteger(skip))
const OTHER = '1.2.3.4'

const POLICY_CHANGES = {
  'policies absent': extend({ pol: undefined }),
  'another policy': extend({ pol: policies(OTHER) }),
  'another policy as well': extend({ pol: policies(OTHER, EXCHANGE_POLICY) }),
  'any policy': extend({ pol: policies(ANY_POLICY) }),
  'any policy as well': extend({ pol: policies(EXCHANGE_POLICY, ANY_POLICY) }),
  'policy twice': extend({ pol: policies(EXCHANGE_POLICY, EXCHANGE_POLICY) }),
  'policies empty': extend({
    pol: extension(EXTENSION.certificatePolicies, false, hex('3000')),
  }),
  'policies critical': extend({
    pol: extension(
      EXTENSION.certificatePolicies,
      true,
      derElement(0x30, derElement(0x30, derOid(EXCHANGE_POLICY))),
    ),
  }),
  'policy required at once': extend({ pc: constraints(0n, undefined) }),
  'policy required and mapping inhibited': extend({ pc: constraints(0n, 0n) }),
  'policy constraints not critical': extend({ pc: constraints(0n, undefined, false) }),
  'policy constraints empty': extend({ pc: constraints(undefined, undefined) }),
  'any policy inhibited': extend({ ia: inhibitAny(0n) }),
  'any policy inhibited, not critical': extend({ ia: inhibitAny(0n, false) }),
} as const

/** With every policy input open, so that the certificates decide. */
const open = (mutation: Mutation): Mutation => ({
  ...mutation,
  name: `${mutation.name}, policy asked for only`,
  apply: (chain, random) => ({
    ...mutation.apply(chain, random),
    policy: { ...STRICT_POLICY, inhibitAny: false, inhibitMapping: false },
  }),
})
const anything = (mutation: Mutation): Mutation => ({
  ...mutation,
  name: `${mutation.name}, no policy asked for`,
  apply: (chain, random) => ({
    ...mutation.apply(chain, random),
    policy: {
      initialPolicySet: [ANY_POLICY],
      explicit: false,
      inhibitAny: false,
      inhibitMapping: false,
    },
  }),
})

/** P10: policies, mapped, constrained, inhibited. */
const POLICY: readonly Mutation[] = [
  ...inEach(ROLES, 'P10', POLICY_CHANGES),
  ...[
    ...inEach(ROLES, 'P10', POLICY_CHANGES),
    ...inEach(CAS, 'P10', {
      'policy mapped, and nothing below has it': extend({
        pm: mapping([EXCHANGE_POLICY, OTHER]),
      }),
      'policy mapped to itself': extend({ pm: mapping([EXCHANGE_POLICY, EXCHANGE_POLICY]) }),
      'policy mapped from any': extend({ pm: mapping([ANY_POLICY, OTHER]) }),
      'policy mapped to any': extend({ pm: mapping([EXCHANGE_POLICY, ANY_POLICY]) }),
      'another policy mapped to the own': extend({ pm: mapping([OTHER, EXCHANGE_POLICY]) }),
      'mapping inhibited': extend({ pc: constraints(undefined, 0n) }),
    }),
    ...inChain('P10', {
      'policy mapped by the body, and the seal has the other': (chain, random) =>
        mapped(chain, random, {}),
      'policy mapped though the state inhibits it': (chain, random) =>
        mapped(chain, random, { pc: constraints(undefined, 0n) }),
      'policy mapped though the root inhibits it': (chain, random) =>
        mapped(chain, random, {}, { pc: constraints(undefined, 0n) }),
      'any policy of the state though the root inhibits it': (chain, random) =>
        changed(
          changed(chain, 'root', extend({ ia: inhibitAny(0n) }), random),
          'state',
          POLICY_CHANGES['any policy'],
          random,
        ),
      'any policy of the body though the state inhibits it': (chain, random) =>
        changed(
          changed(chain, 'state', extend({ ia: inhibitAny(0n) }), random),
          'body',
          POLICY_CHANGES['any policy'],
          random,
        ),
      'any policy all the way': (chain, random) =>
        BELOW.reduce(
          (all, role) => changed(all, role, POLICY_CHANGES['any policy'], random),
          chain,
        ),
    }),
  ].flatMap((mutation) => [open(mutation), anything(mutation)]),
]

function mapped(
  chain: ChainSpec,
  random: Parameters<Mutation['apply']>[1],
  ofState: Record<string, Bytes>,
  ofRoot: Record<string, Bytes> = {},
): ChainSpec {
  const below = changed(chain, 'seal', extend({ pol: policies(OTHER) }), random)
  const body = extend({ pm: mapping([EXCHANGE_POLICY, OTHER]) })
  const state = changed(changed(below, 'body', body, random), 'state', extend(ofState), random)
  return changed(state, 'root', extend(ofRoot), random)
}

export const PATH_MUTATIONS: readonly Mutation[] = [...NAMES, ...AUTHORITY, ...PURPOSES, ...POLICY]
