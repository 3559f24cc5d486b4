import { describe, expect, it } from 'vitest'
import { auditShownLists } from '../../../src/exchange/audit/audit-shown-trust.ts'
import { lossActs, readLost } from '../../../src/exchange/audit/audit-shown-lost.ts'
import { auditShownRecords } from '../../../src/exchange/audit/audit-shown-records.ts'
import { delayActs } from '../../../src/exchange/audit/delay-acts.ts'
import { readStatuses } from '../../../src/exchange/audit/audit-shown-statuses.ts'
import type { AuditCode } from '../../../src/exchange/audit/finding.ts'
import type { ShownLog } from '../../../src/exchange/audit/shown-log.ts'
import { toldEvidences } from '../../../src/exchange/audit/told-evidence.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'

const END = 3000

/** Whatever is asked for, there is more behind it. */
function endless() {
  let asked = 0
  const places = (after: number) => Array.from({ length: 1000 }, (_, i) => after + 1 + i)
  const log: Pick<ShownLog, 'statuses' | 'lost' | 'coverings' | 'rows' | 'trustList'> = {
    async statuses(after) {
      asked++
      const certificates = places(after).map((idx) => ({ idx, sha256: 'x', status: 'issued' }))
      return { size: after + 5000, certificates }
    },
    async *lost() {
      for (let idx = 0; ; idx++) {
        asked++
        yield { idx, epoch: 'endless' }
      }
    },
    async coverings(after) {
      asked++
      const all = {
        rowsOf: 'accesses',
        first: 1,
        last: Number.MAX_SAFE_INTEGER,
        nonce: '',
      } as const
      return [{ idx: after + 1, ...all }]
    },
    rows: () => Promise.resolve([]),
    async trustList() {
      asked++
      return undefined
    },
  }
  return { log, asked: () => asked }
}

function collected() {
  const codes: AuditCode[] = []
  return { codes, report: (code: AuditCode) => void codes.push(code) }
}

describe('a node that shows without end', () => {
  it('is asked for no more than its log has', async () => {
    const statuses = endless()
    const { certificates, size } = await readStatuses(statuses.log, END, () => undefined)
    expect([certificates.size, statuses.asked()]).toEqual([END, 4])
    expect(size).toBeGreaterThan(END)

    const lost = endless()
    expect((await readLost(lost.log, END)).size).toBe(END)
    expect(lost.asked()).toBe(END + 1)

    const records = endless()
    const { codes, report } = collected()
    const leaves = [{ sha256: 'x', kind: 'administrative', at: '', to: {} }] as never
    const takers = { delays: delayActs([]), told: toldEvidences(report) }
    const about = { leaves, lost: new Map(), ...takers, asOf: new Date() }
    await auditShownRecords(records.log, about, report, () => undefined)
    expect(records.asked()).toBe(2)
    expect(codes).toEqual(['record-differs'])
  })

  it('says of no more versions of its list than its log has that they are missing', async () => {
    const { log, asked } = endless()
    const { codes, report } = collected()
    const newest = { version: Number.MAX_SAFE_INTEGER } as TrustList
    const leaves = [{ sha256: 'x', kind: 'trust-list', at: '', to: {} }] as never
    const walked = { leaves, frontier: undefined as never, roots: new Map() }
    await auditShownLists(log as ShownLog, newest, walked, report)
    expect(asked()).toBe(2)
    expect(codes).toEqual(['record-missing', 'record-missing', 'record-missing'])
  })
})

describe('an entry that is listed as lost', () => {
  const lost = new Map([
    [4, 'one'],
    [7, 'one'],
    [9, 'two'],
  ])
  const found = (...acts: readonly (readonly [number, object])[]) => {
    const wheres: string[] = []
    const losses = lossActs()
    for (const [idx, act] of acts) losses.take(idx, JSON.stringify(act))
    losses.tell(lost, (_, where) => wheres.push(where))
    return wheres
  }
  const act = (subject: string, count: number) =>
    ({ act: 'documents-lost', subject, detail: `${count} listed; digest` }) as const

  it('is one that an act behind it counts', () => {
    expect(found([10, act('one', 2)], [11, act('two', 5)])).toEqual([])
    expect(found([10, act('one', 1)], [11, act('two', 1)])).toEqual(['entry 7'])
    expect(found([10, act('one', 2)], [8, act('two', 1)])).toEqual(['entry 9'])
    expect(found([10, act('one', 2)])).toEqual(['entry 9'])
    expect(found([10, { ...act('one', 2), act: 'restored', note: 'documents-lost' }])).toHaveLength(
      3,
    )
  })
})
