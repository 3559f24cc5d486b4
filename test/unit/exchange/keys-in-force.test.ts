import { beforeAll, describe, expect, it } from 'vitest'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { keyFaults, keyOrNone, NoKeyInForce } from '../../../src/exchange/key-in-force.ts'
import { signingKeys } from '../../../src/exchange/signing-keys.ts'
import { noteKeyText, openWorkingKeys } from '../../../src/exchange/working-keys.ts'
import { warningsOfWorkingKeys } from '../../../src/exchange/warnings/of-working-keys.ts'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import {
  type CertifiedKey,
  createLeaf,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import type { TrustKey, TrustList } from '../../../src/trust/trust-list.ts'
import { type Trust, trustOf } from '../../../src/trust/trust.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache, type PathCache } from '../../../src/x509/path-cache.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { type ListedState, listedState, NOW } from '../../support/hostile-lists.ts'

const WORK = ['registry-seal', 'status-signer', 'node'] as const
type Work = (typeof WORK)[number]
const DAY_MS = 86_400_000
const days = (n: number) => new Date(NOW.getTime() + n * DAY_MS)
const instant = (n: number) => days(n).toISOString().replace('.000', '')

let BY: ListedState
/** Of every kind the former key and a later one. */
let made: Record<Work, readonly [CertifiedKey, CertifiedKey]>
let held: Awaited<ReturnType<typeof openWorkingKeys>>
let good: Crl[]

beforeAll(async () => {
  BY = await listedState('BY', ['BY.CCI.001'])
  const { pki } = BY
  const issuance = {
    state: 'BY',
    now: days(-1),
    sealAlgorithm: 'ES256',
    validity: DEFAULT_VALIDITY_DAYS,
  } as const
  const next = (work: Work) =>
    createLeaf(
      work,
      { country: 'BY', organization: 'Registry', commonName: `Next ${work}` },
      pki.stateCa,
      issuance,
    )
  made = {
    'registry-seal': [pki.registrySeal, await next('registry-seal')],
    'status-signer': [pki.statusSigner, await next('status-signer')],
    node: [pki.node, await next('node')],
  }
  const keys = WORK.flatMap((purpose) =>
    made[purpose].map(({ pkcs8, x5c: path }) => {
      return { purpose, pkcs8, path, environment: 'production' } as const
    }),
  )
  const bare = [
    { purpose: 'log', ...pki.log },
    { purpose: 'witness', ...pki.witness },
  ] as const
  held = await openWorkingKeys('BY', keys, bare)
  good = [pki.root, pki.stateCa, ...pki.bodies.map(({ ca }) => ca)].map(
    ({ crl }) => parseCrl(crl) as Crl,
  )
})

type Changes = Partial<TrustKey> | 'unlisted'

/** Trust in a list that names the former key of a kind so, and the later one so or not at all. */
async function listing(work: Work, former: Changes, next: Changes, crls = good): Promise<Trust> {
  const entries = await Promise.all(
    [former, next].map(async (changes, i) => {
      const { certificate } = made[work][i]!
      const entry = {
        x5tS256: await thumbprint(certificate),
        der: encodeBase64(certificate),
        body: 'BY.REGISTRY',
        usage: work,
        from: instant(i === 0 ? -20 : -1),
      }
      return changes === 'unlisted' ? [] : [{ ...entry, ...changes }]
    }),
  )
  const list: TrustList = {
    ...BY.list,
    keys: entries.flat(),
    nodes: entries
      .flat()
      .map(({ x5tS256: key }) => ({ state: 'BY', url: 'https://by.example', key })),
    logs: [
      { ...noteKeyText('BY', 'log', BY.pki.log.publicKey), from: instant(-20), until: instant(-1) },
    ],
  }
  return trustOf({ pins: [BY.pin], lists: [list], crls, revision: 1 })
}

/** Lists of the state's CA that revoke the former key, as long as they count. */
async function revoking(work: Work, thisUpdate: Date, nextUpdate: Date): Promise<Crl[]> {
  const leaf = parseX509Certificate(made[work][0].certificate)
  if ('malformed' in leaf) throw new Error(leaf.malformed)
  const revoked = [
    { serialNumber: leaf.serialNumber, revokedAt: thisUpdate, reason: 'superseded' } as const,
  ]
  const crl = await issueCrl({ ca: BY.pki.stateCa, revoked, number: 9n, thisUpdate, nextUpdate })
  return good.map((each, i) => (i === 1 ? (parseCrl(crl) as Crl) : each))
}

/** Which key signs, or why none does. */
async function chosen(work: Work, trust: Trust): Promise<string> {
  const deps = { state: 'BY', now: () => NOW, trust: async () => trust, paths: createPathCache() }
  const keys = signingKeys(held, deps)
  const find = {
    'registry-seal': async () => (await keys.seals.registry()).x5tS256,
    'status-signer': async () => (await keys.seals.statusSigner()).x5tS256,
    node: async () => (await keys.nodeKey()).keyid,
  }
  const found = await keyOrNone(find[work]())
  if (found instanceof NoKeyInForce) return found.message
  return found === (await thumbprint(made[work][0].certificate)) ? 'former' : 'next'
}

describe.each(WORK)('a %s key', (work) => {
  it.each([
    ['removed', { removedAt: instant(-2) }],
    ['ended', { until: instant(-2) }],
    ['not-yet', { from: instant(2) }],
  ])('that is %s signs nothing, also where there is no other', async (fault, changes) => {
    const none = `No ${work} key of BY is in force: ${fault}`
    expect(await chosen(work, await listing(work, changes, 'unlisted'))).toBe(none)
    expect(await chosen(work, await listing(work, changes, {}))).toBe('next')
  })

  it('that is revoked signs nothing, also where there is no other', async () => {
    const crls = await revoking(work, days(-1), days(20))
    const none = `No ${work} key of BY is in force: revoked`
    expect(await chosen(work, await listing(work, {}, 'unlisted', crls))).toBe(none)
    expect(await chosen(work, await listing(work, {}, {}, crls))).toBe('next')
  })

  it('goes on where revocation cannot be told; what an old list revokes stays revoked', async () => {
    expect(await chosen(work, await listing(work, {}, 'unlisted', []))).toBe('former')
    const stale = await revoking(work, days(-9), days(-2))
    expect(await chosen(work, await listing(work, {}, 'unlisted', stale))).toMatch(/: revoked$/)
  })

  it('that the list does not name, or names for other work, signs nothing', async () => {
    const none = `The trust list of BY names no ${work} key that this node holds`
    expect(await chosen(work, await listing(work, 'unlisted', 'unlisted'))).toBe(none)
    const usage = work === 'node' ? 'status-signer' : 'node'
    expect(await chosen(work, await listing(work, { usage }, 'unlisted'))).toBe(none)
  })
})

it('a revocation that arrives stops a key at once, though it was asked for before', async () => {
  const paths = createPathCache()
  const lists = [
    await listing('node', {}, 'unlisted', []),
    await listing('node', {}, 'unlisted'),
    await listing('node', {}, 'unlisted', await revoking('node', days(-1), days(20))),
  ]
  let trust = lists[0]!
  const { nodeKey } = signingKeys(held, {
    state: 'BY',
    now: () => NOW,
    trust: async () => trust,
    paths,
  })
  const answers: string[] = []
  for (trust of lists) {
    const found = await keyOrNone(nodeKey())
    answers.push(found instanceof NoKeyInForce ? 'none' : 'former')
  }
  expect(answers).toEqual(['former', 'former', 'none'])
})

describe('what is remembered of a key for as long as nothing can change', () => {
  const judgedBy = async (trust: Trust) => {
    const cache = createPathCache()
    let count = 0
    const paths: PathCache = {
      ...cache,
      validate(path) {
        count += 1
        return cache.validate(path)
      },
    }
    const faultOf = keyFaults(paths)
    const listed = trust.view.list('BY')!.keys[0]!
    const { certificate, x5c: path } = made.node[0]
    const x5tS256 = await thumbprint(certificate)
    const ask = (of: readonly Uint8Array[], now: Date) =>
      faultOf({ x5tS256, path: of }, listed, { purpose: 'node', trust, now })
    return { ask, path, count: () => count }
  }

  it('is of one path: another one of the same key is judged by itself', async () => {
    const { ask, path } = await judgedBy(await listing('node', {}, 'unlisted', []))
    const leafAlone = path.slice(0, 1)
    expect(await ask(leafAlone, NOW)).toBe('no-anchor')
    expect(await ask(path, NOW)).toBeUndefined()
    expect(await ask(leafAlone, NOW)).toBe('no-anchor')
  })

  it('serves again within the second and no longer, so that no answer outlives the path', async () => {
    const { ask, path, count } = await judgedBy(await listing('node', {}, 'unlisted', []))
    const leaf = parseX509Certificate(path[0]!)
    if ('malformed' in leaf) throw new Error(leaf.malformed)
    const end = leaf.notAfter.getTime()
    expect(await ask(path, new Date(end - 900))).toBeUndefined()
    expect(await ask(path, new Date(end - 100))).toBeUndefined()
    expect(count()).toBe(1)
    expect(await ask(path, new Date(end))).toBeUndefined()
    expect(await ask(path, new Date(end + 1))).toBe('expired')
  })
})

it('the warning of a log or witness key that waits names the version of the own list that adds it', async () => {
  const obstructed = { key: 'exchange.by/witness/1+53a1e0c2+BA', fault: 'pending' } as const
  const trust = await listing('node', {}, 'unlisted')
  const said = async (countsFrom: string | undefined) => {
    const idleWork = async () => [{ work: 'witness', obstructed } as const]
    const deps = { state: 'BY', trust: async () => trust, paths: createPathCache(), idleWork }
    const pending = [
      { state: 'BY', version: 3, subject: 'exchange.by/witness/1' },
      { state: 'BY', version: 4, subject: 'exchange.by/log/1' },
      { state: 'UZ', version: 5, subject: 'exchange.by/witness/1' },
    ].map(({ subject, ...version }) => {
      const additions = [{ added: 'log', subject } as const]
      return { ...version, sha256: '', countsFrom, additions }
    })
    return (await warningsOfWorkingKeys(deps, NOW, pending))[0]!
  }
  const waits = await said(instant(1))
  expect(waits).toMatchObject({ subject: obstructed.key, at: instant(1) })
  for (const words of [waits.message.en, waits.message.ru]) {
    expect(words).toContain('certex trust hasten --state BY --version 3')
    expect(words).not.toContain('pki renew')
  }
  const frozen = await said(undefined)
  expect(frozen.message.en).toContain('certex trust settle-fork')
  expect(frozen.message.en).not.toContain('hasten')
})

it('the warning says which work stands still, with and without the keys in hand', async () => {
  const crls = await revoking('registry-seal', days(-1), days(20))
  const trust = await listing('registry-seal', {}, 'unlisted', crls)
  const deps = { state: 'BY', now: () => NOW, trust: async () => trust, paths: createPathCache() }
  const key = await thumbprint(made['registry-seal'][0].certificate)
  const of = async (idleWork?: ReturnType<typeof signingKeys>['idleWork']) =>
    (await warningsOfWorkingKeys({ ...deps, idleWork }, NOW)).map(({ subject }) => subject)
  expect(await of()).toEqual([key])
  // Of the log key, which the list names and which has ended, too; no list names the others.
  expect(await of(signingKeys(held, deps).idleWork)).toEqual([
    key,
    'BY status-signer',
    'BY node',
    noteKeyText('BY', 'log', BY.pki.log.publicKey).key,
  ])
})
