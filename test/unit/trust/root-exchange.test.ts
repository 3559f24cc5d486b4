import { beforeAll, describe, expect, it } from 'vitest'
import { adoptEcdsaP256, generateKeyPair, thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import type { Anchor } from '../../../src/cli/arguments.ts'
import { offlineTrust } from '../../../src/cli/offline-trust.ts'
import { validatePath } from '../../../src/exchange/validation/path-to-root.ts'
import { nativeEcdsa } from '../../../src/node/native-ecdsa.ts'
import { certifyRoot, issueCrl, issueX509Certificate } from '../../../src/node/pki/issue.ts'
import type { Revocation } from '../../../src/node/pki/issue.ts'
import { CA_TEMPLATES } from '../../../src/node/pki/key-templates.ts'
import { linkRoots } from '../../../src/node/pki/root-links.ts'
import {
  type CertificationAuthority,
  type CertifiedKey,
  createAuthority,
  createBodyPki,
  createLeaf,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import { judgeTrustList, verifyTrustList } from '../../../src/trust/accept-trust-list.ts'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import type { TrustPin } from '../../../src/trust/trust-store.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import type { OcspSource } from '../../../src/x509/ocsp-source.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { EKU } from '../../../src/x509/oids.ts'
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

const BODY = 'BY.CCI.001'
const daysLater = (days: number) => new Date(NOW.getTime() + days * 86_400_000)
const issuance = {
  state: 'BY',
  now: NOW,
  sealAlgorithm: 'ES256',
  validity: { ...DEFAULT_VALIDITY_DAYS, rootCrl: 99, crl: 99 },
} as const

let BY: ListedState
let first: string
let root: CertificationAuthority
let signer: CertifiedKey
let links: string[]
let pinOfNew: TrustPin

const named = (commonName: string) => ({
  country: 'BY',
  organization: 'Registry of BY',
  commonName,
})
const listSigner = (of: CertifiedKey) =>
  createLeaf('trust-list-signer', named('BY Trust List Signer'), of, issuance)
const linksOf = async (issued: CertificationAuthority, now = NOW) =>
  (await linkRoots({ old: BY.pki.root, issued, name: 'root-2', now })).map(({ certificate }) =>
    encodeBase64(certificate),
  )

beforeAll(async () => {
  BY = await listedState('BY', [BODY])
  first = await signedList(BY.list, BY.pki.trustListSigner)
  root = await createAuthority('root', named('BY Root CA 2'), undefined, issuance)
  signer = await listSigner(root)
  links = await linksOf(root)
  pinOfNew = { ...BY.pin, rootSha256: await thumbprint(root.certificate) }
})

/** The next list, with the new root. */
function exchanged(changes: Partial<Record<keyof TrustList, unknown>> = {}): TrustList {
  const cas = [...BY.list.cas, BY.list.root, ...links]
  return successor(BY.list, first, { root: encodeBase64(root.certificate), cas, ...changes })
}

interface Circumstances {
  readonly by?: CertifiedKey
  readonly pins?: readonly TrustPin[]
  readonly crls?: readonly Crl[]
  readonly ocsp?: OcspSource
  readonly now?: Date
}

async function judge(list: TrustList, circumstances: Circumstances = {}): Promise<string> {
  const { by = signer, pins = [BY.pin], crls = await evidence(), now = NOW } = circumstances
  const { ocsp = NO_OCSP } = circumstances
  const issuedAt = list.issuedAt
  const jws = await signedList({ ...list, issuedAt }, by, now)
  const result = await judgeTrustList(jws, {
    pins,
    crls: crlSource(crls),
    ocsp,
    now,
    previous: { list: BY.list, digests: [digest(first)] },
  })
  return 'refused' in result ? `${result.refused}: ${result.detail}` : `version ${result.version}`
}

const read = (der: Uint8Array): Crl => {
  const crl = parseCrl(der)
  if ('malformed' in crl) throw new Error(crl.malformed)
  return crl
}

const read509 = ({ certificate }: Pick<CertifiedKey, 'certificate'>): X509Certificate => {
  const parsed = parseX509Certificate(certificate)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}

/** Lists of both roots, of now or of another day. */
async function evidence(revoked: readonly Revocation[] = [], day = NOW): Promise<Crl[]> {
  const times = { thisUpdate: day, nextUpdate: new Date(day.getTime() + 90 * 86_400_000) }
  const lists = [BY.pki.root, root].map((ca) => issueCrl({ ca, revoked, number: 9n, ...times }))
  const below = [BY.pki.stateCa, ...BY.pki.bodies.map(({ ca }) => ca)].map((ca) =>
    issueCrl({ ca, revoked: [], number: 9n, ...times }),
  )
  return (await Promise.all([...lists, ...below])).map(read)
}

describe('a list that brings a new root', () => {
  it('is accepted by the certificate of the pinned root over it, whichever of the two signers signs', async () => {
    expect(await judge(exchanged())).toBe('version 2')
    expect(await judge(exchanged(), { by: BY.pki.trustListSigner })).toBe('version 2')
  })

  it('is accepted if the new root is pinned as well, with or without that certificate', async () => {
    const pins = [BY.pin, pinOfNew]
    const cas = [...BY.list.cas, BY.list.root]
    expect(await judge(exchanged({ cas }), { pins })).toBe('version 2')
    expect(await judge(exchanged(), { pins: [pinOfNew] })).toBe('version 2')
    // Without the certificate the former root has no say any more.
    expect(await judge(exchanged({ cas }), { pins, by: BY.pki.trustListSigner })).toMatch(
      /^signer-not-valid/,
    )
  })

  it('is refused without that certificate, or with one that does not lead from the pinned root', async () => {
    const cas = [...BY.list.cas, BY.list.root]
    const stranger = await createAuthority('root', named('BY Root CA'), undefined, issuance)
    const parsed = parseX509Certificate(root.certificate)
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    const validity = { notBefore: NOW, notAfter: daysLater(300) }
    const byStranger = encodeBase64(await certifyRoot(stranger, parsed, validity))
    const { spki } = await generateKeyPair('ES256')
    const otherKey = encodeBase64(await certifyRoot(BY.pki.root, { ...parsed, spki }, validity))
    const noAuthority = encodeBase64(
      await issueX509Certificate({
        template: { keyUsage: ['digitalSignature'] },
        subject: parsed.subject,
        spki: parsed.spki,
        issuer: BY.pki.root,
        ...validity,
      }),
    )
    const constrained = encodeBase64(
      await issueX509Certificate({
        template: CA_TEMPLATES['state-ca'],
        subject: parsed.subject,
        spki: parsed.spki,
        issuer: BY.pki.root,
        ...validity,
      }),
    )
    for (const more of [[], [byStranger], [otherKey], [noAuthority], [constrained], [links[1]!]])
      expect(await judge(exchanged({ cas: [...cas, ...more] }))).toMatch(/^root-not-pinned/)
  })

  it('is refused if the root only bears name and key of the one that was certified', async () => {
    const parsed = parseX509Certificate(root.certificate)
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    const forger = await generateKeyPair('ES256')
    const forged = await issueX509Certificate({
      template: CA_TEMPLATES.root,
      subject: parsed.subject,
      spki: parsed.spki,
      issuer: { selfSigned: forger.pkcs8 },
      notBefore: NOW,
      notAfter: daysLater(9000),
    })
    expect(await judge(exchanged({ root: encodeBase64(forged) }))).toMatch(/^root-not-pinned/)
  })

  it('is refused before and after the time of that certificate, and when it is revoked', async () => {
    const late = await evidence([], daysLater(365))
    expect(
      await judge(exchanged(), { now: daysLater(364), crls: await evidence([], daysLater(360)) }),
    ).toBe('version 2')
    expect(await judge(exchanged(), { now: daysLater(366), crls: late })).toMatch(
      /^root-not-pinned: .*expired/,
    )
    const planned = await linksOf(root, daysLater(30))
    const cas = [...BY.list.cas, BY.list.root, ...planned]
    expect(await judge(exchanged({ cas }))).toMatch(/^root-not-pinned: .*not-yet-valid/)
    const link = parseX509Certificate(Buffer.from(links[0]!, 'base64'))
    if ('malformed' in link) throw new Error(link.malformed)
    const { serialNumber } = link
    const entry = { serialNumber, revokedAt: NOW, reason: 'superseded' } as const
    expect(await judge(exchanged(), { crls: await evidence([entry]) })).toMatch(
      /^root-not-pinned: .*revoked/,
    )
  })

  it('waits while nothing tells whether that certificate is revoked', async () => {
    const [, ...others] = await evidence()
    expect(await judge(exchanged(), { crls: others })).toMatch(/^cannot-tell: .*crl-missing/)
  })

  it('that waits is told from one that its signer did not sign', async () => {
    const [, ...others] = await evidence()
    const known = { pins: [BY.pin], crls: crlSource(others), ocsp: NO_OCSP, now: NOW }
    const stranger = await createLeaf('trust-list-signer', named('x'), BY.pki.stateCa, issuance)
    for (const [by, isSigned] of [
      [signer, true],
      [BY.pki.trustListSigner, true],
      [stranger, false],
    ] as const) {
      const jws = await signedList(exchanged(), by)
      const found = await verifyTrustList(jws, known)
      expect(found).toMatchObject({ refused: 'cannot-tell' })
      expect('isSigned' in found).toBe(isSigned)
      const altered = await verifyTrustList(jws.replace(/[^.]{86}$/, 'A'.repeat(86)), known)
      expect(altered).toMatchObject({ refused: 'cannot-tell' })
      expect(altered).not.toHaveProperty('isSigned')
    }
  })

  it('is not the root of another state, which it would shut out', async () => {
    const UZ = await listedState('UZ', ['UZ.CCI.001'])
    const theirs = parseX509Certificate(UZ.pki.root.certificate)
    if ('malformed' in theirs) throw new Error(theirs.malformed)
    const validity = { notBefore: NOW, notAfter: daysLater(300) }
    const link = encodeBase64(await certifyRoot(BY.pki.root, theirs, validity))
    const cas = [...BY.list.cas, BY.list.root, link]
    const list = exchanged({ root: UZ.list.root, cas })
    const by = BY.pki.trustListSigner
    const crls = [...(await evidence()), ...UZ.crls.find(theirs.subject)]
    expect(await judge(list, { by, pins: [BY.pin, UZ.pin], crls })).toMatch(/^root-not-pinned/)
    const below = [UZ.pki.stateCa, UZ.pki.bodies[0]!.ca].map(({ crl }) => read(crl))
    const trust = await trustOf({
      pins: [BY.pin, UZ.pin],
      lists: [list, UZ.list],
      crls: [...crls, ...below],
      revision: 1,
    })
    const paths = createPathCache()
    const question = { trust, paths, purpose: 'document-seal', at: NOW, now: NOW } as const
    const { state, path } = await validatePath(UZ.pki.bodies[0]!.seal.x5c, question)
    expect([state, path.result]).toEqual(['UZ', 'valid'])
  })

  it('keeps the former root among its CAs, and no list brings it back', async () => {
    const pins = [BY.pin, pinOfNew]
    expect(await judge(exchanged({ cas: [...BY.list.cas, ...links] }), { pins })).toMatch(
      /^entries-dropped: the former root/,
    )
    const second = exchanged()
    const jws = await signedList(second, signer)
    const back = successor(second, jws, {
      root: BY.list.root,
      cas: [...second.cas, second.root],
    })
    const result = await judgeTrustList(await signedList(back, BY.pki.trustListSigner), {
      pins,
      crls: crlSource(await evidence()),
      ocsp: NO_OCSP,
      now: NOW,
      previous: { list: second, digests: [digest(jws)] },
    })
    expect(result).toMatchObject({ refused: 'entries-dropped', detail: 'a former root came back' })
  })

  it('may give it the same name as the former one', async () => {
    const twin = await createAuthority('root', named('BY Root CA'), undefined, issuance)
    const cas = [...BY.list.cas, BY.list.root, ...(await linksOf(twin))]
    const crls = [...(await evidence()), read(twin.crl)]
    const list = exchanged({ root: encodeBase64(twin.certificate), cas })
    expect(await judge(list, { by: await listSigner(twin), crls })).toBe('version 2')
    expect(await judge(list, { by: BY.pki.trustListSigner, crls })).toBe('version 2')
  })
})

describe('documents of before the exchange', () => {
  const path = async (pins: readonly TrustPin[], at: Date, now: Date, list = exchanged()) => {
    const crls = await evidence([], now)
    const trust = await trustOf({ pins, lists: [list], crls, revision: 1 })
    const purpose = 'document-seal'
    const { path: result } = await validatePath(BY.pki.bodies[0]!.seal.x5c, {
      trust,
      paths: createPathCache(),
      purpose,
      at,
      now,
    })
    return result.result === 'valid' ? 'valid' : result.code
  }
  const BEFORE = new Date('2026-02-20T00:00:00Z')

  it('stay valid under the old pin, under the new one, and under both', async () => {
    for (const pins of [[BY.pin], [pinOfNew], [BY.pin, pinOfNew]])
      expect(await path(pins, BEFORE, daysLater(10))).toBe('valid')
    expect(await path([pinOfNew], BEFORE, daysLater(500))).toBe('valid')
    const other = { ...BY.pin, rootSha256: 'x'.repeat(43) }
    expect(await path([other], BEFORE, NOW)).toBe('no-anchor')
  })

  it('are not valid under the new pin alone without its certificate over the old root', async () => {
    const cas = [...BY.list.cas, BY.list.root, links[0]!]
    expect(await path([pinOfNew], BEFORE, NOW, exchanged({ cas }))).toBe('no-anchor')
  })

  it('under the new root that is not pinned are open at an instant for which the old one did not certify it', async () => {
    const list = exchanged()
    const ca = await createAuthority('state-ca', named('BY State CA 2'), root, issuance)
    const body = { partyId: BODY, name: 'x', code: '001' }
    const { seal, ca: bodyCa } = await createBodyPki(body, ca, issuance)
    const later = daysLater(500)
    const times = { thisUpdate: later, nextUpdate: daysLater(530) }
    const fresh = [BY.pki.root, root, ca, bodyCa].map((by) =>
      issueCrl({ ca: by, revoked: [], number: 9n, ...times }),
    )
    const crls = (await Promise.all(fresh)).map(read)
    const judged = async (pins: readonly TrustPin[], at: Date) => {
      const trust = await trustOf({ pins, lists: [list], crls, revision: 1 })
      const of = {
        trust,
        paths: createPathCache(),
        purpose: 'document-seal',
        at,
        now: later,
      } as const
      return (await validatePath(seal.x5c, of)).path
    }
    // The certificate over the new root lasts a year.
    const open = await judged([BY.pin], later)
    expect(open).toMatchObject({ result: 'unknown', code: 'root-link-out-of-time' })
    // Altered is altered all the same.
    expect('key' in open && open.key).toBeTruthy()
    expect(await judged([BY.pin], daysLater(100))).toMatchObject({ result: 'valid' })
    expect(await judged([BY.pin, pinOfNew], later)).toMatchObject({ result: 'valid' })
  })

  describe('of several certificates over the new root, none of them valid,', () => {
    const later = daysLater(500)
    const times = { thisUpdate: later, nextUpdate: daysLater(530) }
    let x5c: readonly Uint8Array[]
    let below: Crl[]
    /** Of the pinned root: one has expired, one is to be revoked, one may certify nothing. */
    let expired: string
    let revoked: string
    let unfit: string

    beforeAll(async () => {
      const ca = await createAuthority('state-ca', named('BY State CA 2'), root, issuance)
      const body = await createBodyPki({ partyId: BODY, name: 'x', code: '001' }, ca, issuance)
      x5c = body.seal.x5c
      const crls = [root, ca, body.ca].map((by) =>
        issueCrl({ ca: by, revoked: [], number: 9n, ...times }),
      )
      below = (await Promise.all(crls)).map(read)
      expired = links[0]!
      revoked = (await linksOf(root, daysLater(300)))[0]!
      const { subject, spki } = read509(root)
      const limited = await issueX509Certificate({
        template: { ...CA_TEMPLATES.root, keyUsage: ['cRLSign'] },
        subject,
        spki,
        issuer: BY.pki.root,
        notBefore: NOW,
        notAfter: daysLater(900),
      })
      unfit = encodeBase64(limited)
    })

    const judged = async (those: readonly string[], pins = [BY.pin], more: string[] = []) => {
      const { serialNumber } = read509({ certificate: Buffer.from(revoked, 'base64') })
      const entry = { serialNumber, revokedAt: daysLater(490), reason: 'cACompromise' } as const
      const crl = await issueCrl({ ca: BY.pki.root, revoked: [entry], number: 9n, ...times })
      const cas = [...BY.list.cas, BY.list.root, ...more, ...those]
      const list = exchanged({ cas })
      const trust = await trustOf({ pins, lists: [list], crls: [read(crl), ...below], revision: 1 })
      const of = { trust, paths: createPathCache(), purpose: 'document-seal' } as const
      const { path: found } = await validatePath(x5c, { ...of, at: later, now: later })
      return [found.result === 'valid' ? 'valid' : found.code, 'key' in found]
    }

    it('a revoked one outweighs those that have expired or were never any good', async () => {
      expect(await judged([expired])).toEqual(['root-link-out-of-time', true])
      expect(await judged([unfit])).toEqual([expect.not.stringMatching(/revoked|time/), false])
      for (const other of [expired, unfit])
        for (const those of [
          [other, revoked],
          [revoked, other],
        ])
          expect(await judged(those)).toEqual(['revoked', true])
      for (const those of [
        [expired, unfit],
        [unfit, expired],
      ])
        expect(await judged(those)).toEqual(['root-link-out-of-time', true])
    })

    it('one of which nobody can tell outweighs them all', async () => {
      const third = await createAuthority('root', named('BY Root CA 3'), undefined, issuance)
      const until = { notBefore: NOW, notAfter: daysLater(900) }
      const open = encodeBase64(await certifyRoot(third, read509(root), until))
      const pins = [BY.pin, { ...BY.pin, rootSha256: await thumbprint(third.certificate) }]
      const more = [encodeBase64(third.certificate)]
      for (const those of [
        [open, expired, revoked, unfit],
        [unfit, revoked, expired, open],
      ])
        expect(await judged(those, pins, more)).toEqual(['crl-missing', true])
    })
  })

  it('find no anchor in a root of another state that the list names', async () => {
    const UZ = await listedState('UZ')
    const list = exchanged({ cas: [...exchanged().cas, UZ.list.root] })
    const pins = [BY.pin, { ...UZ.pin, state: 'BY' }]
    const states = (await anchorsOf(list, pins)).map(({ certificate }) => certificate.subject.key)
    expect(states.filter((name) => name.includes('uz'))).toEqual([])
    expect(states).toHaveLength(2)
  })
})

describe('an offline verifier', () => {
  it('believes the list by the old fingerprint, the new one or both, and by no other', async () => {
    const jws = await signedList(exchanged(), signer)
    const [old, fresh] = [BY.pin.rootSha256, pinOfNew.rootSha256]
    const crls = await evidence()
    const told = async (...anchors: Anchor[]) => {
      const { trust, refused } = await offlineTrust(
        [{ file: 'list', jws }],
        anchors,
        { crls, ocsp: [] },
        NOW,
      )
      return refused[0]?.reason ?? trust.anchors.map(({ links }) => (links ? 'linked' : 'pinned'))
    }
    const of = (rootSha256: string, state?: string) => ({ state, rootSha256 })
    expect(await told(of(old, 'BY'))).toEqual(['linked', 'pinned'])
    expect(await told(of(fresh, 'BY'))).toEqual(['pinned', 'linked'])
    expect(await told(of(old), of(fresh))).toEqual(['pinned', 'pinned'])
    expect(await told(of(old, 'UZ'))).toBe('state-not-pinned')
    expect(await told(of('x'.repeat(43)))).toBe('root-not-pinned')
  })

  it('believes a root of its own state alone, though it was given for no state in particular', async () => {
    const UZ = await listedState('UZ', ['UZ.CCI.001'])
    const files = await Promise.all(
      [UZ.list, { ...BY.list, state: 'UZ', version: 999 }].map(async (list, i) => {
        const by = i === 0 ? UZ.pki.trustListSigner : BY.pki.trustListSigner
        return { file: `list-${i}`, jws: await signedList(list, by) }
      }),
    )
    const anchors = [BY.pin, UZ.pin].map(({ rootSha256 }) => ({ state: undefined, rootSha256 }))
    const crls = [...(await evidence()), read(UZ.pki.root.crl)]
    const { trust, refused } = await offlineTrust(files, anchors, { crls, ocsp: [] }, NOW)
    expect(refused).toMatchObject([{ file: 'list-1', reason: 'root-not-pinned' }])
    expect(trust.view.list('UZ')).toMatchObject({ version: 1 })
  })
})

describe('a list that names many roots and many links', () => {
  it('costs a bounded number of verifications, and the root of its state still counts', async () => {
    const of = { subject: read509(root).subject, spki: read509(root).spki }
    const self = { certificate: root.certificate, pkcs8: root.pkcs8 }
    const until = (n: number) => ({ notBefore: NOW, notAfter: daysLater(300 + n) })
    const variants = await Promise.all(
      Array.from({ length: 30 }, (_, n) => certifyRoot(self, of, until(n))),
    )
    const moreLinks = await Promise.all(
      Array.from({ length: 30 }, (_, n) => certifyRoot(BY.pki.root, of, until(n))),
    )
    const cas = [...variants, ...moreLinks].map(encodeBase64)
    const list = exchanged({ cas: [...BY.list.cas, BY.list.root, ...links, ...cas] })
    let verified = 0
    await adoptEcdsaP256((...asked) => {
      verified += 1
      return nativeEcdsa(...asked)
    })
    verified = 0
    const anchors = await anchorsOf(list, [BY.pin])
    expect(verified).toBeGreaterThan(0)
    expect(verified).toBeLessThan(150)
    expect(anchors[0]).toMatchObject({ state: 'BY' })
    expect(anchors.map(({ certificate }) => encodeBase64(certificate.der))).toEqual(
      expect.arrayContaining([list.root, BY.list.root]),
    )
  })
})

describe('a link that limits what lies below it', () => {
  it.each([
    ['extended key usage', { eku: EKU.trustListSigner }],
    ['path length', { ca: { pathLen: 3 } }],
  ])('leads nowhere: %s', async (_, limit) => {
    const { subject, spki } = read509(root)
    const link = await issueX509Certificate({
      template: { ...CA_TEMPLATES.root, ...limit },
      subject,
      spki,
      issuer: BY.pki.root,
      notBefore: NOW,
      notAfter: daysLater(300),
    })
    const cas = [...BY.list.cas, BY.list.root]
    const [plain, limited] = [links, [encodeBase64(link)]].map((those) =>
      exchanged({ cas: [...cas, ...those] }),
    )
    expect(await judge(plain!)).toBe('version 2')
    expect(await judge(limited!)).toMatch(/^root-not-pinned/)
  })
})

describe('a list whose signer has ended since', () => {
  it('is believed by who knows when it was signed, and by nobody else', async () => {
    const { trustListSigner: old } = BY.pki
    const now = daysLater(3 * 365 + 1)
    const crls = crlSource(await evidence([], daysLater(3 * 365)))
    const known = { pins: [BY.pin], crls, ocsp: NO_OCSP, now }
    const jws = await signedList(BY.list, old)
    expect(await verifyTrustList(jws, known)).toMatchObject({ refused: 'signer-not-valid' })
    expect(await verifyTrustList(jws, { ...known, at: NOW })).toMatchObject({ version: 1 })
  })
})
