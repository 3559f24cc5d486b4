import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Status } from '../../../src/certificate/certificate-state.ts'
import { appendOneByOne } from '../../../src/exchange/journal.ts'
import { LISTED_AS } from '../../../src/exchange/status-lists/store.ts'
import { sqlJournal } from '../../../src/storage/journal.ts'
import { sqlStatusListStore } from '../../../src/storage/status-list-store.ts'
import { d1Engine, type OpenDatabase, rows, sqliteEngine } from '../../contract/storage-engines.ts'
import { certificateEntry, changeEntry } from '../../contract/storage-samples.ts'

const list = { id: 1, uri: 'https://node.example/status/1' }
const other = { id: 2, uri: 'https://node.example/status/2' }

describe.each([
  ['SQLite', sqliteEngine()],
  ['D1', d1Engine(6)],
])('status lists on %s', (_, engine) => {
  let open: OpenDatabase
  beforeEach(async () => {
    open = await engine.open()
    for (const { id } of [list, other])
      await rows(
        open.database,
        'INSERT INTO status_lists (id, permutation_key, size, next) VALUES (?, ?, 1000, 0)',
        id,
        'key',
      )
  })
  afterEach(() => open.close())
  afterAll(() => engine.stop())

  const store = () => sqlStatusListStore(open.database)
  /** Another process writes. */
  const append = (...entries: ReturnType<typeof certificateEntry>[]) =>
    appendOneByOne(sqlJournal(open.another), () => new Date())({ entries })
  const revisions = async () =>
    Promise.all([list, other].map(async (one) => (await store().find(one))?.revision))

  it('are known by their number, with their size', async () => {
    expect(await store().find(list)).toEqual({
      size: 1000,
      revision: 0,
      isComplete: true,
    })
    expect(await store().find({ id: 3, uri: 'https://node.example/status/3' })).toBeUndefined()
  })

  it('show every status as the trust profile says', async () => {
    const statuses = Object.keys(LISTED_AS) as Status[]
    await append(
      ...statuses.map((status, statusIdx) =>
        certificateEntry(status, ['UZ'], { status, statusIdx, statusUri: list.uri }),
      ),
    )
    const listed = await store().listed(list.uri)
    const shown = Object.fromEntries(listed.map(({ idx, status }) => [statuses[idx], status]))
    expect(shown).toEqual({ annulled: 1, replaced: 1, terminated: 1, archived: 1, suspended: 2 })
    expect(await store().listed(other.uri)).toEqual([])
  })

  it('get a new revision by a change of a certificate of theirs alone', async () => {
    await append(
      certificateEntry('a', ['UZ'], { statusUri: list.uri, statusIdx: 1 }),
      certificateEntry('b', ['UZ'], { statusUri: other.uri, statusIdx: 1 }),
    )
    expect(await revisions()).toEqual([0, 0])
    await append(changeEntry('annul a', 'a', 1))
    expect(await revisions()).toEqual([1, 0])
    await append(changeEntry('annul b', 'b', 1))
    await append(changeEntry('annul a again', 'a', 2))
    expect(await revisions()).toEqual([2, 1])
    expect(await store().listed(list.uri)).toEqual([{ idx: 1, status: 1 }])
  })

  it('get one by a certificate that is issued suspended', async () => {
    await append(
      certificateEntry('a', ['UZ'], { statusUri: list.uri, statusIdx: 1, status: 'suspended' }),
    )
    expect(await revisions()).toEqual([1, 0])
    expect(await store().listed(list.uri)).toEqual([{ idx: 1, status: 2 }])
  })

  it('are not touched by a received certificate that claims a place in them', async () => {
    const claimed = { statusUri: list.uri, statusIdx: 1, origin: 'received' } as const
    await append(certificateEntry('a', [], { ...claimed, status: 'suspended' }))
    await append(changeEntry('annul a', 'a', 1, []))
    expect(await revisions()).toEqual([0, 0])
    expect(await store().listed(list.uri)).toEqual([])
  })

  it('keep their revision when the step is refused', async () => {
    await append(certificateEntry('a', ['UZ'], { statusUri: list.uri, statusIdx: 1 }))
    await append(changeEntry('annul a', 'a', 1))
    expect(await append(changeEntry('annul a twice', 'a', 1))).toBe('duplicate')
    expect(await revisions()).toEqual([1, 0])
  })
})
