import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decideWaiting } from '../../src/exchange/incoming/decide-waiting.ts'
import { type Message, receiveMessages } from '../../src/exchange/incoming/receive.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { expectLogsToTell } from '../support/changes.ts'
import { digest, forge, rowsOf, sealOf } from '../support/hostile.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const from = '2026-01-01T00:00:00Z'
const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T00:00:00Z`

let nodes: TwoNodes
let registry: Seal
let x5tS256: string
let lastSeq = 20_000
beforeAll(async () => {
  nodes = await startTwoNodes()
  registry = await sealOf(nodes.BY, 'registry-seal')
  ;({ x5tS256 } = await sealOf(nodes.BY, 'BY.CCI.001'))
})
afterAll(() => nodes.close())

const deps = () => nodes.UZ.running.deps
const receive = (messages: readonly Message[]) => receiveMessages(deps())('BY', messages)
const send = (...documents: readonly string[]) =>
  receive(documents.map((document) => ({ seq: ++lastSeq, document })))

let told = 0
function notice(claims: object, seal = registry): Promise<string> {
  const common = {
    schema: 'security-notice/1',
    iss: 'BY.REGISTRY',
    aud: ['UZ'],
    authority: 'BY.CCI',
    reason: `Проверка ${++told}`,
  }
  return forge(seal, { typ: 'security-notice+jwt', payload: { ...common, ...claims } })
}

function declaration(claims: object = {}): Promise<string> {
  return notice({
    change: 'declare',
    subject: { state: 'BY', body: 'BY.CCI.001', x5tS256 },
    severity: 'compromised',
    measure: 'hold',
    interval: { from },
    advice: 'Отложить',
    ...claims,
  })
}

function narrowed(amends: string, interval: object): Promise<string> {
  return notice({ change: 'narrow', amends: digest(amends), interval })
}

function released(amends: string): Promise<string> {
  return notice({ change: 'release', amends: digest(amends) })
}

/** The decision on a document, else what it waits for. */
function fateOf(document: string): string {
  const sha256 = digest(document)
  const decision = rowsOf(nodes.UZ, 'decisions').find((row) => row['sha256'] === sha256)
  if (decision) return `${String(decision['outcome'])} ${String(decision['findings'])}`
  const waits = rowsOf(nodes.UZ, 'inbox').find((row) => row['sha256'] === sha256)
  return `waits for ${String(waits?.['waits_for'])}`
}

/** A notice, two amendments that narrow it, its release. */
async function story(): Promise<[string, ...string[]]> {
  const first = await declaration()
  const second = await narrowed(first, { from: day(2) })
  const third = await narrowed(second, { from: day(2), until: day(9) })
  return [first, second, third, await released(third)]
}

describe('the documents of one notice', () => {
  it('come to the same in every order, batch and repetition', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
        async (order, cuts, repeats) => {
          const documents = await story()
          const messages = documents.map((document) => ({ seq: ++lastSeq, document }))
          const arriving = [...order, ...repeats].map((i) => messages[i]!)
          const batch: Message[] = []
          for (const [i, message] of arriving.entries()) {
            batch.push(message)
            if (cuts[i] || i === arriving.length - 1) await receive(batch.splice(0))
          }
          expect(documents.map(fateOf)).toEqual(documents.map(() => 'accepted []'))
          expect(await deps().notices.find(digest(documents[0]))).toMatchObject({
            interval: { from: day(2), until: day(9) },
            released: true,
            documents: documents.map(digest),
          })
        },
      ),
      { numRuns: 20, endOnFailure: true },
    )
    await expectLogsToTell(nodes.UZ)
  })

  it('come to the same when all arrive at once', async () => {
    const documents = await story()
    const messages = documents.map((document) => ({ seq: ++lastSeq, document }))
    await Promise.all(messages.toReversed().map((message) => receive([message])))
    while ((await decideWaiting(deps())()) > 0);
    expect(documents.map(fateOf)).toEqual(documents.map(() => 'accepted []'))
  })

  it('hold each other up no longer than until the missing one is there', async () => {
    const [first, second, , ,] = await story()
    const release = await released(second!)
    await send(release)
    expect(fateOf(release)).toBe(`waits for target ${digest(second!)}`)
    await send(second!)
    expect(fateOf(second!)).toBe(`waits for target ${digest(first)}`)
    await send(first)
    expect([first, second!, release].map(fateOf)).toEqual(Array(3).fill('accepted []'))
  })
})

describe('of two documents that amend the same one', () => {
  it('the first that narrows counts, and the other raises an alarm', async () => {
    const first = await declaration()
    const [one, other] = [
      await narrowed(first, { from: day(3) }),
      await narrowed(first, { from: day(4) }),
    ]
    await send(first, one, other)
    expect([one, other].map(fateOf)).toEqual(['accepted []', 'refused ["CONFLICT"]'])
    const alarms = rowsOf(nodes.UZ, 'alarms').map(({ detail }) => String(detail))
    expect(alarms.some((detail) => detail.startsWith(`${digest(other)} amends`))).toBe(true)
  })

  it('a release ends the notice wherever it joins it, and for good', async () => {
    const first = await declaration()
    const narrow = await narrowed(first, { from: day(3) })
    const release = await released(first)
    const late = await narrowed(narrow, { from: day(5) })
    await send(first, narrow, release, late)
    expect([release, late].map(fateOf)).toEqual(['accepted []', 'refused ["NOTICE-RELEASED"]'])
  })
})

describe('a notice is refused', () => {
  const refusals: Record<string, [() => Promise<string>, RegExp]> = {
    'that a seal of a body signed': [
      async () => declarationBy(await sealOf(nodes.BY, 'BY.CCI.001')),
      /^refused \["PATH-SHAPE"\]$/,
    ],
    'in the name of another registry': [
      () => declaration({ iss: 'UZ.REGISTRY' }),
      /^refused \["ISSUER-DIFFERS"\]$/,
    ],
    'on the word of another state’s authority': [
      () => declaration({ authority: 'UZ.CUSTOMS' }),
      /^refused \["AUTHORITY-OF-ANOTHER-STATE"\]$/,
    ],
    'addressed to others': [
      () => declaration({ aud: ['KZ'] }),
      /^refused \["NOT-ADDRESSED-HERE"\]$/,
    ],
    'whose interval ends before it begins': [
      () => declaration({ interval: { from, until: '2025-01-01T00:00:00Z' } }),
      /^refused \["SCHEMA-BROKEN"\]$/,
    ],
    'with a day that no calendar has': [
      () => declaration({ interval: { from: '2026-02-31T25:00:00Z' } }),
      /^refused \["SCHEMA-BROKEN"\]$/,
    ],
    'with a member nobody knows': [
      () => declaration({ extra: 1 }),
      /^refused \["SCHEMA-BROKEN"\]$/,
    ],
    'of a newer version': [
      () => declaration({ schema: 'security-notice/2' }),
      /^not-readable \["SCHEMA-UNKNOWN"\]$/,
    ],
    'that would widen another': [
      async () => {
        const first = await declaration()
        await send(first)
        return narrowed(first, { from: '2025-12-31T23:59:59Z' })
      },
      /^refused \["NOTICE-NOT-NARROWER"\]$/,
    ],
    'that amends a notice of another state': [
      async () => {
        const { notices } = deps()
        const own = await ownNotice()
        expect(await notices.find(own)).toBeDefined()
        return notice({ change: 'release', amends: own })
      },
      /^refused \["NOT-YOUR-NOTICE"\]$/,
    ],
    'that amends what was refused': [
      async () => {
        const first = await declaration({ aud: ['KZ'] })
        await send(first)
        return released(first)
      },
      /^refused \["TARGET-REFUSED"\]$/,
    ],
  }
  it.each(Object.entries(refusals))('%s', async (_, [make, expected]) => {
    const document = await make()
    await send(document)
    expect(fateOf(document)).toMatch(expected)
  })

  function declarationBy(seal: Seal): Promise<string> {
    return notice(
      {
        change: 'declare',
        subject: { state: 'BY', body: 'BY.CCI.001', x5tS256 },
        severity: 'suspected',
        measure: 'hold',
        interval: { from },
        advice: 'Отложить',
      },
      seal,
    )
  }

  async function ownNotice(): Promise<string> {
    const authority = await nodes.UZ.client('authority', 'UZ.CUSTOMS')
    const { status, body } = await authority.post('/v1/security-notices', {
      change: 'declare',
      subject: { state: 'BY', x5tS256 },
      severity: 'suspected',
      interval: { from },
      reason: 'Проверка',
      advice: 'Отложить',
    })
    expect(status, JSON.stringify(body)).toBe(201)
    return (body as { sha256: string }).sha256
  }
})

it('a state that tells of one seal without end is refused, and may still release', async () => {
  const other = await sealOf(nodes.BY, 'BY.TESTCERT')
  const subject = { state: 'BY', body: 'BY.TESTCERT', x5tS256: other.x5tS256 }
  const documents = await Promise.all(Array.from({ length: 201 }, () => declaration({ subject })))
  for (let i = 0; i < documents.length; i += 50) await send(...documents.slice(i, i + 50))
  expect(fateOf(documents[199]!)).toBe('accepted []')
  expect(fateOf(documents[200]!)).toBe('refused ["TOO-MANY-NOTICES"]')
  const release = await released(documents[0]!)
  await send(release)
  expect(fateOf(release)).toBe('accepted []')
})

const alarmsOf = (document: string) =>
  rowsOf(nodes.UZ, 'alarms').filter(({ detail }) => String(detail).startsWith(digest(document)))

it('of a foreign seal a state tells fifty times, and amends each ten times', async () => {
  const { x5tS256: foreign } = await sealOf(nodes.UZ, 'registry-seal')
  const subject = { state: 'UZ', body: 'UZ.REGISTRY', x5tS256: foreign }
  const documents = await Promise.all(Array.from({ length: 51 }, () => declaration({ subject })))
  await send(...documents)
  expect(fateOf(documents[49]!)).toBe('accepted []')
  expect(fateOf(documents[50]!)).toBe('refused ["TOO-MANY-NOTICES"]')
  const chain = [documents[0]!]
  for (let n = 2; n <= 12; n++) chain.push(await narrowed(chain.at(-1)!, { from: day(n) }))
  await send(...chain.slice(1))
  expect(fateOf(chain[10]!)).toBe('accepted []')
  expect(fateOf(chain[11]!)).toBe('refused ["NOTICE-TOO-MANY"]')
  const release = await released(chain[10]!)
  await send(release)
  expect(fateOf(release)).toBe('accepted []')
})

it('nobody is called out for keys that no trust list names', async () => {
  const subject = { state: 'BY', body: 'BY.CCI.001', x5tS256: digest('invented') }
  const [unlisted, listed] = [await declaration({ subject }), await declaration()]
  const invented = await declaration({ subject: { state: 'KZ', ski: 'ab'.repeat(20) } })
  await send(unlisted, invented, listed)
  expect([unlisted, invented, listed].map(fateOf)).toEqual(Array(3).fill('accepted []'))
  expect([unlisted, invented, listed].map((one) => alarmsOf(one).length)).toEqual([0, 0, 1])
  await send(await released(unlisted))
  expect(alarmsOf(unlisted)).toEqual([])
})

it('the conflicts of one notice raise one alarm', async () => {
  const first = await declaration()
  const others = await Promise.all([3, 4, 5, 6].map((n) => narrowed(first, { from: day(n) })))
  await send(first, ...others)
  expect(others.map(fateOf)).toEqual(['accepted []', ...Array(3).fill('refused ["CONFLICT"]')])
  expect(others.flatMap(alarmsOf)).toHaveLength(1)
})
