import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { publishOcsp } from '../../../src/exchange/keep-trust/publish-ocsp.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { encodePem } from '../../../src/node/pki/pem.ts'
import {
  type CertifiedKey,
  createSeal,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { claimNode } from '../../../src/storage/node-store.ts'
import { sqlStores } from '../../../src/storage/sql-stores.ts'
import type { TrustKey, TrustList } from '../../../src/trust/trust-list.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { lacks } from '../../support/counterparts.ts'
import { type ListedState, listedState } from '../../support/hostile-lists.ts'
import { ocspAbout } from '../../support/ocsp-about.ts'

const NOW = new Date()
const from = '2026-01-01T00:00:00Z'
const revokedAt = new Date(NOW.getTime() - 3_600_000)

let BY: ListedState
let list: TrustList
/** Numbered alike by two authorities; the first is in use, the second has ended. */
let inUse: CertifiedKey
let ended: CertifiedKey
/** Of the first authority, ended as well. */
let former: CertifiedKey
let database: SqliteDatabase

const serialOf = ({ certificate }: CertifiedKey) => {
  const parsed = parseX509Certificate(certificate)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed.serialNumber
}

beforeAll(async () => {
  BY = await listedState('BY')
  const [one, other] = BY.pki.bodies
  /** As by an authority that counts its certificates from a number on. */
  const sealed = async (body: typeof one, number: number) => {
    const counter = vi.spyOn(crypto, 'getRandomValues').mockImplementation((octets) => {
      if (octets instanceof Uint8Array) octets.fill(number)
      return octets
    })
    const issuance = { state: 'BY', now: revokedAt, sealAlgorithm: 'ES256' } as const
    const validity = DEFAULT_VALIDITY_DAYS
    const seal = await createSeal(body!, body!.ca, { ...issuance, validity })
    counter.mockRestore()
    return seal
  }
  inUse = await sealed(one, 7)
  ended = await sealed(other, 7)
  former = await sealed(one, 8)
  expect(serialOf(inUse)).toBe(serialOf(ended))
  const key = async (seal: CertifiedKey, body: string): Promise<TrustKey> => ({
    x5tS256: await thumbprint(seal.certificate),
    der: encodeBase64(seal.certificate),
    body,
    usage: 'seal',
    from,
  })
  const until = '2026-03-01T00:00:00Z'
  const keys = [
    await key(inUse, 'BY.CCI.001'),
    { ...(await key(ended, 'BY.CCI.002')), until },
    { ...(await key(former, 'BY.CCI.001')), until },
  ]
  list = { ...BY.list, keys: [...BY.list.keys, ...keys] }
})
beforeEach(async () => {
  database = new SqliteDatabase(':memory:')
  migrate(database)
  await claimNode(database, { state: 'BY', environment: 'production', epoch: 'test' })
})
afterEach(() => database.close())

const store = () => sqlStores(database).trustStore
const publish = (der: Uint8Array) => {
  const trust = () => trustOf({ pins: [BY.pin], lists: [list], crls: [], revision: 1 })
  return publishOcsp({ now: () => NOW, trust, trustStore: store() })(der, 'BY', 'Test')
}
const stolen = { revokedAt, reason: 'keyCompromise', invalidityDate: undefined } as const
const says = async (seal: CertifiedKey, body: number, entry?: typeof stolen) =>
  (await ocspAbout(seal.certificate, BY.pki.bodies[body]!.ca, { at: NOW, ...(entry && { entry }) }))
    .der
const statuses = async () => (await store().heldOcspResponses()).map(({ status }) => status)

describe('An OCSP response is about the key that its authority numbered so', () => {
  it('and not about the one in use that another authority numbered the same', async () => {
    expect(await publish(await says(ended, 1, stolen))).toMatchObject({
      outcome: 'stored',
      response: { status: 'revoked', serial: serialOf(ended) },
      further: [],
    })
    expect(await publish(await says(inUse, 0))).toMatchObject({ outcome: 'stored' })
    expect((await statuses()).toSorted()).toEqual(['good', 'revoked'])
  })

  it('and is passed over if that key has ended and is not revoked, whatever else has its number', async () => {
    expect(await publish(await says(ended, 1))).toMatchObject({ outcome: 'not-in-use' })
    const held = { ...stolen, reason: 'certificateHold' } as unknown as typeof stolen
    expect(await publish(await says(ended, 1, held))).toMatchObject({ outcome: 'not-in-use' })
    expect(await statuses()).toEqual([])
  })

  it.skipIf(lacks('openssl'))(
    'and about each of several: what is good and what is revoked',
    async () => {
      const { ca } = BY.pki.bodies[0]!
      const kept = await publish(aboutSeveral(ca, [inUse, former], serialOf(former)))
      expect(kept).toMatchObject({
        outcome: 'stored',
        response: { status: 'good', serial: serialOf(inUse) },
        further: [{ outcome: 'stored', response: { status: 'revoked', serial: serialOf(former) } }],
      })
      expect((await statuses()).toSorted()).toEqual(['good', 'revoked'])
    },
  )
})

/** What openssl answers for an authority about several keys at once. */
function aboutSeveral(
  ca: CertifiedKey,
  seals: readonly CertifiedKey[],
  revoked: string,
): Uint8Array {
  const dir = mkdtempSync(join(tmpdir(), 'certex-ocsp-'))
  const pem = (name: string, label: string, der: Uint8Array) =>
    writeFileSync(join(dir, name), encodePem(label, der))
  pem('ca.pem', 'CERTIFICATE', ca.certificate)
  pem('ca.key', 'PRIVATE KEY', ca.pkcs8)
  seals.forEach(({ certificate }, n) => pem(`${n}.pem`, 'CERTIFICATE', certificate))
  const lines = seals.map((seal) => {
    const serial = serialOf(seal)
    const [flag, when] = serial === revoked ? ['R', opensslTime(revokedAt)] : ['V', '']
    return [flag, '360101000000Z', when, serial.toUpperCase(), 'unknown', `/CN=${serial}`].join(
      '\t',
    )
  })
  writeFileSync(join(dir, 'index'), `${lines.join('\n')}\n`)
  const asked = seals.flatMap((_, n) => ['-cert', `${n}.pem`])
  const openssl = (...args: string[]) =>
    execFileSync('openssl', ['ocsp', ...args], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  openssl('-sha256', '-issuer', 'ca.pem', ...asked, '-no_nonce', '-reqout', 'request')
  const signer = ['-rsigner', 'ca.pem', '-rkey', 'ca.key']
  openssl(
    '-index',
    'index',
    '-CA',
    'ca.pem',
    ...signer,
    '-ndays',
    '1',
    '-reqin',
    'request',
    '-respout',
    'response',
  )
  const response = readFileSync(join(dir, 'response'))
  rmSync(dir, { recursive: true })
  return response
}

/** UTCTime. */
const opensslTime = (at: Date) => `${at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`
