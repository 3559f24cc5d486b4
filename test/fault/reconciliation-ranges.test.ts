import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  compareRows,
  findDifferences,
  type FoundDifferences,
  MAX_DIFFERENCES,
  newEffort,
} from '../../src/exchange/reconciliation/find-differences.ts'
import {
  COUNTERPART,
  type KeyRange,
  type ReconciledView,
} from '../../src/exchange/reconciliation/payload.ts'
import { answerRange, RangeBody } from '../../src/exchange/reconciliation/range.ts'
import type { ReconciledRow } from '../../src/exchange/reconciliation/store.ts'
import {
  kindIn,
  pagesOf,
  type RowSource,
  summaryOf,
} from '../../src/exchange/reconciliation/reconciled-tree.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlReconciliationStore } from '../../src/storage/reconciliations.ts'

const MIDNIGHT = Date.parse('2026-03-01T00:00:00Z') / 1000
const DAY: KeyRange = { after: MIDNIGHT - 1, upTo: MIDNIGHT + 86_399 }

/** Two databases that hold what two nodes have of one exchange; everything may be wrong in them. */
interface Side {
  readonly database: SqliteDatabase
  source(view: ReconciledView): RowSource
}

function side(peer: string): Side {
  const database = new SqliteDatabase(':memory:')
  migrate(database)
  const store = sqlReconciliationStore(database)
  const pause = () => Promise.resolve()
  return { database, source: (view) => ({ store, view, peer, pause }) }
}

let BY: Side
let UZ: Side
beforeEach(() => {
  BY = side('UZ')
  UZ = side('BY')
})
afterEach(() => {
  BY.database.close()
  UZ.database.close()
})

/** The same run of numbers wherever the test runs. */
function numbers(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const digest = (text: string | number) => `${text}`.padStart(43, 'x')
const instant = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '')

/** Messages 1 to `count` at both sides, decided in the seconds of one day. */
function exchange(count: number, draw: (below: number) => number): void {
  const sent = BY.database.raw.prepare(
    `INSERT INTO outgoing (recipient, seq, sha256, received_at, outcome, findings, decided_at, receipt)
      VALUES ('UZ', ?, ?, '2026-03-01T00:00:00Z', 'accepted', '[]', ?, ?)`,
  )
  const received = UZ.database.raw.prepare(
    "INSERT INTO inbox (sha256, sender, seq, arrived_at) VALUES (?, 'BY', ?, '2026-03-01T00:00:00Z')",
  )
  const decided = UZ.database.raw.prepare(
    "INSERT INTO decisions VALUES (?, 'BY', 'accepted', '[]', ?, ?)",
  )
  for (const { database } of [BY, UZ]) database.raw.exec('BEGIN')
  for (let seq = 1; seq <= count; seq++) {
    // Many in one second, as after an outage.
    const at = instant(MIDNIGHT + (draw(2) === 0 ? 7 : draw(86_400)))
    const receipt = digest(`r${Math.ceil(seq / 100)}`)
    sent.run(seq, digest(seq), at, receipt)
    received.run(digest(seq), seq)
    decided.run(digest(seq), at, receipt)
  }
  for (const { database } of [BY, UZ]) database.raw.exec('COMMIT')
}

/** One thing goes wrong at one of the sides. */
function damage(count: number, draw: (below: number) => number): void {
  const [one, other] = [1 + draw(count), 1 + draw(count)].map(digest)
  const statements: [Side, string][] = [
    [UZ, `DELETE FROM inbox WHERE sha256 = '${one}'`],
    [BY, `DELETE FROM outgoing WHERE sha256 = '${one}'`],
    [UZ, `DELETE FROM decisions WHERE sha256 = '${one}'`],
    [BY, `UPDATE outgoing SET decided_at = NULL WHERE sha256 = '${one}'`],
    [BY, `UPDATE outgoing SET receipt = '${digest('another')}' WHERE sha256 = '${one}'`],
    [BY, `UPDATE outgoing SET received_at = NULL WHERE sha256 = '${one}'`],
    [UZ, `UPDATE inbox SET seq = seq + 1 WHERE sha256 = '${other}'`],
    [UZ, `UPDATE inbox SET sha256 = 'o' || substr(sha256, 2) WHERE sha256 = '${one}'`],
    [UZ, `UPDATE decisions SET at = '2026-02-30T12:00:00Z' WHERE sha256 = '${one}'`],
  ]
  const [where, statement] = statements[draw(statements.length)]!
  where.database.raw.exec(statement)
}

async function all(source: RowSource, range: KeyRange): Promise<ReconciledRow[]> {
  const rows: ReconciledRow[] = []
  for await (const page of pagesOf(source, range)) rows.push(...page)
  return rows
}

/** As over the line: nothing but JSON, and nothing that its schema does not admit. */
function askOf(peer: Side, view: ReconciledView, calls: KeyRange[] = []) {
  return async (range: KeyRange): Promise<unknown> => {
    calls.push(range)
    const body = RangeBody.parse(await answerRange(peer.source(view), range))
    return JSON.parse(JSON.stringify(body)) as unknown
  }
}

describe('comparing what two nodes have, over ranges', () => {
  it.each(Array.from({ length: 40 }, (_, i) => i))(
    'finds exactly what differs, whatever was lost, swapped or replaced (%i)',
    async (seed) => {
      const draw = numbers(seed + 1)
      const count = 1 + draw(seed % 4 === 0 ? 3000 : 300)
      exchange(count, draw)
      for (let n = draw(12); n > 0; n--) damage(count, draw)
      for (const view of ['sent', 'received', 'decided', 'answered'] as const) {
        // Who made the messages is BY; either side may be the one that compares.
        const maker = view === 'sent' || view === 'answered' ? BY : UZ
        const judge = maker === BY ? UZ : BY
        const range = view === 'sent' || view === 'received' ? { after: 0, upTo: count + 1 } : DAY
        const own = judge.source(COUNTERPART[view])
        const found = await findDifferences(own, range, askOf(maker, view), newEffort())
        if ('error' in found) throw new Error(found.error)
        const expected = compareRows(
          await all(own, range),
          await all(maker.source(view), range),
          own.view,
        )
        const differences = expected.filter((one) => !('inFlight' in one))
        expect(found.differences.toSorted(byKey)).toEqual(differences)
        expect(found.inFlight).toBe(expected.length - differences.length)
        expect(found.complete).toBe(true)
        const [a, b] = [await summaryOf(own, range), await summaryOf(maker.source(view), range)]
        expect(a.root === b.root).toBe(expected.length === 0)
      }
    },
  )

  const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key

  it('takes few calls to find one message among many', async () => {
    exchange(20_000, numbers(5))
    UZ.database.raw.exec(`DELETE FROM inbox WHERE seq = 11234`)
    const calls: KeyRange[] = []
    const own = UZ.source('received')
    const found = await findDifferences(
      own,
      { after: 0, upTo: 20_000 },
      askOf(BY, 'sent', calls),
      newEffort(),
    )
    expect(found).toMatchObject({ differences: [{ key: 11234 }], complete: true })
    expect(calls.length).toBeLessThan(6)
  })

  it('lists so many differences and says that there are more', async () => {
    exchange(3000, numbers(6))
    UZ.database.raw.exec('DELETE FROM inbox')
    const own = UZ.source('received')
    const found = await findDifferences(
      own,
      { after: 0, upTo: 3000 },
      askOf(BY, 'sent'),
      newEffort(),
    )
    expect(found).toMatchObject({ complete: false })
    expect('differences' in found && found.differences).toHaveLength(MAX_DIFFERENCES)
  })

  it('lets a message be on its way that its sender knows is not acknowledged, and no other', async () => {
    exchange(10, numbers(7))
    UZ.database.raw.exec('DELETE FROM inbox WHERE seq IN (4, 5)')
    BY.database.raw.exec('UPDATE outgoing SET received_at = NULL WHERE seq IN (5, 6)')
    const range = { after: 0, upTo: 10 }
    const atUZ = await findDifferences(UZ.source('received'), range, askOf(BY, 'sent'), newEffort())
    expect(atUZ).toEqual({
      differences: [{ key: 4, there: { sha256: digest(4) } }],
      inFlight: 1,
      complete: true,
      agreedUpTo: 0,
    })
    const atBY = await findDifferences(BY.source('sent'), range, askOf(UZ, 'received'), newEffort())
    expect(atBY).toEqual({
      differences: [{ key: 4, here: { sha256: digest(4) } }],
      inFlight: 1,
      complete: true,
      agreedUpTo: 0,
    })
  })

  it('leaves out decisions whose instant does not exist, on both sides', async () => {
    exchange(3, numbers(8))
    const none = '2026-03-01T23:59:60Z'
    BY.database.raw.exec(`UPDATE outgoing SET decided_at = '${none}' WHERE seq = 2`)
    UZ.database.raw.exec(`UPDATE decisions SET at = '${none}' WHERE sha256 = '${digest(2)}'`)
    const [a, b] = await Promise.all([
      summaryOf(BY.source('answered'), DAY),
      summaryOf(UZ.source('decided'), DAY),
    ])
    expect(a).toEqual(b)
    expect(a.count).toBe(2)
  })
})

describe('a peer that answers what it likes', () => {
  const range = { after: 0, upTo: 1000 }
  const root = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'
  const body = { of: 'sent', after: 0, upTo: 1000, count: 5, root }
  const entry = (key: number, sha256 = digest(key)) => ({ key, sha256 })
  const LIES: Readonly<Record<string, unknown>> = {
    nothing: undefined,
    'no object': 'all is well',
    'neither parts nor entries': body,
    'both of them': {
      ...body,
      entries: [],
      parts: [
        { upTo: 5, count: 1, root },
        { upTo: 1000, count: 4, root },
      ],
    },
    'a range that was not asked for': { ...body, after: 3, entries: [] },
    'a range that does not move': { ...body, upTo: 0, entries: [] },
    'a larger range': { ...body, upTo: 2000, entries: [] },
    'parts out of order': {
      ...body,
      parts: [
        { upTo: 1000, count: 1, root },
        { upTo: 5, count: 4, root },
      ],
    },
    'parts that end elsewhere': {
      ...body,
      parts: [
        { upTo: 5, count: 1, root },
        { upTo: 6, count: 4, root },
      ],
    },
    'entries outside the range': { ...body, entries: [entry(1001)] },
    'entries out of order': { ...body, entries: [entry(2), entry(1)] },
    'an entry twice': { ...body, entries: [entry(2), entry(2)] },
    'receipts of messages': { ...body, entries: [{ ...entry(2), receipt: root }] },
    'too many entries': { ...body, entries: Array.from({ length: 3000 }, (_, i) => entry(i + 1)) },
    'numbers that are none': { ...body, count: -1, entries: [] },
  }

  it.each(Object.keys(LIES))('says nothing by %s', async (name) => {
    exchange(20, numbers(9))
    const found = await findDifferences(
      UZ.source('received'),
      range,
      () => Promise.resolve(LIES[name]),
      newEffort(),
    )
    expect(found).toHaveProperty('error')
  })

  it('ever smaller ranges that differ end after so many calls', async () => {
    exchange(20, numbers(10))
    let calls = 0
    const found = await findDifferences(
      UZ.source('received'),
      { after: 0, upTo: 2 ** 50 },
      (asked) => {
        calls++
        const middle = Math.floor((asked.after + asked.upTo) / 2)
        if (middle === asked.after) return Promise.resolve({ ...body, ...asked, entries: [] })
        const parts = [middle, asked.upTo].map((upTo) => ({ upTo, count: 1, root }))
        return Promise.resolve({ ...body, ...asked, parts })
      },
      newEffort(),
    )
    expect(found).toMatchObject({ complete: false })
    expect(calls).toBeLessThan(200)
  })

  it('the same rows in ever other parts are read so often and no more', async () => {
    exchange(2000, numbers(12))
    let read = 0
    const source = UZ.source('received')
    const store: RowSource['store'] = {
      async rows(...asked) {
        const found = await source.store.rows(...asked)
        read += found.length
        return found
      },
    }
    const shrinking = ({ after, upTo }: KeyRange) =>
      Promise.resolve({
        ...body,
        after,
        upTo,
        parts: [upTo - 1, upTo].map((end) => ({ upTo: end, count: 1, root })),
      })
    const effort = { calls: 128, rows: 10_000 }
    const found = await findDifferences(
      { ...source, store },
      { after: 0, upTo: 2000 },
      shrinking,
      effort,
    )
    expect(found).toMatchObject({ complete: false, differences: [] })
    expect(read).toBeLessThanOrEqual(10_000 + 2048)
  })

  it('one key with more rows than fit is left open, and not for ever', async () => {
    const insert = UZ.database.raw.prepare(
      "INSERT INTO inbox (sha256, sender, seq, arrived_at) VALUES (?, 'BY', 7, 'x')",
    )
    UZ.database.raw.exec('BEGIN')
    for (let n = 0; n < 20_000; n++) insert.run(digest(`hostile${n}`))
    UZ.database.raw.exec('COMMIT')
    exchange(20, numbers(11))
    const found: FoundDifferences = await findDifferences(
      BY.source('sent'),
      { after: 0, upTo: 20 },
      askOf(UZ, 'received'),
      newEffort(),
    )
    expect(found).toMatchObject({ complete: false })
    const answer = await answerRange(UZ.source('received'), { after: 6, upTo: 20 })
    expect(answer).toMatchObject({ upTo: 7, entries: [], truncated: true })
  })

  it('one second with more decisions than fit hides nothing that comes after it', async () => {
    exchange(3000, numbers(13))
    const one = instant(MIDNIGHT + 7)
    BY.database.raw.exec(`UPDATE outgoing SET decided_at = '${one}' WHERE seq <= 2900`)
    UZ.database.raw.exec(
      `UPDATE decisions SET at = '${one}' WHERE CAST(ltrim(sha256, 'x') AS INTEGER) <= 2900`,
    )
    BY.database.raw.exec('UPDATE outgoing SET decided_at = NULL WHERE seq = 17')
    const late = instant(MIDNIGHT + 86_000)
    for (const [where, statement] of [
      [BY, `UPDATE outgoing SET decided_at = '${late}', receipt = 'other' WHERE seq = 3000`],
      [UZ, `UPDATE decisions SET at = '${late}' WHERE sha256 = '${digest(3000)}'`],
    ] as const)
      where.database.raw.exec(statement)
    const compared = () =>
      findDifferences(BY.source('answered'), DAY, askOf(UZ, 'decided'), newEffort())
    expect(await compared()).toMatchObject({
      differences: [{ key: MIDNIGHT + 86_000, here: { sha256: digest(3000) } }],
      complete: false,
    })
    // The second is the same again on both sides: nothing is left that cannot be told.
    BY.database.raw.exec(`UPDATE outgoing SET decided_at = '${one}' WHERE seq = 17`)
    expect(await compared()).toMatchObject({ differences: [{}], complete: true })
  })
})

describe('the kind of a document', () => {
  const head = (header: string) => Buffer.from(header).toString('base64url').slice(0, 160)

  it('is read from the beginning of its header, and other where it is not there', () => {
    const typ = '"typ":"product-certificate+jwt"'
    expect(kindIn(head(`{"alg":"ES256",${typ},"cty":"application/json"}`))).toBe(
      'product-certificate',
    )
    expect(kindIn(head(`{"x5c":["${'x'.repeat(200)}"],${typ}}`))).toBe('other')
    expect(kindIn('not base64url!')).toBe('other')
    expect(kindIn('')).toBe('other')
    expect(kindIn('..')).toBe('other')
  })
})
