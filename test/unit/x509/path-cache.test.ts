import { describe, expect, it } from 'vitest'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import { createStatePki } from '../../../src/node/pki/state-pki.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import type { CrlSource } from '../../../src/x509/crl-source.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import type { SealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'

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
    const certificate = parseX509Certificate(body.seal.certificate)
    if ('malformed' in certificate) throw new Error(certificate.malformed)
    const { serialNumber } = certificate
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

  it('forgets the least recently used answer beyond its bound', async () => {
    const cache = createPathCache(1)
    const seal = await cache.validate(query())
    await cache.validate(query({ x5c: pki.node.x5c, purpose: 'node' }))
    const again = await cache.validate(query())
    expect(again).not.toBe(seal)
    expect(again).toEqual(seal)
  })
})
