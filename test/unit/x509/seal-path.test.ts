import { describe, expect, it } from 'vitest'
import { generateKeyPair } from '../../../src/crypto/suite.ts'
import { derElement } from '../../../src/encoding/der-writer.ts'
import { octetsToHex } from '../../../src/encoding/octets.ts'
import { EXCHANGE_POLICY, EXTENSION } from '../../../src/x509/oids.ts'
import {
  CA_USAGE,
  CONFORMING,
  aki,
  basicConstraints,
  derName,
  directoryName,
  dnsName,
  extension,
  forge,
  forgePath,
  hexToOctets,
  keyUsage,
  permitted,
  policies,
  replaced,
  ski,
} from './forgery.ts'
import { ask, summary, verdictOn } from './forged-verdict.ts'

const { bodyCa, seal } = CONFORMING
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
