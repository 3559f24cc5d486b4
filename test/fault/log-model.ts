import fc from 'fast-check'
import { CompiledQuery } from 'kysely'
import { afterAll, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { type Append, numberEntries } from '../../src/exchange/journal.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { logReading } from '../../src/exchange/log/reading.ts'
import { groupCommit } from '../../src/node/group-commit.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { openLog } from '../../src/storage/open-log.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { verifyCheckpoint } from '../../src/tlog/checkpoint.ts'
import { parseLogProof, provesInclusion } from '../../src/tlog/proof.ts'
import { type Engine, type OpenDatabase, rows } from '../contract/storage-engines.ts'
import { plainEntry, sampleDocument } from '../contract/storage-samples.ts'
import { logFlawsOf, storedLeaves } from '../support/log-flaws.ts'
import { noteSigner, ORIGIN, utf8 } from '../support/log-world.ts'

const now = () => new Date('2026-03-02T09:15:00Z')
const signer = noteSigner(ORIGIN, 'ed25519')

/** What happens to one write of a process. */
const FAULTS = ['none', 'write lost', 'write kept but reported lost', 'torn batch'] as const
type Fault = (typeof FAULTS)[number]

/** A database of which one write goes wrong, at one place of its statements if it is torn. */
function faulty(database: SqlDatabase): SqlDatabase & { next: { fault: Fault; at: number } } {
  const self = {
    next: { fault: 'none' as Fault, at: 0 },
    query: (query: CompiledQuery) =>
      query.sql.startsWith('INSERT') ? wrong(() => database.query(query)) : database.query(query),
    atomic: (statements: readonly CompiledQuery[]) =>
      wrong(
        () => database.atomic(statements),
        (at) => {
          const place = at % (statements.length + 1)
          // What fails in the midst of a step as a disk does: no constraint says that it collides.
          const broken = CompiledQuery.raw("INSERT INTO log_head (id) VALUES ('no number')")
          return database.atomic([
            ...statements.slice(0, place),
            broken,
            ...statements.slice(place),
          ])
        },
      ),
  }
  async function wrong<T>(write: () => Promise<T>, torn?: (at: number) => Promise<T>): Promise<T> {
    const { fault, at } = self.next
    self.next = { fault: 'none', at: 0 }
    if (fault === 'none') return write()
    const isKept = fault === 'write kept but reported lost'
    const result = isKept ? await write() : fault === 'torn batch' && (await torn?.(at))
    // Another process was first, and nothing was written that could be lost: the next write is hit.
    if (result === 'collision') {
      self.next = { fault, at }
      return result
    }
    throw new Error(fault)
  }
  return self as unknown as ReturnType<typeof faulty>
}

/** A process that writes the log: what it remembers is lost when it is started anew. */
interface Writer {
  readonly database: ReturnType<typeof faulty>
  append: Append
  checkpoint: () => Promise<boolean>
}

/** A node in two processes over one database, of which either may stop at any moment. */
interface Real {
  readonly open: OpenDatabase
  readonly writers: [Writer, Writer]
  named: number
}

/** What must be so, whatever happens: the log as a list, and what was signed of it. */
interface Model {
  readonly leaves: string[]
  signed: number
}

function start(database: SqlDatabase, gate?: () => Promise<void>): Writer {
  const own = faulty(database)
  const log = sqlLogStore(own)
  const logSigner = async () => {
    await gate?.()
    return signer
  }
  return {
    database: own,
    append: groupCommit(sqlJournal(own), now),
    checkpoint: publishCheckpoint({ now, log, logSigner }),
  }
}

/** Entries are there if they were acknowledged, and in the order of those who wrote them. */
async function grown(model: Model, real: Real, attempts: readonly Attempt[]): Promise<void> {
  const leaves = await storedLeaves(real.open.another)
  expect(leaves.slice(0, model.leaves.length), 'nothing was rewritten').toEqual(model.leaves)
  const added = leaves.slice(model.leaves.length)
  const digests = added.map((leaf) => (JSON.parse(leaf) as { sha256: string }).sha256)
  for (const { names, present } of attempts) {
    const places = names.map((name) => digests.indexOf(sampleDocument(name).sha256))
    if (!present) expect(places.every((place) => place === -1)).toBe(true)
    else expect(places).toEqual(names.map((_, i) => places[0]! + i))
    expect(present && places[0] === -1).toBe(false)
  }
  const expected = attempts.flatMap(({ names, present }) => (present ? names : []))
  expect(digests.toSorted()).toEqual(expected.map((name) => sampleDocument(name).sha256).sort())
  model.leaves.push(...added)
}

interface Attempt {
  readonly names: readonly string[]
  readonly present: boolean
}

/** Everything that follows from the list follows from it in the database, and nothing was unsigned. */
async function sound(model: Model, { open }: Real): Promise<void> {
  expect(await logFlawsOf(open.another)).toEqual([])
  const head = await sqlJournal(open.another).head()
  expect(head.size).toBe(model.leaves.length)
  const sent = model.leaves.filter((leaf) => leaf.includes('"UZ"'))
  expect(head.lastSeq['UZ'] ?? 0).toBe(sent.length)
  const lacking = await rows(
    open.another,
    `SELECT idx FROM entries WHERE kind <> 'administrative' AND
      (sha256 NOT IN (SELECT sha256 FROM documents) OR leaf LIKE '%"UZ"%' AND sha256 NOT IN (SELECT sha256 FROM outgoing))`,
  )
  expect(lacking).toEqual([])
  const newest = await sqlLogStore(open.another).checkpoint()
  expect(Number(newest?.size ?? 0n)).toBe(model.signed)
}

type Command = fc.AsyncCommand<Model, Real>

/** So many steps at once in one process, of which the first write goes wrong. */
const appendSteps = (who: 0 | 1, sizes: readonly number[], fault: Fault, at: number): Command => ({
  check: () => true,
  async run(model, real) {
    const writer = real.writers[who]
    const steps = sizes.map((size) => namesFor(real, size))
    writer.database.next = { fault: fault, at: at }
    const results = await Promise.allSettled(
      steps.map((names) => writer.append({ entries: names.map(plainEntryTo) })),
    )
    // Alone it is told to who waits; of a group every step is tried again.
    const rejected = results.filter(({ status }) => status === 'rejected').length
    const isHit = fault !== 'none'
    expect(rejected).toBeLessThanOrEqual(isHit ? 1 : 0)
    if (isHit && steps.length === 1) expect(rejected).toBe(1)
    const isKept = fault === 'write kept but reported lost'
    const attempts = steps.map((names, i) => {
      const result = results[i]!
      if (result.status === 'fulfilled' && !isKept) expect(result.value).not.toBe('duplicate')
      return { names, present: result.status === 'fulfilled' || isKept }
    })
    await grown(model, real, attempts)
    await sound(model, real)
  },
  toString: () => `append(${who}, [${sizes.join()}], ${fault}, ${at})`,
})

/** Both processes at once, neither of which knows what the other has written since it last wrote. */
const appendInBoth = (sizes: readonly [number, number]): Command => ({
  check: () => true,
  async run(model, real) {
    const steps = sizes.map((size) => namesFor(real, size))
    const results = await Promise.all(
      steps.map((names, i) => real.writers[i]!.append({ entries: names.map(plainEntryTo) })),
    )
    expect(results).toEqual(steps.map(() => ({ at: '2026-03-02T09:15:00Z' })))
    await grown(
      model,
      real,
      steps.map((names) => ({ names, present: true })),
    )
    await sound(model, real)
  },
  toString: () => `appendInBoth(${sizes.join()})`,
})

/** A step that was numbered before another was written. */
const appendBehind = (sizes: readonly [number, number]): Command => ({
  check: () => true,
  async run(model, real) {
    const journal = sqlJournal(real.open.database)
    const head = await journal.head()
    const [early, late] = sizes.map((size) => namesFor(real, size)) as [string[], string[]]
    await real.writers[0].append({ entries: early.map(plainEntryTo) })
    const numbered = numberEntries(head, late.map(plainEntryTo), now())
    const result = await journal.append({ ...numbered, effects: [], expectedHead: head })
    expect(result).toBe('head-moved')
    await grown(model, real, [
      { names: early, present: true },
      { names: late, present: false },
    ])
    await sound(model, real)
  },
  toString: () => `appendBehind(${sizes.join()})`,
})

/** A checkpoint; while its key signs, somebody may append. */
const signTree = (who: 0 | 1, meanwhile: number, fault: Fault): Command => ({
  check: () => true,
  async run(model, real) {
    const names = namesFor(real, meanwhile)
    const other = real.writers[who === 0 ? 1 : 0]
    const writer = start(real.open.database, async () => {
      if (names.length > 0) await other.append({ entries: names.map(plainEntryTo) })
      writer.database.next = { fault: fault, at: 0 }
    })
    const size = model.leaves.length
    const isNew = size > model.signed
    const outcome = await writer.checkpoint().catch((error: unknown) => error)
    if (!isNew) expect(outcome).toBe(false)
    else if (fault === 'none') expect(outcome).toBe(true)
    else expect(outcome).toBeInstanceOf(Error)
    if (isNew && (fault === 'none' || fault === 'write kept but reported lost')) model.signed = size
    // Nobody signs an empty tree; of one that was signed the signer is asked once more.
    await grown(model, real, [{ names, present: size > 0 }])
    await sound(model, real)
  },
  toString: () => `sign(${who}, ${meanwhile}, ${fault})`,
})

/** A process ends and starts again; what it remembered is gone. */
const restart = (who: 0 | 1): Command => ({
  check: () => true,
  async run(model, real) {
    const database = who === 0 ? real.open.database : real.open.another
    real.writers[who] = start(database)
    await openLog(database, now)
    await sound(model, real)
  },
  toString: () => `restart(${who})`,
})

/** Any entry that the newest checkpoint covers is proven under it. */
const prove = (at: number): Command => ({
  check: ({ signed }) => signed > 0,
  async run(model, real) {
    const leaf = model.leaves[at % model.signed]!
    const { sha256 } = JSON.parse(leaf) as { sha256: string }
    const reading = logReading(sqlLogStore(real.open.another), async () => undefined)
    const found = await reading.proof(sha256)
    if (found === undefined || found === 'not-yet') throw new Error('A proof is missing')
    const proof = parseLogProof(utf8.encode(found.proof))
    if ('malformed' in proof) throw new Error(proof.malformed)
    expect(proof.signed.checkpoint.size).toBe(BigInt(model.signed))
    expect(provesInclusion(sha256Sync, proof, utf8.encode(leaf))).toBe(true)
    expect(await verifyCheckpoint(proof.signed, [signer.key])).toBe('valid')
  },
  toString: () => `prove(${at})`,
})

/** Most steps are addressed to nobody: no number of a message keeps two writers apart then. */
function namesFor(real: Real, size: number): string[] {
  const kind = real.named % 3 === 0 ? 'addressed' : 'unaddressed'
  return Array.from({ length: size }, () => `${kind} ${real.named++}`)
}

function plainEntryTo(name: string) {
  return { ...plainEntry(name), to: name.startsWith('addressed') ? ['UZ'] : [] }
}

const anyWriter = fc.constantFrom<0 | 1>(0, 1)
const anyFault = fc.constantFrom(...FAULTS)
const some = fc.integer({ min: 1, max: 4 })
/** Often enough to make a tile of 256 full, and to stop short of it. */
const many = fc.oneof(some, fc.integer({ min: 60, max: 260 }))

/**
 * The log against a plain list and the definition of its tree: two processes over one database, whose
 * writes are lost, kept without their knowledge, or torn at any statement, and who stop at any time.
 */
export function logModel(name: string, engine: Engine, runs: number): void {
  const opened: OpenDatabase[] = []
  afterAll(async () => {
    await Promise.all(opened.map((open) => open.close()))
    await engine.stop()
  })

  it(
    `the log on ${name} is a list that only grows, with its tree, whatever becomes of a write`,
    { timeout: 240_000 },
    async () => {
      const commands = fc.commands<Model, Real, false>(
        [
          fc
            .tuple(
              anyWriter,
              fc.array(many, { minLength: 1, maxLength: 3 }),
              anyFault,
              fc.nat(2000),
            )
            .map((of) => appendSteps(...of)),
          fc.tuple(many, many).map((sizes) => appendInBoth(sizes)),
          fc.tuple(some, many).map((sizes) => appendBehind(sizes)),
          fc
            .tuple(anyWriter, fc.oneof(fc.constant(0), many), anyFault)
            .map((of) => signTree(...of)),
          anyWriter.map(restart),
          fc.nat(5000).map(prove),
        ],
        { maxCommands: 14 },
      )
      await fc.assert(
        fc.asyncProperty(commands, async (these) => {
          const open = await engine.open()
          opened.push(open)
          // That it was migrated is an entry as well.
          await openLog(open.database, now)
          const leaves = await storedLeaves(open.database)
          await fc.asyncModelRun(
            () => ({
              model: { leaves: [...leaves], signed: 0 },
              real: { open, writers: [start(open.database), start(open.another)], named: 0 },
            }),
            these,
          )
        }),
        { numRuns: runs },
      )
    },
  )
}
