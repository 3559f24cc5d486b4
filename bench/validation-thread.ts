import { parentPort, workerData } from 'node:worker_threads'
import { adoptEcdsaP256, adoptSha256 } from '../src/crypto/suite.ts'
import { authenticate, digestOf } from '../src/exchange/validation/authenticate.ts'
import { checkContent } from '../src/exchange/validation/certificate-content.ts'
import { nativeEcdsa } from '../src/node/native-ecdsa.ts'
import { nativeSha256 } from '../src/node/native-sha256.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import type { FromThread } from '../src/node/threads.ts'
import { sqlStores } from '../src/storage/sql-stores.ts'
import { currentTrust, type Trust } from '../src/trust/trust.ts'
import { createPathCache } from '../src/x509/path-cache.ts'
import { rate } from './rate.ts'
import { rateOfEach } from './rounds.ts'
import { newAuthorities, newBodies, newStates, ROUNDS, validOnly } from './validation-paths.ts'

/** What a thread measures next, and answers with operations per second. */
export type Measurement = 'documents' | 'documents-in-flight' | ColdPath
type ColdPath = (typeof COLD_PATHS)[number]
const COLD_PATHS = ['new-bodies', 'new-authorities', 'new-states'] as const

export interface MeasuredThreadData {
  /** Of a node whose trust says that the documents are good. */
  readonly database: string
  readonly documents: readonly string[]
}

// The program of a thread that does one after another what the product does with a document or a path.

adoptSha256(nativeSha256)
await adoptEcdsaP256(nativeEcdsa)
const { database, documents } = workerData as MeasuredThreadData
const trust = currentTrust(sqlStores(new SqliteDatabase(database, { readOnly: true })).trustStore)
const paths = createPathCache()

/** As many as `validationThreads` hands over at a time; they are judged by one trust, as there. */
const IN_FLIGHT = 16

async function inFlight(n: number): Promise<void> {
  const believed = await trust()
  const batch = Array.from({ length: IN_FLIGHT }, (_, i) => full(n * IN_FLIGHT + i, believed))
  await Promise.all(batch)
}

async function full(n: number, believed: Trust): Promise<void> {
  const document = documents[n % documents.length]!
  const now = new Date()
  const sha256 = await digestOf(document)
  const { document: authentic, checks } = await authenticate(document, {
    trust: believed,
    paths,
    purpose: 'document-seal',
    at: now,
    now,
    typs: ['product-certificate+jwt'],
  })
  const checked = authentic && checkContent(authentic, now)
  if (!checked?.content)
    throw new Error(`${sha256} ${JSON.stringify([...checks, ...(checked?.checks ?? [])])}`)
}

// One round more, which only warms up; each of the others is validated once, in its round.
const part = { 'new-bodies': 60, 'new-authorities': 30, 'new-states': 12 }
const now = new Date()
const unseen = {
  'new-bodies': await newBodies((ROUNDS + 1) * part['new-bodies'], now),
  'new-authorities': await newAuthorities((ROUNDS + 1) * part['new-authorities'], now),
  'new-states': await newStates((ROUNDS + 1) * part['new-states'], now),
}

async function measure(what: Measurement): Promise<number> {
  if (what === 'documents') return rate(1, 0.4, async (n) => full(n, await trust()))
  if (what === 'documents-in-flight') return IN_FLIGHT * (await rate(1, 0.4, inFlight))
  return rateOfEach(1, unseen[what].splice(0, part[what]), (path) => validOnly(paths, path))
}

// A node runs for months: what is measured is not its compiler.
for (const what of COLD_PATHS) {
  const seen = unseen[what].splice(0, part[what])
  await rate(1, 2, (n) => validOnly(createPathCache(), seen[n % seen.length]!))
}
await measure('documents')
await measure('documents-in-flight')
const tell = (message: FromThread<number>) => parentPort!.postMessage(message)
parentPort!.on('message', (what: Measurement) => {
  void measure(what).then(
    (answer) => tell({ answer }),
    (error: unknown) => tell({ failed: String(error) }),
  )
})
tell('ready')
