import { parentPort, workerData } from 'node:worker_threads'
import { adoptEcdsaP256, adoptSha256 } from '../crypto/suite.ts'
import { auditedTree } from '../storage/audit/audit-parts.ts'
import { type StretchQuestion, stretchReader } from '../storage/audit/read-stretch.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { auditedFile, hasNewerWrites } from './audited-file.ts'
import { auditPages } from './audit-pages.ts'
import { nativeEcdsa } from './native-ecdsa.ts'
import { nativeSha256 } from './native-sha256.ts'

/** What a thread of an audit is started with. */
export interface AuditThreadData {
  readonly file: string
  readonly asOf: Date
}

/** A part of the audit that is left to a thread. */
export type AuditQuestion =
  | { readonly part: 'pages' }
  | { readonly part: 'tree'; readonly sizes: readonly number[] }
  | { readonly part: 'stretch'; readonly stretch: StretchQuestion }

/** What a thread says: that it is ready, and then an answer to each question in its order. */
export type FromAuditThread = 'ready' | { readonly answer: unknown }

// The thread of `auditThreads`: does parts of the audit of a file that it opens itself.

adoptSha256(nativeSha256)
await adoptEcdsaP256(nativeEcdsa)
const { file, asOf } = workerData as AuditThreadData
const database = auditedFile(file)
const read = await stretchReader(database, { paths: createPathCache(), asOf })
if (hasNewerWrites(file))
  throw new Error(`Somebody has begun to write to ${file}: audit a copy of it`)

async function answerTo(question: AuditQuestion): Promise<unknown> {
  if (question.part === 'pages') return auditPages(database)
  return question.part === 'tree' ? auditedTree(database, question.sizes) : read(question.stretch)
}

const say = (said: FromAuditThread) => parentPort!.postMessage(said)
parentPort!.on('message', (question: AuditQuestion) => {
  void answerTo(question).then((answer) => say({ answer }))
})
say('ready')
