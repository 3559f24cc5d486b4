import { parentPort, workerData } from 'node:worker_threads'
import { adoptEcdsaP256, adoptSha256 } from '../crypto/suite.ts'
import { type StretchQuestion, stretchReader } from '../storage/audit/read-stretch.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { nativeEcdsa } from './native-ecdsa.ts'
import { nativeSha256 } from './native-sha256.ts'
import { SqliteDatabase } from './sqlite-database.ts'

/** What a thread of an audit is started with. */
export interface AuditThreadData {
  readonly file: string
  readonly asOf: Date
}

// The thread of `auditThreads`: reads stretches of the log in a file that it opens itself.

adoptSha256(nativeSha256)
await adoptEcdsaP256(nativeEcdsa)
const { file, asOf } = workerData as AuditThreadData
const database = new SqliteDatabase(file, { readOnly: true })
// One moment of a database that may be in use.
database.raw.exec('BEGIN')
const read = await stretchReader(database, { paths: createPathCache(), asOf })

parentPort!.on('message', (question: StretchQuestion) => {
  void read(question).then((answer) => parentPort!.postMessage(answer))
})
