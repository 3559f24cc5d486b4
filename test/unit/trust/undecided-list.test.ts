import { beforeAll, describe, expect, it } from 'vitest'
import { offlineTrust } from '../../../src/cli/offline-trust.ts'
import { validateOffline } from '../../../src/cli/offline-validation.ts'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import {
  type CertificationAuthority,
  createAuthority,
  createLeaf,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { forge } from '../../support/hostile.ts'
import {
  type ListedState,
  listedState,
  NOW,
  sealOfKey,
  signedList,
  successor,
  unverifiable,
} from '../../support/hostile-lists.ts'

/* A list of which nobody can tell whether its signer was revoked, beside one that is believed or alone. */
let BY: ListedState
let root: CertificationAuthority
/** The list that is believed, and the next one, under a new root, without the CRL of that root. */
let first: string
let next: string
let document: string

beforeAll(async () => {
  BY = await listedState('BY', ['BY.CCI.001'])
  const { pki } = BY
  const validity = { ...DEFAULT_VALIDITY_DAYS, rootCrl: 99, crl: 99 }
  const issuance = { state: 'BY', now: NOW, sealAlgorithm: 'ES256', validity } as const
  const named = (commonName: string) => ({ country: 'BY', organization: 'Registry', commonName })
  root = await createAuthority('root', named('BY Root CA 2'), undefined, issuance)
  const signer = await createLeaf('trust-list-signer', named('BY Lists'), root, issuance)
  first = await signedList(BY.list, pki.trustListSigner)
  const cas = [...BY.list.cas, ...Array.from({ length: 40 }, () => BY.list.root)]
  next = await signedList(
    successor(BY.list, first, { root: encodeBase64(root.certificate), cas }),
    signer,
  )
  document = await forge(await sealOfKey(pki.bodies[0]!.seal), {
    payload: { iss: 'BY.CCI.001' },
    header: { iat: NOW.getTime() / 1000 },
  })
})

const crlOf = ({ crl }: CertificationAuthority): Crl => {
  const parsed = parseCrl(crl)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}

async function trusted(lists: readonly string[], authorities: readonly CertificationAuthority[]) {
  const roots = [BY.pin.rootSha256, await thumbprint(root.certificate)]
  return offlineTrust(
    lists.map((jws, i) => ({ file: `list-${i + 1}`, jws })),
    roots.map((rootSha256) => ({ state: 'BY', rootSha256 })),
    { crls: authorities.map(crlOf), ocsp: [] },
    NOW,
  )
}

async function judged(...known: Parameters<typeof trusted>) {
  const { trust, undecided } = await trusted(...known)
  return validateOffline({
    jws: document,
    trust,
    undecided,
    paths: createPathCache(),
    statusLists: { find: async () => undefined },
    presentedIn: 'UZ',
    declaration: undefined,
    now: NOW,
    id: 'test',
  })
}

const codesOf = ({ checks }: Awaited<ReturnType<typeof judged>>) => checks.map(({ code }) => code)

describe('a trust list of which nobody can tell', () => {
  const withoutNewRoot = () => [BY.pki.root, BY.pki.stateCa, BY.pki.bodies[0]!.ca]

  it('keeps the roots that were told, each once, and no key of its own', async () => {
    const { trust, refused, undecided } = await trusted([next], withoutNewRoot())
    expect(refused).toMatchObject([{ file: 'list-1', reason: 'cannot-tell' }])
    expect([...undecided]).toEqual(['BY'])
    const roots = trust.anchors.map(({ certificate }) => encodeBase64(certificate.der))
    expect(roots.toSorted()).toEqual([BY.list.root, encodeBase64(root.certificate)].toSorted())
    expect(trust.view.states()).toEqual([])
    for (const { x5tS256 } of BY.list.keys) expect(trust.view.key(x5tS256, 'BY')).toBeUndefined()
  })

  it('leaves open who signed, under a path that is valid', async () => {
    const report = await judged([next], withoutNewRoot())
    expect(report).toMatchObject({
      answer: 'cannot-tell',
      subIndication: 'TRY_LATER',
      reasons: ['trust-list-undecided'],
      stoppedBy: 'registration',
    })
    expect(report.certificate).toBeUndefined()
    // The same without any CRL: what is missing is said, and it is not the root.
    const without = await judged([next], [])
    expect(without).toMatchObject({
      answer: 'cannot-tell',
      subIndication: 'TRY_LATER',
      reasons: ['crl-missing', 'trust-list-undecided'],
    })
  })

  it('is no reason to pass over it for an older one, which it may have ended', async () => {
    const alone = await judged([first], withoutNewRoot())
    expect(codesOf(alone)).not.toContain('trust-list-stale')
    const beside = await judged([first, next], withoutNewRoot())
    expect(codesOf(beside)).toContain('trust-list-stale')
    expect(beside.answer).not.toBe('usable')
    expect(await judged([next, first], withoutNewRoot())).toMatchObject({
      checks: beside.checks,
    })
    const { undecided } = await trusted([first, next], [...withoutNewRoot(), root])
    expect([...undecided]).toEqual([])
  })

  it('and that nobody signed makes no believed list look old', async () => {
    const forged = await unverifiable(first)
    const all = [...withoutNewRoot(), root]

    const { refused, undecided } = await trusted([forged], all)
    expect(refused[0]!.detail).toMatch(/^signature-algorithm-not-supported/)
    // Where no list is believed it may be the genuine one, and the root that was told counts.
    expect([...undecided]).toEqual(['BY'])
    const withoutSeals = await signedList({ ...BY.list, keys: [] }, BY.pki.trustListSigner)
    for (const lists of [
      [withoutSeals, forged],
      [forged, withoutSeals],
    ]) {
      expect([...(await trusted(lists, all)).undecided]).toEqual([])
      const report = await judged(lists, all)
      expect(report).toMatchObject({ answer: 'not-usable', reasons: ['key-unknown'] })
    }
  })

  it('finds no root in a list that is refused for anything else', async () => {
    const altered = next.replace(/[^.]{86}$/, 'A'.repeat(86))
    const { trust, refused } = await trusted([altered], [...withoutNewRoot(), root])
    expect(refused).toMatchObject([{ reason: 'signature-invalid' }])
    expect(trust.anchors).toEqual([])
  })
})
