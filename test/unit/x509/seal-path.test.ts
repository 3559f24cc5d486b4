import { describe, expect, it } from 'vitest'
import { generateKeyPair } from '../../../src/crypto/suite.ts'
import { derElement } from '../../../src/node/pki/der-writer.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { octetsToHex } from '../../../src/x509/octets.ts'
import { EKU, EXCHANGE_POLICY, EXTENSION } from '../../../src/x509/oids.ts'
import type { PathResult } from '../../../src/x509/path-result.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import type { SealPath } from '../../../src/x509/profile.ts'
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
  forge,
  forgePath,
  hexToOctets,
  keyUsage,
  permitted,
  policies,
  ski,
} from './forgery.ts'
import type { Changes, ForgedPath } from './forgery.ts'

const AT = new Date('2027-06-01T00:00:00Z')
const nothing = crlSource([])

function ask(path: ForgedPath, changes: Partial<SealPath> = {}): Promise<PathResult> {
  return validateSealPath({
    x5c: path.x5c,
    anchor: path.root.certificate,
    at: AT,
    purpose: 'document-seal',
    crls: nothing,
    revocationRequired: false,
    ...changes,
  })
}

/** The code, and where in the path; `valid` for a valid path. */
async function verdictOn(changes: Changes, query: Partial<SealPath> = {}): Promise<string> {
  return summary(await ask(await forgePath(changes), query))
}

function summary(result: PathResult): string {
  return result.result === 'valid' ? 'valid' : `${result.code} ${result.index}`
}

const { root, stateCa, bodyCa, seal } = CONFORMING
const without = (extensions: readonly Uint8Array<ArrayBuffer>[], index: number) =>
  extensions.filter((_, i) => i !== index)
const replaced = (
  extensions: readonly Uint8Array<ArrayBuffer>[],
  index: number,
  by: Uint8Array<ArrayBuffer>,
) => extensions.map((old, i) => (i === index ? by : old))
const unknownCritical = extension('1.3.6.1.4.1.55738.666.1', true, hexToOctets('0500'))
const named = (country: string, cn: string) => derName(['C', country], ['O', 'Forgery'], ['CN', cn])

describe('a path that conforms', () => {
  it('is valid for the time in which every certificate is valid', async () => {
    const path = await forgePath({ seal: { notAfter: '280101000000Z' } })
    const result = await ask(path)
    expect(result).toMatchObject({
      result: 'valid',
      validFrom: new Date('2026-01-01T00:00:00Z'),
      validUntil: new Date('2028-01-01T00:00:00Z'),
      key: { type: 'P-256', spki: path.seal.spki },
    })
  })

  it('is valid at the first and the last second of its certificates', async () => {
    const path = await forgePath({
      seal: { notBefore: '270601000000Z', notAfter: '270601000000Z' },
    })
    expect(summary(await ask(path))).toBe('valid')
  })
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

describe('the path as a whole', () => {
  it('P1: is refused when certificates are missing, strange, doubled or out of order', async () => {
    const path = await forgePath()
    const [leaf, body, state] = path.x5c as [Uint8Array, Uint8Array, Uint8Array]
    const rooted = [leaf, body, state, path.root.certificate]
    const verdicts = await Promise.all(
      [[], [leaf], [leaf, body], [leaf, state, body], [leaf, body, body, state], rooted].map(
        async (x5c) => summary(await ask(path, { x5c })),
      ),
    )
    expect(verdicts).toEqual([
      'path-empty 0',
      'no-anchor 1',
      'no-anchor 2',
      'no-anchor 3',
      'issuer-mismatch 1',
      'path-shape 3',
    ])
  })

  it('P2: a foreign anchor vouches for nothing, not even under the same name', async () => {
    const path = await forgePath()
    const stranger = await forge({ subject: named('UZ', 'Root'), extensions: CONFORMING.root })
    const twin = await forge({ subject: path.root.name, extensions: CONFORMING.root })
    expect(summary(await ask(path, { anchor: stranger.certificate }))).toBe('no-anchor 3')
    expect(summary(await ask(path, { anchor: twin.certificate }))).toBe('signature-invalid 2')
  })

  it('P3: one flipped bit anywhere in a certificate is never accepted', async () => {
    const path = await forgePath()
    const accepted: number[] = []
    for (let octet = 0; octet < path.seal.certificate.length; octet++) {
      const leaf = path.seal.certificate.slice()
      leaf[octet]! ^= 1 << (octet % 8)
      const result = await ask(path, { x5c: [leaf, ...path.x5c.slice(1)] })
      if (result.result === 'valid') accepted.push(octet)
    }
    expect(accepted).toEqual([])
  })

  it('L1: more than six certificates or 64 KiB are not even read', async () => {
    const path = await forgePath()
    const seven = Array.from({ length: 7 }, () => path.seal.certificate)
    expect(summary(await ask(path, { x5c: seven }))).toBe('path-too-long 7')
    const big = [new Uint8Array(65_537)]
    expect(summary(await ask(path, { x5c: big }))).toBe('path-too-large 0')
  })

  it('L2: bytes after a certificate spoil it', async () => {
    const path = await forgePath()
    const leaf = new Uint8Array([...path.seal.certificate, 0])
    expect(summary(await ask(path, { x5c: [leaf, ...path.x5c.slice(1)] }))).toBe(
      'certificate-malformed 0',
    )
  })

  it('ends on two authorities that certify each other', async () => {
    const keysA = await generateKeyPair('ES256')
    const keysB = await generateKeyPair('ES256')
    const nameA = named('BY', 'A')
    const nameB = named('BY', 'B')
    const a = { name: nameA, pkcs8: keysA.pkcs8 }
    const b = { name: nameB, pkcs8: keysB.pkcs8 }
    const ca = (id: string, by: string) => [
      ski(id),
      aki(by),
      keyUsage(CA_USAGE),
      basicConstraints(),
      policies(EXCHANGE_POLICY),
    ]
    const aByB = await forge({ subject: nameA, keys: keysA, issuer: b, extensions: ca('a', 'b') })
    const bByA = await forge({ subject: nameB, keys: keysB, issuer: a, extensions: ca('b', 'a') })
    const leaf = await forge({ subject: named('BY', 'Seal'), issuer: a, extensions: seal })
    const path = await forgePath()
    const x5c = [leaf, aByB, bByA, aByB, bByA].map(({ certificate }) => certificate)
    expect(summary(await ask(path, { x5c }))).toBe('no-anchor 5')
  })

  it('a purpose fixes how far the key stands from the root', async () => {
    expect(await verdictOn({}, { purpose: 'registry-seal' })).toBe('path-shape 0')
    const path = await forgePath()
    const registrySeal = await forge({
      subject: named('BY', 'Registry'),
      issuer: path.stateCa,
      extensions: replaced(seal, 1, aki('state')),
    })
    const x5c = [registrySeal.certificate, path.stateCa.certificate]
    expect(summary(await ask(path, { x5c, purpose: 'registry-seal' }))).toBe('valid')
    expect(summary(await ask(path, { x5c }))).toBe('path-shape 0')
  })

  it('expiry is told apart by whether the path is known not to be revoked', async () => {
    const path = await forgePath({ seal: { notAfter: '270531235959Z' } })
    expect(await ask(path)).toMatchObject({ code: 'expired', revocation: 'not-checked' })
    expect(await ask(path, { revocationRequired: true })).toMatchObject({
      code: 'expired',
      revocation: 'unknown',
    })
  })
})

describe('keys', () => {
  it('P12: explicit curve parameters and foreign keys are refused', async () => {
    const rsa1024 = hexToOctets(
      `30819f300d06092a864886f70d010101050003818d0030818902818100${'c5'.repeat(128)}0203010001`,
    )
    const spkis = [
      rsa1024,
      // P-256 given by its parameters instead of its name.
      hexToOctets(`3059301306072a8648ce3d020106082a8648ce3d030106034200${'04'.repeat(65)}`),
      // id-RSASSA-PSS
      new Uint8Array([...rsa1024].map((octet, i) => (i === 15 ? 0x0a : octet))),
    ]
    for (const spki of spkis) {
      const { pkcs8 } = await generateKeyPair('ES256')
      expect(await verdictOn({ seal: { keys: { pkcs8, spki } } })).toBe('key-not-allowed 0')
    }
  })

  it('an algorithm outside the closed list leaves the answer unknown', async () => {
    const path = await forgePath()
    const withSha1 = octetsToHex(path.seal.certificate).replaceAll(
      '300a06082a8648ce3d040302',
      '300a06082a8648ce3d040301',
    )
    const x5c = [hexToOctets(withSha1), ...path.x5c.slice(1)]
    expect(await ask(path, { x5c })).toMatchObject({
      result: 'unknown',
      code: 'signature-algorithm-not-supported',
      index: 0,
    })
  })
})

describe('limits on work', () => {
  it('L4: name constraints beyond the budget are refused, not computed', async () => {
    const base = directoryName(derName(['C', 'BY']))
    const many = Array.from({ length: 200 }, () => base)
    const names = Array.from({ length: 300 }, (_, i) => dnsName(`n${i}.example`))
    const alternative = extension(EXTENSION.subjectAltName, false, derElement(0x30, ...names))
    const verdict = await verdictOn({
      bodyCa: { extensions: replaced(bodyCa, 5, permitted(many)) },
      seal: { extensions: [...seal, alternative] },
    })
    expect(verdict).toBe('name-constraints-too-costly 0')
  })
})
