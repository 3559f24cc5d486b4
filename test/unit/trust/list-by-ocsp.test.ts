import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { offlineTrust } from '../../../src/cli/offline-trust.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import { judgeIncomingTrustList } from '../../../src/exchange/incoming/trust-list.ts'
import { publishTrustList } from '../../../src/exchange/keep-trust/publish-trust.ts'
import { DEFAULT_POLICY } from '../../../src/certificate/default-policy.ts'
import { appendOneByOne } from '../../../src/exchange/journal.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { pinForDevelopment } from '../../../src/node/dev-state.ts'
import { linkRoots } from '../../../src/node/pki/root-links.ts'
import { type CertificationAuthority, createAuthority } from '../../../src/node/pki/state-pki.ts'
import { DEFAULT_VALIDITY_DAYS } from '../../../src/node/pki/state-pki.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../../src/storage/journal.ts'
import { claimNode } from '../../../src/storage/node-store.ts'
import { sqlStores } from '../../../src/storage/sql-stores.ts'
import { skiOf } from '../../../src/trust/accept-crl.ts'
import { currentTrust } from '../../../src/trust/trust.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { digest } from '../../support/hostile.ts'
import {
  type ListedState,
  listedState,
  NOW,
  signedList,
  successor,
} from '../../support/hostile-lists.ts'
import { ocspAbout } from '../../support/ocsp-about.ts'

const STOLEN = { revokedAt: NOW, reason: 'keyCompromise', invalidityDate: undefined } as const

let BY: ListedState
let first: string
/** With a root that the pinned one certified by the link. */
let next: string
let newRoot: CertificationAuthority
let link: Uint8Array

const x509 = (der: Uint8Array) => {
  const parsed = parseX509Certificate(der)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}
const readCrl = (der: Uint8Array): Crl => {
  const crl = parseCrl(der)
  if ('malformed' in crl) throw new Error(crl.malformed)
  return crl
}

beforeAll(async () => {
  BY = await listedState('BY', [])
  first = await signedList(BY.list, BY.pki.trustListSigner)
  newRoot = await createAuthority(
    'root',
    { country: 'BY', organization: 'Registry of BY', commonName: 'BY Root CA 2' },
    undefined,
    { state: 'BY', now: NOW, sealAlgorithm: 'ES256', validity: DEFAULT_VALIDITY_DAYS },
  )
  const links = await linkRoots({ old: BY.pki.root, issued: newRoot, name: 'root-2', now: NOW })
  link = links[0]!.certificate
  const list: TrustList = successor(BY.list, first, {
    root: encodeBase64(newRoot.certificate),
    cas: [...BY.list.cas, BY.list.root, encodeBase64(link)],
  })
  next = await signedList(list, BY.pki.trustListSigner)
})

/** The root's words about a key below it. */
const about = (der: Uint8Array, entry?: typeof STOLEN) =>
  ocspAbout(der, BY.pki.root, { at: NOW, ...(entry && { entry }) })

describe('At a node, by an OCSP response that it keeps,', () => {
  let database: SqliteDatabase
  let stores: ReturnType<typeof sqlStores>
  beforeEach(async () => {
    database = new SqliteDatabase(':memory:')
    migrate(database)
    await claimNode(database, { state: 'UZ', environment: 'production', epoch: 'test' })
    stores = sqlStores(database)
    await pinForDevelopment(stores.trustStore, 'BY', BY.pin.rootSha256)
    return () => database.close()
  })

  const keep = async (
    response: Awaited<ReturnType<typeof ocspAbout>>,
    status: 'good' | 'revoked',
    state = 'BY',
  ) => {
    const { der, serial } = response
    await stores.trustStore.putOcspResponses([
      {
        state,
        ski: skiOf(x509(BY.pki.root.certificate)),
        serial,
        der: encodeBase64(new Uint8Array(der)),
        status,
        thisUpdate: formatInstant(NOW),
        nextUpdate: '2026-03-09T09:00:00Z',
        storedAt: formatInstant(NOW),
      },
    ])
  }
  const keepRootCrl = (state: string) => {
    const { root } = BY.pki
    const crl = readCrl(root.crl)
    return stores.trustStore.putCrl(
      {
        state,
        ski: skiOf(x509(root.certificate)),
        der: encodeBase64(root.crl),
        number: '1'.padStart(40, '0'),
        thisUpdate: formatInstant(crl.thisUpdate),
        nextUpdate: formatInstant(crl.nextUpdate!),
      },
      formatInstant(NOW),
    )
  }
  const publish = async (jws: string) => {
    const now = () => NOW
    const published = await publishTrustList({
      state: 'UZ',
      environment: 'production',
      policy: DEFAULT_POLICY,
      now,
      ...stores,
      trust: currentTrust(stores.trustStore),
      append: appendOneByOne(sqlJournal(database), now),
    })(jws)
    return published.outcome === 'refused'
      ? `${published.refusal.refused}: ${published.refusal.detail}`
      : `version ${published.version}`
  }

  it('a list is accepted that is good by it alone, and waits while nothing tells', async () => {
    expect(await publish(first)).toMatch(/^cannot-tell: crl-missing/)
    await keep(await about(BY.pki.trustListSigner.certificate), 'good')
    expect(await publish(first)).toBe('version 1')
    expect(await publish(next)).toMatch(/^cannot-tell: .*over the new root: crl-missing/)
    await keep(await about(link), 'good')
    expect(await publish(next)).toBe('version 2')
  })

  it('a list is refused whose signer is revoked, whatever the CRL says', async () => {
    await keepRootCrl('BY')
    await keep(await about(BY.pki.trustListSigner.certificate, STOLEN), 'revoked')
    expect(await publish(first)).toMatch(/^signer-not-valid: revoked/)
  })

  it('a list is refused whose root rests on a revoked certificate, published or sent', async () => {
    await keepRootCrl('BY')
    expect(await publish(first)).toBe('version 1')
    await keep(await about(link, STOLEN), 'revoked')
    expect(await publish(next)).toMatch(/^root-not-pinned: .*revoked/)
    const trust = await currentTrust(stores.trustStore)()
    const arrivedAt = formatInstant(NOW)
    const incoming = { sha256: digest(next), jws: next, sender: 'BY', arrivedAt }
    const deps = { policy: DEFAULT_POLICY, trustStore: stores.trustStore }
    const verdictOf = (trustCheckedAt: string | undefined) =>
      judgeIncomingTrustList(incoming as Parameters<typeof judgeIncomingTrustList>[0], deps, {
        trust,
        now: NOW,
        trustCheckedAt,
      })
    const later = formatInstant(new Date(NOW.getTime() + 1000))
    expect(await verdictOf(later)).toMatchObject({ findings: ['TRUST-LIST-ROOT-NOT-PINNED'] })
    // Who is polled first may name it with its newest list.
    for (const checked of [undefined, arrivedAt])
      expect(await verdictOf(checked)).toEqual({ verdict: 'wait', waitsFor: 'trust list' })
  })

  it('a list counts for nothing if another state is the one that brought the evidence', async () => {
    await keepRootCrl('KZ')
    await keep(await about(BY.pki.trustListSigner.certificate), 'good', 'KZ')
    expect(await publish(first)).toMatch(/^cannot-tell: crl-missing/)
    await keepRootCrl('BY')
    expect(await publish(first)).toBe('version 1')
  })
})

describe('Offline, by an OCSP response at hand,', () => {
  const anchors = () => [{ state: 'BY', rootSha256: BY.pin.rootSha256 }]
  const judged = async (jws: string, ocsp: readonly Awaited<ReturnType<typeof about>>[]) => {
    const evidence = {
      crls: [BY.pki.root.crl].map(readCrl),
      ocsp: ocsp.map(({ response }) => response),
    }
    const { refused } = await offlineTrust([{ file: 'list', jws }], anchors(), evidence, NOW)
    return refused[0] ? `${refused[0].reason}: ${refused[0].detail}` : 'believed'
  }

  it('signers and links are judged as well', async () => {
    const signer = BY.pki.trustListSigner.certificate
    expect(await judged(first, [await about(signer)])).toBe('believed')
    expect(await judged(first, [await about(signer, STOLEN)])).toMatch(/^signer-not-valid: revoked/)
    expect(await judged(next, [await about(link)])).toBe('believed')
    expect(await judged(next, [await about(link, STOLEN)])).toMatch(/^root-not-pinned: .*revoked/)
  })
})
