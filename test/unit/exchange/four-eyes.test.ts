import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  approveTrust,
  openProposals,
  proposeTrust,
} from '../../../src/exchange/keep-trust/four-eyes.ts'
import { TRUST_REFUSAL_TEXTS } from '../../../src/exchange/texts/trust-refusal-texts.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlAdminActs } from '../../../src/storage/admin-acts.ts'
import { sqlClientStore } from '../../../src/storage/client-store.ts'
import { claimNode } from '../../../src/storage/node-store.ts'
import { sqlTrustStore } from '../../../src/storage/trust-store.ts'
import { TRUST_LIST_REFUSALS } from '../../../src/trust/accept-trust-list.ts'

const ROOT = { kind: 'root', state: 'UZ', subject: 'A'.repeat(43) } as const
const DAY_MS = 86_400_000

describe('a decision on trust', () => {
  let database: SqliteDatabase
  let now: Date
  const persons = () => {
    const clients = sqlClientStore(database)
    const deps = { trustStore: sqlTrustStore(database), clients, now: () => now }
    return { ...deps, propose: proposeTrust(deps), approve: approveTrust(deps) }
  }
  beforeEach(() => {
    database = new SqliteDatabase(':memory:')
    migrate(database)
    now = new Date('2026-03-02T09:00:00Z')
  })
  afterEach(() => database.close())

  it('takes two persons, however the one writes their name', async () => {
    const { propose, approve, trustStore } = persons()
    expect(await approve(ROOT, { actor: 'user:boris' })).toEqual({ outcome: 'not-proposed' })
    expect(await propose(ROOT, { actor: 'user:anna' })).toMatchObject({ outcome: 'proposed' })
    for (const actor of ['user:anna', 'user:Anna', 'user:ANNA ', 'user:ａnna'])
      expect(await approve(ROOT, { actor })).toMatchObject({ outcome: 'same-person' })
    expect(await trustStore.pins()).toEqual([])
    expect(await approve(ROOT, { actor: 'user:boris' })).toMatchObject({ outcome: 'approved' })
    expect(await trustStore.pins()).toMatchObject([{ state: 'UZ', rootSha256: ROOT.subject }])
    expect(await propose(ROOT, { actor: 'user:carla' })).toEqual({ outcome: 'already-approved' })
  })

  it('takes two persons, not two client systems or a login and a client system', async () => {
    const { propose, approve, clients } = persons()
    const register = (id: string, person: string | undefined, x = id) => {
      const jwk = { kty: 'EC', crv: 'P-256', x, y: 'y' }
      const client = { id, role: 'authority', party: 'UZ.CUSTOMS', jwk, person } as const
      return clients.register(client, '2026-03-02T08:00:00Z')
    }
    await register('one', 'Anna Karimova')
    await register('another', 'anna  KARIMOVA')
    await register('same-key', 'Boris Aliyev', 'one')
    await register('of-boris', 'Boris Aliyev')
    await register('nameless', undefined)
    const by = (actor: string) => ({ actor })
    expect(await propose(ROOT, by('client:nameless'))).toEqual({ outcome: 'nobody-named' })
    expect(await propose(ROOT, by('client:nobody'))).toEqual({ outcome: 'nobody-named' })
    expect(await propose(ROOT, by('client:one'))).toMatchObject({ outcome: 'proposed' })
    for (const same of ['client:one', 'client:another', 'client:same-key', 'user:Anna Karimova'])
      expect(await approve(ROOT, by(same)), same).toMatchObject({ outcome: 'same-person' })
    for (const unnamed of ['client:nameless', 'client:nobody'])
      expect(await approve(ROOT, by(unnamed))).toEqual({ outcome: 'nobody-named' })
    expect(await approve(ROOT, by('client:of-boris'))).toMatchObject({ outcome: 'approved' })
  })

  it('does not go on from a proposal of a client system that names nobody', async () => {
    const { propose, approve, trustStore } = persons()
    const before = { ...ROOT, proposedAt: '2026-03-02T08:59:00Z', proposedBy: 'client:of-before' }
    await trustStore.propose(before, [])
    expect(await approve(ROOT, { actor: 'user:boris' })).toMatchObject({ outcome: 'lapsed' })
    expect(await propose(ROOT, { actor: 'user:anna' })).toMatchObject({ outcome: 'proposed' })
    expect(await approve(ROOT, { actor: 'user:boris' })).toMatchObject({ outcome: 'approved' })
  })

  it('withdraws a pinned root from an instant that has passed, for good', async () => {
    await claimNode(database, { state: 'BY', environment: 'production', epoch: 'x' })
    const { propose, approve, trustStore } = persons()
    const withdrawal = (from: string) =>
      ({ kind: 'root-withdrawn', state: 'UZ', subject: `${ROOT.subject}@${from}` }) as const
    const passed = withdrawal('2026-03-01T00:00:00Z')
    const anna = { actor: 'user:anna' }
    const boris = { actor: 'user:boris' }
    expect(await propose(passed, anna)).toEqual({ outcome: 'unknown-subject' })
    await propose(ROOT, anna)
    await approve(ROOT, boris)
    for (const no of [withdrawal('2026-03-02T09:00:01Z'), { ...passed, subject: ROOT.subject }])
      expect(await propose(no, anna)).toEqual({ outcome: 'unknown-subject' })
    const revision = await trustStore.revision()
    expect(await propose(passed, anna)).toMatchObject({ outcome: 'proposed' })
    expect(await approve(passed, anna)).toMatchObject({ outcome: 'same-person' })
    expect((await trustStore.pins())[0]).not.toHaveProperty('withdrawnFrom')
    expect(await approve(passed, boris)).toMatchObject({ outcome: 'approved' })
    const pinned = { rootSha256: ROOT.subject, withdrawnFrom: '2026-03-01T00:00:00Z' }
    expect(await trustStore.pins()).toMatchObject([pinned])
    expect(await trustStore.revision()).toBeGreaterThan(revision)
    expect(await propose(ROOT, anna)).toEqual({ outcome: 'already-approved' })
    // It turns out to have been stolen earlier: of two instants the earlier one counts.
    for (const from of ['2026-02-01T00:00:00Z', '2026-02-15T00:00:00Z']) {
      await propose(withdrawal(from), anna)
      await approve(withdrawal(from), boris)
    }
    expect(await trustStore.pins()).toMatchObject([{ withdrawnFrom: '2026-02-01T00:00:00Z' }])
    const acts = (await sqlAdminActs(database).list(0, 100)).map(({ act }) => act)
    expect(acts).toEqual(expect.arrayContaining(['root-withdrawal-proposed', 'root-withdrawn']))
  })

  it('is recorded with both names and the login behind a name that was only said', async () => {
    const { propose, approve } = persons()
    await propose(ROOT, { actor: 'user:Anna', detail: 'at the login of user:ops' })
    await approve(ROOT, { actor: 'user:boris' })
    const acts = await sqlAdminActs(database).list(0, 100)
    expect(acts.filter(({ subject }) => subject === 'UZ')).toMatchObject([
      {
        act: 'root-proposed',
        actor: 'user:Anna',
        detail: `${ROOT.subject}; at the login of user:ops`,
      },
      {
        act: 'root-pinned',
        actor: 'user:boris',
        detail: `${ROOT.subject}; proposed by user:Anna`,
      },
    ])
  })

  it('lapses after seven days and may be proposed again, by another person too', async () => {
    const { propose, approve, trustStore } = persons()
    await propose(ROOT, { actor: 'user:anna' })
    expect(await openProposals(trustStore, now)).toHaveLength(1)
    now = new Date(now.getTime() + 7 * DAY_MS + 1000)
    expect(await openProposals(trustStore, now)).toEqual([])
    expect(await approve(ROOT, { actor: 'user:boris' })).toMatchObject({ outcome: 'lapsed' })
    expect(await propose(ROOT, { actor: 'user:boris' })).toMatchObject({ outcome: 'proposed' })
    expect(await approve(ROOT, { actor: 'user:boris' })).toMatchObject({ outcome: 'same-person' })
    expect(await approve(ROOT, { actor: 'user:anna' })).toMatchObject({ outcome: 'approved' })
  })

  it('is about what this node knows: no list, no fork, nothing to decide', async () => {
    const { propose } = persons()
    for (const kind of ['additions', 'fork'] as const)
      expect(await propose({ ...ROOT, kind }, { actor: 'user:anna' })).toEqual({
        outcome: 'unknown-subject',
      })
  })
})

it('every refusal of a trust list is told in both languages, and no two alike', () => {
  const texts = TRUST_LIST_REFUSALS.map((refusal) => TRUST_REFUSAL_TEXTS[refusal])
  for (const { ru, en } of texts) {
    expect(ru).toMatch(/[а-я].*\.$/)
    expect(en).toMatch(/^[A-Z].*\.$/)
    expect(en).not.toMatch(/[а-я]/)
  }
  expect(new Set(texts.map(({ en }) => en)).size).toBe(texts.length)
})
