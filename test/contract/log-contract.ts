import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { type Journal, numberEntries } from '../../src/exchange/journal.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { growTree } from '../../src/storage/log-tree.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { sqlMirrorStore } from '../../src/storage/mirror-store.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { parseEntryBundle } from '../../src/tlog/entry-bundle.ts'
import { appendLeaves, EMPTY_FRONTIER, rootOf } from '../../src/tlog/frontier.ts'
import { proveInclusion, verifyInclusion } from '../../src/tlog/inclusion.ts'
import { readLogTile } from '../../src/tlog/log-tiles.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { TILE_WIDTH, tilesOfGrowth, tileWidth, type Tile } from '../../src/tlog/tile.ts'
import { tileHashReader } from '../../src/tlog/tile-reader.ts'
import { naiveTree } from '../unit/tlog/trees.ts'
import { contents, type Engine, type OpenDatabase, rows } from './storage-engines.ts'
import { plainEntry } from './storage-samples.ts'

const now = () => new Date('2026-03-02T09:15:00Z')
const utf8 = new TextEncoder()

/** What every engine's log keeps beside its entries: the Merkle tree, as tiles and as its right edge. */
export function logContract(name: string, engine: Engine, sizes: readonly number[]): void {
  describe(`the tree of the log on ${name}`, () => {
    let open: OpenDatabase
    let journal: Journal
    beforeEach(async () => {
      open = await engine.open()
      journal = sqlJournal(open.database)
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    let named = 0
    async function append(count: number, by = journal) {
      const head = await by.head()
      const entries = Array.from({ length: count }, () => plainEntry(`entry ${named++}`))
      const numbered = numberEntries(head, entries, now())
      return by.append({ ...numbered, effects: [], expectedHead: head })
    }

    /** The tree by RFC 6962 word by word, over the leaves as they stand in the table. */
    async function reference() {
      const stored = await rows<{ leaf: string }>(
        open.another,
        'SELECT leaf FROM entries ORDER BY idx',
      )
      const leaves = stored.map(({ leaf }) => utf8.encode(leaf))
      return { leaves, size: leaves.length, tree: naiveTree((index) => leaves[index]!) }
    }

    it('begins empty', async () => {
      const log = sqlLogStore(open.database)
      expect(await log.frontier()).toEqual({ size: 0n, hashes: [] })
      expect(await log.checkpoint()).toBeUndefined()
      expect(await log.indexOf('nothing')).toBeUndefined()
    })

    it(
      'is that of RFC 6962 after steps of every size, with all its tiles and proofs',
      { timeout: 120_000 },
      async () => {
        for (const size of sizes) expect(await append(size)).toBe('appended')
        const log = sqlLogStore(open.another)
        const { leaves, size, tree } = await reference()
        const frontier = await log.frontier()
        expect(frontier.size).toBe(BigInt(size))
        expect(rootOf(sha256Sync, frontier)).toEqual(tree.root(size))

        const tiles = [...tilesOfGrowth(0n, BigInt(size))]
        expect(tiles.length).toBeGreaterThan(1)
        const readTile = async (tile: Tile) =>
          (await readLogTile(sha256Sync, log, tile, BigInt(size)))!
        for (const tile of tiles.filter(({ level }) => level === 0)) {
          const first = Number(tile.index) * TILE_WIDTH
          const expected = Array.from({ length: tile.width }, (_, i) =>
            leafHash(sha256Sync, leaves[first + i]!),
          )
          expect(Buffer.from(await readTile(tile))).toEqual(Buffer.concat(expected))
          const bundle = await readTile({ ...tile, level: 'entries' })
          expect(parseEntryBundle(bundle, tile.width)).toEqual(
            leaves.slice(first, first + tile.width),
          )
        }
        const reader = tileHashReader(sha256Sync, readTile, BigInt(size))
        const indexes = [0, 1, 255, 256, size >> 1, size - 1].filter((index) => index < size)
        for (const index of indexes) {
          const proof = await proveInclusion(sha256Sync, reader, BigInt(index), BigInt(size))
          expect(proof).toEqual(tree.inclusion(index, size))
          const claim = { index: BigInt(index), size: BigInt(size), proof }
          const hashes = {
            leafHash: leafHash(sha256Sync, leaves[index]!),
            rootHash: tree.root(size),
          }
          expect(verifyInclusion(sha256Sync, { ...claim, ...hashes })).toBe(true)
        }
      },
    )

    it('has narrower forms of a tile that has grown, and none beyond the size asked', async () => {
      await append(300)
      const log = sqlLogStore(open.database)
      const read = (tile: Tile, size = 300n) => readLogTile(sha256Sync, log, tile, size)
      const full = await read({ level: 0, index: 0n, width: TILE_WIDTH })
      expect(await read({ level: 0, index: 0n, width: 17 })).toEqual(full!.slice(0, 17 * 32))
      expect(await read({ level: 0, index: 1n, width: 44 })).toHaveLength(44 * 32)
      expect(await read({ level: 0, index: 1n, width: 45 })).toBeUndefined()
      expect(await read({ level: 0, index: 1n, width: 44 }, 299n)).toBeUndefined()
      expect(await read({ level: 0, index: 2n, width: 1 })).toBeUndefined()
      expect(await read({ level: 1, index: 0n, width: 1 })).toHaveLength(32)
      expect(await read({ level: 1, index: 0n, width: 2 })).toBeUndefined()
      expect(tileWidth({ level: 1, index: 0n }, 300n)).toBe(1)
    })

    it('writes nothing of the tree when another writer was first', async () => {
      await append(250)
      const stale = await journal.head()
      await append(10)
      const before = await contents(open.database)
      const entries = Array.from({ length: 20 }, (_, i) => plainEntry(`late ${i}`))
      const numbered = numberEntries(stale, entries, now())
      expect(await journal.append({ ...numbered, effects: [], expectedHead: stale })).toBe(
        'head-moved',
      )
      expect(await contents(open.database)).toEqual(before)
    })

    it('is not moved by a step without entries', async () => {
      await append(3)
      const before = await sqlLogStore(open.database).frontier()
      expect(await append(0)).toBe('appended')
      expect(await sqlLogStore(open.database).frontier()).toEqual(before)
    })

    it('is built from a log of before there was a tree, in any number of processes at once', async () => {
      await append(600)
      const grown = await contents(open.database)
      await forgetTree(open)
      await Promise.all([growTree(open.database), growTree(open.another)])
      expect(await contents(open.database)).toEqual(grown)
      await append(1)
      const { size, tree } = await reference()
      expect(rootOf(sha256Sync, await sqlLogStore(open.database).frontier())).toEqual(
        tree.root(size),
      )
    })

    it.each(['UPDATE log_tiles SET root = root', 'DELETE FROM log_tiles'])(
      'refuses %s',
      async (statement) => {
        await append(256)
        await expect(rows(open.database, statement)).rejects.toThrow(/never change|are kept/)
      },
    )

    it('knows what witnesses have cosigned, and since when they have not', async () => {
      const log = sqlLogStore(open.database)
      expect(await log.signedSince(0n)).toBeUndefined()
      for (const [i, size] of [2n, 5n, 9n].entries())
        await log.keepCheckpoint({ size, note: `note ${size}\n`, signedAt: `at ${i}` })
      expect(await log.signedSince(0n)).toBe('at 0')
      const witness = (state: string, keyId = 1) => ({ state, name: 'witness', keyId })
      const cosign = (size: bigint, state: string, keyId = 1) =>
        log.keepCosignature({
          size,
          witness: witness(state, keyId),
          line: `by ${state}\n`,
          cosignedAt: 'then',
        })
      await cosign(5n, 'UZ')
      await cosign(2n, 'KZ')
      await log.keepCosignature({
        size: 5n,
        witness: witness('UZ'),
        line: 'again\n',
        cosignedAt: 'later',
      })
      expect(await log.signedSince(5n)).toBe('at 2')
      expect(await log.signedSince(2n)).toBe('at 1')
      expect(await log.cosignedSize(witness('UZ'))).toBe(5n)
      expect(await log.cosignedSize(witness('UZ', 2))).toBe(0n)
      expect(await log.cosignedSize(witness('AM'))).toBe(0n)
      expect(await log.cosignedCheckpoint()).toMatchObject({ size: 5n, note: 'note 5\nby UZ\n' })
      await cosign(5n, 'KZ')
      expect(await log.cosignedCheckpoint()).toMatchObject({ note: 'note 5\nby KZ\nby UZ\n' })
      expect(await log.checkpointOf(2n)).toMatchObject({ size: 2n, note: 'note 2\nby KZ\n' })
      expect(await log.checkpointOf(3n)).toBeUndefined()
      expect(await log.checkpoint()).toMatchObject({ size: 9n, note: 'note 9\n' })
      await cosign(9n, 'UZ')
      const [uz, kz] = [witness('UZ'), witness('KZ')]
      expect(await log.cosignedFrom(5n, [uz])).toBe(5n)
      expect(await log.cosignedFrom(6n, [uz])).toBe(9n)
      expect(await log.cosignedFrom(6n, [kz])).toBeUndefined()
      expect(await log.cosignedFrom(1n, [uz, kz])).toBe(2n)
      expect(await log.cosignedFrom(6n)).toBe(9n)
      expect(await log.cosignedFrom(1n, [])).toBeUndefined()
      expect(await log.cosignedUpTo(8n, [uz])).toBe(5n)
      expect(await log.cosignedUpTo(8n, [witness('UZ', 2)])).toBeUndefined()
      expect(await log.cosignedUpTo(99n)).toBe(9n)
      expect(await log.cosignedFrom(5n, [{ ...uz, from: 'thereafter' }])).toBeUndefined()
      expect(await log.cosignedFrom(5n, [{ ...uz, until: 'then' }])).toBe(5n)
      expect(await log.cosignedFrom(5n, [{ ...uz, until: 'before' }])).toBeUndefined()
      expect(await log.signedSince(9n)).toBeUndefined()
    })

    it('grows beside writers, and never moves back', async () => {
      await append(250)
      // It reads the head, a writer appends; it reads the leaves, a writer fills the first tile.
      let queries = 0
      let steps = 0
      const slow: SqlDatabase = {
        async query(query) {
          if (queries++ === 1) await append(5)
          return open.another.query(query)
        },
        async atomic(statements) {
          if (steps++ === 0) await append(5)
          if (steps > 20) throw new Error('it goes on without end')
          return open.another.atomic(statements)
        },
      }
      await growTree(slow)
      const { size, tree } = await reference()
      const frontier = await sqlLogStore(open.database).frontier()
      expect([frontier.size, size]).toEqual([260n, 260])
      expect(rootOf(sha256Sync, frontier)).toEqual(tree.root(size))
      expect(await append(1)).toBe('appended')
    })

    it('takes up what a process of an older version appends beside it', async () => {
      await append(255)
      const leaf = 'of an older version'
      await rows(
        open.database,
        "INSERT INTO entries (idx, sha256, kind, at, leaf) VALUES (255, 'x', 'unknown', 'then', ?)",
        leaf,
      )
      expect(await append(1)).toBe('head-moved')
      expect(await append(1)).toBe('appended')
      const { size, tree } = await reference()
      const frontier = await sqlLogStore(open.database).frontier()
      expect(frontier.size).toBe(257n)
      expect(rootOf(sha256Sync, frontier)).toEqual(tree.root(size))
      // What is there already is still told from that.
      const twice = [plainEntry('twice')]
      const step = async () => {
        const head = await journal.head()
        return journal.append({
          ...numberEntries(head, twice, now()),
          effects: [],
          expectedHead: head,
        })
      }
      expect([await step(), await step()]).toEqual(['appended', 'duplicate'])
    })

    it('is signed by nobody while there is a doubt, which ends with the last contradiction', async () => {
      const log = sqlLogStore(open.database)
      const witness = { state: 'UZ', name: 'witness', keyId: 1 }
      await log.confirm(witness, 1n, 'at 0')
      expect(await log.doubt()).toBeUndefined()
      await log.contradict(witness, 9n, 'at 1')
      await log.contradict({ ...witness, state: 'KZ' }, 8n, 'at 2')
      await log.keepCheckpoint({ size: 3n, note: 'a note', signedAt: 'at 3' })
      expect(await log.checkpoint()).toBeUndefined()
      const doubt = (await log.doubt())!
      expect(doubt).toMatchObject({ since: 'at 1', reason: 'contradicted' })
      expect(doubt.answers).toHaveLength(2)
      await log.confirm(witness, 9n, 'at 4')
      const settled = (await log.doubt())!
      await log.contradict(witness, 9n, 'at 5')
      expect(await log.endDoubt(settled)).toBe(false)
      expect(await log.endDoubt((await log.doubt())!)).toBe(true)
      expect(await log.doubt()).toBeUndefined()
      await log.keepCheckpoint({ size: 3n, note: 'a note', signedAt: 'at 6' })
      expect(await log.checkpoint()).toMatchObject({ note: 'a note' })
      // The next one begins anew.
      await log.contradict({ ...witness, keyId: 2 }, 1n, 'at 7')
      expect((await log.doubt())!.answers).toHaveLength(1)
    })

    it('keeps the leaves of another log in one step, and what they say was sent here', async () => {
      const mirror = sqlMirrorStore(open.database)
      const log = { state: 'BY', origin: 'exchange.by/log/1' }
      const leaves = Array.from({ length: 4096 }, (_, i) => `leaf ${i}`)
      const hashes = leaves.map((leaf) => leafHash(sha256Sync, utf8.encode(leaf)))
      const { frontier } = appendLeaves(sha256Sync, EMPTY_FRONTIER, hashes)
      const addressed = leaves.map((_, i) => ({ seq: i + 1, sha256: `d${i}`, index: BigInt(i) }))
      const head = { n: 1, frontier, note: 'n', size: 4096n, wholeNote: 'n', addressed: 4096 }
      const step = { head: { ...head, lastSeq: 4096 }, leaves, addressed, at: 'then' }
      expect(await mirror.extend(log, step)).toBe('extended')
      expect(await mirror.extend(log, step)).toBe('overtaken')
      expect(await mirror.leaves(log, 4000n, 4002n)).toEqual(['leaf 4000', 'leaf 4001'])
      const roots = await mirror.bundleRoots(log, 0n, 16n)
      expect(roots).toHaveLength(16)
      expect(rootOf(sha256Sync, appendLeaves(sha256Sync, EMPTY_FRONTIER, roots).frontier)).toEqual(
        rootOf(sha256Sync, frontier),
      )
      for (const { sha256, seq } of addressed.slice(0, 3))
        await rows(
          open.database,
          "INSERT INTO inbox (sha256, sender, seq, arrived_at) VALUES (?, 'BY', ?, 'then')",
          sha256,
          seq,
        )
      const some = await mirror.unsettled(log, { told: false, limit: 4 })
      expect(some.map(({ receivedAs }) => receivedAs)).toEqual([1, 2, 3, undefined])
      await mirror.settle(log, some.slice(0, 3), 'received')
      await mirror.settle(log, some.slice(3), 'told')
      const [told] = await mirror.unsettled(log, { told: true, limit: 4 })
      expect(told).toMatchObject({ seq: 4, index: 3n })
      expect(await mirror.compare(log, 2)).toMatchObject({
        addressed: 4096,
        received: 3,
        missing: [{ seq: 4 }, { seq: 5 }],
        misnumbered: [],
      })
      const unknown = { failure: undefined, newerThan: undefined }
      await mirror.looked('BY', { ...unknown, at: 'first', whole: false, failure: 'it broke' })
      await mirror.looked('BY', { ...unknown, at: 'second', whole: true, newerThan: 'first' })
      await mirror.looked('BY', { ...unknown, at: 'third', whole: true })
      const range = { after: '', before: 'then', limit: 2 }
      const first = await mirror.unlogged('BY', range)
      expect(first).toEqual({ arrivals: [], until: 'then d1', hasMore: true })
      await mirror.compared('BY', first.until)
      expect(await mirror.looks()).toEqual([
        {
          state: 'BY',
          firstAt: 'first',
          wholeAt: 'third',
          failure: undefined,
          comparedUntil: 'then d1',
          newerThan: 'first',
        },
      ])
      expect(await mirror.unlogged('BY', { ...range, after: first.until })).toEqual({
        arrivals: [],
        until: 'then d2',
        hasMore: false,
      })
    })

    it('keeps the first checkpoint of a size, and shows that of the largest tree', async () => {
      const log = sqlLogStore(open.database)
      const checkpoint = (size: bigint, note: string) => ({ size, note, signedAt: 'then' })
      await log.keepCheckpoint(checkpoint(3n, 'first'))
      await log.keepCheckpoint(checkpoint(3n, 'second'))
      await log.keepCheckpoint(checkpoint(2n, 'smaller'))
      expect(await log.checkpoint()).toEqual(checkpoint(3n, 'first'))
    })
  })
}

/** As if the database came from a program that built no tree. */
async function forgetTree({ database }: OpenDatabase): Promise<void> {
  await rows(database, 'DROP TRIGGER log_tiles_remain')
  await rows(database, 'DELETE FROM log_tiles')
  await rows(database, 'DELETE FROM log_head')
  await rows(
    database,
    "CREATE TRIGGER log_tiles_remain BEFORE DELETE ON log_tiles BEGIN SELECT RAISE(ABORT, 'full tiles are kept'); END",
  )
}
