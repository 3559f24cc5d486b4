import { describe, expect, it } from 'vitest'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { createStatePki, DEFAULT_VALIDITY_DAYS } from '../../../src/node/pki/state-pki.ts'
import { certifyRoot } from '../../../src/node/pki/issue.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import {
  isSignatureKnown,
  knownAuthority,
  rememberSignature,
} from '../../../src/x509/known-authorities.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { type SealPath, validateSealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { createX5cMemory } from '../../../src/x509/x5c-memory.ts'

const now = new Date('2027-06-01T00:00:00Z')
const request = {
  organization: 'Registry',
  bodies: [{ partyId: 'BY.CCI', name: 'Chamber', code: '001' }],
  now,
  sealAlgorithm: 'ES256',
} as const
const [pki, twin, stranger] = await Promise.all([
  createStatePki({ ...request, state: 'BY' }),
  createStatePki({ ...request, state: 'BY' }),
  createStatePki({ ...request, state: 'UZ' }),
])
const body = pki.bodies[0]!
const crls = crlSource(
  [pki, twin].flatMap(({ root, stateCa, bodies }) =>
    [root.crl, stateCa.crl, bodies[0]!.ca.crl].map((der) => {
      const crl = parseCrl(der)
      if ('malformed' in crl) throw new Error(crl.malformed)
      return crl
    }),
  ),
)
const texts = body.seal.x5c.map(encodeBase64)
const claimed = await thumbprint(body.seal.certificate)

function query(changes: Partial<SealPath> = {}): SealPath {
  return {
    x5c: body.seal.x5c,
    anchor: pki.root.certificate,
    at: now,
    purpose: 'document-seal',
    crls,
    revocationRequired: true,
    ...changes,
  }
}

function read(der: Uint8Array): X509Certificate {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return certificate
}

const flipped = (der: Uint8Array, at: number) => der.with(at, der[at]! ^ 1) as Uint8Array

describe('an x5c that led to a valid path', () => {
  it('is decoded once, and only its very texts find it', async () => {
    const cache = createPathCache()
    const before = await cache.decode(texts, claimed)
    expect(before.thumbprint).toBe(claimed)
    expect(before.ders).toEqual(body.seal.x5c)
    expect((await cache.decode(texts, claimed)).ders).not.toBe(before.ders)
    expect(await cache.validate(query({ x5c: before.ders }))).toMatchObject({ result: 'valid' })
    expect((await cache.decode([...texts], claimed)).ders).toBe(before.ders)

    const [leaf, ...above] = texts as [string, ...string[]]
    for (const other of [[leaf], [leaf, above[1]!, above[0]!], [...texts, leaf]]) {
      const found = await cache.decode(other, claimed)
      expect(found.ders).not.toBe(before.ders)
      expect(found.ders.map(encodeBase64)).toEqual(other)
      expect(await cache.validate(query({ x5c: found.ders }))).toMatchObject({ result: 'invalid' })
    }
    const foreign = twin.bodies[0]!.seal.x5c.map(encodeBase64)
    expect((await cache.decode(foreign, claimed)).thumbprint).not.toBe(claimed)
  })

  it('is decoded once also where the path was found valid before anybody decoded it', async () => {
    const cache = createPathCache()
    expect(await cache.validate(query())).toMatchObject({ result: 'valid' })
    const { ders } = await cache.decode(texts, claimed)
    expect(await cache.validate(query({ x5c: ders }))).toMatchObject({ result: 'valid' })
    expect((await cache.decode([...texts], claimed)).ders).toBe(ders)
  })

  it('leaves the memory before its bound is passed; what leads nowhere never enters', () => {
    const memory = createX5cMemory(texts.join('').length + 10)
    const decode = (path: readonly Uint8Array[], x5t: string) =>
      memory.decode(path.map(encodeBase64), x5t)
    return (async () => {
      const first = await decode(body.seal.x5c, claimed)
      memory.keep(first.ders)
      const unkept = await decode(twin.bodies[0]!.seal.x5c, '')
      expect(await decode(body.seal.x5c, claimed)).toHaveProperty('ders', first.ders)
      memory.keep(unkept.ders)
      expect((await decode(body.seal.x5c, claimed)).ders).not.toBe(first.ders)
      expect(await decode(twin.bodies[0]!.seal.x5c, unkept.thumbprint)).toHaveProperty(
        'ders',
        unkept.ders,
      )
    })()
  })
})

describe('what the path cache remembers', () => {
  it('holds for octets, not for the arrays that bore them', async () => {
    const cache = createPathCache()
    const x5c = body.seal.x5c.map((der) => der.slice())
    const anchor = pki.root.certificate.slice()
    expect(await cache.validate(query({ x5c, anchor }))).toMatchObject({ result: 'valid' })
    x5c[0]!.set(flipped(x5c[0]!, x5c[0]!.length - 1))
    expect(await cache.validate(query({ x5c, anchor }))).toMatchObject({ result: 'invalid' })
    anchor.set(flipped(anchor, 60))
    expect(await cache.validate(query({ anchor }))).toEqual(
      await validateSealPath(query({ anchor })),
    )
  })

  it('a root that a path does not lead to is named again, with the same reason', async () => {
    const cache = createPathCache()
    const astray = query({ anchor: stranger.root.certificate })
    const first = await cache.validate(astray)
    expect(first).toEqual(await validateSealPath(astray))
    expect(first).toMatchObject({ result: 'invalid', code: 'no-anchor' })
    expect(await cache.validate(astray)).toBe(first)
    const other = { ...astray, purpose: 'node', at: new Date(0), crls: crlSource([]) } as const
    expect(await cache.validate(other)).toEqual(await validateSealPath(other))
    expect(await cache.validate(query())).toMatchObject({ result: 'valid' })
  })

  it('is a key by itself, not the whole X.509 certificate that it was read from', async () => {
    const path = await createPathCache().validate(query())
    if (path.result !== 'valid') throw new Error(path.code)
    expect(path.key.spki.buffer.byteLength).toBe(path.key.spki.length)
  })

  it('a root that only bears the same name is asked each time', async () => {
    const cache = createPathCache()
    const twinned = query({ anchor: twin.root.certificate })
    const refused = await validateSealPath(twinned)
    expect(refused).toMatchObject({ result: 'invalid' })
    for (const _ of [1, 2]) expect(await cache.validate(twinned)).toEqual(refused)
  })
})

describe('an authority whose signature was found valid', () => {
  it('is known by all of its octets and by the key that signed it', async () => {
    const path = query()
    expect(await validateSealPath(path)).toMatchObject({ result: 'valid' })
    const [, ca] = body.seal.x5c
    const known = knownAuthority(ca!)
    const stateCa = read(pki.stateCa.certificate).key!
    expect(known).toBeDefined()
    expect(isSignatureKnown(known!, stateCa)).toBe(true)
    expect(isSignatureKnown(known!, read(twin.stateCa.certificate).key!)).toBe(false)
    expect(isSignatureKnown(read(ca!), stateCa)).toBe(false)
    for (let at = 0; at < ca!.length; at++)
      expect(knownAuthority(flipped(ca!, at)), `octet ${at}`).toBeUndefined()
  })

  it('is judged again below another authority of that name', async () => {
    expect(await validateSealPath(query())).toMatchObject({ result: 'valid' })
    const [leaf, ca] = body.seal.x5c
    const x5c = [leaf!, ca!, twin.stateCa.certificate]
    const crossed = query({ x5c, anchor: twin.root.certificate })
    expect(await validateSealPath(crossed)).toMatchObject({ result: 'invalid', index: 1 })
  })

  it('no end entity, and nothing of a path that a pinned root does not crown, is remembered', async () => {
    const [leaf, ca, state] = twin.bodies[0]!.seal.x5c
    const forged = query({ x5c: twin.bodies[0]!.seal.x5c })
    expect(await validateSealPath(forged)).toMatchObject({ result: 'invalid', index: 2 })
    expect([ca!, state!].map(knownAuthority)).toEqual([undefined, undefined])
    expect(await validateSealPath(query())).toMatchObject({ result: 'valid' })
    expect(knownAuthority(body.seal.certificate)).toBeUndefined()
    rememberSignature(read(leaf!), read(ca!).key!)
    expect(knownAuthority(leaf!)).toBeUndefined()
  })

  it('leaves the memory when many others have come, unless it is asked for', async () => {
    expect(await validateSealPath(query())).toMatchObject({ result: 'valid' })
    const root = read(pki.root.certificate)
    const validity = {
      notBefore: now,
      notAfter: new Date(now.getTime() + DEFAULT_VALIDITY_DAYS.ca * 86_400_000),
    }
    const other = read(await certifyRoot(pki.root, root, validity))
    const [, bodyCa, stateCa] = body.seal.x5c
    // As if each were another: the place is taken from the last octets.
    for (let n = 0; n < 10_000; n++) {
      const der = other.der.slice()
      new DataView(der.buffer).setUint32(der.length - 4, n)
      rememberSignature({ ...other, der }, root.key!)
      if (n % 1000 === 0) expect(knownAuthority(stateCa!)).toBeDefined()
    }
    expect(knownAuthority(stateCa!)).toBeDefined()
    expect(knownAuthority(bodyCa!)).toBeUndefined()
    expect(await validateSealPath(query())).toMatchObject({ result: 'valid' })
  })

  it('leaves it for few others whose names are long in the form in which they are compared', async () => {
    const remembered = async (octets: number) => {
      expect(await validateSealPath(query())).toMatchObject({ result: 'valid' })
      const root = read(pki.root.certificate)
      const subject = { ...root.subject, key: 'x'.repeat(6 * octets) }
      for (let n = 0; n < 30; n++) {
        const der = new Uint8Array(octets).with(octets - 1, n)
        rememberSignature({ ...root, der, subject }, root.key!)
      }
      return knownAuthority(body.seal.x5c[1]!) !== undefined
    }
    expect(await remembered(1_000)).toBe(true)
    expect(await remembered(30_000)).toBe(false)
  })
})
