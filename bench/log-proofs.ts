import { randomBytes } from 'node:crypto'
import { logReading } from '../src/exchange/log/reading.ts'
import type { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { sqlLogStore } from '../src/storage/log-store.ts'
import { growTree } from '../src/storage/log-tree.ts'
import type { SqlDatabase } from '../src/storage/sql-database.ts'
import { encodeLeaf } from '../src/tlog/leaf.ts'
import { better, type Rates, ratesOf } from './processor-rate.ts'
import type { Row } from './row.ts'

const SIZES = [10_000, 100_000, 1_000_000]
const ROUNDS = 3
const PROOFS_A_ROUND = 500

/** What a proof of a random entry costs in a log that is ten and a hundred times longer. */
export async function benchProofs(
  database: SqliteDatabase,
  checkpointsOf: (database: SqlDatabase) => Promise<() => Promise<boolean>>,
): Promise<Row[]> {
  const checkpoint = await checkpointsOf(database)
  const { proof } = logReading(sqlLogStore(database), async () => undefined)
  const digests: string[] = []
  const measured: Rates[] = []
  for (const size of SIZES) {
    addEntries(database, digests, size)
    await growTree(database)
    await checkpoint()
    let best: Rates | undefined
    for (let round = 0; round <= ROUNDS; round++) {
      const rates = await ratesOf(1, PROOFS_A_ROUND, async () => {
        const found = await proof(digests[Math.floor(Math.random() * size)]!)
        if (found === undefined || found === 'not-yet') throw new Error('A proof is missing')
      })
      if (round > 0) best = better(best, rates)
    }
    measured.push(best!)
  }
  const [smallest] = measured
  return measured.flatMap((rates, i) => {
    const what = `inclusion proof in a log of ${SIZES[i]!}`
    const reference = `the same in a log of ${SIZES[0]!}`
    return [
      { what, perSecond: rates.perSecond, reference, referencePerSecond: smallest!.perSecond },
      {
        what: `${what}, per second of processor time`,
        perSecond: rates.perProcessorSecond,
        reference,
        referencePerSecond: smallest!.perProcessorSecond,
      },
    ]
  })
}

/** Entries without documents, as fast as they are inserted; their tree grows apart. */
function addEntries({ raw }: SqliteDatabase, digests: string[], size: number): void {
  const insert = raw.prepare(
    "INSERT INTO entries (idx, sha256, kind, at, leaf) VALUES (?, ?, 'unknown', ?, ?)",
  )
  const at = '2026-03-02T09:15:00Z'
  raw.transaction(() => {
    for (let idx = digests.length; idx < size; idx++) {
      const sha256 = randomBytes(32).toString('base64url')
      digests.push(sha256)
      const leaf = encodeLeaf({ kind: 'unknown', sha256, to: { UZ: idx + 1 }, at })
      insert.run(idx, sha256, at, leaf)
    }
  })()
}
