import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importPrivateKey, parsePublicKey, thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { derInteger } from '../../../src/encoding/der-writer.ts'
import { authenticate } from '../../../src/exchange/validation/authenticate.ts'
import { nodeKeyResolver } from '../../../src/exchange/node-keys.ts'
import { publishCrl } from '../../../src/exchange/keep-trust/publish-trust.ts'
import { issueCrl, type Issuer, type Revocation } from '../../../src/node/pki/issue.ts'
import {
  type CertificationAuthority,
  createStatePki,
  type StatePki,
} from '../../../src/node/pki/state-pki.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { claimNode } from '../../../src/storage/node-store.ts'
import { sqlTrustStore } from '../../../src/storage/trust-store.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { trustOf, type Trust } from '../../../src/trust/trust.ts'
import { parseCrl, type Crl } from '../../../src/x509/crl.ts'
import { EXTENSION } from '../../../src/x509/oids.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { forge } from '../../support/hostile.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'
import { extension, forgeCrl } from '../x509/forgery.ts'

/*
 * Belarus and a third state are both pinned here, and the third one is hostile: it puts into its own list,
 * which it signs itself, whatever may speak for or against Belarus.
 */
let BY: ListedState
let KZ: ListedState
let namesake: StatePki

beforeAll(async () => {
  BY = await listedState('BY')
  KZ = await listedState('KZ')
  namesake = await createStatePki({
    state: 'BY',
    organization: 'Registry of BY',
    bodies: [],
    now: new Date('2026-02-10T00:00:00Z'),
    sealAlgorithm: 'ES256',
  })
})

const crlsOf = ({ root, stateCa, bodies }: StatePki) =>
  [root, stateCa, ...bodies.map(({ ca }) => ca)].map(({ crl }) => parseCrl(crl) as Crl)

/** Trust in Belarus and in what the third state made of its list, in either order. */
async function trustWith(changes: Partial<TrustList>): Promise<Trust[]> {
  const hostile = { ...KZ.list, ...changes }
  const pin = { ...KZ.pin, rootSha256: await thumbprint(Buffer.from(hostile.root, 'base64')) }
  const crls = [...crlsOf(BY.pki), ...crlsOf(KZ.pki)]
  return Promise.all(
    [
      [BY.list, hostile],
      [hostile, BY.list],
    ].map((lists) => trustOf({ pins: [BY.pin, pin], lists, crls, revision: 1 })),
  )
}

async function signerOf(jws: string, trust: Trust): Promise<string> {
  const { checks, document } = await authenticate(jws, {
    trust,
    paths: createPathCache(),
    purpose: 'document-seal',
    at: NOW,
    now: NOW,
    typs: ['product-certificate+jwt'],
  })
  return document ? `${document.state} ${document.signer}` : checks.at(-1)!.code
}

describe('a hostile third state', () => {
  it('that lists the seal of another state cannot take it away, nor speak with it', async () => {
    const jws = await forge(await sealOfKey(BY.pki.bodies[0]!.seal), { payload: {} })
    const [stolen] = BY.list.keys
    for (const usage of ['seal', 'node'] as const)
      for (const removedAt of [undefined, '2026-02-11T00:00:00Z'])
        for (const trust of await trustWith({
          cas: [...KZ.list.cas, ...BY.list.cas],
          keys: [
            ...KZ.list.keys,
            { ...stolen!, body: 'KZ.CCI.001', usage, ...(removedAt && { removedAt }) },
          ],
        }))
          expect(await signerOf(jws, trust)).toBe('BY BY.CCI.001')
  })

  it('whose root bears the name of another state speaks neither for nor against it', async () => {
    const jws = await forge(await sealOfKey(BY.pki.bodies[0]!.seal), { payload: {} })
    for (const trust of await trustWith({ root: encodeBase64(namesake.root.certificate) })) {
      expect(trust.anchors).toHaveLength(1)
      expect(await signerOf(jws, trust)).toBe('BY BY.CCI.001')
    }
    const own = await forge(await sealOfKey(namesake.registrySeal), { payload: {} })
    for (const trust of await trustWith({ root: encodeBase64(namesake.root.certificate) }))
      expect(await signerOf(own, trust)).not.toMatch(/^BY /)
  })

  it('that lists the node key of another state does not become that node', async () => {
    const keyid = await thumbprint(BY.pki.node.certificate)
    const entry = BY.list.keys.find(({ usage }) => usage === 'node')!
    for (const trust of await trustWith({
      cas: [...KZ.list.cas, ...BY.list.cas],
      keys: [...KZ.list.keys, { ...entry, body: 'KZ.REGISTRY' }],
      nodes: [{ state: 'KZ', url: 'https://kz.example', key: keyid }],
    })) {
      const resolve = nodeKeyResolver({
        now: () => NOW,
        trust: () => Promise.resolve(trust),
        paths: createPathCache(),
      })
      const certificate = parseX509Certificate(BY.pki.node.certificate)
      const spki = 'malformed' in certificate ? new Uint8Array() : certificate.spki
      expect(await resolve(keyid)).toEqual({ state: 'BY', key: parsePublicKey(spki) })
    }
  })
})

/** Another key under the name and the key identifier of a CA; of its own making, or certified. */
async function twinOf(
  { certificate }: CertificationAuthority,
  issuer?: CertificationAuthority,
): Promise<Issuer> {
  const authority = parseX509Certificate(certificate) as X509Certificate
  const by = issuer && (parseX509Certificate(issuer.certificate) as X509Certificate)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const signingKey = issuer ? await importPrivateKey(issuer.pkcs8, 'ES256') : keys.privateKey
  const identifier = Buffer.from(authority.subjectKeyIdentifier!).toString('hex')
  const above = Buffer.from((by ?? authority).subjectKeyIdentifier!).toString('hex')
  const twin = await X509CertificateGenerator.create({
    serialNumber: '4711',
    subject: new Name(authority.subject.der),
    issuer: new Name((by ?? authority).subject.der),
    notBefore: NOW,
    notAfter: authority.notAfter,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectKeyIdentifierExtension(identifier),
      new AuthorityKeyIdentifierExtension(above),
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  return { pkcs8, certificate: new Uint8Array(twin.rawData) }
}

describe('the CRL of a state', () => {
  let database: SqliteDatabase
  beforeAll(async () => {
    database = new SqliteDatabase(':memory:')
    migrate(database)
    await claimNode(database, { state: 'UZ', environment: 'production', epoch: 'x' })
    for (const pin of [BY.pin, KZ.pin]) {
      const question = { kind: 'root', state: pin.state, subject: pin.rootSha256 } as const
      const decided = { proposedBy: 'user:one', approvedAt: pin.pinnedAt, approvedBy: 'user:two' }
      await sqlTrustStore(database).approve({ ...question, ...decided }, pin, [])
    }
  })
  afterAll(() => database.close())

  const days = (n: number) => new Date(NOW.getTime() + n * 86_400_000)
  const keep = (crl: Uint8Array, list: TrustList) =>
    publishCrl({ now: () => NOW, trustStore: sqlTrustStore(database) })(crl, list)
  const crlBy = (pki: StatePki, thisUpdate: Date) =>
    issueCrl({ ca: pki.stateCa, revoked: [], number: 7n, thisUpdate, nextUpdate: days(20) })

  it('is not displaced by another that lists its CA', async () => {
    const kept = await keep(BY.pki.stateCa.crl, BY.list)
    expect(kept).toMatchObject({ outcome: 'stored' })
    const { ski } = kept as { ski: string }
    const list = { ...KZ.list, cas: [...KZ.list.cas, ...BY.list.cas] }
    const newer = await crlBy(BY.pki, days(-1))
    expect(await keep(newer, list)).toEqual({
      outcome: 'refused',
      detail: 'no pinned root certified the CA that signed it',
    })
    const held = await sqlTrustStore(database).crl('BY', ski)
    expect(held?.der).toBe(Buffer.from(BY.pki.stateCa.crl).toString('base64'))
    expect(await keep(newer, BY.list)).toMatchObject({ outcome: 'stored', ski })
  })

  it('is not displaced by that of a CA with its key identifier, listed or certified', async () => {
    const bodyCa = BY.pki.bodies[0]!.ca
    const kept = await keep(bodyCa.crl, BY.list)
    const { ski } = kept as { ski: string }
    const twin = await twinOf(bodyCa)
    const listing = (der: Uint8Array) => ({ ...BY.list, cas: [...BY.list.cas, encodeBase64(der)] })
    const endless = {
      ca: twin,
      revoked: [],
      number: 2n ** 158n,
      thisUpdate: NOW,
      nextUpdate: days(9),
    }
    const crl = await issueCrl(endless)
    expect(await keep(crl, listing(twin.certificate))).toMatchObject({
      detail: 'no pinned root certified the CA that signed it',
    })
    const certified = await twinOf(bodyCa, BY.pki.stateCa)
    expect(
      await keep(await issueCrl({ ...endless, ca: certified }), listing(certified.certificate)),
    ).toEqual({
      outcome: 'refused',
      detail: 'another CA of the state has the same key identifier',
      alarming: true,
    })
    const held = await sqlTrustStore(database).crl('BY', ski)
    expect(held?.der).toBe(encodeBase64(bodyCa.crl))
  })

  it('takes no revocation back, and none comes from a CA that has ended', async () => {
    const ca = BY.pki.bodies[1]!.ca
    const entry = {
      serialNumber: 'ab',
      revokedAt: days(-1),
      invalidityDate: days(-3),
      reason: 'keyCompromise',
    } as const
    const { invalidityDate: _, ...undated } = entry
    const held = { ...entry, serialNumber: 'cd', reason: 'certificateHold' } as const
    const list = (number: bigint, revoked: readonly Revocation[], at = days(-1)) =>
      issueCrl({ ca, revoked, number, thisUpdate: at, nextUpdate: new Date(at.getTime() + 9e8) })
    expect(await keep(await list(5n, [entry, held]), BY.list)).toMatchObject({ outcome: 'stored' })
    expect(await keep(await list(6n, [held]), BY.list)).toEqual({
      outcome: 'refused',
      detail: 'it takes back the revocation of 00ab',
      alarming: true,
    })
    // In two steps, or with the beginning moved behind what was signed with the stolen key.
    for (const weaker of [
      { ...entry, reason: 'certificateHold' },
      { ...entry, revokedAt: days(0), invalidityDate: days(-2) },
      undated,
      { ...entry, reason: 'superseded' },
    ] as const)
      expect(await keep(await list(6n, [held, weaker]), BY.list)).toMatchObject({
        detail: 'it takes back the revocation of 00ab',
        alarming: true,
      })
    const earlier = { ...entry, invalidityDate: days(-4) }
    expect(await keep(await list(7n, [earlier]), BY.list)).toMatchObject({ outcome: 'stored' })
    expect(await keep(await list(8n, [entry]), BY.list)).toMatchObject({ outcome: 'refused' })
    const { notAfter } = parseX509Certificate(ca.certificate) as X509Certificate
    const late = new Date(notAfter.getTime() + 86_400_000)
    const afterwards = publishCrl({ now: () => days(20_000), trustStore: sqlTrustStore(database) })
    expect(await afterwards(await list(8n, [earlier], late), BY.list)).toMatchObject({
      outcome: 'refused',
      alarming: true,
    })
    const last = new Date(notAfter.getTime() - 86_400_000)
    expect(await afterwards(await list(8n, [earlier], last), BY.list)).toMatchObject({
      outcome: 'stored',
    })
  })

  it('is not taken whose number is marked critical, which no validation would believe', async () => {
    const { certificate, pkcs8 } = BY.pki.stateCa
    const { subject } = parseX509Certificate(certificate) as X509Certificate
    const time = (n: number) =>
      days(n)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)
    const times = { thisUpdate: time(-1), nextUpdate: time(9) }
    const number = extension(EXTENSION.crlNumber, true, derInteger(9n))
    const name = new Uint8Array(subject.der)
    expect(await keep(await forgeCrl({ name, pkcs8 }, times, [], number), BY.list)).toEqual({
      outcome: 'refused',
      detail: 'its CRL number is marked critical',
    })
  })

  it('is not taken from the future, which would shut out all that follow', async () => {
    expect(await keep(await crlBy(BY.pki, days(1)), BY.list)).toEqual({
      outcome: 'refused',
      detail: 'it was issued in the future',
    })
  })
})
