import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, sha256Sync, signingKey } from '../src/crypto/suite.ts'
import { encodeBase64url } from '../src/encoding/base64url.ts'
import { publishCheckpoint } from '../src/exchange/log-checkpoint.ts'
import { logReading } from '../src/exchange/log-reading.ts'
import { appendOneByOne, type NewEntry } from '../src/exchange/journal.ts'
import { groupCommit } from '../src/node/group-commit.ts'
import { migrate } from '../src/node/migrate.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { sqlJournal } from '../src/storage/journal.ts'
import { sqlLogStore } from '../src/storage/log-store.ts'
import type { SqlDatabase } from '../src/storage/sql-database.ts'
import { sql } from '../src/storage/tables.ts'
import { verifierKey } from '../src/tlog/verifier-key.ts'
import { rate } from './rate.ts'
import type { Row } from './row.ts'

const IN_FLIGHT = 64
const SECONDS = 3
/** As long as a certificate of origin with its chain. */
const DOCUMENT = 'x'.repeat(3700)
const SIZES = [10_000, 100_000, 1_000_000]
const now = () => new Date()

let named = 0
function document(): { sha256: string; jws: string } {
  const jws = `${named++}.${DOCUMENT}`
  return { sha256: encodeBase64url(randomBytes(32)), jws }
}

/** Durable appends with their tree and a checkpoint every second, and the time that a proof takes. */
export async function benchLog(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-bench-'))
  const open = (name: string) => {
    const database = new SqliteDatabase(join(folder, name))
    migrate(database)
    return database
  }
  const logged = open('logged.sqlite')
  const plain = open('plain.sqlite')
  try {
    return [...(await benchAppends(logged, plain)), ...(await benchProofs(open('proofs.sqlite')))]
  } finally {
    logged.close()
    plain.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function benchAppends(logged: SqlDatabase, plain: SqlDatabase): Promise<Row[]> {
  const together = groupCommit(sqlJournal(logged), now)
  const alone = appendOneByOne(sqlJournal(logged), now)
  const checkpoint = await checkpointsOf(logged)
  const entry = (): NewEntry => ({ kind: 'unknown', ...document(), to: ['UZ'], effects: [] })
  const withCheckpoints = async (measure: () => Promise<number>) => {
    const timer = setInterval(() => void checkpoint(), 1000)
    try {
      return await measure()
    } finally {
      clearInterval(timer)
    }
  }
  const inserts = coalesced(plain)
  const insertAlone = () => plain.atomic([insertOf(document())])
  // In turn, so that what else the machine does meets both.
  const best = { together: 0, inserts: 0, alone: 0, insertsAlone: 0 }
  for (let round = 0; round < 3; round++) {
    best.together = Math.max(
      best.together,
      await withCheckpoints(() => rate(IN_FLIGHT, SECONDS, () => together({ entries: [entry()] }))),
    )
    best.inserts = Math.max(best.inserts, await rate(IN_FLIGHT, SECONDS, () => inserts(document())))
    best.alone = Math.max(
      best.alone,
      await withCheckpoints(() => rate(1, SECONDS, () => alone({ entries: [entry()] }))),
    )
    best.insertsAlone = Math.max(best.insertsAlone, await rate(1, SECONDS, insertAlone))
  }
  return [
    {
      what: `append to the log with tree, checkpoint and outbox, ${IN_FLIGHT} in flight`,
      perSecond: best.together,
      reference: 'durable inserts of the documents alone, coalesced alike',
      referencePerSecond: best.inserts,
    },
    {
      what: 'append to the log, one by one',
      perSecond: best.alone,
      reference: 'durable inserts of the documents alone, one transaction each',
      referencePerSecond: best.insertsAlone,
    },
  ]
}

/** The time of a proof against that at the smallest size. */
async function benchProofs(database: SqliteDatabase): Promise<Row[]> {
  const append = appendOneByOne(sqlJournal(database), now)
  const checkpoint = await checkpointsOf(database)
  const { proof } = logReading(sqlLogStore(database))
  const digests: string[] = []
  const rows: Row[] = []
  let reference: number | undefined
  for (const size of SIZES) {
    while (digests.length < size) {
      const entries = Array.from({ length: 5000 }, (_, i): NewEntry => {
        const jws = String(digests.length + i)
        const sha256 = encodeBase64url(sha256Sync(new TextEncoder().encode(jws)))
        return { kind: 'unknown', sha256, jws, to: ['UZ'], effects: [] }
      })
      await append({ entries })
      digests.push(...entries.map(({ sha256 }) => sha256))
    }
    await checkpoint()
    const perSecond = await rate(1, SECONDS, () =>
      proof(digests[Math.floor(Math.random() * digests.length)]!),
    )
    reference ??= perSecond
    rows.push({
      what: `inclusion proof in a log of ${size}`,
      perSecond,
      reference: `the same in a log of ${SIZES[0]!}`,
      referencePerSecond: reference,
    })
  }
  database.close()
  return rows
}

async function checkpointsOf(database: SqlDatabase): Promise<() => Promise<boolean>> {
  const { pkcs8, spki } = await generateKeyPair('Ed25519')
  const { sign } = await signingKey(pkcs8, 'Ed25519')
  const key = verifierKey('bench.example/log', 'ed25519', spki.slice(-32))
  const logSigner = async () => ({ key, sign })
  return publishCheckpoint({ now, log: sqlLogStore(database), logSigner })
}

function insertOf({ sha256, jws }: ReturnType<typeof document>) {
  return sql.insertInto('documents').values({ sha256, jws }).compile()
}

/** What group commit does, over nothing but the documents. */
function coalesced(database: SqlDatabase) {
  let queue: { row: ReturnType<typeof document>; resolve(): void }[] = []
  let running = false
  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue
      queue = []
      await database.atomic(batch.map(({ row }) => insertOf(row)))
      for (const { resolve } of batch) resolve()
    }
    running = false
  }
  return (row: ReturnType<typeof document>) =>
    new Promise<void>((resolve) => {
      queue.push({ row, resolve })
      if (!running) setImmediate(() => void run())
      running = true
    })
}
