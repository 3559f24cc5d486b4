import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  Extension,
  Name,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { derInteger } from '../../../src/encoding/der-writer.ts'
import { acceptList } from '../../../src/exchange/keep-trust/accept-list.ts'
import { type PollDependencies, pollTrust } from '../../../src/exchange/keep-trust/poll-trust.ts'
import { publishCrl } from '../../../src/exchange/keep-trust/publish-trust.ts'
import type { Alarm } from '../../../src/exchange/records.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlStores } from '../../../src/storage/sql-stores.ts'
import { skiOf } from '../../../src/trust/accept-crl.ts'
import { currentTrust } from '../../../src/trust/trust.ts'
import type { TrustStore } from '../../../src/trust/trust-store.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { digest } from '../../support/hostile.ts'
import {
  type ListedState,
  listedState,
  NO_OCSP,
  NOW,
  signedList,
  successor,
} from '../../support/hostile-lists.ts'

const days = (n: number) => new Date(NOW.getTime() + n * 86_400_000)
const x509 = (der: Uint8Array) => parseX509Certificate(der) as X509Certificate
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

let BY: ListedState
let database: SqliteDatabase
let trustStore: TrustStore
beforeEach(async () => {
  BY = await listedState('BY', ['BY.CCI.001'])
  database = new SqliteDatabase(':memory:')
  migrate(database)
  trustStore = sqlStores(database).trustStore
  const question = { kind: 'root', state: 'BY', subject: BY.pin.rootSha256 } as const
  const decided = { proposedBy: 'user:one', approvedAt: BY.pin.pinnedAt, approvedBy: 'user:two' }
  await trustStore.approve({ ...question, ...decided }, BY.pin, [])
})
afterEach(() => database.close())

/** A root of somebody's making with a key identifier of their choice, and what looks like a link to it. */
async function selfMadeRoot(identifier: string) {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const pinned = x509(BY.pki.root.certificate)
  const name = new Name('C=BY, O=Registry of BY, CN=BY Root CA 9')
  const certificate = async (issuer: Name, authority: string) =>
    new Uint8Array(
      (
        await X509CertificateGenerator.create({
          serialNumber: '4711',
          subject: name,
          issuer,
          notBefore: NOW,
          notAfter: days(300),
          publicKey: keys.publicKey,
          signingKey: keys.privateKey,
          signingAlgorithm: algorithm,
          extensions: [
            new SubjectKeyIdentifierExtension(identifier),
            new AuthorityKeyIdentifierExtension(authority),
            new BasicConstraintsExtension(true, undefined, true),
          ],
        })
      ).rawData,
    )
  const number = derInteger(2n ** 159n - 1n)
  const crl = await X509CrlGenerator.create({
    issuer: name,
    thisUpdate: NOW,
    nextUpdate: days(30),
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new AuthorityKeyIdentifierExtension(identifier),
      new Extension('2.5.29.20', false, number),
    ],
    entries: [],
  })
  return {
    root: encodeBase64(await certificate(name, identifier)),
    link: encodeBase64(await certificate(new Name(pinned.subject.der), skiOf(pinned))),
    crl: new Uint8Array(crl.rawData),
  }
}

it('Whoever answers at the address of a peer displaces no CRL of it, and is told of', async () => {
  const { ca } = BY.pki.bodies[0]!
  const keep = publishCrl({ now: () => NOW, trustStore })
  expect(await keep(ca.crl, BY.list)).toMatchObject({ outcome: 'stored' })
  const ski = skiOf(x509(ca.certificate))
  const hostile = await selfMadeRoot(ski)
  const stranger = await listedState('BY', [])
  const served = await signedList(
    { ...BY.list, version: 5, root: hostile.root, cas: [BY.list.root, hostile.link] },
    stranger.pki.trustListSigner,
  )
  const alarms: Alarm[] = []
  const { peers, revocationFetches, lost } = sqlStores(database)
  const poll = pollTrust({
    state: 'UZ',
    environment: 'production',
    policy: { trustAdditionDelayHours: 72 },
    now: () => NOW,
    trustStore,
    trust: currentTrust(trustStore),
    peers,
    lost,
    revocationFetches,
    append: () => Promise.reject(new Error('nothing is appended')),
    fetch: (url) =>
      Promise.resolve(new Response(String(url).endsWith('.crl') ? hostile.crl : served)),
    alarms: { raise: async (alarm) => void alarms.push(alarm) } as PollDependencies['alarms'],
  })
  expect(await poll('BY', 'https://by.example')).toHaveProperty('error')
  expect(alarms).toMatchObject([{ kind: 'trust-list-refused', peer: 'BY' }])
  expect((await trustStore.crl('BY', ski))?.der).toBe(encodeBase64(ca.crl))
  const next = { ca, revoked: [], number: 99n, thisUpdate: NOW, nextUpdate: days(30) }
  expect(await keep(await issueCrl(next), BY.list)).toMatchObject({ outcome: 'stored' })
})

it('A fork is told and kept however many were settled before it', async () => {
  const first = await signedList(BY.list, BY.pki.trustListSigner)
  const accept = acceptList({ policy: { trustAdditionDelayHours: 72 }, trustStore })
  const fork = async (second: number) => {
    const nextUpdate = `2026-05-01T00:00:${String(second).padStart(2, '0')}Z`
    const list = successor(BY.list, 'another', { nextUpdate })
    const jws = await signedList(list, BY.pki.trustListSigner)
    const previous = { list: BY.list, digests: [digest(first)] }
    const known = { pins: [BY.pin], previous, crls: BY.crls, ocsp: NO_OCSP, now: NOW }
    const judged = await accept({ jws, sha256: digest(jws) }, known, { claimed: list })
    return { sha256: digest(jws), alarm: 'alarm' in judged ? judged.alarm?.kind : undefined }
  }
  for (let i = 0; i < 20; i++) {
    const { sha256: subject } = await fork(i)
    const settled = {
      proposedBy: 'user:a',
      approvedAt: '2026-03-03T00:00:00Z',
      approvedBy: 'user:b',
    }
    await trustStore.approve({ kind: 'fork', state: 'BY', subject, ...settled }, undefined, [])
  }
  expect(await fork(20)).toMatchObject({ alarm: 'trust-list-forked' })
  expect(await trustStore.forks()).toHaveLength(21)
})
