import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays, addMonths } from '../../src/certificate/day.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { decideWaiting } from '../../src/exchange/incoming/decide-waiting.ts'
import { type Message, receiveMessages } from '../../src/exchange/incoming/receive.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { ask, expectLogsToTell, pathOf, successorOf, validated } from '../support/changes.ts'
import { today } from '../support/day.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let chamber: Seal
let certifier: Seal
/** Numbers of Belarus in the feed to Uzbekistan, dense as far as these tests use it. */
let lastSeq = 10_000
beforeAll(async () => {
  nodes = await startTwoNodes()
  chamber = await sealOf(nodes.BY, 'BY.CCI.001')
  certifier = await sealOf(nodes.BY, 'BY.TESTCERT')
})
afterAll(() => nodes.close())

const receive = (messages: readonly Message[]) =>
  receiveMessages(nodes.UZ.running.deps)('BY', messages)

interface Sent {
  readonly what: string
  readonly document: string
  /** Of a certificate: the status in which the story leaves it. */
  ends?: string
}

function sealed(seal: Seal, certificate: DemoCertificate): Promise<string> {
  const iss = seal === chamber ? 'BY.CCI.001' : 'BY.TESTCERT'
  return forge(seal, { payload: claimsFor(nodes.BY, certificate, { iss, aud: ['UZ'] }) })
}

function changing(seal: Seal, target: string, claims: object): Promise<string> {
  return forge(seal, {
    typ: 'status-change+jwt',
    payload: {
      schema: 'status-change/1',
      iss: seal === chamber ? 'BY.CCI.001' : 'BY.TESTCERT',
      aud: ['UZ'],
      target: digest(target),
      effectiveFrom: today,
      reason: 'Проверка',
      ...claims,
    },
  })
}

/** What may follow at each status of a conformity certificate (rules.md §8). */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  active: ['suspend', 'extend', 'terminate', 'archive', 'annul'],
  suspended: ['resume', 'terminate', 'archive', 'annul'],
  terminated: ['archive', 'annul'],
  archived: [],
  annulled: [],
}
/** What its changes call the status of a certificate. */
const NAMED: Readonly<Record<string, string>> = { resume: 'resumed', extend: 'extended' }
const LEADS_TO: Readonly<Record<string, string>> = {
  suspend: 'suspended',
  resume: 'active',
  extend: 'active',
  terminate: 'terminated',
  archive: 'archived',
  annul: 'annulled',
}

/**
 * A story that Belarus tells in an order which its own node would permit: a chain of certificates of
 * origin, each replacing the one before, and a conformity certificate with its changes between them.
 */
async function story(choices: readonly number[]): Promise<Sent[]> {
  let origin = await freshCertificate('origin-ct1-tractors')
  let originDocument = await sealed(chamber, origin)
  const conformity = await sealed(certifier, await freshCertificate('conformity-eaeu-certificate'))
  let standingOrigin: Sent = { what: 'origin', document: originDocument, ends: 'issued' }
  const told: Sent = { what: 'conformity', document: conformity, ends: 'active' }
  const sent: Sent[] = [standingOrigin, told]
  let status = 'active'
  let standing = true
  for (const [n, choice] of choices.entries()) {
    const possible = NEXT[status]!
    if (choice % 3 > 0 && possible.length > 0) {
      const change = possible[choice % possible.length]!
      const validUntil = change === 'extend' && { validUntil: addMonths(today, 24 + n) }
      const claims = { change, effectiveFrom: addDays(today, n), ...validUntil }
      sent.push({ what: change, document: await changing(certifier, conformity, claims) })
      status = LEADS_TO[change]!
      told.ends = NAMED[change] ?? status
    } else if (standing && choice % 7 === 0) {
      const document = await changing(chamber, originDocument, { change: 'annul' })
      sent.push({ what: 'annul origin', document })
      standingOrigin.ends = 'annulled'
      standing = false
    } else if (standing) {
      const successor = await successorOf(origin)
      const document = await sealed(chamber, successor)
      const replacedBy = digest(document)
      const change = await changing(chamber, originDocument, { change: 'replace', replacedBy })
      standingOrigin.ends = 'replaced'
      standingOrigin = { what: 'successor', document, ends: 'issued' }
      sent.push(standingOrigin, { what: 'replace', document: change })
      origin = successor
      originDocument = document
    }
  }
  return sent
}

/** The receiver has every certificate of a story as its sender left it, and accepted every change. */
function expectAsSent(sent: readonly Sent[]): void {
  const outcomes = outcomeOf(sent) as { status?: string; decisions: string[]; waits: unknown[] }[]
  expect(outcomes.map(({ status }) => status)).toEqual(sent.map(({ ends }) => ends))
  for (const { decisions, waits } of outcomes)
    expect({ decisions, waits }).toEqual({ decisions: ['accepted []'], waits: [null] })
}

/** What the receiver has made of a story, in words that name no digest. */
function outcomeOf(sent: readonly Sent[]): unknown {
  const digests = sent.map(({ document }) => digest(document))
  const rows = (table: string) => rowsOf(nodes.UZ, table)
  const [certificates, changes, decisions, inbox] = [
    rows('certificates'),
    rows('status_changes'),
    rows('decisions'),
    rows('inbox'),
  ]
  return sent.map(({ what }, i) => {
    const sha256 = digests[i]!
    const of = (table: Record<string, unknown>[], column = 'sha256') =>
      table.filter((row) => row[column] === sha256)
    const certificate = of(certificates)[0]
    return {
      what,
      status: certificate?.['status'],
      replacedBy: digests.indexOf(certificate?.['replaced_by'] as string),
      changedBy: of(changes, 'target')
        .map((row) => digests.indexOf(row['sha256'] as string))
        .sort((a, b) => a - b),
      decisions: of(decisions).map(
        ({ outcome, findings }) => `${String(outcome)} ${String(findings)}`,
      ),
      waits: of(inbox).map((row) => row['waits_for']),
    }
  })
}

/** Numbers of the feed for the documents of a story, as if nothing else were sent. */
function numbered(sent: readonly Sent[]): Message[] {
  return sent.map(({ document }) => ({ seq: ++lastSeq, document }))
}

/** Orders and batches in which messages may come, some of them more than once. */
const delivery = fc.record({
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  cuts: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
  repeats: fc.array(fc.nat(), { maxLength: 6 }),
})

function batches(
  messages: readonly Message[],
  { order, cuts, repeats }: { order: number[]; cuts: boolean[]; repeats: number[] },
): Message[][] {
  const shuffled = messages
    .map((message, i) => ({ message, key: order[i]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ message }) => message)
  for (const [i, repeat] of repeats.entries())
    shuffled.splice(order[i]! % (shuffled.length + 1), 0, messages[repeat % messages.length]!)
  const cut: Message[][] = [[]]
  for (const [i, message] of shuffled.entries()) {
    if (cuts[i]) cut.push([])
    cut.at(-1)!.push(message)
  }
  return cut.filter((batch) => batch.length > 0)
}

describe('what a peer tells in its order', () => {
  it('ends the same in whatever order, batches and repetitions it arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 8 }),
        delivery,
        async (choices, how) => {
          const [told, shuffled] = [await story(choices), await story(choices)]
          for (const message of numbered(told)) await receive([message])
          for (const batch of batches(numbered(shuffled), how)) await receive(batch)
          expectAsSent(told)
          expectAsSent(shuffled)
          expect(outcomeOf(shuffled)).toEqual(outcomeOf(told))
        },
      ),
      { numRuns: 25, endOnFailure: true },
    )
    await expectLogsToTell(nodes.UZ)
  })

  it('ends the same when all batches arrive at once', async () => {
    const settle = decideWaiting(nodes.UZ.running.deps)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 1000 }), { minLength: 3, maxLength: 6 }),
        delivery,
        async (choices, how) => {
          const [told, shuffled] = [await story(choices), await story(choices)]
          for (const message of numbered(told)) await receive([message])
          await Promise.all(batches(numbered(shuffled), how).map(receive))
          // Who came too late to see another's work is served by the schedule.
          while ((await settle()) > 0);
          expectAsSent(shuffled)
          expect(outcomeOf(shuffled)).toEqual(outcomeOf(told))
        },
      ),
      { numRuns: 10, endOnFailure: true },
    )
    await expectLogsToTell(nodes.UZ)
  })

  it('is the same for every order of a certificate, its successor and the change between them', async () => {
    const orders = [0, 1, 2].flatMap((a) =>
      [0, 1, 2].filter((b) => b !== a).map((b) => [a, b, 3 - a - b]),
    )
    for (const order of orders)
      for (const cuts of [[], [1], [2], [1, 2]]) {
        const told = await story([0, 3].slice(1))
        const messages = numbered(told)
        const arriving = order.map((i) => [messages[0]!, messages[2]!, messages[3]!][i]!)
        const edges = [0, ...cuts, 3]
        for (let i = 1; i < edges.length; i++) await receive(arriving.slice(edges[i - 1], edges[i]))
        expect(outcomeOf([told[0]!, told[2]!, told[3]!])).toMatchObject([
          { what: 'origin', status: 'replaced', replacedBy: 1, decisions: ['accepted []'] },
          { what: 'successor', status: 'issued', decisions: ['accepted []'] },
          { what: 'replace', decisions: ['accepted []'] },
        ])
      }
  })
})

describe('a replacement whose successor never comes', () => {
  it('takes effect at once, and customs is told that the successor is not here', async () => {
    const customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    const former = await freshCertificate('origin-ct1-tractors')
    const document = await sealed(chamber, former)
    const replacedBy = digest('a certificate for another state')
    const change = await changing(chamber, document, { change: 'replace', replacedBy })
    const { received } = await receive(
      numbered([document, change].map((d) => ({ what: '', document: d }))),
    )
    expect(received.map(({ state }) => state)).toEqual(['decided', 'decided'])
    const report = await validated(customs, nodes.BY, former)
    expect(report).toMatchObject({
      answer: 'not-usable',
      reasons: ['replaced'],
      replacedBy: [{ sha256: replacedBy, held: false }],
    })
  })
})

describe('replacements that a peer leads in a circle', () => {
  it('are shown once round', async () => {
    const customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    const certificates = [1, 2, 3].map(() => freshCertificate('origin-ct1-tractors'))
    const circle = await Promise.all(certificates)
    const documents = await Promise.all(circle.map((one) => sealed(chamber, one)))
    const changes = await Promise.all(
      documents.map((document, i) =>
        changing(chamber, document, {
          change: 'replace',
          replacedBy: digest(documents[(i + 1) % 3]!),
        }),
      ),
    )
    await receive(numbered([...documents, ...changes].map((d) => ({ what: '', document: d }))))
    const { body } = await ask(customs, pathOf(nodes.BY, circle[0]!))
    const shown = (side: string) =>
      (body[side] as { number: string }[]).map(({ number }) =>
        circle.findIndex((one) => one.number === number),
      )
    expect(shown('replacedBy')).toEqual([1, 2])
    expect(shown('replaces')).toEqual([2, 1])
  })
})

describe('a change that overtook a message', () => {
  const waiting = (document: string) =>
    rowsOf(nodes.UZ, 'inbox').find(({ sha256 }) => sha256 === digest(document))?.['waits_for']

  it('waits for it, unless it ends the certificate for good', async () => {
    const documents = async () => {
      const certificate = await sealed(
        certifier,
        await freshCertificate('conformity-eaeu-certificate'),
      )
      const suspend = await changing(certifier, certificate, { change: 'suspend' })
      return {
        certificate,
        suspend,
        annul: await changing(certifier, certificate, { change: 'annul' }),
      }
    }
    const [first, second] = [await documents(), await documents()]
    const seq = (lastSeq += 20)
    await receive([
      { seq: seq + 1, document: first.certificate },
      { seq: seq + 2, document: second.certificate },
      { seq: seq + 4, document: first.suspend },
      { seq: seq + 6, document: second.annul },
    ])
    expect(waiting(first.suspend)).toBe(`message ${seq + 3}`)
    expect(waiting(second.annul)).toBeNull()
    // What is missing turns out to concern another certificate: the suspension holds from then on.
    await receive([{ seq: seq + 3, document: await sealed(chamber, await freshCertificate()) }])
    expect(waiting(first.suspend)).toBeNull()
    await receive([{ seq: seq + 5, document: second.suspend }])
    expect(
      outcomeOf(
        [first.certificate, first.suspend, second.certificate, second.suspend, second.annul].map(
          (document) => ({ what: '', document }),
        ),
      ),
    ).toMatchObject([
      { status: 'suspended' },
      { decisions: ['accepted []'] },
      { status: 'annulled', changedBy: [3, 4] },
      { decisions: ['accepted []'] },
      { decisions: ['accepted []'] },
    ])
    await expectLogsToTell(nodes.UZ)
  })

  it('waits no longer than ten minutes for a message that never comes', async () => {
    const certificate = await sealed(
      certifier,
      await freshCertificate('conformity-eaeu-certificate'),
    )
    const suspend = await changing(certifier, certificate, { change: 'suspend' })
    const seq = (lastSeq += 20)
    await receive([
      { seq, document: certificate },
      { seq: seq + 2, document: suspend },
    ])
    expect(waiting(suspend)).toBe(`message ${seq + 1}`)
    const { deps } = nodes.UZ.running
    const later = (minutes: number) => ({
      ...deps,
      now: () => new Date(Date.now() + minutes * 60_000),
    })

    await decideWaiting(later(9))()
    expect(waiting(suspend)).toBe(`message ${seq + 1}`)
    await decideWaiting(later(11))()
    expect(waiting(suspend)).toBeNull()
  })

  it('waits for one that came, however long that one itself waits', async () => {
    const certificate = await sealed(
      certifier,
      await freshCertificate('conformity-eaeu-certificate'),
    )
    const validUntil = addMonths(today, 30)
    const extend = await changing(certifier, certificate, { change: 'extend', validUntil })
    const suspend = await changing(certifier, certificate, { change: 'suspend' })
    const seq = (lastSeq += 20)
    const { deps } = nodes.UZ.running
    const later = (minutes: number) => ({
      ...deps,
      now: () => new Date(Date.now() + minutes * 60_000),
    })
    const receiveLater = receiveMessages(later(9))
    await receive([
      { seq, document: certificate },
      { seq: seq + 3, document: suspend },
    ])
    await receiveLater('BY', [{ seq: seq + 2, document: extend }])
    expect(waiting(extend)).toBe(`message ${seq + 1}`)

    await decideWaiting(later(11))()
    expect(waiting(suspend)).toBe(`change ${digest(extend)}`)
    await decideWaiting(later(20))()
    expectAsSent([
      { what: 'conformity', document: certificate, ends: 'suspended' },
      { what: 'extend', document: extend },
      { what: 'suspend', document: suspend },
    ])
  })
})

describe('a change made after its certificate ended for good', () => {
  it('is refused, also when it comes before that end', async () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const certificate = await sealed(
        certifier,
        await freshCertificate('conformity-eaeu-certificate'),
      )
      const annul = await changing(certifier, certificate, { change: 'annul' })
      const suspend = await changing(certifier, certificate, { change: 'suspend' })
      const messages = numbered(
        [certificate, annul, suspend].map((d) => ({ what: '', document: d })),
      )
      await receive([messages[0]!])
      for (const i of order) await receive([messages[i]!])
      expect(
        outcomeOf([certificate, annul, suspend].map((document) => ({ what: '', document }))),
      ).toMatchObject([
        { status: 'annulled', changedBy: [1] },
        { decisions: ['accepted []'] },
        { decisions: ['refused ["CHANGE-NOT-FROM-THIS-STATE"]'], waits: [null] },
      ])
    }
  })
})

describe('a batch in which changes stand in another order than they were made', () => {
  it('is decided with its answer, and no receipt has to follow', async () => {
    const certificate = await sealed(
      certifier,
      await freshCertificate('conformity-eaeu-certificate'),
    )
    const suspend = await changing(certifier, certificate, { change: 'suspend' })
    const resume = await changing(certifier, certificate, { change: 'resume' })
    const messages = numbered(
      [certificate, suspend, resume].map((d) => ({ what: '', document: d })),
    )
    const { receipts } = await receive(messages.toReversed())
    expectAsSent([
      { what: 'conformity', document: certificate, ends: 'resumed' },
      { what: 'suspend', document: suspend },
      { what: 'resume', document: resume },
    ])
    const answered = receipts.map(digest)
    const late = rowsOf(nodes.UZ, 'late_receipts').map(({ sha256 }) => sha256)
    expect(late.filter((sha256) => answered.includes(sha256 as string))).toEqual([])
  })
})
