import { encodeBase64 } from '../../encoding/base64url.ts'
import { type AuditFinding, collectFindings, type Report } from '../../exchange/audit/finding.ts'
import { witnessKey } from '../../exchange/audit/signed-notes.ts'
import { storedTrust, trustHistory, type TrustHistory } from '../../exchange/audit/log-history.ts'
import type { SignatureProgress } from '../../exchange/audit/signatures.ts'
import type { LogPolicy } from '../../tlog/policy.ts'
import type { VerifierKey } from '../../tlog/verifier-key.ts'
import { readNodeIdentity } from '../node-store.ts'
import { differencesBeyondCertificates } from '../rebuild-differences.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sqlTrustStore } from '../trust-store.ts'
import {
  auditCheckpoints,
  auditCosignatures,
  auditSignaturesOfLaterKeys,
  signedSizes,
} from './audit-checkpoints.ts'
import { auditArchive } from './audit-archive.ts'
import { auditDecisions } from './audit-decisions.ts'
import { auditQuorum } from './audit-quorum.ts'
import { auditCrls, auditOcsp, auditTrustForks } from './audit-evidence.ts'
import { auditForks } from './audit-forks.ts'
import { auditMirrors, auditWitnessed } from './audit-peer-logs.ts'
import { auditRollbacks } from './audit-rollbacks.ts'
import {
  auditArrivals,
  auditLost,
  auditNumbering,
  auditReferences,
  auditStatusPositions,
} from './audit-records.ts'
import { auditContinuation, sinceOf } from './audit-since.ts'
import { auditTree, type ComputedTree } from './audit-tree.ts'
import { type StretchMoment, type StretchReader, stretchReader } from './read-stretch.ts'
import { linesOf } from './read-table.ts'
import { EVERYWHERE } from './compare-certificates.ts'
import { takeLists } from './take-lists.ts'
import { SAVED_EVERY, walkLog } from './walk-log.ts'

/** An audit that was interrupted: its signatures up to `next`, in a log that had this root there. */
export interface AuditState extends SignatureProgress {
  readonly root: string
  readonly asOf: string
}

export interface AuditRequest {
  readonly paths: StretchMoment['paths']
  /** Shares the reading of the log with others who read it as of `lastInstant`. */
  readonly beside?: (here: StretchReader) => StretchReader
  /** An earlier checkpoint of the log: it is proven that the log continues it, and gone on from there. */
  readonly since?: string | undefined
  /** Cosigning keys that the auditor knows beside those of the trust lists (C2SP verifier keys). */
  readonly witnesses: readonly string[]
  /** Which witnesses have to have cosigned the log; undefined: that is not asked. */
  readonly policy?: LogPolicy | undefined
  readonly resume?: AuditState | undefined
  readonly save: (state: AuditState) => Promise<void>
  readonly progress: (step: string, done: number, all: number) => void
}

export interface DatabaseAudit {
  readonly state: string
  readonly environment: string
  readonly epoch: string
  readonly entries: number
  /** Root over all entries, base64: what a checkpoint of this size has to say. */
  readonly root: string
  /** Signatures that were judged here; those before `since` were not. */
  readonly signatures: number
  /** What restores could not bring back and have listed: documents, and records of acts and readings. */
  readonly lost: { readonly documents: number; readonly administrative: number }
  readonly since: number | undefined
  /** Until when the evidence of revocation speaks. */
  readonly asOf: string
  /** The newest signed checkpoint. */
  readonly checkpoint: string | undefined
  readonly findings: readonly AuditFinding[]
  /** How many there are; more than are named. */
  readonly found: number
}

/**
 * Audits the database of a node against its own log: tree, checkpoints, every signature, projections, and
 * all other tables (`AUDITED`). Reads only. Holds in memory what the projections hold, some hundred bytes
 * a row and search term; everything else a page at a time.
 */
export async function auditDatabase(
  database: SqlDatabase,
  request: AuditRequest,
): Promise<DatabaseAudit | 'no-node'> {
  const node = await readNodeIdentity(database)
  if (!node) return 'no-node'
  const { state, environment, epoch } = node
  const { report, found } = collectFindings()

  const { progress } = request
  const since = sinceOf(request.since)
  const [size = 0] = (await linesOf(database, 'SELECT count(*) FROM entries')).map(Number)
  const saved = Array.from(
    { length: Math.floor(size / SAVED_EVERY) },
    (_, i) => (i + 1) * SAVED_EVERY,
  )
  progress('tree', 0, size)
  const sizes = [...(await signedSizes(database)), ...saved, ...(since ? [since.size] : [])]
  const tree = await auditTree(database, sizes, report)
  progress('tree', size, size)

  const history = trustHistory(await storedTrust(sqlTrustStore(database)), environment)
  await takeLists(database, history, EVERYWHERE)
  const asOf = await lastInstant(database)
  const moment = { paths: request.paths, asOf: new Date(asOf) }
  const here = await stretchReader(database, moment)
  const walked = walkLog({
    size,
    read: request.beside?.(here) ?? here,
    start: start(request.resume, { tree, asOf, since: since?.size ?? 0 }),
    save: async (done) => {
      const root = tree.roots.get(done.next)
      if (root) await request.save({ ...done, root: encodeBase64(root), asOf })
    },
    progress: (done) => progress('documents', done, size),
  })
  const differences = await differencesBeyondCertificates(database, state, walked.entries)
  const signatures = walked.signatures()
  for (const { code, where, detail } of signatures.findings) report(code, where, detail)

  progress('tables', 0, 1)
  if (since) await auditContinuation(since, { state, history, tree }, report)
  await auditCheckpoints(database, { state, history, tree }, report)
  await auditSignaturesOfLaterKeys(database, { state, history }, report)
  const { policy } = request
  const witnesses = [...request.witnesses.map((text) => witnessKey(text)), ...keysOf(policy)]
  await auditCosignatures(database, { history, witnesses }, report)
  if (policy) {
    const { view } = await history.now()
    await auditQuorum(database, { state, view, policy, asOf: new Date(asOf) }, report)
  }
  for (const difference of [...differences, ...walked.differences()])
    report('differs-from-log', difference.split(':')[0]!, difference)
  await auditTables(database, { state, history, ...moment }, report)
  const lost = await auditLost(database, report)
  progress('tables', 1, 1)
  return {
    state,
    environment,
    epoch,
    entries: size,
    root: encodeBase64(tree.rootHash),
    signatures: signatures.judged,
    lost: { documents: lost.documents, administrative: lost.administrative },
    since: since?.size,
    asOf,
    checkpoint: await newestNote(database),
    ...found(),
  }
}

async function auditTables(
  database: SqlDatabase,
  context: { state: string; history: TrustHistory } & StretchMoment,
  report: Report,
): Promise<void> {
  const evidence = { ...context, trust: await context.history.now() }
  await auditWitnessed(database, context, report)
  await auditMirrors(database, context, report)
  await auditForks(database, context, report)
  await auditRollbacks(database, context, report)
  await auditCrls(database, evidence, report)
  await auditOcsp(database, evidence, report)
  await auditTrustForks(database, evidence, report)
  await auditArchive(database, context, report)
  await auditDecisions(database, report)
  await auditNumbering(database, report)
  await auditReferences(database, report)
  await auditArrivals(database, report)
  await auditStatusPositions(database, report)
}

/** Those of a policy whose cosignatures can be verified. */
function keysOf(policy: LogPolicy | undefined): VerifierKey<'cosignature/v1'>[] {
  return (policy?.witnesses ?? []).flatMap(({ key }) =>
    key.type === 'cosignature/v1' ? [key] : [],
  )
}

/** From where signatures are judged: behind what an interrupted audit did in this very log, or `since`. */
function start(
  resume: AuditState | undefined,
  { tree, asOf, since }: { tree: ComputedTree; asOf: string; since: number },
): SignatureProgress {
  const root = resume && tree.roots.get(resume.next)
  if (resume && root && encodeBase64(root) === resume.root && resume.asOf === asOf) return resume
  // What came before it was audited then; if it is not the same log, nothing was.
  return { next: tree.roots.has(since) ? since : 0, judged: 0, findings: [] }
}

/** The last moment that the database tells of by signed or logged times. */
export async function lastInstant(database: SqlDatabase): Promise<string> {
  const [line = ''] = await linesOf(
    database,
    `SELECT max(at) FROM (SELECT max(at) AS at FROM entries UNION ALL SELECT max(this_update) FROM crls
       UNION ALL SELECT max(this_update) FROM ocsp_responses)`,
  )
  return /^\d{4}-/.test(line) && !Number.isNaN(Date.parse(line)) ? line : '1970-01-01T00:00:00Z'
}

async function newestNote(database: SqlDatabase): Promise<string | undefined> {
  const [note] = await linesOf(database, 'SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1')
  return note
}
