import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { actsEntry } from '../../src/exchange/log/administrative-entry.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { sqlAdminActs } from '../../src/storage/admin-acts.ts'
import { sqlClientStore } from '../../src/storage/client-store.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode, startEpoch } from '../../src/storage/node-store.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import type { AdminAct } from '../../src/trust/admin-act.ts'
import { d1Engine, type Engine, type OpenDatabase, rows, sqliteEngine } from './storage-engines.ts'
import { trustListEntry } from './storage-samples.ts'

const at = '2026-03-02T09:15:00Z'
const act = (kind: AdminAct['act'], subject: string, detail?: string): AdminAct => ({
  at,
  actor: 'user:anna',
  act: kind,
  subject,
  ...(detail !== undefined && { detail }),
})

function administrativeActs(name: string, engine: Engine): void {
  describe(`administrative acts on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    /** Without those of the migrations, which only one engine records. */
    const acts = async () => {
      const all = await sqlAdminActs(open.database).list(0, 1000)
      return all
        .filter((one) => one.act !== 'migrated')
        .map(({ act: kind, subject }) => [kind, subject])
    }

    it('stand with the change that they are about, and never without it', async () => {
      const { database, another } = open
      const identity = { state: 'BY', environment: 'training', epoch: 'first' } as const
      const created = [act('node-created', 'BY', 'training')]
      await claimNode(database, identity, created)
      await claimNode(another, identity, created)
      const clients = sqlClientStore(database)
      const client = { id: 'chamber', role: 'issuer', party: 'BY.CCI', jwk: {} } as const
      const added = [act('client-added', 'chamber')]
      expect(await clients.register(client, at, added)).toBe('registered')
      expect(await clients.register(client, at, added)).toBe('exists')
      const disabled = [act('client-disabled', 'chamber')]
      expect(await clients.disable('nobody', at, disabled)).toBe('unknown')
      expect(await clients.disable('chamber', at, disabled)).toBe('disabled')
      const trust = sqlTrustStore(database)
      const pin = { state: 'UZ', rootSha256: 'A'.repeat(43), pinnedAt: at }
      const root = { kind: 'root', state: 'UZ', subject: pin.rootSha256 } as const
      await trust.propose({ ...root, proposedAt: at, proposedBy: 'user:a' }, [
        act('root-proposed', 'UZ'),
      ])
      const approval = { ...root, proposedBy: 'user:a', approvedAt: at, approvedBy: 'user:b' }
      const pinned = [act('root-pinned', 'UZ')]
      expect(await trust.approve(approval, pin, pinned)).toBe('approved')
      expect(await trust.approve(approval, pin, pinned)).toBe('already-approved')
      const crl = {
        ski: 'ab',
        state: 'BY',
        der: 'AA==',
        number: '02',
        thisUpdate: at,
        nextUpdate: at,
      }
      expect(await trust.putCrl(crl, at, [act('crl-published', 'BY ab')])).toBe('stored')
      const older = { ...crl, number: '01' }
      expect(await trust.putCrl(older, at, [act('crl-published', 'older')])).toBe('not-newer')
      await startEpoch(database, 'second', [act('restored', 'second')])
      expect(await acts()).toEqual([
        ['node-created', 'BY'],
        ['client-added', 'chamber'],
        ['client-disabled', 'chamber'],
        ['root-proposed', 'UZ'],
        ['root-pinned', 'UZ'],
        ['crl-published', 'BY ab'],
        ['restored', 'second'],
      ])
    })

    it('of a step of the log are written once, also when the step is not the first', async () => {
      await claimNode(open.database, { state: 'BY', environment: 'production', epoch: 'x' })
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(at))
      const published = actsEntry([act('trust-list-published', 'BY', 'version 1')])
      const step = { entries: [trustListEntry('list', 'BY', 1), published] }
      expect(await append(step)).not.toBe('duplicate')
      expect(await append(step)).toBe('duplicate')
      expect(await acts()).toEqual([['trust-list-published', 'BY']])
    })

    it('are listed in pages, and found by their kind', async () => {
      const log = sqlAdminActs(open.database)
      const before = (await log.list(0, 1000)).at(-1)?.n ?? 0
      await log.record([act('alarms-seen', '3'), act('root-pinned', 'UZ'), act('alarms-seen', '7')])
      const [first] = await log.list(before, 1)
      expect(first).toMatchObject({ act: 'alarms-seen', subject: '3', actor: 'user:anna', at })
      expect(await log.list(first!.n, 1)).toMatchObject([{ subject: 'UZ' }])
      expect(await log.last('alarms-seen')).toMatchObject({ subject: '7' })
      expect(await log.last('client-added')).toBe(undefined)
    })

    it('are never changed and never deleted', async () => {
      await sqlAdminActs(open.database).record([act('root-pinned', 'UZ')])
      for (const statement of ["UPDATE admin_acts SET actor = 'nobody'", 'DELETE FROM admin_acts'])
        await expect(rows(open.database, statement)).rejects.toThrow(/append-only/)
    })
  })
}

administrativeActs('SQLite', sqliteEngine())
administrativeActs('D1', d1Engine(4))
