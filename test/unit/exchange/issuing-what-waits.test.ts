import { beforeAll, describe, expect, it } from 'vitest'
import { documentTypeNamed } from '../../../src/certificate/document-types.ts'
import { demoCertificate } from '../../../src/cli/demo/documents.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import { admit, type AdmitDependencies } from '../../../src/exchange/issuing/admit.ts'
import { sealInForce, type Seals } from '../../../src/exchange/seals.ts'
import { warningsOfSeals } from '../../../src/exchange/warnings/of-seals.ts'
import { type Addition, countedList } from '../../../src/trust/additions.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { trustView } from '../../../src/trust/trust-view.ts'
import type { Trust } from '../../../src/trust/trust.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { type ListedState, listedState } from '../../support/hostile-lists.ts'

const PARTY = 'BY.CCI.001'
const ISSUED = '2026-03-10T00:00:00Z'
const COUNTS = '2026-03-11T00:00:00Z'
const now = new Date('2026-03-10T12:00:00Z')
const type = documentTypeNamed('origin.ct1')!

let BY: ListedState
beforeAll(async () => {
  BY = await listedState('BY', [PARTY])
})

/** Trust of BY under a second version, whose additions count a day after it was issued. */
function trustAfter(before: Partial<TrustList>, ...after: Partial<TrustList>[]): Trust {
  const later = after.map((changes, n) => {
    const issuedAt = formatInstant(new Date(Date.parse(ISSUED) + n * 3_600_000))
    const list = { ...BY.list, ...changes, version: n + 2, issuedAt }
    return { list, acceptedAt: undefined, additionsFrom: COUNTS }
  })
  const first = { list: { ...BY.list, ...before }, acceptedAt: undefined, additionsFrom: undefined }
  const versions = [first, ...later]
  const { list } = versions.at(-1)!
  const view = trustView(
    [list, { ...BY.list, state: 'UZ', bodies: [], keys: [] }],
    new Map([['BY', countedList(versions)]]),
  )
  return { view } as unknown as Trust
}

describe('a body that the trust list names since today', () => {
  async function refused(
    after: (body: TrustList['bodies'][number]) => TrustList['bodies'][number],
  ) {
    const certificate = await demoCertificate('origin-ct1-tractors', '2026-03-10', 1)
    const named = type.issuingBody(certificate)
    const body = { ...BY.list.bodies[0]!, code: 'code' in named ? named.code : '' }
    const trust = trustAfter({ bodies: [] }, { bodies: [after(body)] })
    // It is refused before any store is asked.
    const deps = { state: 'BY' } as AdmitDependencies
    return admit(deps, { type, certificate, actor: PARTY }, { trust, now })
  }

  it('may not issue yet, and whoever asks is told from when it counts', async () => {
    expect(await refused((body) => body)).toEqual({
      outcome: 'out-of-scope',
      detail: `${PARTY}: origin.ct1 → UZ: this is new in the trust list and counts from ${COUNTS}, or as soon as two persons hasten that version (certex trust hasten)`,
    })
  })

  it('is told of no such instant where it may not issue this at all', async () => {
    expect(await refused((body) => ({ ...body, scopes: [] }))).toEqual({
      outcome: 'out-of-scope',
      detail: `${PARTY}: origin.ct1 → UZ`,
    })
  })
})

const ANOTHER =
  'no other seal of the body is in force here, so that its operator has to make one (certex pki renew document-seal)'

describe('a body without a seal in force', () => {
  async function warned(
    before: Partial<TrustList>,
    after: Partial<TrustList>,
    pending: readonly string[] = [],
  ) {
    const trust = trustAfter(before, after)
    const deps = { state: 'BY', trust: () => Promise.resolve(trust), paths: createPathCache() }
    const additions = pending.map((subject): Addition => ({ added: 'key', subject }))
    const version = { state: 'BY', version: 2, sha256: 'x', countsFrom: COUNTS, additions }
    const found = await warningsOfSeals(deps, now, [version])
    return found.map(({ kind, subject, at, message }) => [kind, subject, at, message.en])
  }

  it('is named to whoever runs the node: why, until when, and the command that hastens it', async () => {
    const { keys } = BY.list
    const seal = keys.find(({ usage }) => usage === 'seal')
    const others = keys.filter((key) => key !== seal)
    const removed = { ...seal!, removedAt: '2026-03-10T06:00:00Z', reason: 'stolen' }
    const next = { ...seal!, x5tS256: 'n'.repeat(43) }
    const kind = 'no-seal-in-force'
    expect(
      await warned({ keys: [seal!] }, { keys: [removed, next] }, ['o'.repeat(43), next.x5tS256]),
    ).toEqual([
      [
        kind,
        PARTY,
        COUNTS,
        expect.stringMatching(/does not count yet.* trust hasten --state BY --version 2/s),
      ],
    ])
    const gone = [kind, PARTY, undefined, expect.stringMatching(/the trust list has removed it/)]
    expect(await warned({ keys: [seal!] }, { keys: [removed, ...others] })).toEqual([gone])
    const none = [kind, PARTY, undefined, expect.stringMatching(/names no seal of it/)]
    expect(await warned({}, { keys: others })).toEqual([none])
    const [body] = BY.list.bodies
    const silent = [{ scopes: [] }, { custody: 'body' as const }]
    for (const change of silent)
      expect(await warned({}, { keys: others, bodies: [{ ...body!, ...change }] })).toEqual([])
  })

  async function obstacle(
    seal: (seals: TrustList['keys']) => [Partial<TrustList>, ...Partial<TrustList>[]],
  ) {
    const keys = BY.list.keys.filter(({ usage }) => usage === 'seal')
    const trust = trustAfter(...seal(keys))
    const seals = { bodies: keys.map(({ x5tS256 }) => ({ x5tS256 })) } as unknown as Seals
    const context = { trust, now } as unknown as Parameters<typeof sealInForce>[2]
    return sealInForce(seals, PARTY, context)
  }

  it('is told that the list has removed its seal, and when', async () => {
    const removed = { removedAt: '2026-03-10T06:00:00Z', reason: 'stolen' }
    const choice = await obstacle((keys) => [
      {},
      { keys: keys.map((key) => ({ ...key, ...removed })) },
    ])
    expect(choice).toEqual({
      obstacle: `the seal of ${PARTY} is not in force: removed from the trust list since 2026-03-10T06:00:00Z; ${ANOTHER}`,
    })
  })

  it('is told from when its new seal counts', async () => {
    expect(await obstacle((keys) => [{ keys: [] }, { keys }])).toEqual({
      obstacle: `the seal of ${PARTY} is not in force: pending: it is new in the trust list and counts from ${COUNTS}, or as soon as two persons hasten that version (certex trust hasten)`,
    })
  })

  it('is told that its new seal never will count, because a later version ended it before', async () => {
    const until = '2026-03-10T18:00:00Z'
    const choice = await obstacle((keys) => [
      { keys: [] },
      { keys },
      { keys: keys.map((key) => ({ ...key, until })) },
    ])
    expect(choice).toEqual({
      obstacle: `the seal of ${PARTY} is not in force: ended before it counted, so that it never does; ${ANOTHER}`,
    })
  })
})
