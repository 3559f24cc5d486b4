import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mirrorLog } from '../../src/exchange/log/mirror.ts'
import { recallCosigned } from '../../src/exchange/log/recall.ts'
import { addCheckpoint } from '../../src/exchange/log/witness.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { claimNode, startEpoch } from '../../src/storage/node-store.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { cosign, verifyCosignature } from '../../src/tlog/cosignature.ts'
import { formatSignatureLine } from '../../src/tlog/signed-note.ts'
import { formatAddCheckpoint } from '../../src/tlog/witness-request.ts'
import { type OpenDatabase, sqliteEngine } from '../contract/storage-engines.ts'
import {
  appendTo,
  type AskLog,
  noteSigner,
  ORIGIN,
  parsedNote,
  shownLog,
  signedNote,
  trustOf,
  utf8,
  watcher,
} from '../support/log-world.ts'
import { entry, naiveTree } from '../unit/tlog/trees.ts'

let clock = Date.parse('2026-03-02T09:15:00Z')
const now = () => new Date(clock)

const by = noteSigner(ORIGIN, 'ed25519')
const witness = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
const LOG = { state: 'BY', origin: ORIGIN }

let log: OpenDatabase
let restored: OpenDatabase
beforeEach(async () => {
  clock = Date.parse('2026-03-02T09:15:00Z')
  const engine = sqliteEngine()
  ;[log, restored] = await Promise.all([engine.open(), engine.open()])
  await claimNode(restored.database, { state: 'UZ', environment: 'training', epoch: 'first' })
})
afterEach(() => Promise.all([log.close(), restored.close()]))

/** Node UZ over its restored database, whose list names its witness. */
async function uz(askLog: AskLog, database: SqlDatabase = restored.database) {
  const deps = { ...watcher(database, trustOf({ BY: [by], UZ: [witness] }), now), askLog }
  const add = addCheckpoint({ ...deps, witnessSigner: async () => witness })
  return {
    ...deps,
    ask: (note: string, oldSize = 0n, proof: Uint8Array[] = []) =>
      add(utf8.encode(formatAddCheckpoint({ oldSize, proof, signed: parsedNote(note) }))),
    recall: () => recallCosigned(deps)('BY'),
    look: () => mirrorLog(deps)('BY'),
  }
}

const loseMemory = () => startEpoch(restored.database, 'second')

/** The log of BY, of which UZ had cosigned the first 20 entries before it lost its database. */
async function cosigned() {
  const shown = shownLog(log.database, by, now)
  await appendTo(log.database, 20)
  await shown.publish()
  const store = sqlLogStore(log.database)
  const { note, size } = (await store.checkpoint())!
  const line = formatSignatureLine(await cosign(parsedNote(note), witness, now()))
  const { name, keyId } = witness.key
  const cosignedAt = '2026-03-02T09:15:00Z'
  await store.keepCosignature({ size, witness: { state: 'UZ', name, keyId }, line, cosignedAt })
  clock += 60_000
  await appendTo(log.database, 5)
  await shown.publish()
  return { ask: shown.ask, note, newest: (await store.checkpoint())!.note }
}

describe('a witness whose database was restored', () => {
  it('cosigns nothing of a log before the log has shown what it had cosigned', async () => {
    const { ask, note, newest } = await cosigned()
    await loseMemory()
    const silent: AskLog = async () => ({ ok: false, error: 'none', keep: async () => undefined })
    const dark = await uz(silent)
    await dark.recall()
    expect((await dark.ask(newest)).answer).toBe('recalling')
    const node = await uz(ask)
    await node.recall()
    const [remembered] = [await node.witnessed.newest(ORIGIN)]
    expect(remembered).toMatchObject({ size: 20n, n: 1 })
    expect(parsedNote(remembered!.note).note.text).toBe(parsedNote(note).note.text)
    expect(await node.ask(newest)).toEqual({ answer: 'conflict', size: 20n })
    expect(await verifyCosignature(parsedNote(note), witness.key)).toBe('absent')
    // Asked once: what comes from now on is remembered.
    expect(await node.witnessed.mustRecall(ORIGIN)).toBe(false)
  })

  it('cosigns no other history than the one that it had cosigned, and tells of it', async () => {
    const { ask } = await cosigned()
    await loseMemory()
    const other = naiveTree(entry)
    const node = await uz(ask)
    await node.recall()
    const forged = await signedNote(other, 30n, by)
    expect((await node.ask(forged)).answer).toBe('conflict')
    expect((await node.ask(forged, 20n, other.consistency(20, 30))).answer).toBe('not-consistent')
    expect((await node.ask(await signedNote(other, 20n, by), 20n)).answer).toBe('conflict')
    expect(await node.told()).toEqual(['log-forked'])
    expect(await node.witnessed.isForked(LOG)).toBe(true)
  })

  it('is told of a fork where its backup remembers another history than its own cosignature', async () => {
    const before = await uz(async () => ({ ok: false, error: '', keep: async () => undefined }))
    expect((await before.ask(await signedNote(naiveTree(entry), 20n, by))).answer).toBe('cosigned')
    const { ask, newest } = await cosigned()
    await loseMemory()
    const node = await uz(ask)
    await node.recall()
    expect(await node.told()).toEqual(['log-forked'])
    expect((await node.ask(newest)).answer).not.toBe('cosigned')
  })

  it('has nothing to read back from a log that it never cosigned, nor at its first start', async () => {
    const shown = shownLog(log.database, by, now)
    await appendTo(log.database, 20)
    await shown.publish()
    const { note } = (await sqlLogStore(log.database).checkpoint())!
    const fresh = await uz(shown.ask)
    expect(await fresh.witnessed.mustRecall(ORIGIN)).toBe(false)
    await loseMemory()
    expect((await fresh.ask(note)).answer).toBe('recalling')
    await fresh.recall()
    expect((await fresh.ask(note)).answer).toBe('cosigned')
  })
})
