import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { currentWarnings } from '../../src/exchange/warnings/warnings.ts'
import { makeReconciliation, midnightBefore } from '../../src/exchange/reconciliation/make.ts'
import { backUp, restoreBackup } from '../../src/node/backup.ts'
import { readConfig } from '../../src/node/config.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { certex, words } from '../support/cli.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import {
  alter,
  emptyReconciliation,
  mirrored,
  movingClock,
  quiet,
  reconcile,
  sendReconciliation,
  work,
} from '../support/reconciling.ts'
import { answered, content } from '../support/typed.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

const clock = movingClock()
let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes({ now: clock.now })
})
afterAll(() => nodes.close())

async function issue(count = 1): Promise<string[]> {
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const issued: string[] = []
  for (let i = 0; i < count; i++) {
    const certificate = content(await freshCertificate())
    const answer = await chamber.api.issueCertificate({ body: { certificate } })
    issued.push(answered(answer, 201).body.sha256)
  }
  return issued
}

async function listed(node: TestNode, peer: string) {
  const auditor = await node.client('auditor', `${node.state}.AUDIT`)
  const answer = await auditor.api.listReconciliations({ params: { peer } })
  return answered(answer, 200).body
}

/** What a node found of the newest document of its peer. */
async function newestVerdicts(node: TestNode, peer: string) {
  const { documents } = await listed(node, peer)
  const { verdicts } = documents.find(({ maker }) => maker === peer)!
  return Object.fromEntries(verdicts.map(({ view, ...verdict }) => [view, verdict]))
}

const alarms = async (node: TestNode) =>
  (await node.running.deps.alarms.list(0, 1000)).filter(
    ({ kind }) => kind === 'reconciliation-differs',
  )

const warnings = async (node: TestNode) => {
  const auditor = await node.client('auditor', `${node.state}.AUDIT`)
  const { body } = answered(await auditor.api.listWarnings({}), 200)
  return body.warnings.filter(({ kind }) => kind.startsWith('reconciliation-'))
}

describe('at the end of a day', () => {
  it('both nodes say what was sent and received, and agree', async () => {
    const certificates = await issue(3)
    await quiet(nodes)
    expect((await listed(nodes.BY, 'UZ')).documents).toEqual([])
    clock.nextDay()
    await reconcile(nodes)

    for (const [node, peer] of [
      [nodes.BY, 'UZ'],
      [nodes.UZ, 'BY'],
    ] as const) {
      const { state, documents } = await listed(node, peer)
      expect(documents.map(({ maker }) => maker).sort()).toEqual(['BY', 'UZ'])
      const verdicts = await newestVerdicts(node, peer)
      expect(Object.keys(verdicts).sort()).toEqual(['answered', 'decided', 'received', 'sent'])
      for (const verdict of Object.values(verdicts))
        expect(verdict).toMatchObject({ outcome: 'agrees', reason: 'as-stated' })
      expect(state).toBe('agrees')
      expect(await alarms(node)).toEqual([])
      expect(await warnings(node)).toEqual([])
    }
    const { documents } = await listed(nodes.UZ, 'BY')
    const { document } = documents.find(({ maker }) => maker === 'BY')!
    expect(document.sent.kinds['product-certificate']).toBe(certificates.length)
    expect(document.sent.count).toBe(
      Object.values(document.sent.kinds).reduce((sum, n) => sum + n, 0),
    )
    expect(document).toMatchObject({ since: null, previous: null, sent: { after: 0 } })
    expect(document.checkpoint?.origin).toBe('exchange.by/log/1')
    // Documents of the log like any other, with one receipt each.
    const entries = rowsOf(nodes.BY, 'entries').filter(({ kind }) => kind === 'reconciliation')
    expect(entries).toHaveLength(2)
  })
})

describe('what is missing', () => {
  it('is found by both: a document that one of them lost, with its number and digest', async () => {
    const { BY, UZ } = nodes
    const [, lost] = await issue(3)
    await quiet(nodes)
    const row = rowsOf(UZ, 'inbox').find(({ sha256 }) => sha256 === lost)
    alter(UZ, `DELETE FROM inbox WHERE sha256 = '${lost}'`)
    clock.nextDay()
    await reconcile(nodes)
    // It may still be on its way.
    expect(await alarms(BY)).toEqual([])
    clock.forward(16 * 60_000)
    await reconcile(nodes)

    const difference = { key: Number(row!['seq']) }
    const atUZ = await newestVerdicts(UZ, 'BY')
    expect(atUZ['sent']).toMatchObject({
      outcome: 'differs',
      reason: 'rows-differ',
      differences: [{ ...difference, there: { sha256: lost } }],
      complete: true,
    })
    expect(atUZ['sent']!.differences[0]).not.toHaveProperty('here')
    expect((await newestVerdicts(BY, 'UZ'))['received']).toMatchObject({
      outcome: 'differs',
      differences: [{ ...difference, here: { sha256: lost } }],
    })
    for (const [node, peer, view] of [
      [BY, 'UZ', 'received'],
      [UZ, 'BY', 'sent'],
    ] as const) {
      const told = await alarms(node)
      expect(told).toHaveLength(1)
      expect(told[0]).toMatchObject({ kind: 'reconciliation-differs', peer })
      expect(told[0]!.detail).toContain(`it ${view}`)
      expect(told[0]!.detail).toContain(lost)
      expect(await warnings(node)).toMatchObject([{ kind: 'reconciliation-differs' }])
      expect((await listed(node, peer)).state).toBe('differs')
      const shown = await certex(
        words`peer reconciliations --config ${node.configFile} --peer ${peer}`,
      )
      expect(shown).toMatchObject({ code: 0, stderr: '' })
      expect(shown.stdout).toContain('DIFFERS')
      expect(shown.stdout).toContain(lost)
    }

    // Put back, it agrees at the next look, and the next day is as any other.
    const columns = ['sha256', 'sender', 'seq', 'arrived_at'].map(
      (name) => `'${String(row![name])}'`,
    )
    alter(UZ, `INSERT INTO inbox (sha256, sender, seq, arrived_at) VALUES (${columns.join(', ')})`)
    clock.nextDay()
    await reconcile(nodes)
    for (const [node, peer] of [
      [BY, 'UZ'],
      [UZ, 'BY'],
    ] as const) {
      expect((await listed(node, peer)).state).toBe('agrees')
      expect(await alarms(node)).toHaveLength(1)
      expect(await warnings(node)).toEqual([])
    }
  })

  it('is found: a decision whose receipt was lost', async () => {
    const { BY, UZ } = nodes
    const [lost] = await issue(1)
    await quiet(nodes)
    const row = rowsOf(BY, 'outgoing').find(({ sha256 }) => sha256 === lost)
    alter(
      BY,
      `UPDATE outgoing SET outcome = NULL, findings = NULL, decided_at = NULL, receipt = NULL WHERE sha256 = '${lost}'`,
    )
    clock.nextDay()
    await reconcile(nodes)
    clock.forward(16 * 60_000)
    await reconcile(nodes)
    const receipt = row!['receipt']
    expect((await newestVerdicts(BY, 'UZ'))['decided']).toMatchObject({
      outcome: 'differs',
      differences: [{ there: { sha256: lost, receipt } }],
    })
    expect((await newestVerdicts(UZ, 'BY'))['answered']).toMatchObject({
      outcome: 'differs',
      differences: [{ here: { sha256: lost, receipt } }],
    })
    alter(
      BY,
      `UPDATE outgoing SET outcome = '${String(row!['outcome'])}', findings = '[]', decided_at = '${String(row!['decided_at'])}', receipt = '${String(receipt)}' WHERE sha256 = '${lost}'`,
    )
    clock.nextDay()
    await reconcile(nodes)
    expect((await listed(BY, 'UZ')).state).toBe('agrees')
    expect((await listed(UZ, 'BY')).state).toBe('agrees')
  })

  it('is found: two documents in another order than they were sent', async () => {
    const { BY, UZ } = nodes
    const [first, second] = await issue(2)
    await quiet(nodes)
    const seqOf = (sha256: string) =>
      Number(rowsOf(UZ, 'inbox').find((row) => row['sha256'] === sha256)!['seq'])
    const [a, b] = [seqOf(first!), seqOf(second!)]
    const swap = () =>
      alter(
        UZ,
        `UPDATE inbox SET seq = ${a} + ${b} - seq WHERE sha256 IN ('${first}', '${second}')`,
      )
    swap()
    clock.nextDay()
    await reconcile(nodes)
    clock.forward(16 * 60_000)
    await reconcile(nodes)
    expect((await newestVerdicts(UZ, 'BY'))['sent']).toMatchObject({
      outcome: 'differs',
      differences: [
        { key: a, here: { sha256: second }, there: { sha256: first } },
        { key: b, here: { sha256: first }, there: { sha256: second } },
      ],
    })
    swap()
    clock.nextDay()
    await reconcile(nodes)
    expect((await listed(BY, 'UZ')).state).toBe('agrees')
    expect((await listed(UZ, 'BY')).state).toBe('agrees')
  })
})

describe('a node that does not send for days', () => {
  it('differs from nobody: what is on its way is waited for, and one document covers the days', async () => {
    const { UZ } = nodes
    // From here on nothing goes out of BY by itself.
    const told = await Promise.all([alarms(nodes.BY), alarms(UZ)])
    await nodes.BY.running.schedule.stop()
    const [late] = await issue()
    clock.nextDay()
    await work(UZ).reconcile('BY')
    await mirrored(nodes.BY, 'UZ')
    await eventually('BY has the document of UZ, and compares it', async () => {
      await work(nodes.BY).reconcile('UZ')
      return (await listed(nodes.BY, 'UZ')).state === 'agrees'
    })
    const backlog = await nodes.BY.running.deps.outbox.backlog('UZ')
    expect(backlog.waiting).toBeGreaterThan(0)

    await nodes.BY.running.stop()
    clock.nextDay(2)
    const silent = await warnings(UZ)
    expect(silent).toMatchObject([{ kind: 'reconciliation-overdue', subject: 'BY' }])
    const back = await startTestNode(nodes.BY, { now: clock.now })
    nodes = { ...nodes, BY: { ...nodes.BY, ...back } }
    await reconcile(nodes)
    await quiet(nodes)
    clock.forward(16 * 60_000)
    await reconcile(nodes)
    const { documents } = await listed(UZ, 'BY')
    const [newest, before] = documents.filter(({ maker }) => maker === 'BY')
    const { since, until } = newest!.document
    expect(Date.parse(until) - Date.parse(since!)).toBe(2 * 86_400_000)
    expect(newest!.document.previous).toBe(before!.sha256)
    expect(before!.document.sent.kinds['product-certificate']).toBe(1)
    const found = await UZ.running.deps.inbox.find('BY', [late!])
    expect(found.get(late!)?.decision?.outcome).toBe('accepted')
    for (const [node, peer] of [
      [nodes.BY, 'UZ'],
      [UZ, 'BY'],
    ] as const) {
      expect((await listed(node, peer)).state).toBe('agrees')
      expect(await warnings(node)).toEqual([])
    }
    expect(await Promise.all([alarms(nodes.BY), alarms(UZ)])).toEqual(told)
  })
})

describe('a node that was restored from a backup', () => {
  it('and has lost nothing agrees, in its new epoch as before', async () => {
    const { UZ } = nodes
    await issue()
    await quiet(nodes)
    const told = await Promise.all([alarms(nodes.BY), alarms(UZ)])
    await nodes.BY.running.stop()
    const { database } = readConfig(nodes.BY.configFile, {})
    const from = join(nodes.folder, 'backup.sqlite')
    await backUp(database, from)
    await restoreBackup({ state: 'BY', database, from, replace: true, now: clock.now() })
    const back = await startTestNode(nodes.BY, { now: clock.now })
    nodes = { ...nodes, BY: { ...nodes.BY, ...back } }
    clock.nextDay()
    await reconcile(nodes)
    await quiet(nodes)
    clock.forward(16 * 60_000)
    await reconcile(nodes)
    const { documents } = await listed(UZ, 'BY')
    const [newest, before] = documents.filter(({ maker }) => maker === 'BY')
    expect(newest!.document.epoch).not.toBe(before!.document.epoch)
    expect(newest!.document.previous).toBe(before!.sha256)
    for (const [node, peer] of [
      [nodes.BY, 'UZ'],
      [UZ, 'BY'],
    ] as const)
      expect((await listed(node, peer)).state).toBe('agrees')
    expect(await Promise.all([alarms(nodes.BY), alarms(UZ)])).toEqual(told)
  })
})

describe('a node whose clock was a day ahead', () => {
  it('has made a document that is refused, and agrees two days later', async () => {
    const { BY, UZ } = nodes
    await issue()
    await quiet(nodes)
    const now = () => new Date(clock.now().getTime() + 86_400_000)
    expect(await makeReconciliation({ ...BY.running.deps, now })('UZ')).toBe(true)
    const { sha256 } = (await BY.running.deps.reconciliations.newest('BY', 'UZ'))!
    const outcome = await eventually('it is decided', async () => {
      const delivery = await BY.running.deps.outbox.delivery('UZ', sha256)
      return delivery?.decision
    })
    expect(outcome).toMatchObject({ outcome: 'refused', findings: ['NOT-OVER-YET'] })
    clock.nextDay(2)
    await reconcile(nodes)
    for (const [node, peer] of [
      [BY, 'UZ'],
      [UZ, 'BY'],
    ] as const) {
      expect((await listed(node, peer)).state).toBe('agrees')
      expect(await warnings(node)).toEqual([])
    }
  })
})

describe('a peer that lies', () => {
  const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T00:00:00Z`

  /** What UZ decides on a document of BY, and finds in it. */
  async function told(overrides: Parameters<typeof emptyReconciliation>[1]) {
    const { BY, UZ } = nodes
    const sha256 = await sendReconciliation(BY, await emptyReconciliation(BY, overrides), {
      lies: true,
    })
    const { decision } = await eventually('it is decided', async () => {
      const found = (await UZ.running.deps.inbox.find('BY', [sha256])).get(sha256)
      return found?.decision && { decision: found.decision }
    })
    await quiet(nodes)
    clock.forward(16 * 60_000)
    await work(UZ).reconcile('BY')
    const verdict = await UZ.running.deps.reconciliations.lastVerdict(sha256, 'sent')
    return { sha256, decision, verdict }
  }

  const claim = { recipient: 'UZ', epoch: 'lie' } as const
  const root = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'
  let lied: string

  it('about where it begins is told: it has said something before', async () => {
    lied = midnightBefore(clock.now())
    const { decision, verdict } = await told({ ...claim, until: lied })
    expect(decision.outcome).toBe('accepted')
    expect(verdict).toMatchObject({ outcome: 'differs', reason: 'not-continued' })
  })

  it('about a document that nobody has got says as much as any: what is here is compared', async () => {
    const { UZ } = nodes
    const { verdict, sha256 } = await told({
      ...claim,
      epoch: 'another',
      previous: root,
      since: day(1),
      until: lied,
      sent: { after: 2 ** 40, upTo: 2 ** 41, count: 7, total: 7, root, kinds: {} },
    })
    expect(verdict).toMatchObject({ outcome: 'differs', reason: 'answers-contradict-document' })
    for (const view of ['received', 'decided', 'answered'] as const)
      expect(await UZ.running.deps.reconciliations.lastVerdict(sha256, view)).toMatchObject({
        outcome: 'agrees',
      })
  })

  it('about its log is told: the checkpoint that it names is not of it', async () => {
    const { BY, UZ } = nodes
    const origin = (await BY.running.deps.logSigner()).key.name
    const newest = (await BY.running.deps.reconciliations.newest('BY', 'UZ'))!
    const { document } = (await listed(UZ, 'BY')).documents.find(
      ({ sha256 }) => sha256 === newest.sha256,
    )!
    const { verdict } = await told({
      ...document,
      recipient: 'UZ',
      epoch: 'third',
      checkpoint: { origin, size: 3, root },
    })
    expect(verdict).toMatchObject({ outcome: 'differs', reason: 'checkpoint-refuted' })
    const { verdict: ahead } = await told({
      ...document,
      recipient: 'UZ',
      epoch: 'fourth',
      checkpoint: { origin, size: 2 ** 40, root },
    })
    expect(ahead).toMatchObject({ outcome: 'cannot-tell', reason: 'not-mirrored' })
    // Not for ever: after a day somebody has to ask.
    const { deps } = UZ.running
    const kinds = async (hours: number) => {
      const now = () => new Date(clock.now().getTime() + hours * 3_600_000)
      const told = await currentWarnings({ ...deps, now })()
      return told.map(({ kind }) => kind)
    }
    expect(await kinds(1)).not.toContain('reconciliation-overdue')
    expect(await kinds(25)).toContain('reconciliation-overdue')
  })

  it('about roots and numbers is told, in bounded time, however large they are', async () => {
    const { BY, UZ } = nodes
    const last = (await BY.running.deps.reconciliations.newest('BY', 'UZ'))!
    const {
      sent,
      received,
      decided,
      answered,
      until: since,
    } = (await listed(UZ, 'BY')).documents.find(({ sha256 }) => sha256 === last.sha256)!.document
    const later = (n: number) => formatInstant(new Date(Date.parse(since) + n * 86_400_000))
    clock.nextDay(3)
    const nothing = { count: 0, kinds: {}, root }
    const huge = 2 ** 52
    const claims = {
      sent: { ...nothing, after: sent.upTo, upTo: huge, count: huge - sent.upTo },
      received: { ...nothing, after: received.upTo, upTo: huge },
    }
    const { decision, verdict, sha256 } = await told({
      ...claim,
      previous: last.sha256,
      since,
      until: later(1),
      sent: { ...claims.sent, total: sent.total + claims.sent.count },
      received: { ...claims.received, total: received.total },
      decided: { root, outcomes: {}, count: 7, total: decided.total + 7 },
      answered: { root, outcomes: {}, count: 0, total: answered.total },
    })
    expect(decision.findings).toEqual([])
    expect(verdict).toMatchObject({
      outcome: 'differs',
      reason: 'answers-contradict-document',
      differences: [],
    })
    // The other views were compared row by row, and hold nothing that differs.
    for (const view of ['received', 'decided', 'answered'] as const)
      expect(await UZ.running.deps.reconciliations.lastVerdict(sha256, view)).toMatchObject({
        outcome: 'agrees',
        reason: 'agreed-since',
      })
    expect((await alarms(UZ)).at(-1)!.detail).toContain('answers-contradict-document')
    const differing = async () =>
      (await warnings(UZ)).filter(({ kind }) => kind === 'reconciliation-differs')
    expect(await differing()).toHaveLength(1)

    // The next day says nothing but the truth: the verdicts stay, and nobody is asked to do anything.
    clock.nextDay()
    await reconcile(nodes)
    expect(await differing()).toEqual([])
    expect(await UZ.running.deps.reconciliations.lastVerdict(sha256, 'sent')).toEqual(verdict)
  })

  it('twice about one day is refused, and about a day that is not over', async () => {
    expect((await told({ ...claim, until: lied, sent: undefined! })).decision.findings).toEqual([
      'SCHEMA-BROKEN',
    ])
    const again = await told({
      ...claim,
      until: lied,
      checkpoint: { origin: 'x', size: 1, root },
    })
    expect(again.decision.findings).toEqual(['CONFLICT'])
    const early = await told({ ...claim, until: '2999-01-01T00:00:00Z' })
    expect(early.decision.findings).toEqual(['NOT-OVER-YET'])
    const past = await told({ ...claim, until: day(1) })
    expect(past.decision.findings).toEqual(['OVERTAKEN'])
  })
})
