import type { CompiledQuery } from 'kysely'
import type { SqlDatabase } from '../src/storage/sql-database.ts'
import { insertOf } from '../src/storage/tables.ts'

interface Document {
  readonly sha256: string
  readonly jws: string
}

/** Writes a document and what belongs to it, durable when it resolves. */
export type PlainInserts = (document: Document) => Promise<void>

const insertDocument = insertOf('documents', ['sha256', 'jws'])
const insertEntry = insertOf('entries', ['idx', 'sha256', 'kind', 'at', 'leaf'])
const insertOutgoing = insertOf('outgoing', ['recipient', 'seq', 'sha256'])

/** The bytes of the document and its digest: the least that anybody keeps. */
export function insertsOfDocuments(database: SqlDatabase): PlainInserts {
  return coalesced(database, (document) => [insertDocument(document)])
}

/** The rows of an append, in a list and an outbox that nothing proves. */
export function insertsOfRows(database: SqlDatabase): PlainInserts {
  const at = '2026-03-02T09:15:00Z'
  let idx = 0
  return coalesced(database, ({ sha256, jws }) => {
    const seq = idx + 1
    const leaf = `{"v":1,"kind":"unknown","sha256":"${sha256}","to":{"UZ":${seq}},"at":"${at}"}`
    return [
      insertEntry({ idx: idx++, sha256, kind: 'unknown', at, leaf }),
      insertDocument({ sha256, jws }),
      insertOutgoing({ recipient: 'UZ', seq, sha256 }),
    ]
  })
}

/** All that waits goes into one transaction, as in group commit, and nothing else is done. */
function coalesced(
  database: SqlDatabase,
  statementsOf: (document: Document) => CompiledQuery[],
): PlainInserts {
  let queue: { document: Document; resolve(): void; reject(error: unknown): void }[] = []
  let running = false
  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue
      queue = []
      try {
        const written = await database.atomic(
          batch.flatMap(({ document }) => statementsOf(document)),
        )
        if (written !== 'done') throw new Error('A plain insert collided')
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = false
  }
  return (document) =>
    new Promise<void>((resolve, reject) => {
      queue.push({ document, resolve, reject })
      if (!running) setImmediate(() => void run())
      running = true
    })
}
