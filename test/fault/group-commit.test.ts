import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Append, Journal } from '../../src/exchange/journal.ts'
import { groupCommit } from '../../src/node/group-commit.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { type OpenDatabase, rows, sqliteEngine } from '../contract/storage-engines.ts'
import {
  certificateEntry,
  changeEntry,
  plainEntry,
  sampleDocument,
} from '../contract/storage-samples.ts'

const AT = '2026-03-02T09:15:00Z'
const now = () => new Date(AT)
const names = (n: number, prefix = 'document') =>
  Array.from({ length: n }, (_, i) => `${prefix} ${i}`)

describe('group commit', () => {
  let open: OpenDatabase
  let journal: Journal
  let appends: number[]
  let append: Append

  beforeEach(async () => {
    open = await sqliteEngine().open()
    const real = sqlJournal(open.database)
    appends = []
    journal = {
      head: () => real.head(),
      append: (step) => {
        appends.push(step.entries.length)
        return real.append(step)
      },
    }
    append = groupCommit(journal, now)
  })
  afterEach(() => open.close())

  const issue = (name: string) => append({ entries: [certificateEntry(name)] })
  const sequence = async () =>
    (await rows<{ sha256: string }>(open.another, 'SELECT sha256 FROM outgoing ORDER BY seq')).map(
      ({ sha256 }) => sha256,
    )

  it('writes the steps in flight in one transaction', async () => {
    const results = await Promise.all(names(200).map(issue))
    expect(results).toEqual(names(200).map(() => ({ at: AT })))
    expect(appends).toEqual([200])
  })

  it('takes no more than 256 entries into one transaction, unless one step has more', async () => {
    const large = { entries: names(300, 'large').map((name) => certificateEntry(name)) }
    await Promise.all([...names(300).map(issue), append(large), issue('last')])
    expect(appends).toEqual([256, 44, 300, 1])
  })

  it('writes the steps that come while a transaction runs in the next one', async () => {
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const append: typeof journal.append = async (step) => {
      begin()
      await gate
      return journal.append(step)
    }
    const slow = groupCommit({ ...journal, append }, now)
    const first = slow({ entries: [certificateEntry('first')] })
    await begun
    const rest = names(50).map((name) => slow({ entries: [certificateEntry(name)] }))
    release()
    await Promise.all([first, ...rest])
    expect(appends).toEqual([1, 50])
  })

  it('numbers in the order of submission, also when a step of the batch collides', async () => {
    await issue('taken')
    const results = await Promise.all([...names(20, 'a'), 'taken', ...names(20, 'b')].map(issue))
    expect(results.filter((result) => result === 'duplicate')).toHaveLength(1)
    expect(await sequence()).toEqual(
      ['taken', ...names(20, 'a'), ...names(20, 'b')].map((name) => sampleDocument(name).sha256),
    )
  })

  it('keeps the order between a batch that collides and the steps that come after it', async () => {
    await issue('taken')
    const early = ['a', 'taken', 'b'].map(issue)
    const late = new Promise((resolve) =>
      setImmediate(() => setImmediate(() => resolve(Promise.all(['c', 'd'].map(issue))))),
    )
    await Promise.all([...early, late])
    expect(await sequence()).toEqual(
      ['taken', 'a', 'b', 'c', 'd'].map((name) => sampleDocument(name).sha256),
    )
  })

  it('fails a colliding step alone', async () => {
    await issue('certificate')
    const steps = {
      before: { entries: [certificateEntry('before')] },
      'same identity': {
        entries: [certificateEntry('other', ['UZ'], { foldedNumber: 'certificate' })],
      },
      between: { entries: [certificateEntry('between')] },
      'first change': { entries: [changeEntry('change 1', 'certificate', 1)] },
      'also a first change': { entries: [changeEntry('change 2', 'certificate', 1)] },
      'half of it new': { entries: [certificateEntry('half'), plainEntry('before')] },
      after: { entries: [certificateEntry('after')] },
    }
    const results = await Promise.all(Object.values(steps).map(append))
    expect(Object.keys(steps).map((name, i) => [name, results[i]])).toEqual([
      ['before', { at: AT }],
      ['same identity', 'duplicate'],
      ['between', { at: AT }],
      ['first change', { at: AT }],
      ['also a first change', 'duplicate'],
      ['half of it new', 'duplicate'],
      ['after', { at: AT }],
    ])
    expect(await sequence()).not.toContain(sampleDocument('half').sha256)
  })

  it('rejects only the step that the database refuses', async () => {
    const decision = {
      effect: 'decision',
      sha256: 'x',
      sender: 'UZ',
      outcome: 'novelty' as 'refused',
      findings: [],
      at: AT,
      receipt: 'x',
    } as const
    const broken = { ...plainEntry('broken'), effects: [decision] }
    const results = await Promise.allSettled([
      issue('before'),
      append({ entries: [broken] }),
      issue('after'),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await sequence()).toHaveLength(2)
    expect(await issue('later')).toEqual({ at: AT })
  })

  it('goes on after another process has written', async () => {
    await issue('mine')
    const theirs = groupCommit(sqlJournal(open.another), now)
    await theirs({ entries: [certificateEntry('theirs')] })
    const results = await Promise.all(names(30).map(issue))
    expect(results).toEqual(names(30).map(() => ({ at: AT })))
    expect(await journal.head()).toMatchObject({ size: 32, lastSeq: { UZ: 32 } })
  })

  it('acknowledges nothing that another process cannot read yet', async () => {
    const missing: string[] = []
    await Promise.all(
      names(300).map(async (name) => {
        await issue(name)
        const found = await rows(
          open.another,
          'SELECT 1 FROM documents JOIN entries USING (sha256) WHERE sha256 = ?',
          sampleDocument(name).sha256,
        )
        if (found.length !== 1) missing.push(name)
      }),
    )
    expect(missing).toEqual([])
  })

  it('acknowledges nothing before the commit returns', async () => {
    let commit = (): void => undefined
    const gate = new Promise<void>((resolve) => (commit = resolve))
    const slow = groupCommit(
      {
        ...journal,
        async append(step) {
          const result = await journal.append(step)
          await gate
          return result
        },
      },
      now,
    )
    let settled = 0
    const steps = names(10).map((name) =>
      slow({ entries: [certificateEntry(name)] }).finally(() => settled++),
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(settled).toBe(0)
    commit()
    await Promise.all(steps)
  })
})
