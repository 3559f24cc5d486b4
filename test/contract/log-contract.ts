import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { type Journal, numberEntries } from '../../src/exchange/journal.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { growTree } from '../../src/storage/log-tree.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { parseEntryBundle } from '../../src/tlog/entry-bundle.ts'
import { rootOf } from '../../src/tlog/frontier.ts'
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
      expect(await log.unwitnessedSince()).toBeUndefined()
      for (const [i, size] of [2n, 5n, 9n].entries())
        await log.keepCheckpoint({ size, note: `note ${size}\n`, signedAt: `at ${i}` })
      expect(await log.unwitnessedSince()).toBe('at 0')
      const cosign = (size: bigint, witness: string) =>
        log.keepCosignature({ size, witness, line: `by ${witness}\n`, cosignedAt: 'then' })
      await cosign(5n, 'UZ')
      await cosign(2n, 'KZ')
      await log.keepCosignature({ size: 5n, witness: 'UZ', line: 'again\n', cosignedAt: 'later' })
      expect(await log.unwitnessedSince()).toBe('at 2')
      expect(await log.cosignedSize('UZ')).toBe(5n)
      expect(await log.cosignedSize('AM')).toBe(0n)
      expect(await log.cosignedCheckpoint(1)).toMatchObject({ size: 5n, note: 'note 5\nby UZ\n' })
      expect(await log.cosignedCheckpoint(2)).toBeUndefined()
      await cosign(5n, 'KZ')
      expect(await log.cosignedCheckpoint(2)).toMatchObject({
        note: 'note 5\nby KZ\nby UZ\n',
      })
      expect(await log.checkpoint()).toMatchObject({ size: 9n, note: 'note 9\n' })
      await cosign(9n, 'UZ')
      expect(await log.unwitnessedSince()).toBeUndefined()
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
