import manifest from '../../package.json' with { type: 'json' }
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import type { Policy } from '../../src/certificate/policy.ts'
import { PROGRAM, recordRules, RulesText } from '../../src/exchange/rules-in-force.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlRulesStore } from '../../src/storage/rules.ts'
import { appendTo } from '../support/log-world.ts'
import { type OpenDatabase, rows, sqliteEngine } from './storage-engines.ts'

const now = () => new Date('2026-03-02T09:15:00Z')
const [FORMER, LATER]: [Policy, Policy] = [
  DEFAULT_POLICY,
  { ...DEFAULT_POLICY, deliveryLimitPercent: 110 },
]

describe('the rules in force', () => {
  let open: OpenDatabase
  beforeEach(async () => {
    open = await sqliteEngine().open()
    await claimNode(open.database, { state: 'BY', environment: 'production', epoch: 'x' }, [
      { at: '2026-03-02T09:15:00Z', actor: 'test', act: 'node-created', subject: 'BY' },
    ])
  })
  afterEach(() => open.close())

  const started = (policy: Policy, program = PROGRAM) =>
    recordRules({ rules: sqlRulesStore(open.database), now }, { program, policy })
  const size = async () => {
    const [head] = await rows<{ size: number }>(open.database, 'SELECT size FROM log_head')
    return head!.size
  }
  const limitAt = async (idx?: number) => {
    const found = await sqlRulesStore(open.database).inForce(idx)
    return found && RulesText.parse(JSON.parse(found.text)).policy.deliveryLimitPercent
  }

  it('are those of the entry behind which they were put in force, up to the next', async () => {
    expect(await limitAt()).toBeUndefined()
    await started(FORMER)
    await appendTo(open.database, 3)
    const first = (await size()) - 1
    await started(LATER)
    await appendTo(open.database, 3)
    const second = (await size()) - 1
    await started(FORMER)
    expect([await limitAt(first), await limitAt(second), await limitAt()]).toEqual([105, 110, 105])
    expect(await limitAt(0)).toBeUndefined()
    const texts = await rows(open.database, 'SELECT sha256 FROM rule_texts')
    expect(texts).toHaveLength(2)
  })

  it('are other ones by another program, and no news where nothing has changed', async () => {
    await started(FORMER)
    const before = await size()
    await started(FORMER)
    expect(await size()).toBe(before)
    await started(FORMER, 'certex 99.0.0')
    expect(await size()).toBe(before + 1)
    expect(PROGRAM).toBe(`certex ${manifest.version}`)
  })

  it('are unknown behind an act that was lost, until they are recorded anew', async () => {
    await started(FORMER)
    const known = await size()
    await appendTo(open.database, 1)
    await rows(
      open.database,
      `INSERT INTO lost_documents (sha256, idx, kind, epoch) VALUES ('x', ${known}, 'administrative', 'y')`,
    )
    expect([await limitAt(known - 1), await limitAt(known), await limitAt()]).toEqual([
      105,
      undefined,
      undefined,
    ])
    await started(FORMER)
    expect([await limitAt(known), await limitAt()]).toEqual([undefined, 105])
  })
})
