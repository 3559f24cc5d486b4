import { randomUUID } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { optionalSuites } from '../crypto/optional-suites.ts'
import { adoptEcdsaP256, adoptSha256 } from '../crypto/suite.ts'
import { joinWork } from '../exchange/join.ts'
import { fetchedStatusLists } from '../exchange/status-lists/fetch.ts'
import { standingNotices } from '../exchange/notices/standing.ts'
import { validateAll, type ValidationRequest } from '../exchange/validation/validate.ts'
import type { ValidationReport } from '../exchange/validation/validation-report.ts'
import { sqlStores } from '../storage/sql-stores.ts'
import { currentTrust } from '../trust/trust.ts'
import { createPathCache } from '../x509/path-cache.ts'
import type { NodeConfig } from './config.ts'
import { nativeEcdsa } from './native-ecdsa.ts'
import { nativeSha256 } from './native-sha256.ts'
import { peerFetch } from './peer-fetch.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import type { FromThread } from './threads.ts'

export interface ValidationQuestion {
  readonly now: Date
  readonly requests: readonly ValidationRequest[]
}

/** What a thread that validates has to know of the configuration. */
export type ValidationThreadData = Pick<
  NodeConfig,
  | 'database'
  | 'state'
  | 'environment'
  | 'policy'
  | 'suites'
  | 'peerCaFile'
  | 'allowHttpPeers'
  | 'peers'
>

// The program of a thread of `validationThreads`: reads the database that the node writes.

adoptSha256(nativeSha256)
await adoptEcdsaP256(nativeEcdsa)
const config = workerData as ValidationThreadData
const stores = sqlStores(new SqliteDatabase(config.database, { readOnly: true }))
const { fetch } = peerFetch({
  caFile: config.peerCaFile,
  allowHttp: config.allowHttpPeers,
  named: config.peers.map(({ url }) => url),
  // The node, which calls the same hosts all the time, raises the alarm.
  refused: () => undefined,
})
let asked = new Date()
const now = () => asked
const trust = currentTrust(stores.trustStore, config.environment)
const paths = createPathCache()
const validate = validateAll({
  ...stores,
  ...config,
  peers: stores.peers,
  suites: optionalSuites(config.suites),
  now,
  newId: randomUUID,
  trust,
  paths,
  notices: standingNotices(stores.notices, { ...stores, trust, paths, now }),
  statusLists: fetchedStatusLists({ now, fetch, trust, paths, join: joinWork() }),
})

const tell = (message: FromThread<readonly ValidationReport[]>) => parentPort!.postMessage(message)
parentPort!.on('message', (question: ValidationQuestion) => {
  asked = question.now
  void validate(question.requests).then(
    (answer) => tell({ answer }),
    (error: unknown) => tell({ failed: error instanceof Error ? error.message : String(error) }),
  )
})
tell('ready')
