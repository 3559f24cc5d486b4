import { encodeBase64 } from '../../encoding/base64url.ts'
import { type AuditFinding, collectFindings } from '../../exchange/audit/finding.ts'
import { checkpointTimes } from '../../exchange/audit/entry-times.ts'
import { tellUncovered } from '../../exchange/audit/tell-uncovered.ts'
import { witnessKey } from '../../exchange/audit/signed-notes.ts'
import { storedTrust, trustHistory } from '../../exchange/audit/log-history.ts'
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
import { auditQuorum } from './audit-quorum.ts'
import { auditTables } from './audit-tables.ts'
import { auditVouched, type VouchedSizes } from './audit-vouched.ts'
import { compareRoots, type AuditAnchor } from '../../exchange/audit/compare-roots.ts'
import { sqlLostDocuments } from '../lost-documents.ts'
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
  /** Roots that the auditor was told of in person; none: those of the database are believed. */
  readonly anchors?: readonly AuditAnchor[]
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
  /** Up to where the log key and other states vouch for the log. */
  readonly vouched: VouchedSizes
  /** The roots that signatures were judged by, as the database has them pinned. */
  readonly roots: readonly { readonly state: string; readonly fingerprint: string }[]
  /** Archived exchanges with fields that nobody signed, of before version 0006 of the tables. */
  readonly unsignedExchanges: number
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
  const { report, count, found } = collectFindings()

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

  const stored = await storedTrust(sqlTrustStore(database))
  compareRoots(stored.pins, request.anchors ?? [], report)
  const history = trustHistory(stored, environment)
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
  const differ = (difference: string) =>
    report('differs-from-log', difference.split(':')[0]!, difference)
  const uncovered = await differencesBeyondCertificates(database, state, walked.entries, differ)
  for (const difference of walked.differences()) differ(difference)
  const signatures = walked.signatures()
  for (const { code, where, detail } of signatures.findings) report(code, where, detail)
  count(signatures.found - signatures.findings.length)

  progress('tables', 0, 1)
  if (since) await auditContinuation(since, { state, history, tree }, report)
  const times = checkpointTimes()
  const signed = await auditCheckpoints(database, { state, history, tree, times }, report)
  await auditSignaturesOfLaterKeys(database, { state, history }, report)
  const { policy } = request
  const witnesses = [...request.witnesses.map((text) => witnessKey(text)), ...keysOf(policy)]
  const cosigned = await auditCosignatures(database, { state, history, witnesses, times }, report)
  times.tell(tree.times, report)
  const vouched = { signed, cosigned }
  const about = { state, history, asOf: moment.asOf, sizes: vouched, hasPolicy: !!policy }
  await auditVouched(database, about, report)
  if (policy) {
    const { view } = await history.now()
    await auditQuorum(database, { state, view, policy, asOf: moment.asOf }, report)
  }
  for (const rows of uncovered) tellUncovered(rows, moment.asOf, report)
  const unsignedExchanges = await auditTables(database, { state, history, ...moment }, report)
  const lost = await sqlLostDocuments(database).count()
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
    vouched,
    roots: stored.pins.map(({ state: of, rootSha256: fingerprint }) => ({
      state: of,
      fingerprint,
    })),
    unsignedExchanges,
    checkpoint: await newestNote(database),
    ...found(),
  }
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
  return { next: tree.roots.has(since) ? since : 0, judged: 0, findings: [], found: 0 }
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
