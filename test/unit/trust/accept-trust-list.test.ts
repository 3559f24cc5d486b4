import { beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { signJws } from '../../../src/jose/sign.ts'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import {
  judgeTrustList,
  TRUST_LIST_REFUSALS,
  type TrustListRefusal,
  verifyTrustList,
} from '../../../src/trust/accept-trust-list.ts'
import type { TrustKey, TrustList } from '../../../src/trust/trust-list.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { statementDigests } from '../../../src/jose/statement.ts'
import { digest, forge } from '../../support/hostile.ts'
import {
  crlsOf,
  type ListedState,
  listedState,
  NO_OCSP,
  NOW,
  sealOfKey,
  signedList,
  successor,
} from '../../support/hostile-lists.ts'
import { twinOf } from '../../support/twin.ts'

let BY: ListedState
let UZ: ListedState
let first: string

beforeAll(async () => {
  BY = await listedState('BY')
  UZ = await listedState('UZ')
  first = await signedList(BY.list, BY.pki.trustListSigner)
})

const seen = new Set<TrustListRefusal>()

async function judge(
  jws: string,
  known: Partial<Parameters<typeof judgeTrustList>[1]> = {},
): Promise<string> {
  const result = await judgeTrustList(jws, {
    pins: [BY.pin],
    previous: undefined,
    crls: BY.crls,
    ocsp: NO_OCSP,
    now: NOW,
    ...known,
  })
  if (!('refused' in result)) return `version ${result.version}`
  seen.add(result.refused)
  return `${result.refused}: ${result.detail}`
}

/** The verdict on a list that follows the first one, with some members changed. */
const judgeNext = async (changes: Parameters<typeof successor>[2] = {}) =>
  judge(await signedList(successor(BY.list, first, changes), BY.pki.trustListSigner), {
    previous: { list: BY.list, digests: [digest(first)] },
  })

describe('a trust list', () => {
  it('is accepted under the pinned root, the first as the one after', async () => {
    expect(await judge(first)).toBe('version 1')
    expect(await judgeNext()).toBe('version 2')
  })

  it('is malformed if it is no JWS, no trust list, or breaks the schema anywhere', async () => {
    const { trustListSigner } = BY.pki
    const seal = await sealOfKey(trustListSigner)
    const sign = (payload: object) => signedList(payload, trustListSigner)
    const cases = [
      'x',
      `${first} `,
      await signJws({ typ: 'receipt+jwt', payload: BY.list, seal, signedAt: NOW }),
      await sign({ ...BY.list, more: 1 }),
      await sign({ ...BY.list, schema: 'trust-list/2' }),
      await sign({ ...BY.list, state: 'Belarus' }),
      await sign({ ...BY.list, version: 0 }),
      await sign({ ...BY.list, version: 1.5 }),
      await sign({ ...BY.list, previous: 'x' }),
      await sign({ ...BY.list, issuedAt: '2026-03-02' }),
      await sign({ ...BY.list, issuedAt: '2026-03-02T12:00:00+03:00' }),
      await sign({ ...BY.list, root: `${BY.list.root}\n` }),
      await sign({ ...BY.list, nodes: [] }),
      await sign({ ...BY.list, nodes: [{ ...BY.list.nodes[0], url: 'file:///etc/passwd' }] }),
      await sign({ ...BY.list, keys: [{ ...BY.list.keys[0], usage: 'anything' }] }),
      await sign({ ...BY.list, bodies: [{ ...BY.list.bodies[0], id: 'by.cci' }] }),
    ]
    for (const jws of cases) expect(await judge(jws)).toMatch(/^malformed: /)
  })

  it('of another environment is refused before its root is looked at', async () => {
    const seal = await sealOfKey(BY.pki.trustListSigner, 'training')
    const training = await signJws({
      typ: 'trust-list+jwt',
      payload: BY.list,
      seal,
      signedAt: NOW,
    })
    expect(await judge(training, { pins: [] })).toMatch(/^environment-differs: .* training/)
    expect(await judge(training, { environment: 'training' })).toBe('version 1')
    expect(await judge(first, { environment: 'training' })).toMatch(/^environment-differs/)
  })

  it('of a state without a pinned root is refused', async () => {
    const jws = await signedList(UZ.list, UZ.pki.trustListSigner)
    expect(await judge(jws)).toMatch(/^state-not-pinned/)
    expect(await judge(first, { pins: [] })).toMatch(/^state-not-pinned/)
  })

  it('that proves only itself, under a root of its own, is refused', async () => {
    const impostor = await listedState('BY')
    const jws = await signedList(impostor.list, impostor.pki.trustListSigner)
    expect(await judge(jws, { crls: impostor.crls })).toMatch(/^root-not-pinned/)
    const borrowed = await signedList({ ...impostor.list, state: 'BY' }, BY.pki.trustListSigner)
    expect(await judge(borrowed)).toMatch(/^root-not-pinned/)
    // With the pinned root in it, but signed below another one.
    const stolen = await signedList(BY.list, impostor.pki.trustListSigner)
    expect(await judge(stolen)).toMatch(/^signer-not-valid/)
  })

  it('signed by any other key of the state is refused', async () => {
    const { pki } = BY
    for (const key of [
      pki.registrySeal,
      pki.node,
      pki.statusSigner,
      pki.bodies[0]!.seal,
      pki.stateCa,
    ])
      expect(await judge(await signedList(BY.list, key))).toMatch(/^signer-not-valid/)
    const root = { ...pki.root, x5c: [pki.root.certificate] }
    expect(await judge(await signedList(BY.list, root))).toMatch(/^signer-not-valid/)
  })

  it('that names another certificate than it carries is refused', async () => {
    const seal = await sealOfKey(BY.pki.trustListSigner)
    const header = { 'x5t#S256': digest('another') }
    const jws = await forge(seal, { typ: 'trust-list+jwt', payload: BY.list, header })
    expect(await judge(jws)).toMatch(/^signer-not-valid: x5t#S256/)
  })

  it('by a signer that is revoked is refused, by one of whom nothing is known it must wait', async () => {
    const { root, trustListSigner } = BY.pki
    const signer = parseX509Certificate(trustListSigner.certificate)
    if ('malformed' in signer) throw new Error(signer.malformed)
    const { serialNumber } = signer
    const crl = parseCrl(
      await issueCrl({
        ca: root,
        revoked: [{ serialNumber, revokedAt: new Date('2026-02-20'), reason: 'keyCompromise' }],
        number: 2n,
        thisUpdate: new Date('2026-02-20'),
        nextUpdate: new Date('2026-04-01'),
      }),
    )
    if ('malformed' in crl) throw new Error(crl.malformed)
    expect(await judge(first, { crls: crlSource([crl]) })).toMatch(/^signer-not-valid: revoked/)
    expect(await judge(first, { crls: crlSource([]) })).toMatch(/^cannot-tell: crl-missing/)
    const later = new Date('2026-06-01T00:00:00Z')
    expect(await judge(first, { now: later })).toMatch(/^cannot-tell: crl-stale/)
    const before = new Date('2025-12-31T00:00:00Z')
    expect(await judge(first, { now: before })).toMatch(/^signer-not-valid: not-yet-valid/)
  })

  it('that was tampered with is refused, wherever', async () => {
    const [header, payload, signature] = first.split('.') as [string, string, string]
    const flip = (text: string, at: number) =>
      text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    const other = await signedList(
      { ...BY.list, nextUpdate: '2027-01-01T00:00:00Z' },
      BY.pki.trustListSigner,
    )
    expect(await judge(`${header}.${other.split('.')[1]}.${signature}`)).toMatch(
      /^signature-invalid/,
    )
    expect(await judge(`${header}.${payload}.${flip(signature, 9)}`)).toMatch(/^signature-invalid/)
    for (let at = 0; at < first.length; at += 97)
      expect(await judge(flip(first, at))).toMatch(
        /^(malformed|signature-invalid|signer-not-valid|root-not-pinned)/,
      )
  })

  it('from the future is refused; a minute of difference between clocks is not the future', async () => {
    const at = (seconds: number) =>
      `${new Date(NOW.getTime() + seconds * 1000).toISOString().slice(0, 19)}Z`
    expect(await judgeNext({ issuedAt: at(59) })).toBe('version 2')
    expect(await judgeNext({ issuedAt: at(61) })).toMatch(/^issued-in-future/)
  })
})

describe('the sequence of trust lists', () => {
  it('goes on from either form of a signature: whoever serves the other one stops nothing', async () => {
    const next = await signedList(successor(BY.list, first), BY.pki.trustListSigner)
    const held = twinOf(first)
    expect(await judge(held)).toBe('version 1')
    const previous = { list: BY.list, digests: statementDigests(held) }
    expect(await judge(next, { previous })).toBe('version 2')
    expect(await judge(twinOf(next), { previous })).toBe('version 2')
    const accepted = [{ version: 1, sha256: digest(held) }]
    expect(await judge(first, { previous, accepted })).toMatch(/^rollback/)
    // The same words signed once more are another version all the same.
    const again = await signedList(BY.list, BY.pki.trustListSigner)
    expect(await judge(again, { previous, accepted })).toMatch(/^fork/)
  })

  it('never goes back', async () => {
    const second = successor(BY.list, first)
    const jws = await signedList(second, BY.pki.trustListSigner)
    const previous = { list: second, digests: [digest(jws)] }
    expect(await judge(first, { previous })).toMatch(/^rollback/)
    expect(await judge(jws, { previous })).toMatch(/^rollback/)
    const rewritten = await signedList(
      { ...second, nextUpdate: '2027-01-01T00:00:00Z' },
      BY.pki.trustListSigner,
    )
    expect(await judge(rewritten, { previous })).toMatch(/^rollback/)
  })

  it('leaves nothing out', async () => {
    expect(await judgeNext({ version: 3 })).toMatch(/^gap/)
    const jws = await signedList({ ...BY.list, version: 2 }, BY.pki.trustListSigner)
    expect(await judge(jws)).toMatch(/^gap/)
  })

  it('does not fork', async () => {
    expect(await judgeNext({ previous: null })).toMatch(/^fork/)
    expect(await judgeNext({ previous: digest('another first version') })).toMatch(/^fork/)
    const orphan = await signedList({ ...BY.list, previous: digest('x') }, BY.pki.trustListSigner)
    expect(await judge(orphan)).toMatch(/^fork/)
  })

  it.each<[string, (list: TrustList) => Partial<TrustList>]>([
    ['drops a CA', ({ cas }) => ({ cas: cas.slice(1) })],
    ['drops a body', ({ bodies }) => ({ bodies: bodies.slice(1) })],
    ['drops a key', ({ keys }) => ({ keys: keys.slice(1) })],
    ['drops a log', () => ({ logs: [] })],
    ['gives a log another key', ({ logs }) => ({ logs: [{ ...logs[0]!, key: 'another' }] })],
    [
      'alters the certificate of a key',
      ({ keys, root }) => ({ keys: altered(keys, { der: root }) }),
    ],
    [
      'gives a key to another body',
      ({ keys }) => ({ keys: altered(keys, { body: 'BY.CCI.002' }) }),
    ],
    ['gives a key another use', ({ keys }) => ({ keys: altered(keys, { usage: 'node' }) })],
    ['backdates a key', ({ keys }) => ({ keys: altered(keys, { from: '2020-01-01T00:00:00Z' }) })],
  ])('refuses a version that %s', async (_, change) => {
    expect(await judgeNext(change(BY.list))).toMatch(/^entries-dropped/)
  })

  it('does not go back in time', async () => {
    expect(await judgeNext({ issuedAt: '2026-01-01T00:00:00Z' })).toMatch(
      /^issued-before-previous: .* the version before at /,
    )
    expect(await judgeNext({ issuedAt: BY.list.issuedAt })).toBe('version 2')
  })

  it('knows a fork from a list that is merely old, whatever version it is of', async () => {
    const second = successor(BY.list, first)
    const jws = await signedList(second, BY.pki.trustListSigner)
    const known = {
      previous: { list: second, digests: [digest(jws)] },
      accepted: [
        { version: 1, sha256: digest(first) },
        { version: 2, sha256: digest(jws) },
      ],
    }
    expect(await judge(first, known)).toMatch(/^rollback/)
    expect(await judge(jws, known)).toMatch(/^rollback/)
    for (const list of [BY.list, second]) {
      const other = { ...list, nextUpdate: '2027-01-01T00:00:00Z' }
      expect(await judge(await signedList(other, BY.pki.trustListSigner), known)).toMatch(
        /^fork: its signer signed another version/,
      )
    }
  })

  it('counts for no longer than a list may, and is one of not too many in a day', async () => {
    expect(await judgeNext({ nextUpdate: '2027-04-06T09:00:00Z' })).toBe('version 2')
    expect(await judgeNext({ nextUpdate: '2027-04-06T09:00:01Z' })).toMatch(/^validity-too-long/)
    const many = { ...BY.list, version: 48 }
    const jws = await signedList(many, BY.pki.trustListSigner)
    const previous = { list: many, digests: [digest(jws)] }
    const next = await signedList(successor(many, jws), BY.pki.trustListSigner)
    const issued = (at: string) => ({ previous, issuedAt: () => Promise.resolve(at) })
    expect(await judge(next, issued('2026-03-01T09:00:01Z'))).toMatch(/^too-many-versions/)
    expect(await judge(next, issued('2026-03-01T09:00:00Z'))).toBe('version 49')
  })

  it('is that of one state: the list of another pinned one is refused in its place', async () => {
    const jws = await signedList(UZ.list, UZ.pki.trustListSigner)
    const known = { pins: [BY.pin, UZ.pin], crls: UZ.crls }
    expect(await judge(jws, known)).toBe('version 1')
    expect(await judge(jws, { ...known, state: 'BY' })).toMatch(
      /^state-differs: it is the list of UZ, not of BY/,
    )
  })

  it('refuses a version that prolongs a key', async () => {
    const until = (text: string) => altered(BY.list.keys, { until: text })
    const list = { ...BY.list, keys: until('2027-01-01T00:00:00Z') }
    const jws = await signedList(list, BY.pki.trustListSigner)
    const previous = { list, digests: [digest(jws)] }
    const judgeWith = async (keys: TrustKey[]) =>
      judge(await signedList(successor(list, jws, { keys }), BY.pki.trustListSigner), { previous })
    expect(await judgeWith(until('2026-03-01T00:00:00Z'))).toBe('version 2')
    for (const keys of [until('2027-01-01T00:00:01Z'), BY.list.keys])
      expect(await judgeWith(keys)).toMatch(/^entries-dropped: .* was prolonged/)
  })

  it('refuses a version that takes back a removal, or moves it later or earlier', async () => {
    const removed = altered(BY.list.keys, { removedAt: '2026-03-01T00:00:00Z', reason: 'lost' })
    const list = { ...BY.list, keys: removed }
    const jws = await signedList(list, BY.pki.trustListSigner)
    const previous = { list, digests: [digest(jws)] }
    const moved = ['2026-03-02T00:00:00Z', '2026-02-28T23:59:59Z'].map((removedAt) =>
      altered(removed, { removedAt }),
    )
    for (const keys of [BY.list.keys, ...moved]) {
      const next = await signedList(successor(list, jws, { keys }), BY.pki.trustListSigner)
      expect(await judge(next, { previous })).toMatch(/^entries-dropped: the removal/)
    }
    const kept = await signedList(successor(list, jws), BY.pki.trustListSigner)
    expect(await judge(kept, { previous })).toBe('version 2')
  })

  it('lets a removal that is still to come be brought forward, never put off', async () => {
    const planned = altered(BY.list.keys, { removedAt: '9999-01-01T00:00:00Z', reason: 'lost' })
    const list = { ...BY.list, keys: planned }
    const jws = await signedList(list, BY.pki.trustListSigner)
    const judgeWith = async (keys: TrustKey[]) =>
      judge(await signedList(successor(list, jws, { keys }), BY.pki.trustListSigner), {
        previous: { list, digests: [digest(jws)] },
      })
    expect(await judgeWith(altered(planned, { removedAt: BY.list.issuedAt }))).toBe('version 2')
    for (const keys of [BY.list.keys, altered(planned, { removedAt: '9999-01-01T00:00:01Z' })])
      expect(await judgeWith(keys)).toMatch(/^entries-dropped: the removal/)
  })

  it('refuses a version that prolongs a log key', async () => {
    const [log] = BY.list.logs
    const list = { ...BY.list, logs: [{ ...log!, until: '2026-02-20T00:00:00Z' }] }
    const jws = await signedList(list, BY.pki.trustListSigner)
    const judgeWith = async (until?: string) => {
      const next = successor(list, jws, { logs: [{ ...log!, ...(until && { until }) }] })
      const previous = { list, digests: [digest(jws)] }
      return judge(await signedList(next, BY.pki.trustListSigner), { previous })
    }
    expect(await judgeWith('2026-02-19T00:00:00Z')).toBe('version 2')
    for (const until of [undefined, '2026-02-21T00:00:00Z'])
      expect(await judgeWith(until)).toMatch(/^entries-dropped: log .* was prolonged/)
  })

  it('refuses a version in which an entry that has ended stands once more and goes on', async () => {
    const [log] = BY.list.logs
    const [key] = BY.list.keys
    const [ended, removed] = [
      { ...log!, until: '2026-02-20T00:00:00Z' },
      { ...key!, removedAt: '2026-02-20T00:00:00Z', reason: 'lost' },
    ]
    const keys = [removed, ...BY.list.keys.slice(1)]
    const list = { ...BY.list, logs: [ended], keys }
    const jws = await signedList(list, BY.pki.trustListSigner)
    const previous = { list, digests: [digest(jws)] }
    for (const [change, told] of [
      [{ logs: [ended, log!] }, /^entries-dropped: log .* stands there twice/],
      [{ keys: [key!, ...keys] }, /^entries-dropped: key .* stands there twice/],
      [{ bodies: [...list.bodies, list.bodies[0]!] }, /^entries-dropped: body .* there twice/],
    ] as const) {
      const next = await signedList(successor(list, jws, change), BY.pki.trustListSigner)
      expect(await judge(next, { previous })).toMatch(told)
    }
  })

  it('refuses a first version in which an entry stands twice, unless it was accepted long since', async () => {
    const [body] = BY.list.bodies
    const [key] = BY.list.keys
    const [log] = BY.list.logs
    for (const [twins, told] of [
      [
        { logs: [log!, { ...log!, until: '2027-01-01T00:00:00Z' }] },
        /^entries-dropped: log .* twice/,
      ],
      [{ keys: [...BY.list.keys, { ...key!, from: '2026-03-01T00:00:00Z' }] }, /key .* twice/],
      [{ bodies: [...BY.list.bodies, { ...body!, scopes: [] }] }, /body .* stands there twice/],
    ] as const) {
      const list = { ...BY.list, ...twins }
      const jws = await signedList(list, BY.pki.trustListSigner)
      expect(await judge(jws)).toMatch(told)
      expect(await judge(jws, { at: NOW })).toBe('version 1')
    }
  })

  it('permits what the authority may decide: new keys, ended keys, other scopes', async () => {
    const more = await listedState('BY', ['BY.CCI.003'])
    expect(
      await judgeNext({
        bodies: [...BY.list.bodies, more.list.bodies[0]],
        cas: [...BY.list.cas, more.list.cas[1]],
        keys: [...altered(BY.list.keys, { removedAt: '2026-03-02T00:00:00Z' }), more.list.keys[0]],
      }),
    ).toBe('version 2')
    const scopes = BY.list.bodies.map((body) => ({ ...body, scopes: [] }))
    expect(await judgeNext({ bodies: scopes })).toBe('version 2')
  })

  it('does not bind one who has seen no other version', async () => {
    const jws = await signedList(successor(BY.list, first, { version: 7 }), BY.pki.trustListSigner)
    const known = { pins: [BY.pin], crls: BY.crls, ocsp: NO_OCSP, now: NOW }
    expect(await verifyTrustList(jws, known)).toMatchObject({ version: 7 })
  })

  it('is refused for every reason that there is in these tests', () => {
    expect([...seen].toSorted()).toEqual([...TRUST_LIST_REFUSALS].toSorted())
  })
})

function altered(keys: readonly TrustKey[], change: Partial<TrustKey>): TrustKey[] {
  return keys.map((key, i) => (i === 0 ? { ...key, ...change } : key))
}

it('the tests rest on lists of revocations that hold', () => {
  expect(crlsOf(BY.pki)).toBeDefined()
  expect(encodeBase64(BY.pki.root.certificate)).toBe(BY.list.root)
})
