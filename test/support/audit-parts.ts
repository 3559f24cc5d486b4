import type { Report } from '../../src/exchange/audit/finding.ts'
import { checkpointTimes } from '../../src/exchange/audit/entry-times.ts'
import { storedTrust, trustHistory } from '../../src/exchange/audit/log-history.ts'
import type { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { verifyAdministrativeLeaves } from '../../src/storage/administrative-check.ts'
import { auditArchive } from '../../src/storage/audit/audit-archive.ts'
import {
  auditCheckpoints,
  auditCosignatures,
  auditSignaturesOfLaterKeys,
  signedSizes,
} from '../../src/storage/audit/audit-checkpoints.ts'
import { lastInstant } from '../../src/storage/audit/audit-database.ts'
import { auditNumbering } from '../../src/storage/audit/audit-records.ts'
import { TABLE_CHECKS, type TablesContext } from '../../src/storage/audit/audit-tables.ts'
import { auditTree, type ComputedTree } from '../../src/storage/audit/audit-tree.ts'
import type { Check } from '../../src/storage/audit/audited-tables.ts'
import { EVERYWHERE } from '../../src/storage/audit/compare-certificates.ts'
import { stretchReader } from '../../src/storage/audit/read-stretch.ts'
import { takeLists } from '../../src/storage/audit/take-lists.ts'
import { walkLog } from '../../src/storage/audit/walk-log.ts'
import { readNodeIdentity } from '../../src/storage/node-store.ts'
import { differencesBeyondCertificates } from '../../src/storage/rebuild-differences.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import type { PathCache } from '../../src/x509/path-cache.ts'

/** What is known of a database before anybody altered it. */
export type PartContext = TablesContext & { readonly tree: ComputedTree }

export async function contextOf(database: SqliteDatabase, paths: PathCache): Promise<PartContext> {
  const { state, environment } = (await readNodeIdentity(database))!
  const history = trustHistory(await storedTrust(sqlTrustStore(database)), environment)
  await takeLists(database, history, EVERYWHERE)
  const tree = await auditTree(database, await signedSizes(database), () => undefined)
  return { state, history, paths, asOf: new Date(await lastInstant(database)), tree }
}

type Part = (database: SqliteDatabase, context: PartContext, report: Report) => Promise<unknown>

const SILENT = { save: () => Promise.resolve(), progress: () => undefined }

/** The checks of an audit one by one, without the signatures of documents. */
export const PARTS: Record<Check, Part> = {
  ...TABLE_CHECKS,
  archive: auditArchive,
  tree: (database, _, report) => auditTree(database, [], report),
  async checkpoints(database, context, report) {
    const times = checkpointTimes()
    await auditCheckpoints(database, { ...context, times }, report)
    await auditSignaturesOfLaterKeys(database, context, report)
    await auditCosignatures(database, { ...context, witnesses: [], times }, report)
    times.tell(context.tree.times, report)
  },
  async administrative(database, _, report) {
    await verifyAdministrativeLeaves(database, () => report('differs-from-log', '', ''))
    await auditNumbering(database, report)
  },
  async log(database, context, report) {
    const size = Number(database.raw.prepare('SELECT count(*) FROM entries').pluck().get())
    const read = await stretchReader(database, context).catch(() => undefined)
    if (!read) return report('record-missing', 'node', '')
    const start = { next: 2 ** 40, judged: 0, findings: [], found: 0 }
    const walked = walkLog({ size, read, start, ...SILENT })
    const differ = () => report('differs-from-log', '', '')
    await differencesBeyondCertificates(database, context.state, walked.entries, differ)
    walked.differences().forEach(differ)
  },
  schema: () => Promise.resolve(),
}
