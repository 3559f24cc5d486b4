import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adoptSha256, generateKeyPair, signingKey } from '../src/crypto/suite.ts'
import { appendOneByOne, type NewEntry } from '../src/exchange/journal.ts'
import { publishCheckpoint } from '../src/exchange/log/checkpoint.ts'
import { groupCommit } from '../src/node/group-commit.ts'
import { migrate } from '../src/node/migrate.ts'
import { nativeSha256 } from '../src/node/native-sha256.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { sqlJournal } from '../src/storage/journal.ts'
import { sqlLogStore } from '../src/storage/log-store.ts'
import type { SqlDatabase } from '../src/storage/sql-database.ts'
import { verifierKey } from '../src/tlog/verifier-key.ts'
import { benchProofs } from './log-proofs.ts'
import { insertsOfDocuments, insertsOfRows, type PlainInserts } from './plain-inserts.ts'
import { better, type Rates, ratesOf } from './processor-rate.ts'
import type { Row } from './row.ts'

const IN_FLIGHT = 64
const ROUNDS = 3
/** The databases that are compared stay equally long: an index costs by its length. */
const APPENDS_A_ROUND = { together: 8_000, alone: 1_000 }
/** As long as a certificate of origin with its chain. */
const DOCUMENT = 'x'.repeat(3700)
const now = () => new Date()

let named = 0
function document(): { sha256: string; jws: string } {
  return { sha256: randomBytes(32).toString('base64url'), jws: `${named++}.${DOCUMENT}` }
}

/** Durable appends with their tree and a checkpoint every second, and the time that a proof takes. */
export async function benchLog(): Promise<Row[]> {
  // As a node does.
  adoptSha256(nativeSha256)
  const folder = await mkdtemp(join(tmpdir(), 'certex-bench-'))
  const opened: SqliteDatabase[] = []
  const open = (name: string) => {
    const database = new SqliteDatabase(join(folder, `${name}.sqlite`))
    opened.push(database)
    migrate(database)
    return database
  }
  try {
    return [
      ...(await benchAppends(IN_FLIGHT, open)),
      ...(await benchAppends(1, open)),
      ...(await benchProofs(open('proofs'), checkpointsOf)),
    ]
  } finally {
    for (const database of opened) database.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What an append costs beside plain inserts, durable alike and as many in one transaction. */
async function benchAppends(
  inFlight: number,
  open: (name: string) => SqliteDatabase,
): Promise<Row[]> {
  const kind = inFlight === 1 ? 'alone' : 'together'
  const logged = open(`${kind}-logged`)
  const append = (inFlight === 1 ? appendOneByOne : groupCommit)(sqlJournal(logged), now)
  const entry = (): NewEntry => ({ kind: 'unknown', ...document(), to: ['UZ'], effects: [] })
  const checkpoint = await checkpointsOf(logged)
  const sides = {
    append: () => append({ entries: [entry()] }),
    rows: plainly(insertsOfRows(open(`${kind}-rows`))),
    documents: plainly(insertsOfDocuments(open(`${kind}-documents`))),
  }
  const best: Partial<Record<keyof typeof sides, Rates>> = {}
  // In turn, so that what else the machine does meets all of them.
  for (let round = 0; round <= ROUNDS; round++)
    for (const side of ['append', 'rows', 'documents'] as const) {
      const timer = setInterval(() => side === 'append' && void checkpoint(), 1000)
      const rates = await ratesOf(inFlight, APPENDS_A_ROUND[kind], sides[side])
      clearInterval(timer)
      // The first one warms up.
      if (round > 0) best[side] = better(best[side], rates)
    }
  const { append: appended, rows, documents } = best
  const what = `append with tree, checkpoint and outbox, ${inFlight} in flight`
  return [
    ...compared(what, appended!, 'durable inserts of the same three rows alone', rows!),
    ...compared(what, appended!, 'durable inserts of the document row alone', documents!),
  ]
}

function plainly(inserts: PlainInserts): () => Promise<unknown> {
  return () => inserts(document())
}

function compared(what: string, appended: Rates, reference: string, plain: Rates): Row[] {
  return [
    {
      what,
      perSecond: appended.perSecond,
      reference,
      referencePerSecond: plain.perSecond,
    },
    {
      what: `${what}, per second of processor time`,
      perSecond: appended.perProcessorSecond,
      reference: `${reference}, likewise`,
      referencePerSecond: plain.perProcessorSecond,
    },
  ]
}

async function checkpointsOf(database: SqlDatabase): Promise<() => Promise<boolean>> {
  const { pkcs8, spki } = await generateKeyPair('Ed25519')
  const { sign } = await signingKey(pkcs8, 'Ed25519')
  const key = verifierKey('bench.example/log', 'ed25519', spki.slice(-32))
  const logSigner = async () => ({ key, sign })
  return publishCheckpoint({ now, log: sqlLogStore(database), logSigner })
}
