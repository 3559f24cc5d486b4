import { encodeBase64 } from '../../encoding/base64url.ts'
import { type AuditFinding, collectFindings, isNote } from '../../exchange/audit/finding.ts'
import { checkpointTimes } from '../../exchange/audit/entry-times.ts'
import type { LostFromAudit } from '../../exchange/audit/audit-report.ts'
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
import { type AuditedTree, auditedTree, type AuditParts } from './audit-parts.ts'
import type { ComputedTree } from './audit-tree.ts'
import { instantIn, isInstant } from './instant.ts'
import { type StretchMoment, stretchReader } from './read-stretch.ts'
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
  /** Shares parts of the audit with others who have the same moment open, as of `lastInstant`. */
  readonly beside?: (here: AuditParts) => AuditParts
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
  /** What restores could not bring back and have listed, and what cannot be told for that. */
  readonly lost: LostFromAudit
  /** Documents whose signer was revoked after they were appended; notes among the findings name the first. */
  readonly revokedLater: number
  readonly since: number | undefined
  /** Until when the evidence of revocation speaks. */
  readonly asOf: string
  /** Up to where the log key and other states vouch for the log. */
  readonly vouched: VouchedSizes
  /** The roots that signatures were judged by, as the database has them pinned. */
  readonly roots: readonly { readonly state: string; readonly fingerprint: string }[]
  /** Archived exchanges with fields that nobody signed, of before version 0006 of the tables. */
  readonly unsignedExchanges: number
  /** Rows that one process left behind no entry and another covered as they were by then. */
  readonly coveredLater: readonly string[]
  /** Rows that stand behind no entry of the log yet, by their tables: nobody can tell whether they are altered. */
  readonly uncovered: Readonly<Record<string, number>>
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
  const sizes = [...(await signedSizes(database)), ...saved, ...(since ? [since.size] : [])]
  const stored = await storedTrust(sqlTrustStore(database))
  compareRoots(stored.pins, request.anchors ?? [], report)
  const history = trustHistory(stored, environment)
  await takeLists(database, history, EVERYWHERE)
  const asOf = await lastInstant(database)
  const moment = { paths: request.paths, asOf: new Date(asOf) }
  const here: AuditParts = {
    tree: (of) => auditedTree(database, of),
    stretch: await stretchReader(database, moment),
  }
  const parts = request.beside?.(here) ?? here
  progress('tree', 0, size)
  let computed: AuditedTree | undefined
  const computing = parts.tree(sizes).then((tree) => {
    progress('tree', size, size)
    return (computed = tree)
  })
  // Where nobody helps, one thing after the other; and what was done before counts in this very log only.
  const isFirst = !request.beside || !!request.resume || !!since
  const known = isFirst ? (await computing).tree : undefined
  const walked = walkLog({
    size,
    read: parts.stretch,
    start: known
      ? start(request.resume, { tree: known, asOf, since: since?.size ?? 0 })
      : BEGINNING,
    save: async (done) => {
      const root = computed?.tree.roots.get(done.next)
      if (root) await request.save({ ...done, root: encodeBase64(root), asOf })
    },
    progress: (done) => progress('documents', done, size),
  })
  const differ = (difference: string) =>
    report('differs-from-log', difference.split(':')[0]!, difference)
  const [uncovered, { tree, ...ofTree }] = await Promise.all([
    differencesBeyondCertificates(database, state, walked.entries, differ),
    computing,
  ])
  for (const difference of walked.differences()) differ(difference)
  const signatures = walked.signatures()
  for (const { findings, found: all } of [ofTree, signatures]) {
    for (const { code, where, detail } of findings) report(code, where, detail)
    count(all - findings.filter((finding) => !isNote(finding)).length)
  }

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
    lost: {
      documents: lost.documents,
      administrative: lost.administrative,
      ...(signatures.untold && { signatures: signatures.untold }),
    },
    revokedLater: signatures.revokedLater ?? 0,
    since: since?.size,
    asOf,
    vouched,
    roots: stored.pins.map(({ state: of, rootSha256: fingerprint }) => ({
      state: of,
      fingerprint,
    })),
    unsignedExchanges,
    coveredLater: await linesOf(database, COVERED_LATER),
    uncovered: Object.fromEntries(uncovered.map(({ rowsOf, rows }) => [rowsOf, rows])),
    checkpoint: await newestNote(database),
    ...found(),
  }
}

const COVERED_LATER = `SELECT subject, detail FROM admin_acts WHERE act = 'rows-left-uncovered' ORDER BY n`

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
  return { ...BEGINNING, next: tree.roots.has(since) ? since : 0 }
}

const BEGINNING: SignatureProgress = { next: 0, judged: 0, findings: [], found: 0 }

/** The last moment that the database tells of by signed or logged times; what is no time is passed over. */
export async function lastInstant(database: SqlDatabase): Promise<string> {
  const last = (table: string, column: string) =>
    `SELECT max(${column}) AS at FROM ${table} WHERE ${isInstant(column)}`
  const [line = ''] = await linesOf(
    database,
    `SELECT max(at) FROM (${last('entries', 'at')} UNION ALL ${last('crls', 'this_update')}
       UNION ALL ${last('ocsp_responses', 'this_update')})`,
  )
  return instantIn(line) ? line : '1970-01-01T00:00:00Z'
}

async function newestNote(database: SqlDatabase): Promise<string | undefined> {
  const [note] = await linesOf(database, 'SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1')
  return note
}
