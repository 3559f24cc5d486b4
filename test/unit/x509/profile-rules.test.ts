import { describe, expect, it } from 'vitest'
import { derElement } from '../../../src/encoding/der-writer.ts'
import { NoticeSubject } from '../../../src/exchange/notices/security-notice.ts'
import { EKU, EXCHANGE_POLICY, EXTENSION } from '../../../src/x509/oids.ts'
import {
  CA_USAGE,
  CONFORMING,
  SEAL_USAGE,
  aki,
  basicConstraints,
  derName,
  derOid,
  directoryName,
  dnsName,
  eku,
  extension,
  hexToOctets,
  keyUsage,
  permitted,
  policies,
  replaced,
  ski,
} from './forgery.ts'
import type { Changes } from './forgery.ts'
import { verdictOn } from './forged-verdict.ts'

const { root, stateCa, bodyCa, seal } = CONFORMING
const without = (extensions: readonly Uint8Array<ArrayBuffer>[], index: number) =>
  extensions.filter((_, i) => i !== index)
const unknownCritical = extension('1.3.6.1.4.1.55738.666.1', true, hexToOctets('0500'))
const named = (country: string, cn: string) => derName(['C', country], ['O', 'Forgery'], ['CN', cn])

/** The authority of the body, by another key identifier. */
const identifiedBy = (id: string): Changes => ({
  bodyCa: { extensions: replaced(bodyCa, 0, ski(id)) },
  seal: { extensions: replaced(seal, 1, aki(id)) },
})

/** One rule broken at a time: what is changed, and the code and position expected. */
const BROKEN: readonly [rule: string, what: string, verdict: string, changes: Changes][] = [
  [
    'P3',
    'two signature algorithms',
    'signature-algorithm-mismatch 0',
    { seal: { outerAlgorithm: hexToOctets('300a06082a8648ce3d040303') } },
  ],
  ['P4', 'expired seal', 'expired 0', { seal: { notAfter: '270531235959Z' } }],
  ['P4', 'seal not yet valid', 'not-yet-valid 0', { seal: { notBefore: '270601000001Z' } }],
  ['P4', 'expired body CA', 'expired 1', { bodyCa: { notAfter: '270531235959Z' } }],
  ['P4', 'expired state CA', 'expired 2', { stateCa: { notAfter: '270531235959Z' } }],
  ['P4', 'expired root', 'expired 3', { root: { notAfter: '270531235959Z' } }],
  [
    'P4',
    'time without seconds',
    'certificate-malformed 0',
    { seal: { notAfter: '2806010000Z00' } },
  ],
  [
    'P4',
    'the 30th of February',
    'certificate-malformed 0',
    { seal: { notAfter: '280230000000Z' } },
  ],
  [
    'P5',
    'empty subject of an authority',
    'shape-not-conforming 1',
    { bodyCa: { subject: derElement(0x30) } },
  ],
  [
    'P6',
    'unknown critical extension in the seal',
    'extension-unknown-critical 0',
    { seal: { extensions: [...seal, unknownCritical] } },
  ],
  [
    'P6',
    'unknown critical extension in a CA',
    'extension-unknown-critical 2',
    { stateCa: { extensions: [...stateCa, unknownCritical] } },
  ],
  [
    'P6',
    'unknown critical extension in the root',
    'extension-unknown-critical 3',
    { root: { extensions: [...root, unknownCritical] } },
  ],
  [
    'P6',
    'an extension twice',
    'extension-repeated 0',
    { seal: { extensions: [...seal, keyUsage(SEAL_USAGE)] } },
  ],
  [
    'P7',
    'an issuer without basicConstraints',
    'ca-missing 1',
    {
      bodyCa: {
        extensions: [ski('body'), aki('state'), keyUsage(SEAL_USAGE), policies(EXCHANGE_POLICY)],
      },
    },
  ],
  [
    'P7',
    'an issuer that may only sign CRLs',
    'key-cert-sign-missing 1',
    { bodyCa: { extensions: replaced(bodyCa, 2, keyUsage([1, 0x02])) } },
  ],
  [
    'P7',
    'an issuer without keyUsage',
    'key-cert-sign-missing 1',
    { bodyCa: { extensions: without(bodyCa, 2) } },
  ],
  [
    'P7',
    'a root without keyUsage',
    'shape-not-conforming 3',
    { root: { extensions: without(root, 1) } },
  ],
  [
    'P8',
    'a state CA that allows no CA below',
    'path-length-exceeded 1',
    { stateCa: { extensions: replaced(stateCa, 3, basicConstraints(0n)) } },
  ],
  [
    'P8',
    'a root that allows no CA below but one',
    'path-length-exceeded 1',
    {
      root: { extensions: replaced(root, 2, basicConstraints(1n)) },
      stateCa: { extensions: replaced(stateCa, 3, basicConstraints(9n)) },
      bodyCa: {},
    },
  ],
  [
    'P9',
    'a seal named in another state',
    'name-not-permitted 0',
    { seal: { subject: named('UZ', 'Seal') } },
  ],
  [
    'P9',
    'a seal without a country',
    'name-not-permitted 0',
    { seal: { subject: derName(['CN', 'Seal']) } },
  ],
  [
    'P9',
    'a constraint on DNS names',
    'name-form-not-supported 1',
    { bodyCa: { extensions: replaced(bodyCa, 5, permitted([dnsName('example.com')])) } },
  ],
  [
    'P10',
    'a seal without the policy',
    'policy-not-accepted 0',
    { seal: { extensions: without(seal, 4) } },
  ],
  [
    'P10',
    'a CA without the policy',
    'policy-not-accepted 1',
    { bodyCa: { extensions: without(bodyCa, 4) } },
  ],
  [
    'P10',
    'another policy',
    'policy-not-accepted 0',
    { seal: { extensions: replaced(seal, 4, policies('1.2.3.4')) } },
  ],
  [
    'P10',
    'anyPolicy beside the policy',
    'any-policy-not-allowed 0',
    { seal: { extensions: replaced(seal, 4, policies(EXCHANGE_POLICY, '2.5.29.32.0')) } },
  ],
  [
    'P10',
    'policy mappings',
    'policy-mapping-not-allowed 1',
    {
      bodyCa: {
        extensions: [
          ...bodyCa,
          extension(
            EXTENSION.policyMappings,
            true,
            derElement(0x30, derElement(0x30, derOid('1.2.3'), derOid('1.2.4'))),
          ),
        ],
      },
    },
  ],
  [
    'P11',
    'a seal that is an authority',
    'end-entity-is-ca 0',
    {
      seal: {
        extensions: [
          ski('seal'),
          aki('body'),
          keyUsage([1, 0x86]),
          basicConstraints(),
          eku(EKU.documentSigning),
          policies(EXCHANGE_POLICY),
        ],
      },
    },
  ],
  [
    'P11',
    'keyUsage not critical',
    'key-usage-wrong 0',
    { seal: { extensions: replaced(seal, 2, keyUsage(SEAL_USAGE, false)) } },
  ],
  ['P11', 'no keyUsage', 'key-usage-wrong 0', { seal: { extensions: without(seal, 2) } }],
  [
    'P11',
    'a key that may also encrypt',
    'key-usage-wrong 0',
    { seal: { extensions: replaced(seal, 2, keyUsage([5, 0xe0])) } },
  ],
  [
    'P11',
    'the purpose of a node',
    'extended-key-usage-wrong 0',
    { seal: { extensions: replaced(seal, 3, eku(EKU.exchangeNode)) } },
  ],
  ['P11', 'no purpose', 'extended-key-usage-wrong 0', { seal: { extensions: without(seal, 3) } }],
  [
    'P11',
    'any purpose',
    'extended-key-usage-wrong 0',
    { seal: { extensions: replaced(seal, 3, eku(EKU.any)) } },
  ],
  [
    'P11',
    'two purposes',
    'extended-key-usage-wrong 0',
    { seal: { extensions: replaced(seal, 3, eku(EKU.documentSigning, EKU.exchangeNode)) } },
  ],
  [
    'P11',
    'a CA for another purpose',
    'extended-key-usage-wrong 1',
    { bodyCa: { extensions: [...bodyCa, eku(EKU.exchangeNode)] } },
  ],
  [
    'P13',
    'serial number zero',
    'shape-not-conforming 0',
    { seal: { serialNumber: hexToOctets('00') } },
  ],
  [
    'P13',
    'serial number negative',
    'shape-not-conforming 0',
    { seal: { serialNumber: hexToOctets('80') } },
  ],
  [
    'P13',
    'serial number of 21 octets',
    'shape-not-conforming 0',
    { seal: { serialNumber: hexToOctets('5a'.repeat(21)) } },
  ],
  [
    'P13',
    'basicConstraints not critical',
    'shape-not-conforming 1',
    { bodyCa: { extensions: replaced(bodyCa, 3, basicConstraints(0n, false)) } },
  ],
  [
    'P13',
    'keyCertSign without cA',
    'shape-not-conforming 0',
    { seal: { extensions: replaced(seal, 2, keyUsage(CA_USAGE)) } },
  ],
  [
    'P13',
    'nameConstraints not critical',
    'shape-not-conforming 1',
    {
      bodyCa: {
        extensions: replaced(bodyCa, 5, permitted([directoryName(derName(['C', 'BY']))], false)),
      },
    },
  ],
  [
    'P13',
    'nameConstraints in a seal',
    'shape-not-conforming 0',
    { seal: { extensions: [...seal, permitted([directoryName(derName(['C', 'BY']))])] } },
  ],
  [
    'P13',
    'no authority key identifier',
    'shape-not-conforming 0',
    { seal: { extensions: without(seal, 1) } },
  ],
  [
    'P13',
    'no subject key identifier',
    'shape-not-conforming 0',
    { seal: { extensions: without(seal, 0) } },
  ],
  [
    'P13',
    'key identifiers that do not link',
    'shape-not-conforming 0',
    { seal: { extensions: replaced(seal, 1, aki('other')) } },
  ],
  [
    'P13',
    'an authority that nothing can name: its key identifier has 65 octets',
    'shape-not-conforming 0',
    identifiedBy('k'.repeat(65)),
  ],
  [
    'P13',
    'an empty EKU',
    'certificate-malformed 0',
    { seal: { extensions: replaced(seal, 3, eku()) } },
  ],
  ['R6', 'version 1', 'version-not-supported 0', { seal: { version: 0, extensions: [] } }],
  [
    'L2',
    'integer not minimal',
    'certificate-malformed 0',
    { seal: { serialNumber: hexToOctets('0001') } },
  ],
]

describe('one rule broken', () => {
  it.each(BROKEN)('%s: %s gives %s', async (_rule, _what, verdict, changes) => {
    expect(await verdictOn(changes)).toBe(verdict)
  })
})

it('A key identifier as long as the longest hash is one that a security notice can name', async () => {
  expect(await verdictOn(identifiedBy('k'.repeat(64)))).toBe(await verdictOn({}))
  const subject = (octets: number) => ({ state: 'BY', ski: '6b'.repeat(octets) })
  expect(NoticeSubject.safeParse(subject(64)).success).toBe(true)
  expect(NoticeSubject.safeParse(subject(65)).success).toBe(false)
})
