import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatInstant } from '../../src/encoding/time.ts'
import { mirrorLog } from '../../src/exchange/log/mirror.ts'
import { ONLY_LISTED_WITNESSES } from '../../src/exchange/log/policy.ts'
import { recallCosigned } from '../../src/exchange/log/recall.ts'
import { addCheckpoint } from '../../src/exchange/log/witness.ts'
import { warningsOfLog } from '../../src/exchange/warnings/of-log.ts'
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

type Lists = Parameters<typeof trustOf>[0]

/** Node UZ over its restored database, whose list names its witness. */
async function uz(
  askLog: AskLog,
  database: SqlDatabase = restored.database,
  lists: Lists = { BY: [by] },
) {
  const deps = { ...watcher(database, trustOf({ ...lists, UZ: [witness] }), now), askLog }
  const add = addCheckpoint({ ...deps, witnessSigner: async () => witness })
  return {
    ...deps,
    ask: (note: string, oldSize = 0n, proof: Uint8Array[] = []) =>
      add(utf8.encode(formatAddCheckpoint({ oldSize, proof, signed: parsedNote(note) }))),
    recall: (peer = 'BY') => recallCosigned(deps)(peer),
    look: () => mirrorLog(deps)('BY'),
    warnings: () => warningsOfLog({ ...deps, witnessing, log: sqlLogStore(database) }, now()),
  }
}

const witnessing = ONLY_LISTED_WITNESSES
const loseMemory = () =>
  startEpoch(restored.database, 'second', [
    { at: formatInstant(now()), actor: 'operator', act: 'restored', subject: 'second' },
  ])

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

  describe('whose peer refuses the question', () => {
    const keep = async () => undefined
    /** As a node answers that knows no such parameter. */
    const older =
      (ask: AskLog): AskLog =>
      async (peer, uri, most) =>
        uri.includes('?')
          ? { ok: false, answered: true, error: 'HTTP 400 (invalid-parameter)', keep }
          : ask(peer, uri, most)

    it('takes its cosignature from the newest checkpoint, if that bears it', async () => {
      const { ask, note } = await cosigned()
      await loseMemory()
      const line = formatSignatureLine(await cosign(parsedNote(note), witness, now()))
      const shown: AskLog = async () => ({ ok: true, body: utf8.encode(note + line), keep })
      const node = await uz(older(shown))
      await node.recall()
      expect(await node.witnessed.newest(ORIGIN)).toMatchObject({ size: 20n, n: 1 })
      expect(await node.witnessed.mustRecall(ORIGIN)).toBe(false)
      const forged = await signedNote(naiveTree(entry), 30n, by)
      expect((await (await uz(ask)).ask(forged)).answer).toBe('conflict')
    })

    it('goes on as with a log that shows none, if the newest checkpoint bears none', async () => {
      const { ask, newest } = await cosigned()
      await loseMemory()
      const node = await uz(older(ask))
      await node.recall()
      expect(await node.witnessed.newest(ORIGIN)).toBeUndefined()
      expect((await node.ask(newest)).answer).toBe('cosigned')
    })

    it('waits where nobody has signed the refusal, or the checkpoint is refused as well', async () => {
      await cosigned()
      await loseMemory()
      const error = 'HTTP 400 (invalid-parameter)'
      for (const signed of [{}, { answered: true } as const]) {
        const node = await uz(async () => ({ ok: false, ...signed, error, keep }))
        await node.recall()
        expect(await node.witnessed.mustRecall(ORIGIN)).toBe(true)
      }
    })
  })

  it('warns of a log that has not shown after a quarter of an hour what was cosigned', async () => {
    const { ask } = await cosigned()
    await loseMemory()
    const node = await uz(ask)
    const recalling = async () =>
      (await node.warnings()).filter(({ kind }) => kind === 'witness-recalling')
    clock += 14 * 60_000
    expect(await recalling()).toEqual([])
    clock += 2 * 60_000
    expect(await recalling()).toMatchObject([{ subject: ORIGIN, overdue: true }])
    await node.recall()
    expect(await recalling()).toEqual([])
  })

  it('reads a log back from its own state alone, whoever else lists it', async () => {
    const { ask } = await cosigned()
    await loseMemory()
    const asked: string[] = []
    const none: AskLog = async (peer) => {
      asked.push(peer)
      const keep = async () => undefined
      return { ok: false, answered: true, error: 'HTTP 404', keep }
    }
    const lists = { BY: [by], XX: [noteSigner(ORIGIN, 'ed25519')] }
    const node = await uz(none, restored.database, lists)
    await node.recall('XX')
    expect(asked).toEqual([])
    expect(await node.witnessed.mustRecall(ORIGIN)).toBe(true)
    await (await uz(ask, restored.database, lists)).recall()
    expect(await node.witnessed.newest(ORIGIN)).toMatchObject({ size: 20n, state: 'BY' })
  })

  it('asks for few logs of a peer in one look, the one under its name first', async () => {
    await loseMemory()
    const many = Array.from({ length: 30 }, (_, i) => noteSigner(`log.example/${i}`, 'ed25519'))
    let asked = 0
    const silent: AskLog = async () => {
      asked++
      return { ok: false, error: 'HTTP 503', keep: async () => undefined }
    }
    await (await uz(silent, restored.database, { BY: [by, ...many] })).recall()
    expect(asked).toBe(8)
    const { ask } = await cosigned()
    const node = await uz(ask, restored.database, { BY: [by, ...many] })
    await node.recall()
    expect(await node.witnessed.mustRecall(ORIGIN)).toBe(false)
    // What is read back makes room for the rest.
    for (let i = 0; i < 3; i++) await node.recall()
    for (const { key } of many) expect(await node.witnessed.mustRecall(key.name)).toBe(false)
  })
})
