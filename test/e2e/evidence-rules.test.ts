import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import type { Policy } from '../../src/certificate/policy.ts'
import { administrativeDigest } from '../../src/exchange/log/administrative-entry.ts'
import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'
import { RulesText } from '../../src/exchange/rules-in-force.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { ask, decisionAt, issue, type Issued, pathOf } from '../support/changes.ts'
import { today } from '../support/day.ts'
import {
  completePack,
  judgePack,
  lastDayOf,
  packOf,
  restated,
  rootOf,
} from '../support/evidence.ts'
import { digest, freshCertificate, rowsOf } from '../support/hostile.ts'
import { eventually, prepareTwoStates, startTestNode, type TestNode } from '../support/two-nodes.ts'

const UNIT = 'SET'
const policy: Partial<Policy> = { units: [...DEFAULT_POLICY.units, UNIT] }

let folder: string
let states: { BY: PreparedState; UZ: PreparedState }
let [BY, UZ]: [TestNode, TestNode] = [undefined!, undefined!]
/** Issued while the node allowed a further unit, and after it did so no more. */
let former: Issued
let later: Issued
let pack: EvidencePack

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-rules-'))
  states = await prepareTwoStates(folder)
  const open = (state: 'BY' | 'UZ', of?: Partial<Policy>) =>
    startTestNode(states[state], of && { policy: of })
  ;[BY, UZ] = await Promise.all([
    open('BY', policy),
    open('UZ', { ...policy, deliveryLimitPercent: 110 }),
  ])
  await eventually(
    'the nodes have met',
    async () => (await BY.running.deps.peers.all())[0]?.lastHeardAt,
  )
  former = await issueWith(UNIT)
  await decisionAt(BY, 'UZ', former.sha256)
  await BY.running.stop()
  BY = await open('BY')
  await BY.running.stop()
  BY = await open('BY')
  const chamber = await BY.client('issuer', 'BY.CCI')
  later = await issue(chamber, 'origin-ct1-tractors')
  await decisionAt(BY, 'UZ', later.sha256)
  pack = await completePack(await BY.client('auditor', 'BY.AUDIT'), BY, former)
})
afterAll(async () => {
  await Promise.all([BY.running.stop(), UZ.running.stop()])
  await rm(folder, { recursive: true })
})

async function issueWith(unit: string): Promise<Issued> {
  const fresh = structuredClone(await freshCertificate())
  const [item] = (fresh as unknown as { items: { supplementary: { unit: string } }[] }).items
  item!.supplementary.unit = unit
  const chamber = await BY.client('issuer', 'BY.CCI')
  const { status, body } = await ask(chamber, '/v1/certificates', { certificate: fresh })
  expect(status, JSON.stringify(body)).toBe(201)
  return { ...fresh, sha256: body['sha256'] as string, document: body['document'] as string }
}

const judged = async (what: EvidencePack) =>
  (await judgePack(what, [rootOf(states.BY), rootOf(states.UZ)], { day: lastDayOf(pack) })).report

const ruleChecks = ({ checks }: Awaited<ReturnType<typeof judged>>) =>
  checks.filter(({ check }) => check === 'rules').map(({ code }) => code)

const rulesIn = ({ rules }: EvidencePack) =>
  rules.map(({ text }) => RulesText.parse(JSON.parse(text)))

describe('the rules in an evidence pack', () => {
  it('are those in force when the certificate was logged, not those of today', async () => {
    const [rules, ...more] = rulesIn(pack)
    expect(more).toEqual([])
    expect(rules!.policy).toMatchObject(policy)
    expect(rules!.rules.map(({ id }) => id)).toContain('ORI-UNIT-CODE')
    expect((pack.policy as Partial<Policy>).units).toEqual(DEFAULT_POLICY.units)
    const [part] = pack.rules
    const act = JSON.parse(part!.act) as Record<string, string>
    expect(act).toMatchObject({ actor: 'node', act: 'rules-changed', subject: digest(part!.text) })
    const opened = administrativeDigest(part!.nonce)
    opened.add(part!.act)
    expect(await BY.running.deps.log.indexOf(opened.digest())).toBeDefined()
  })

  it('are what its content is judged by: an allowed code of then breaks no rule', async () => {
    const report = await judged(pack)
    expect(report).toMatchObject({ answer: 'usable', evidence: { pack: { complete: true } } })
    expect(ruleChecks(report)).toEqual(['ok'])
    expect(report.evidence.pack?.rules).toMatchObject({ sha256: digest(pack.rules[0]!.text) })
  })

  it('are unknown where none is proven, and content is judged by those of the verifier', async () => {
    const { proof: _, ...unproven } = pack.rules[0]!
    for (const rules of [[], [unproven]]) {
      const report = await judged(await restated(BY, pack, { rules }))
      expect(ruleChecks(report)).toEqual(['rules-broken', 'rules-of-then-unknown'])
      expect(report.evidence.pack?.rules).toBeUndefined()
    }
  })

  it('count only with their act, their nonce and from their entry on', async () => {
    const of = await completePack(await BY.client('auditor', 'BY.AUDIT'), BY, later)
    const [theirs] = of.rules
    const [ours] = pack.rules
    const others = [
      { ...ours!, text: theirs!.text },
      { ...ours!, act: theirs!.act },
      { ...ours!, nonce: theirs!.nonce },
      theirs!,
    ]
    for (const other of others) {
      const report = await judged(await restated(BY, pack, { rules: [other] }))
      expect(ruleChecks(report)).toContain('rules-of-then-unknown')
    }
    const both = await judged(await restated(BY, of, { rules: [ours!, theirs!] }))
    expect(both.evidence.pack?.rules?.sha256).toBe(digest(theirs!.text))
  })

  it('are those of the node whose log it is, and named where this program judges otherwise', async () => {
    const auditor = await UZ.client('auditor', 'UZ.AUDIT')
    const recipient = await completePack(auditor, states.BY, later)
    const [rules, ...more] = rulesIn(recipient)
    expect(more).toEqual([])
    expect(rules!.policy).toMatchObject({ ...policy, deliveryLimitPercent: 110 })
    const report = await judged(recipient)
    expect(report.answer).toBe('usable')
    expect(report.checks).toContainEqual(
      expect.objectContaining({ code: 'rules-of-then-differ', detail: 'deliveryLimitPercent' }),
    )
  })

  it('are of the time of each change as well', async () => {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка' }
    const { status, body } = await ask(chamber, pathOf(BY, former, '/status-changes'), change)
    expect(status, JSON.stringify(body)).toBe(201)
    const auditor = await BY.client('auditor', 'BY.AUDIT')
    const changed = await completePack(auditor, BY, former)
    expect(rulesIn(changed).map((rules) => rules.policy.units.includes(UNIT))).toEqual([
      true,
      false,
    ])
    const report = await judged(changed)
    expect(report.evidence.pack?.rules?.sha256).toBe(digest(pack.rules[0]!.text))
  })

  it('are recorded when they change, and not at every start', async () => {
    const acts = rowsOf(BY, 'admin_acts') as { act: string; subject: string; actor: string }[]
    const changes = acts.filter(({ act }) => act === 'rules-changed')
    const texts = rowsOf(BY, 'rule_texts') as { sha256: string }[]
    expect(changes).toHaveLength(2)
    expect(new Set(changes.map(({ subject }) => subject))).toEqual(
      new Set(texts.map(({ sha256 }) => sha256)),
    )
    expect(await BY.running.deps.rules.inForce(0)).toBeUndefined()
  })

  it('are missing in the pack where nobody can tell, and an altered text is found', async () => {
    const { sha256 } = (await judged(pack)).evidence.pack!.rules!
    const database = new SqliteDatabase(join(BY.data, 'node.sqlite'))
    database.raw.exec('DROP TRIGGER rule_texts_stay; DROP TRIGGER rule_texts_remain')
    const audited = async () => {
      const request = { since: undefined, witnesses: [], policy: undefined, resume: undefined }
      const silent = { save: async () => undefined, progress: () => undefined }
      const { findings } = await auditFile(join(BY.data, 'node.sqlite'), { ...request, ...silent })
      return findings.map(({ where }) => where).filter((where) => /rule|acts/.test(where))
    }
    database.raw
      .prepare(`UPDATE rule_texts SET text = replace(text, ?, 'SETX') WHERE sha256 = ?`)
      .run(UNIT, sha256)
    expect(await audited()).toContain(`rule_texts ${sha256}`)
    database.raw.prepare('DELETE FROM rule_texts WHERE sha256 = ?').run(sha256)
    database.close()
    expect(await audited()).toContainEqual(expect.stringMatching(/^admin_acts \d+$/))
    const without = await packOf(await BY.client('auditor', 'BY.AUDIT'), BY, former)
    expect(without).toMatchObject({ complete: false })
    expect(without.missing).toContainEqual({ what: 'rules', subject: former.sha256 })
    expect(ruleChecks(await judged(without))).toContain('rules-of-then-unknown')
  })
})
