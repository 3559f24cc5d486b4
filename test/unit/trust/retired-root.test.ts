import { beforeAll, describe, expect, it } from 'vitest'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import { validatePath } from '../../../src/exchange/validation/path-to-root.ts'
import { judgeDocument } from '../../../src/exchange/audit/judge-document.ts'
import { openDocument } from '../../../src/exchange/validation/opened-document.ts'
import { vouchedVersions } from '../../../src/exchange/keep-trust/vouched-versions.ts'
import { judgeOfficials } from '../../../src/exchange/keep-trust/officials.ts'
import { undecidedRootWarnings } from '../../../src/exchange/warnings/of-roots.ts'
import { signJws } from '../../../src/jose/sign.ts'
import { certifyRoot, issueCrl } from '../../../src/node/pki/issue.ts'
import { linkRoots } from '../../../src/node/pki/root-links.ts'
import {
  type CertificationAuthority,
  type CertifiedKey,
  createAuthority,
  createLeaf,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import { judgeTrustList } from '../../../src/trust/accept-trust-list.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import type { TrustPin } from '../../../src/trust/trust-store.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { digest } from '../../support/hostile.ts'
import {
  type ListedState,
  listedState,
  NO_OCSP,
  NOW,
  sealOfKey,
  signedList,
  successor,
} from '../../support/hostile-lists.ts'

const daysLater = (days: number) => new Date(NOW.getTime() + days * 86_400_000)
/** When the key of the former root is stolen, long after another root has followed it. */
const LATER = daysLater(730)
const issuance = (now: Date) =>
  ({
    state: 'BY',
    now,
    sealAlgorithm: 'ES256',
    validity: { ...DEFAULT_VALIDITY_DAYS, rootCrl: 99, crl: 99 },
  }) as const
const named = (commonName: string) => ({
  country: 'BY',
  organization: 'Registry of BY',
  commonName,
})
const listSigner = (of: CertifiedKey, now: Date) =>
  createLeaf('trust-list-signer', named('BY Trust List Signer'), of, issuance(now))
const x509 = (der: Uint8Array) => parseX509Certificate(der) as X509Certificate

let BY: ListedState
let first: string
let second: CertificationAuthority
let list: TrustList
let jws: string
let pins: TrustPin[]
let stolen: CertificationAuthority

beforeAll(async () => {
  BY = await listedState('BY', ['BY.CCI.001'])
  first = await signedList(BY.list, BY.pki.trustListSigner)
  second = await createAuthority('root', named('BY Root CA 2'), undefined, issuance(NOW))
  const links = await linkRoots({ old: BY.pki.root, issued: second, name: 'root-2', now: NOW })
  list = successor(BY.list, first, {
    root: encodeBase64(second.certificate),
    cas: [
      ...BY.list.cas,
      BY.list.root,
      ...links.map(({ certificate }) => encodeBase64(certificate)),
    ],
  })
  jws = await signedList(list, await listSigner(second, NOW))
  pins = [BY.pin, { ...BY.pin, rootSha256: await thumbprint(second.certificate) }]
  stolen = BY.pki.root
})

async function crls(at: Date, ...more: CertificationAuthority[]): Promise<Crl[]> {
  const authorities = [BY.pki.root, second, BY.pki.stateCa, BY.pki.bodies[0]!.ca, ...more]
  const times = {
    thisUpdate: new Date(at.getTime() - 86_400_000),
    nextUpdate: new Date(at.getTime() + 50 * 86_400_000),
  }
  const ders = await Promise.all(
    authorities.map((ca) => issueCrl({ ca, revoked: [], number: 20n, ...times })),
  )
  return ders.map((der) => parseCrl(der) as Crl)
}

async function judge(
  changes: Partial<TrustList>,
  by: CertifiedKey,
  ...more: CertificationAuthority[]
): Promise<string> {
  const next = successor(list, jws, { issuedAt: formatInstant(LATER), ...changes })
  const result = await judgeTrustList(await signedList(next, by, LATER), {
    pins,
    crls: crlSource(await crls(LATER, ...more)),
    ocsp: NO_OCSP,
    now: LATER,
    previous: { list, digests: [digest(jws)] },
  })
  return 'refused' in result ? result.refused : `version ${result.version}`
}

const linkOver = async (root: Uint8Array) =>
  encodeBase64(
    await certifyRoot(stolen, x509(root), { notBefore: LATER, notAfter: daysLater(1500) }),
  )

describe('whoever has the key of a root that another has followed', () => {
  it('brings no third root', async () => {
    const third = await createAuthority('root', named('BY Root CA 3'), undefined, issuance(LATER))
    const cas = [...list.cas, list.root, await linkOver(third.certificate)]
    const root = encodeBase64(third.certificate)
    const signer = await listSigner(third, LATER)
    expect(await judge({ root, cas }, signer, third)).toBe('root-not-pinned')
  })

  it('signs no list, nor with a certificate over the present root that was made for it', async () => {
    const signer = await listSigner(stolen, LATER)
    expect(await judge({}, signer)).toBe('signer-not-valid')
    const cas = [...list.cas, await linkOver(second.certificate)]
    expect(await judge({ cas }, signer)).toBe('signer-not-valid')
    // The present root may be certified anew by the former one for those who have not pinned it yet.
    expect(await judge({ cas }, await listSigner(second, LATER))).toBe('version 3')
  })

  it('vouches for no version that it made itself', async () => {
    const seal = await listSigner(stolen, LATER)
    const forged = successor(list, jws, { issuedAt: formatInstant(LATER) })
    const forgedJws = await signedList(forged, seal, LATER)
    const back = successor(forged, forgedJws, {
      root: list.cas.find((ca) => ca === BY.list.root)!,
      cas: [...list.cas, list.root],
    })
    const certified = successor(forged, forgedJws, {
      cas: [...list.cas, await linkOver(second.certificate)],
    })
    const trust = await trustOf({ pins, lists: [list], crls: await crls(LATER), revision: 1 })
    const vouched = async (newest: TrustList, by: CertifiedKey) => {
      const vouch = vouchedVersions({
        trust: async () => trust,
        trustStore: {
          newest: async () => [{ state: 'BY', version: 2, sha256: digest(jws), jws }],
        },
        now: () => LATER,
        environment: 'production',
      })
      const vouchedFor = await vouch({
        jws: await signedList(newest, by, LATER),
        state: 'BY',
        from: 3,
        fetchVersion: async () => ({ text: forgedJws }),
      })
      return 'open' in vouchedFor ? vouchedFor.open : [...vouchedFor.digests]
    }
    expect(await vouched(back, seal)).toEqual([])
    expect(await vouched(certified, seal)).toEqual([])
    // The present root does, whoever signed what it names.
    const next = successor(forged, forgedJws, { issuedAt: formatInstant(LATER) })
    expect(await vouched(next, await listSigner(second, LATER))).toContain(digest(forgedJws))
  })

  it('signs no register of officials', async () => {
    const trust = await trustOf({ pins, lists: [list], crls: await crls(LATER), revision: 1 })
    const payload = {
      schema: 'officials-register/1',
      state: 'BY',
      version: 1,
      previous: null,
      issuedAt: formatInstant(LATER),
      officials: [],
      deputies: [],
    }
    const judged = async (by: CertifiedKey) => {
      const seal = await sealOfKey(by)
      const register = await signJws({
        typ: 'officials-register+jwt',
        payload,
        seal,
        signedAt: LATER,
      })
      const none = { newest: async () => undefined, versions: async () => [] }
      const accepted = await judgeOfficials(register, none, {
        trust,
        paths: createPathCache(),
        now: LATER,
      })
      // An audit of a log in which it stands judges it as acceptance does.
      const opened = await openDocument(register)
      const document = {
        kind: 'officials-register',
        sha256: opened.sha256,
        opened,
        at: LATER,
      } as const
      const version = {
        list,
        sha256: digest(jws),
        digests: [digest(jws)],
        at: '',
        acceptedAt: undefined,
        additionsFrom: undefined,
      }
      const audited = await judgeDocument(document, {
        trust,
        history: { versions: () => [version], isContinued: () => false },
        paths: createPathCache(),
        asOf: LATER,
      })
      expect(audited.verdict).toBe('refused' in accepted ? 'signature-invalid' : 'holds')
      return accepted
    }
    expect(await judged(await listSigner(stolen, LATER))).toMatchObject({
      refused: 'signer-not-valid',
    })
    expect(await judged(await listSigner(second, LATER))).toMatchObject({ version: 1 })
  })
})

describe('two pinned roots that the list here does not know', () => {
  const warned = async (of: readonly TrustPin[], lists: TrustList[]) => {
    const trust = await trustOf({ pins: of, lists, crls: [], revision: 1 })
    const warnings = await undecidedRootWarnings(trust.view, trust.pins)
    return warnings.map(({ kind, message }) => `${kind} ${message.en}`)
  }

  it('are told: the former one could bring a list, and only people know which it is', async () => {
    const third = await createAuthority('root', named('BY Root CA 3'), undefined, issuance(NOW))
    const pinOfThird = { ...BY.pin, rootSha256: await thumbprint(third.certificate) }
    const all = [...pins, pinOfThird]
    const [, pinOfSecond] = pins
    // It does: nothing here says that the third has followed the second.
    const evidence = { crls: crlSource(await crls(LATER)), ocsp: NO_OCSP, now: LATER }
    const signed = await signedList(
      { ...list, issuedAt: formatInstant(LATER) },
      await listSigner(second, LATER),
      LATER,
    )
    const previous = { list: BY.list, digests: [digest(first)] }
    expect(await judgeTrustList(signed, { ...evidence, pins: all, previous })).toMatchObject({
      version: 2,
    })

    const undecided = new RegExp(
      `^former-root-undecided .*${pinOfSecond!.rootSha256}, ${pinOfThird.rootSha256}`,
    )
    expect(await warned(all, [BY.list])).toEqual([expect.stringMatching(undecided)])
    expect(await warned([pinOfSecond!, pinOfThird], [])).toHaveLength(1)
    // One that comes next, whatever became of those before; and one that was withdrawn.
    expect(await warned(pins, [BY.list])).toEqual([])
    expect(await warned(all, [list])).toEqual([])
    const withdrawn = { ...pinOfSecond!, withdrawnFrom: formatInstant(NOW) }
    expect(await warned([BY.pin, withdrawn, pinOfThird], [BY.list])).toEqual([])
    const refused = await judgeTrustList(signed, {
      ...evidence,
      pins: [BY.pin, withdrawn, pinOfThird],
      previous,
    })
    expect(refused).toMatchObject({ refused: 'root-not-pinned' })
  })
})

describe('a root that two persons withdrew', () => {
  const FROM = '2026-03-10T00:00:00Z'
  const after = new Date('2026-03-11T00:00:00Z')
  const before = new Date('2026-02-20T00:00:00Z')
  const withdrawn = (root: number): TrustPin[] =>
    pins.map((pin, i) => (i === root ? { ...pin, withdrawnFrom: FROM } : pin))

  const path = async (of: readonly TrustPin[], lists: TrustList[], at: Date) => {
    const trust = await trustOf({ pins: of, lists, crls: await crls(after), revision: 1 })
    const { path: result } = await validatePath(BY.pki.bodies[0]!.seal.x5c, {
      trust,
      paths: createPathCache(),
      purpose: 'document-seal',
      at,
      now: after,
    })
    return result
  }

  it('vouches for what was proven before and for nothing since', async () => {
    for (const lists of [[BY.list], [list]]) {
      const proven = await path(withdrawn(0), lists, before)
      expect(proven).toMatchObject({ result: 'valid' })
      // What was found for one instant is not the answer for a later one.
      if (proven.result === 'valid') expect(formatInstant(proven.validUntil) < FROM).toBe(true)
      expect(await path(withdrawn(0), lists, new Date(FROM))).toMatchObject({ code: 'no-anchor' })
      expect(await path(pins, lists, after)).toMatchObject({ result: 'valid' })
    }
  })

  it('signs no list any more, brings no root, and is brought back by no other root', async () => {
    const evidence = { crls: crlSource(await crls(after)), ocsp: NO_OCSP, now: after }
    const previous = { list: BY.list, digests: [digest(first)] }
    const refusal = async (text: string, of: readonly TrustPin[], follows = previous) => {
      const judged = await judgeTrustList(text, { ...evidence, pins: of, previous: follows })
      return 'refused' in judged ? judged.refused : `version ${judged.version}`
    }
    const next = await signedList(successor(BY.list, first, {}), BY.pki.trustListSigner)
    expect(await refusal(next, [BY.pin])).toBe('version 2')
    expect(await refusal(next, withdrawn(0))).toBe('root-not-pinned')
    expect(await refusal(jws, [BY.pin])).toBe('version 2')
    expect(await refusal(jws, [withdrawn(0)[0]!])).toBe('root-not-pinned')
    expect(await refusal(jws, withdrawn(0))).toBe('version 2')
  })
})
