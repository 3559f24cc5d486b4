import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Effect } from '../../src/exchange/effect.ts'
import { judgeIncomingReconciliation } from '../../src/exchange/incoming/reconciliation.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { compareReconciliations } from '../../src/exchange/reconciliation/compare.ts'
import { midnightBefore } from '../../src/exchange/reconciliation/make.ts'
import type { ReconciledView, Reconciliation } from '../../src/exchange/reconciliation/payload.ts'
import { answerRange } from '../../src/exchange/reconciliation/range.ts'
import {
  type RowSource,
  summaryOf,
  summaryOfRows,
} from '../../src/exchange/reconciliation/reconciled-tree.ts'
import { reconciliationState } from '../../src/exchange/reconciliation/state.ts'
import { warningsOfReconciliation } from '../../src/exchange/warnings/of-reconciliation.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlReconciliationStore } from '../../src/storage/reconciliations.ts'
import { rows } from '../contract/storage-engines.ts'
import { sampleDocument } from '../contract/storage-samples.ts'
import { trustOf, watcher } from '../support/log-world.ts'

// Node UZ, which compares, and what BY has of the messages of UZ; documents as they stand in the log.
let UZ: SqliteDatabase
let BY: SqliteDatabase
let clock: Date
beforeEach(() => {
  ;[UZ, BY] = [new SqliteDatabase(':memory:'), new SqliteDatabase(':memory:')]
  for (const database of [UZ, BY]) migrate(database)
  clock = new Date('2026-03-02T01:00:00Z')
})
afterEach(() => {
  for (const database of [UZ, BY]) database.close()
})

const pause = () => Promise.resolve()
const digest = (text: string | number) => `${text}`.padStart(43, 'x')
const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T00:00:00Z`
const to = (n: number) => (clock = new Date(Date.parse(day(n)) + 3_600_000))

/** Messages of UZ, acknowledged by BY an hour before the end of a day. */
async function send(from: number, upTo: number, before: number): Promise<void> {
  const at = new Date(Date.parse(day(before)) - 3_600_000).toISOString().replace('.000', '')
  for (let seq = from; seq <= upTo; seq++) {
    await rows(UZ, 'INSERT INTO documents (sha256, jws) VALUES (?, ?)', digest(seq), 'a.b.c')
    await rows(
      UZ,
      "INSERT INTO entries (idx, sha256, kind, at, leaf) VALUES (?, ?, 'certificate', ?, 'x')",
      100_000 + seq,
      digest(seq),
      at,
    )
    await rows(
      UZ,
      "INSERT INTO outgoing (recipient, seq, sha256, received_at) VALUES ('BY', ?, ?, ?)",
      seq,
      digest(seq),
      at,
    )
    await rows(
      BY,
      "INSERT INTO inbox (sha256, sender, seq, arrived_at) VALUES (?, 'UZ', ?, ?)",
      digest(seq),
      seq,
      at,
    )
  }
}

const atBY = (view: ReconciledView = 'received'): RowSource => {
  return { store: sqlReconciliationStore(BY), view, peer: 'UZ', pause }
}
const NONE = { ...summaryOfRows([]), total: 0 }

interface Said {
  readonly previous: string | null
  readonly since: string | null
  readonly until: string
  readonly after: number
  readonly upTo: number
  readonly total: number
}

/** What BY says it has received; the other views are empty. */
async function document({ after, upTo, total, ...said }: Said): Promise<Reconciliation> {
  return {
    schema: 'reconciliation/1',
    iss: 'BY.REGISTRY',
    aud: ['UZ'],
    epoch: 'e',
    checkpoint: null,
    sent: { after: 0, upTo: 0, ...NONE, kinds: {} },
    received: { after, upTo, ...(await summaryOf(atBY(), { after, upTo })), total, kinds: {} },
    decided: { ...NONE, outcomes: {} },
    answered: { ...NONE, outcomes: {} },
    ...said,
  }
}

/** BY at its word, or somebody who answers what he likes. */
type Answer = (query: URLSearchParams) => Promise<unknown>
const honest: Answer = (query) =>
  answerRange(atBY(query.get('of') as ReconciledView), {
    after: Number(query.get('after')),
    upTo: Number(query.get('upTo')),
  })

function uz(answer: Answer = honest) {
  const reconciliations = sqlReconciliationStore(UZ)
  const deps = {
    ...watcher(UZ, trustOf({ BY: [] }), () => clock),
    reconciliations,
    ask: async (_: string, uri: string) => {
      const body = await answer(new URL(uri).searchParams)
      return { ok: true, body: new TextEncoder().encode(JSON.stringify(body)) } as const
    },
  }
  /** The digest of an accepted document, or why it was refused. */
  async function receive(name: string, said: Said & { readonly epoch?: string }): Promise<string> {
    const payload = { ...(await document(said)), ...(said.epoch && { epoch: said.epoch }) }
    return accept(name, payload)
  }
  async function accept(name: string, payload: Reconciliation): Promise<string> {
    const header = {
      alg: 'ES256',
      typ: 'reconciliation+jwt',
      cty: 'application/json',
      iat: 1_772_000_000,
      'x5t#S256': 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
      x5c: ['AAAA'],
    }
    const parts = [header, payload].map((one) =>
      Buffer.from(JSON.stringify(one)).toString('base64url'),
    )
    const { sha256 } = sampleDocument(name)
    const jws = `${parts.join('.')}.${'A'.repeat(86)}`
    const arrivedAt = clock.toISOString().replace(/\.\d+/, '')
    const verdict = await judgeIncomingReconciliation(
      { sha256, jws, arrivedAt, sender: 'BY' } as unknown as Parameters<
        typeof judgeIncomingReconciliation
      >[0],
      { payload, signer: payload.iss, state: 'BY' } as unknown as Parameters<
        typeof judgeIncomingReconciliation
      >[1],
      deps,
      clock,
    )
    if (verdict.verdict === 'wait') throw new Error(verdict.waitsFor)
    if (verdict.outcome === 'refused') return verdict.findings.join()
    const effects: readonly Effect[] = verdict.effects
    await appendOneByOne(
      sqlJournal(UZ),
      () => clock,
    )({ entries: [{ kind: 'reconciliation', sha256, jws, to: [], effects }] })
    return sha256
  }
  /** Everything that is due now, after what was on its way must have come. */
  async function compare(): Promise<void> {
    clock = new Date(clock.getTime() + 16 * 60_000)
    for (let i = 0; i < 4; i++) await compareReconciliations(deps)('BY')
    clock = new Date(clock.getTime() + 25 * 3_600_000 - 16 * 60_000)
    for (let i = 0; i < 4; i++) await compareReconciliations(deps)('BY')
    clock = new Date(clock.getTime() - 25 * 3_600_000 + 16 * 60_000)
  }
  const state = reconciliationState({ ...deps, now: () => clock })
  const warnings = async () => {
    const contacts = [{ state: 'BY', firstHeardAt: day(1) }]
    return (await warningsOfReconciliation(deps, contacts, clock)).map(({ kind }) => kind)
  }
  const verdict = (sha256: string) => reconciliations.lastVerdict(sha256, 'received')
  return { ...deps, receive, accept, compare, agrees: () => state('BY'), warnings, verdict }
}

const FIRST = { previous: null, since: null, until: day(2), after: 0, upTo: 100, total: 100 }

describe('what a document leaves out', () => {
  it('is compared all the same, and stays open until it is the same on both sides', async () => {
    await send(1, 100, 2)
    const node = uz()
    const first = await node.receive('D1', FIRST)
    await node.compare()
    expect(await node.agrees()).toBe('agrees')

    // BY loses 101 to 200, and goes on behind them as if there had been none.
    to(3)
    await send(101, 250, 3)
    await rows(BY, 'DELETE FROM inbox WHERE seq > 100 AND seq <= 200')
    const skipping = { previous: first, since: day(2), until: day(3), after: 200, upTo: 250 }
    const second = await node.receive('D2', { ...skipping, total: 150 })
    await node.compare()
    const { differences, ...verdict } = (await node.verdict(second))!
    expect(verdict).toMatchObject({ outcome: 'differs', reason: 'rows-differ', complete: true })
    expect(differences.map(({ key }) => key)).toEqual(
      Array.from({ length: 100 }, (_, i) => 101 + i),
    )

    to(4)
    await send(251, 300, 4)
    const next = { previous: second, since: day(3), until: day(4), after: 250, upTo: 300 }
    const third = await node.receive('D3', { ...next, total: 200 })
    await node.compare()
    expect(await node.verdict(third)).toMatchObject({ outcome: 'agrees', reason: 'as-stated' })
    expect(await node.agrees()).toBe('differs')
    expect(await node.warnings()).toEqual(['reconciliation-differs'])

    // They are found, and there is nothing else to say but that BY contradicted itself, which ends as well.
    for (let seq = 101; seq <= 200; seq++)
      await rows(
        BY,
        "INSERT INTO inbox (sha256, sender, seq, arrived_at) VALUES (?, 'UZ', ?, ?)",
        digest(seq),
        seq,
        day(4),
      )
    to(6)
    await node.compare()
    expect(await node.verdict(second)).toMatchObject({ reason: 'not-continued', complete: true })
    const last = {
      previous: third,
      since: day(4),
      until: day(6),
      after: 300,
      upTo: 300,
      total: 200,
    }
    await node.receive('D4', last)
    await node.compare()
    expect(await node.agrees()).toBe('agrees')
  })

  it('is found when a node begins anew and says nothing of what was before', async () => {
    await send(1, 100, 2)
    const node = uz()
    await node.receive('D1', FIRST)
    await node.compare()
    to(3)
    await rows(BY, 'DELETE FROM inbox WHERE seq > 40 AND seq <= 50')
    const anew = await node.receive('D2', { ...FIRST, until: day(3), total: 90, epoch: 'restored' })
    await node.compare()
    const { differences } = (await node.verdict(anew))!
    expect(differences.map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, i) => 41 + i))
  })

  it('is not hidden by numbers that nobody has sent yet', async () => {
    await send(1, 100, 2)
    const node = uz()
    const first = await node.receive('D1', { ...FIRST, upTo: 2 ** 52 })
    await node.compare()
    to(3)
    await send(101, 120, 3)
    await rows(BY, 'DELETE FROM inbox WHERE seq = 110')
    const nothing = { previous: first, since: day(2), until: day(3), after: 2 ** 52, upTo: 2 ** 52 }
    const second = await node.receive('D2', { ...nothing, total: 100 })
    await node.compare()
    expect((await node.verdict(second))!.differences).toMatchObject([{ key: 110 }])
  })

  it('is compared also where the document before was refused or never came', async () => {
    await send(1, 120, 2)
    const node = uz()
    const lost = { previous: digest('lost'), since: day(1), until: day(2), after: 110, upTo: 120 }
    const only = await node.receive('D2', { ...lost, total: 120 })
    await node.compare()
    expect(await node.verdict(only)).toMatchObject({ outcome: 'agrees', reason: 'agreed-since' })
    expect(await node.agrees()).toBe('agrees')
  })
})

describe('a peer that wants to keep a node busy', () => {
  it('is answered by so much work at a time, and goes on where it ended', async () => {
    await send(1, 600, 2)
    await rows(BY, 'DELETE FROM inbox WHERE seq = 590')
    let calls = 0
    // True, and of little use: three numbers at a time.
    const slow: Answer = (query) => {
      calls++
      const [after, upTo] = ['after', 'upTo'].map((name) => Number(query.get(name)))
      const end = String(Math.min(upTo!, after! + 3))
      return honest(new URLSearchParams({ of: 'received', after: String(after), upTo: end }))
    }
    const node = uz(slow)
    const root = summaryOfRows([]).root
    const said = await document({ ...FIRST, upTo: 600, total: 599 })
    const lie = { ...said, received: { ...said.received, root } }
    const sha256 = await node.accept('D1', lie)
    clock = new Date(clock.getTime() + 16 * 60_000)
    const again = () => compareReconciliations(node)('BY')
    await again()
    expect(calls).toBe(128)
    expect(await node.verdict(sha256)).toMatchObject({ reason: 'not-finished' })
    // Nothing of it is due, and nothing was asked twice.
    await again()
    expect(calls).toBe(128)
    clock = new Date(clock.getTime() + 3_600_000)
    await again()
    expect(calls).toBeLessThan(215)
    expect((await node.verdict(sha256))!.differences).toMatchObject([{ key: 590 }])
  })

  it('holds up no other view when the comparison breaks', async () => {
    await send(1, 10, 2)
    const node = uz(() => Promise.reject(new Error('the database takes no more queries')))
    const said = await document({ ...FIRST, upTo: 10, total: 10 })
    const { root } = summaryOfRows([])
    await node.accept('D1', { ...said, received: { ...said.received, root } })
    await expect(compareReconciliations(node)('BY')).rejects.toThrow('no more queries')
    expect(await node.reconciliations.due('BY', midnightBefore(clock), 9)).toEqual([])
    expect(await node.reconciliations.open('BY', 9)).toHaveLength(1)
  })

  it('hides nothing that another peer differs in, and gets no more than so many documents open', async () => {
    await send(1, 10, 2)
    const node = uz()
    await rows(BY, 'DELETE FROM inbox WHERE seq = 4')
    await node.receive('D1', { ...FIRST, upTo: 10, total: 9 })
    await node.compare()
    expect(await node.agrees()).toBe('differs')
    const at = day(2)
    for (let i = 0; i < 1100; i++)
      await rows(
        UZ,
        "INSERT INTO reconciliation_checks VALUES (?, 'sent', 'AM', ?, 1, ?, NULL)",
        digest(`A${i}`),
        at,
        at,
      )
    expect(await node.agrees()).toBe('differs')
    expect(await node.warnings()).toEqual(['reconciliation-differs'])
    for (let i = 0; i < 63; i++)
      await rows(
        UZ,
        "INSERT INTO reconciliation_checks VALUES (?, 'sent', 'BY', ?, 1, ?, NULL)",
        digest(`B${i}`),
        at,
        at,
      )
    to(3)
    const more = {
      previous: digest('none'),
      since: day(2),
      until: day(3),
      after: 0,
      upTo: 0,
      total: 0,
    }
    expect(await node.receive('D2', more)).toBe('TOO-MANY-RECONCILIATIONS')
  })
})
