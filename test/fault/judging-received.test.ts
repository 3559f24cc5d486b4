import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { acceptReceipt } from '../../src/exchange/delivery/accept-receipts.ts'
import { decideWaiting } from '../../src/exchange/incoming/decide-waiting.ts'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import { WAITS_FOR_ITS_RECEIPT } from '../../src/exchange/incoming/waiting-changes.ts'
import type { Seal } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import type { TrustList } from '../../src/trust/trust-list.ts'
import { trustView } from '../../src/trust/trust-view.ts'
import type { CurrentTrust } from '../../src/trust/trust.ts'
import { validated } from '../support/changes.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { databaseOf } from '../support/losing.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let chamber: Seal
let certifier: Seal
let customs: ApiClient
let lastSeq = 10_000
beforeAll(async () => {
  nodes = await startTwoNodes()
  // What is decided is what these tests decide.
  await nodes.UZ.running.schedule.stop()
  chamber = await sealOf(nodes.BY, 'BY.CCI.001')
  certifier = await sealOf(nodes.BY, 'BY.TESTCERT')
  customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
})
afterAll(() => nodes.close())

type Deps = Parameters<typeof receiveMessages>[0]
const deps = (): Deps => nodes.UZ.running.deps
const later = (ms: number, under: Deps = deps()): Deps => ({
  ...under,
  now: () => new Date(Date.now() + ms),
})
const MINUTE = 60_000

/** Sends one after the other, each in a message of its own. */
async function send(documents: readonly string[], under: Deps = deps()): Promise<void> {
  for (const document of documents)
    await receiveMessages(under)('BY', [{ seq: ++lastSeq, document }])
}

async function certificate(claims: object = {}): Promise<string> {
  return forge(chamber, { payload: claimsFor(nodes.BY, await freshCertificate(), { ...claims }) })
}

async function conformity(): Promise<string> {
  const fresh = await freshCertificate('conformity-eaeu-certificate')
  const binding = { iss: 'BY.TESTCERT', aud: ['UZ'] }
  return forge(certifier, { payload: claimsFor(nodes.BY, fresh, binding) })
}

function changing(seal: Seal, target: string, claims: object): Promise<string> {
  const iss = seal === chamber ? 'BY.CCI.001' : 'BY.TESTCERT'
  return forge(seal, {
    typ: 'status-change+jwt',
    payload: {
      schema: 'status-change/1',
      iss,
      aud: ['UZ'],
      target,
      effectiveFrom: today,
      reason: 'Проверка',
      ...claims,
    },
  })
}

/** The decision on a document, else what it waits for. */
function fateOf(document: string): string {
  const sha256 = digest(document)
  const decision = rowsOf(nodes.UZ, 'decisions').find((row) => row['sha256'] === sha256)
  if (decision) return `${String(decision['outcome'])} ${String(decision['findings'])}`
  const waits = rowsOf(nodes.UZ, 'inbox').find((row) => row['sha256'] === sha256)
  return `waits for ${String(waits?.['waits_for'])}`
}

/** The trust of Uzbekistan as if lists said something else, and as if there were further ones. */
async function trusting(
  change: (list: TrustList) => TrustList,
  further: (of: TrustList) => TrustList[] = () => [],
): Promise<Deps> {
  const trust = await deps().trust()
  const lists = trust.view.states().map((state) => change(trust.view.list(state)!))
  const view = trustView([...lists, ...further(lists.find(({ state }) => state === 'BY')!)])
  const changed: CurrentTrust = async () => ({ ...trust, view })
  return { ...deps(), trust: changed }
}

/** Counts how often the signer of a document is verified. */
function counting(under: Deps = deps()): { deps: Deps; verified: () => number } {
  let verified = 0
  const paths: Deps['paths'] = {
    decode: under.paths.decode,
    validate(path) {
      verified++
      return under.paths.validate(path)
    },
  }
  return { deps: { ...under, paths }, verified: () => verified }
}

describe('a status list', () => {
  const at = (uri: string) => ({ status: { status_list: { uri, idx: ++lastSeq } } })
  const third = (nodesOf: (by: TrustList) => TrustList['nodes']) => (by: TrustList) => [
    { ...by, state: 'KZ', bodies: [], keys: [], nodes: nodesOf(by) },
  ]

  it('stays its state’s own when a third state’s list names the node as well', async () => {
    const under = await trusting(
      (list) => list,
      third(({ nodes: [by] }) => [
        { ...by!, state: 'KZ', url: 'https://kz.example' },
        { ...by!, url: `${by!.url}/status` },
      ]),
    )
    const document = await certificate()
    await send([document], under)
    expect(fateOf(document)).toBe('accepted []')
  })

  it('belongs to the node with the longest address of those that share a host', async () => {
    const under = await trusting(
      (list) =>
        list.state === 'BY'
          ? { ...list, nodes: list.nodes.map((node) => ({ ...node, url: 'https://x.example/by' })) }
          : list,
      third(({ nodes: [by] }) => [
        { ...by!, state: 'KZ', url: 'https://x.example' },
        { ...by!, state: 'KZ', url: 'https://x.example/by/kz' },
      ]),
    )
    const own = await certificate(at('https://x.example/by/status/1'))
    const foreign = await certificate(at('https://x.example/status/1'))
    const deeper = await certificate(at('https://x.example/by/kz/status/1'))
    await send([own, foreign, deeper], under)
    expect([own, foreign, deeper].map(fateOf)).toEqual([
      'accepted []',
      'refused ["STATUS-LIST-FOREIGN"]',
      'refused ["STATUS-LIST-FOREIGN"]',
    ])
  })
})

describe('a change of what is not in the register', () => {
  it('is decided with its target, whichever comes first', async () => {
    const refused = await certificate({ aud: ['KZ'] })
    const unreadable = await certificate({ schema: 'origin.ct1/99' })
    for (const [target, fate, first] of [
      [refused, 'refused ["TARGET-REFUSED"]', await certificate({ aud: ['KZ'] })],
      [
        unreadable,
        'not-readable ["TARGET-NOT-READABLE"]',
        await certificate({ schema: 'origin.ct1/99' }),
      ],
    ] as const) {
      const change = await changing(chamber, digest(target), { change: 'annul' })
      await send([target, change])
      expect(fateOf(change)).toBe(fate)

      const before = await changing(chamber, digest(first), { change: 'annul' })
      await send([before])
      expect(fateOf(before)).toBe(`waits for target ${digest(first)}`)
      await send([first])
      expect(fateOf(before)).toBe(fate)
    }
  })

  it('is refused where it names what is no certificate', async () => {
    const document = await certificate()
    const annul = await changing(chamber, digest(document), { change: 'annul' })
    const change = await changing(chamber, digest(annul), { change: 'annul' })
    await send([document, annul, change])
    expect([annul, change].map(fateOf)).toEqual([
      'accepted []',
      'refused ["TARGET-NOT-A-CERTIFICATE"]',
    ])
  })
})

describe('what a key or scope that has just begun signed', () => {
  const from = (ms: number) => formatInstant(new Date(Date.now() + ms))
  const keyFrom = (ms: number) => (list: TrustList) => ({
    ...list,
    keys: list.keys.map((key) => (key.body === 'BY.CCI.001' ? { ...key, from: from(ms) } : key)),
  })
  const scopeFrom = (ms: number) => (list: TrustList) => ({
    ...list,
    bodies: list.bodies.map((body) =>
      body.id === 'BY.CCI.001'
        ? { ...body, scopes: body.scopes.map((scope) => ({ ...scope, from: from(ms) })) }
        : body,
    ),
  })

  it.each([
    ['key', keyFrom, 'refused ["KEY-NOT-YET"]'],
    ['scope', scopeFrom, 'refused ["OUT-OF-SCOPE"]'],
  ])('waits for the clock of the receiver: %s', async (_, beginning, refusal) => {
    const under = await trusting(beginning(40_000))
    const document = await certificate()
    await send([document], under)
    expect(fateOf(document)).toBe('waits for a key or scope to begin')
    await decideWaiting(under)()
    expect(fateOf(document)).toBe('waits for a key or scope to begin')
    await decideWaiting(later(MINUTE, under))()
    expect(fateOf(document)).toBe('accepted []')

    const early = await certificate()
    await send([early], await trusting(beginning(90_000)))
    expect(fateOf(early)).toBe(refusal)
  })
})

describe('a certificate that says it will be signed later', () => {
  it('waits for that time, because the clock of this node may be slow, and is then as any other', async () => {
    const payload = claimsFor(nodes.BY, await freshCertificate())
    const iat = Math.floor(Date.now() / 1000) + 3600
    const document = await forge(chamber, { payload, header: { iat } })
    await send([document])
    expect(fateOf(document)).toBe('waits for its time of signing')
    await decideWaiting(later(3_500_000))()
    expect(fateOf(document)).toBe('waits for its time of signing')
    await decideWaiting(later(3_600_000))()
    expect(fateOf(document)).toBe('accepted []')
  })

  it('is judged also where its row says that it stands in the log and its receipt alone is missing', async () => {
    const payload = claimsFor(nodes.BY, await freshCertificate())
    const iat = Math.floor(Date.now() / 1000) + 3600
    const document = await forge(chamber, { payload, header: { iat } })
    await send([document])
    const database = new SqliteDatabase(databaseOf(nodes.UZ))
    const row = database.raw.prepare('UPDATE inbox SET waits_for = ? WHERE sha256 = ?')
    row.run(WAITS_FOR_ITS_RECEIPT, digest(document))
    database.close()
    await decideWaiting(deps())()
    expect(fateOf(document)).toBe('waits for its time of signing')
    await decideWaiting(later(3_600_000))()
    expect(fateOf(document)).toBe('accepted []')
  })

  it('further than any clock is wrong is accepted with a finding, and no validation calls its signature confirmed', async () => {
    const signedIn = async (seconds: number) => {
      const fresh = await freshCertificate()
      const iat = Math.floor(Date.now() / 1000) + seconds
      const payload = claimsFor(nodes.BY, fresh)
      const document = await forge(chamber, { payload, header: { iat } })
      await send([document])
      const report = await validated(customs, nodes.BY, fresh)
      return [fateOf(document), report.answer, report.reasons.join()]
    }
    expect(await signedIn(30)).toEqual(['accepted []', 'usable', ''])
    expect(await signedIn(90_000)).toEqual([
      'accepted-with-findings ["SIGNED-IN-FUTURE"]',
      'cannot-tell',
      'signed-after-receipt',
    ])
  })
})

describe('a receipt that a registry key signs which has just begun', () => {
  it('is asked for again, not refused', async () => {
    const seal = await sealOf(nodes.BY, 'registry-seal')
    const receipt = await forge(seal, { typ: 'receipt+jwt', payload: {} })
    const beginning = async (ms: number) => {
      const from = formatInstant(new Date(Date.now() + ms))
      const under = await trusting((list) => ({
        ...list,
        keys: list.keys.map((key) => (key.usage === 'registry-seal' ? { ...key, from } : key)),
      }))
      return acceptReceipt({ ...nodes.UZ.running.deps, trust: under.trust })('BY', receipt)
    }
    const detail = 'registration: key-not-yet'
    expect(await beginning(40_000)).toEqual({ outcome: 'cannot-tell', detail })
    expect(await beginning(90_000)).toEqual({ outcome: 'refused', detail })
  })
})

describe('changes that wait', () => {
  it('are verified again only when what they wait for has come', async () => {
    const target = await conformity()
    const changes: string[] = []
    for (let i = 0; i < 10; i++)
      changes.push(
        await changing(certifier, digest(target), { change: i % 2 === 0 ? 'suspend' : 'resume' }),
      )
    await send([target])
    const missing = ++lastSeq
    await send(changes)
    expect(changes.map(fateOf)).toEqual([
      `waits for message ${missing}`,
      ...changes.slice(0, -1).map((change) => `waits for change ${digest(change)}`),
    ])

    // Some anchors may be tried in vain before the right one: what one document costs is measured.
    const one = counting()
    await send([await certificate()], one.deps)
    const pass = counting()
    await decideWaiting(pass.deps)()
    expect(pass.verified()).toBeLessThanOrEqual(one.verified())
    const all = counting()
    await receiveMessages(all.deps)('BY', [{ seq: missing, document: await certificate() }])
    expect(changes.map(fateOf)).toEqual(changes.map(() => 'accepted []'))
    expect(all.verified()).toBe(one.verified() * (1 + changes.length))
  })

  it('are decided at once when the schedule decides what they wait for', async () => {
    const soon = formatInstant(new Date(Date.now() + 40_000))
    const under = await trusting((list) => ({
      ...list,
      keys: list.keys.map((key) => (key.body === 'BY.TESTCERT' ? { ...key, from: soon } : key)),
    }))
    const target = await conformity()
    const change = await changing(certifier, digest(target), { change: 'suspend' })
    await send([change])
    await send([target], under)
    expect([target, change].map(fateOf)).toEqual([
      'waits for a key or scope to begin',
      `waits for target ${digest(target)}`,
    ])
    await decideWaiting(later(MINUTE, under))()
    expect([target, change].map(fateOf)).toEqual(['accepted []', 'accepted []'])
  })

  it('are taken in parts, and what keeps waiting in front holds up nothing behind it', async () => {
    const soon = formatInstant(new Date(Date.now() + 40_000))
    const beginning = (...bodies: string[]) =>
      trusting((list) => ({
        ...list,
        keys: list.keys.map((key) => (bodies.includes(key.body) ? { ...key, from: soon } : key)),
      }))
    const stuck = await Promise.all([1, 2, 3].map(() => certificate()))
    const behind = await Promise.all([1, 2, 3, 4].map(() => conformity()))
    await send([...stuck, ...behind], await beginning('BY.CCI.001', 'BY.TESTCERT'))
    const pass = decideWaiting(await beginning('BY.CCI.001'), { pages: 9, judged: 3 })
    const decided = () => behind.filter((document) => fateOf(document) === 'accepted []')
    expect(await pass()).toBe(0)
    expect(await pass()).toBe(3)
    expect(decided()).toEqual(behind.slice(0, 3))
    expect(await pass()).toBe(1)
    expect(stuck.map(fateOf)).toEqual(stuck.map(() => 'waits for a key or scope to begin'))
    await decideWaiting(later(MINUTE))()
    expect(stuck.map(fateOf)).toEqual(stuck.map(() => 'accepted []'))
  })
})

describe('an authentic change that takes effect before the day of its certificate', () => {
  const yesterday = addDays(today, -1)

  it('is accepted, and customs is told that the certificate is not usable', async () => {
    const customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    const fresh = await freshCertificate()
    const document = await forge(chamber, { payload: claimsFor(nodes.BY, fresh) })
    const annul = await changing(chamber, digest(document), {
      change: 'annul',
      effectiveFrom: yesterday,
    })
    await send([document, annul])
    expect(fateOf(annul)).toBe('accepted []')
    expect(await validated(customs, nodes.BY, fresh)).toMatchObject({
      answer: 'not-usable',
      reasons: ['annulled'],
    })
  })

  it('is accepted as well where it suspends a conformity certificate', async () => {
    const customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    const fresh = await freshCertificate('conformity-eaeu-certificate')
    const binding = { iss: 'BY.TESTCERT', aud: ['UZ'] }
    const document = await forge(certifier, { payload: claimsFor(nodes.BY, fresh, binding) })
    const suspend = await changing(certifier, digest(document), {
      change: 'suspend',
      effectiveFrom: addDays(fresh['validFrom'] as string, -1),
    })
    await send([document, suspend])
    expect(fateOf(suspend)).toBe('accepted []')
    expect(await validated(customs, nodes.BY, fresh)).toMatchObject({
      answer: 'not-usable',
      reasons: ['suspended'],
    })
  })
})
