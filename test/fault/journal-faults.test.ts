import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendOneByOne, type Journal } from '../../src/exchange/journal.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { groupCommit } from '../../src/node/group-commit.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { certificateEntry, sampleDocument } from '../contract/storage-samples.ts'
import { flawsOf } from '../support/crash.ts'
import { logFlawsOf } from '../support/log-flaws.ts'
import { noteSigner, ORIGIN } from '../support/log-world.ts'

const AT = '2026-03-02T09:15:00Z'
const now = () => new Date(AT)
const step = (name: string) => ({ entries: [certificateEntry(name)] })

const signer = noteSigner(ORIGIN, 'ed25519')

describe('a fault in the journal', () => {
  let folder: string
  let database: SqliteDatabase
  let journal: Journal
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'certex-fault-'))
    database = new SqliteDatabase(join(folder, 'node.sqlite'))
    migrate(database)
    journal = sqlJournal(database)
  })
  afterEach(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })

  const logged = () =>
    (
      database.raw.prepare('SELECT sha256 FROM entries ORDER BY idx').all() as { sha256: string }[]
    ).map(({ sha256 }) => sha256)

  /** A journal that fails in the append with this number, before or after it wrote. */
  function failing(nth: number, when: 'write lost' | 'write kept but reported lost'): Journal {
    let n = 0
    return {
      head: () => journal.head(),
      async append(appended) {
        if (++n !== nth) return journal.append(appended)
        if (when === 'write kept but reported lost') await journal.append(appended)
        throw new Error(when)
      },
    }
  }

  const writers = { 'one by one': appendOneByOne, 'in groups': groupCommit }

  describe.each(Object.entries(writers))('of a writer %s', (_, writer) => {
    it('write lost: the step is rejected, is nowhere, and can be repeated', async () => {
      const append = writer(failing(2, 'write lost'), now)
      await append(step('first'))
      await expect(append(step('second'))).rejects.toThrow('write lost')
      expect(logged()).toEqual([sampleDocument('first').sha256])
      expect(await append(step('second'))).toEqual({ at: AT })
      expect(await append(step('third'))).toEqual({ at: AT })
      expect(logged()).toEqual(
        ['first', 'second', 'third'].map((name) => sampleDocument(name).sha256),
      )
      expect(flawsOf(database.raw)).toEqual([])
    })

    it('write kept but reported lost: the repetition finds it, and nothing is there twice', async () => {
      const append = writer(failing(2, 'write kept but reported lost'), now)
      await append(step('first'))
      await expect(append(step('second'))).rejects.toThrow('reported lost')
      expect(await append(step('second'))).toBe('duplicate')
      expect(await append(step('third'))).toEqual({ at: AT })
      expect(logged()).toEqual(
        ['first', 'second', 'third'].map((name) => sampleDocument(name).sha256),
      )
      expect(flawsOf(database.raw)).toEqual([])
    })
  })

  it('write of a whole group lost: every step is written by itself', async () => {
    const append = groupCommit(failing(1, 'write lost'), now)
    const results = await Promise.all(['a', 'b', 'c'].map((name) => append(step(name))))
    expect(results).toEqual([{ at: AT }, { at: AT }, { at: AT }])
    expect(logged()).toEqual(['a', 'b', 'c'].map((name) => sampleDocument(name).sha256))
  })

  it('write of a whole group kept but reported lost: every step learns that it is there', async () => {
    const append = groupCommit(failing(1, 'write kept but reported lost'), now)
    const results = await Promise.all(['a', 'b', 'c'].map((name) => append(step(name))))
    expect(results).toEqual(['duplicate', 'duplicate', 'duplicate'])
    expect(logged()).toHaveLength(3)
    expect(await append(step('d'))).toEqual({ at: AT })
    expect(flawsOf(database.raw)).toEqual([])
  })

  it('write lost: what another process writes in its place is what the tree is made of', async () => {
    const append = groupCommit(failing(1, 'write lost'), now)
    const names = (prefix: string, n: number) =>
      Array.from({ length: n }, (_, i) => certificateEntry(`${prefix} ${i}`))
    await expect(append({ entries: names('lost', 100) })).rejects.toThrow('write lost')
    const theirs = new SqliteDatabase(join(folder, 'node.sqlite'))
    await groupCommit(sqlJournal(theirs), now)({ entries: names('theirs', 100) })
    theirs.close()
    expect(await append({ entries: names('ours', 200) })).toEqual({ at: AT })
    expect(database.raw.prepare('SELECT count(*) FROM log_tiles').pluck().get()).toBe(1)
    expect(await logFlawsOf(database)).toEqual([])
  })

  it('database closed: every step in flight is rejected, none hangs', async () => {
    const append = groupCommit(journal, now)
    await append(step('first'))
    const rest = Promise.allSettled(['a', 'b', 'c'].map((name) => append(step(name))))
    database.close()
    expect((await rest).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    database = new SqliteDatabase(join(folder, 'node.sqlite'))
    expect(logged()).toEqual([sampleDocument('first').sha256])
  })

  it('disk full: what does not fit is rejected whole, what fits later is written', async () => {
    const append = groupCommit(journal, now)
    await append(step('first'))
    const pages = database.raw.pragma('page_count', { simple: true }) as number
    database.raw.pragma(`max_page_count = ${pages + 1}`)
    const large = { ...certificateEntry('large'), jws: 'x'.repeat(100_000) }
    await expect(append({ entries: [large] })).rejects.toThrow(/full/)
    database.raw.pragma('max_page_count = 1000000')
    expect(await append({ entries: [large] })).toEqual({ at: AT })
    expect(logged()).toHaveLength(2)
    expect(flawsOf(database.raw)).toEqual([])
  })

  it('torn batch: whatever of the write-ahead log reached the disk, each group is there whole or not', async () => {
    database.raw.pragma('wal_autocheckpoint = 0')
    database.raw.pragma('wal_checkpoint(TRUNCATE)')
    // With the fourth a tile of the tree becomes full. Each group is signed.
    const groups = [7, 1, 130, 120, 3]
    const ends = [0]
    for (const [g, size] of groups.entries()) {
      const append = groupCommit(journal, now)
      await Promise.all(Array.from({ length: size }, (_, i) => append(step(`${g}.${i}`))))
      await publishCheckpoint({ now, log: sqlLogStore(database), logSigner: async () => signer })()
      ends.push(ends.at(-1)! + size)
    }
    const file = join(folder, 'node.sqlite')
    const wal = readFileSync(`${file}-wal`)
    expect(wal.length).toBeGreaterThan(100_000)
    const torn = join(folder, 'torn.sqlite')
    const found = new Set<number>()

    const sizeAfter = async (bytes: Buffer): Promise<number> => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(torn + suffix, { force: true })
      copyFileSync(file, torn)
      writeFileSync(`${torn}-wal`, bytes)
      const recovered = new SqliteDatabase(torn)
      try {
        expect(flawsOf(recovered.raw)).toEqual([])
        expect(await logFlawsOf(recovered)).toEqual([])
        const [{ n }] = recovered.raw.prepare('SELECT count(*) AS n FROM entries').all() as [
          { n: number },
        ]
        return n
      } finally {
        recovered.close()
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(wal.length),
        fc.nat(200),
        fc.boolean(),
        async (end, damage, corrupt) => {
          const bytes = Buffer.from(wal.subarray(0, end))
          if (corrupt) bytes.subarray(Math.max(0, end - damage)).fill(0x5a)
          const size = await sizeAfter(bytes)
          found.add(size)
          expect(ends).toContain(size)
        },
      ),
      { numRuns: 60 },
    )
    expect(await sizeAfter(wal)).toBe(ends.at(-1))
    expect(found.size).toBeGreaterThan(2)
  })
})
