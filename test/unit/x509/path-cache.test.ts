import { describe, expect, it } from 'vitest'
import { generateKeyPair } from '../../../src/crypto/suite.ts'
import { issueCrl, issueX509Certificate } from '../../../src/node/pki/issue.ts'
import { LEAF_TEMPLATES } from '../../../src/node/pki/key-templates.ts'
import { issueOcspResponse } from '../../../src/node/pki/ocsp-issue.ts'
import {
  createAuthority,
  createResponder,
  createStatePki,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import type { CrlSource } from '../../../src/x509/crl-source.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import { parseOcspResponse } from '../../../src/x509/ocsp-response.ts'
import { ocspSource } from '../../../src/x509/ocsp-source.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { type SealPath, validateSealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'

const now = new Date('2027-06-01T00:00:00Z')
const later = (days: number) => new Date(now.getTime() + days * 86_400_000)
const pki = await createStatePki({
  state: 'BY',
  organization: 'Registry',
  bodies: [{ partyId: 'BY.CCI', name: 'Chamber', code: '001' }],
  now,
  sealAlgorithm: 'ES256',
})
const body = pki.bodies[0]!
const lists = [pki.root.crl, pki.stateCa.crl, body.ca.crl]

function source(ders: readonly Uint8Array[]): CrlSource {
  const crls = ders.map((der) => parseCrl(der))
  return crlSource(crls.flatMap((crl) => ('malformed' in crl ? [] : [crl])))
}

function x509(der: Uint8Array): X509Certificate {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return certificate
}

function query(changes: Partial<SealPath> = {}): SealPath {
  return {
    x5c: body.seal.x5c,
    anchor: pki.root.certificate,
    at: later(1),
    purpose: 'document-seal',
    crls: source(lists),
    revocationRequired: true,
    ...changes,
  }
}

describe('the path cache', () => {
  it('gives the very same answer while everything holds', async () => {
    const cache = createPathCache()
    const first = await cache.validate(query())
    expect(first.result).toBe('valid')
    expect(await cache.validate(query({ at: later(2) }))).toBe(first)
    expect(await cache.validate(query({ at: later(0), now: later(2) }))).toBe(first)
  })

  it('asks again when a list has come, gone or gone stale, or the question differs', async () => {
    const cache = createPathCache()
    const first = await cache.validate(query())
    const stale = await cache.validate(query({ at: later(31) }))
    expect(stale).toMatchObject({ result: 'unknown', code: 'crl-stale' })
    expect(await cache.validate(query({ crls: source(lists.slice(1)) }))).toMatchObject({
      code: 'crl-missing',
    })
    expect(await cache.validate(query({ purpose: 'node' }))).toMatchObject({ result: 'invalid' })
    expect(await cache.validate(query({ at: later(-1) }))).toMatchObject({
      code: 'not-yet-valid',
    })
    expect(await cache.validate(query())).toBe(first)
  })

  it('a revocation ends a remembered answer at once', async () => {
    const cache = createPathCache()
    expect(await cache.validate(query())).toMatchObject({ result: 'valid' })
    const { serialNumber } = x509(body.seal.certificate)
    const renewed = await issueCrl({
      ca: body.ca,
      revoked: [{ serialNumber, revokedAt: later(1), reason: 'keyCompromise' }],
      number: 2n,
      thisUpdate: later(1),
      nextUpdate: later(20),
    })
    const crls = source([...lists, renewed])
    expect(await cache.validate(query({ at: later(2), crls }))).toMatchObject({ code: 'revoked' })
  })

  it('is asked anew as of before the remembered check, when its list was not yet issued', async () => {
    const [number, thisUpdate, nextUpdate] = [2n, later(1), later(20)]
    const list = await issueCrl({ ca: body.ca, revoked: [], number, thisUpdate, nextUpdate })
    const crls = source([...lists.slice(0, 2), list])
    const cache = createPathCache()
    expect(await cache.validate(query({ at: later(0.5), now: later(2), crls }))).toMatchObject({
      result: 'valid',
    })
    expect(await cache.validate(query({ at: later(0.5), crls }))).toMatchObject({
      result: 'unknown',
      code: 'crl-too-early',
    })
  })

  it('forgets the least recently used answer beyond its bound', async () => {
    const cache = createPathCache(1)
    const seal = await cache.validate(query())
    await cache.validate(query({ x5c: pki.node.x5c, purpose: 'node' }))
    const again = await cache.validate(query())
    expect(again).not.toBe(seal)
    expect(again).toEqual(seal)
  })

  it('an answer ends with the responder whose word it rests on, whatever the response says', async () => {
    const names = { state: 'BY', organization: 'Registry', name: 'Chamber' }
    // It ends in two days, what it signs in seven.
    const responder = await createResponder(body.ca, { ...names, now: later(-363) })
    const der = await issueOcspResponse(
      {
        certificate: x509(body.seal.certificate),
        issuer: x509(body.ca.certificate),
        entry: undefined,
        thisUpdate: now,
        nextUpdate: later(7),
      },
      responder,
    )
    const response = parseOcspResponse(der)
    if ('malformed' in response) throw new Error(response.malformed)
    const evidence = { crls: source(lists.slice(0, 2)), ocsp: ocspSource([response]) }
    const cache = createPathCache()
    const first = await cache.validate(query(evidence))
    expect(first).toMatchObject({ result: 'valid', currentUntil: later(2) })
    expect(await cache.validate(query({ ...evidence, now: later(2) }))).toBe(first)
    const since = query({ ...evidence, now: later(3) })
    const fresh = await validateSealPath(since)
    expect(fresh).toMatchObject({ result: 'unknown', code: 'ocsp-signature-invalid' })
    expect(await cache.validate(since)).toEqual(fresh)
  })
})

describe('the seals of an authority with a long name', () => {
  /** Paths of sixty seals with one key, and what shows them unrevoked. */
  async function sealsOf(organization: string) {
    const subject = { country: 'BY', organization, commonName: 'Body CA' }
    const issuance = { state: 'BY', now, sealAlgorithm: 'ES256' } as const
    const ca = await createAuthority('body-ca', subject, pki.stateCa, {
      ...issuance,
      validity: DEFAULT_VALIDITY_DAYS,
    })
    const { spki } = await generateKeyPair('ES256')
    const paths = Array.from({ length: 60 }, async (_, i) => [
      await issueX509Certificate({
        template: LEAF_TEMPLATES['document-seal'],
        subject: { country: 'BY', organization: 'Chamber', commonName: `Seal ${i}` },
        spki,
        issuer: ca,
        notBefore: now,
        notAfter: later(30),
      }),
      ...ca.x5c,
    ])
    return { paths: await Promise.all(paths), crls: source([...lists, ca.crl]) }
  }
  const isFirstKept = async (organization: string) => {
    const { paths, crls } = await sealsOf(organization)
    const cache = createPathCache()
    const answers = []
    for (const x5c of paths) answers.push(await cache.validate(query({ x5c, crls })))
    expect(answers.map(({ result }) => result)).toEqual(paths.map(() => 'valid'))
    expect(await cache.validate(query({ x5c: paths.at(-1)!, crls }))).toBe(answers.at(-1))
    return (await cache.validate(query({ x5c: paths[0]!, crls }))) === answers[0]
  }

  it('take no more room than others: the first ones leave sooner', async () => {
    expect(await isFirstKept('Chamber')).toBe(true)
    // In the form in which names are compared each of these is six characters.
    expect(await isFirstKept('\u0001'.repeat(28_000))).toBe(false)
  })
})
