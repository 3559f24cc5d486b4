import { encodeBase64, decodeBase64 } from '../../encoding/base64url.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { sha256Sync } from '../../crypto/suite.ts'
import { parseJws } from '../../jose/parse.ts'
import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
} from '../../tlog/checkpoint.ts'
import { rootOf } from '../../tlog/frontier.ts'
import { TrustList } from '../../trust/trust-list.ts'
import { parseCrl } from '../../x509/crl.ts'
import { createPathCache } from '../../x509/path-cache.ts'
import { auditShownCheckpoints } from './audit-shown-checkpoints.ts'
import { auditShownDocuments } from './audit-shown-documents.ts'
import { auditShownEvidence } from './audit-shown-evidence.ts'
import type { LostFromAudit } from './audit-report.ts'
import { readLost, type ShownLost } from './audit-shown-lost.ts'
import { auditShownRecords } from './audit-shown-records.ts'
import { auditShownStatuses, readStatuses } from './audit-shown-statuses.ts'
import { auditShownCrls, auditShownLists } from './audit-shown-trust.ts'
import { type AuditAnchor, compareRoots } from './compare-roots.ts'
import { delayActs } from './delay-acts.ts'
import { checkpointTimes } from './entry-times.ts'
import { type AuditFinding, collectFindings, type Report } from './finding.ts'
import { type StoredTrust, type TrustHistory, trustHistory } from './log-history.ts'
import { pagesOf, type Progress, type ShownLog } from './shown-log.ts'
import { witnessKey } from './signed-notes.ts'
import { type EntriesFrom, tellUnwitnessed } from './tell-unvouched.ts'
import { toldEvidences } from './told-evidence.ts'
import { walkShownLog, type WalkedEntries } from './walk-shown-log.ts'

export interface NodeAudit {
  readonly state: string
  readonly environment: string
  readonly entries: number
  readonly root: string
  readonly signatures: number
  /** Entries that the node lists as lost. */
  readonly lost: LostFromAudit
  /** Documents whose signer was revoked after they were appended; notes among the findings name the first. */
  readonly revokedLater: number
  readonly since: number | undefined
  readonly asOf: string
  readonly checkpoint: string | undefined
  /** Up to where the log key and other states vouch for the log. */
  readonly vouched: { readonly signed: number; readonly cosigned: number }
  /** The roots that the node has pinned: who believes the audit compares them out of band. */
  readonly roots: readonly { readonly state: string; readonly fingerprint: string }[]
  readonly findings: readonly AuditFinding[]
  readonly found: number
}

export interface NodeAuditRequest {
  /** An earlier checkpoint of the log: it is proven that the log continues it, and gone on from there. */
  readonly since: string | undefined
  /** Cosigning keys that the auditor knows beside those of the trust lists (C2SP verifier keys). */
  readonly witnesses: readonly string[]
  /** Roots that the auditor was told of in person; none: those that the node names are believed. */
  readonly anchors?: readonly AuditAnchor[]
  readonly progress: Progress
}

const utf8 = new TextEncoder()

/**
 * Audits what a node shows to auditors: the log and its tiles, every checkpoint and cosignature, every
 * document with its signature, trust lists and CRLs, the records behind administrative entries, and the
 * statuses of certificates against their documents. Which roots are pinned is believed as the node says.
 *
 * @throws {AuditOptionError} a witness is named by no key
 */
export async function auditShownLog(
  log: ShownLog,
  { since, witnesses, anchors = [], progress }: NodeAuditRequest,
): Promise<NodeAudit | { readonly unusable: string }> {
  const newest = await newestList(log)
  if (!newest) return { unusable: 'It shows no trust list yet' }
  const { list, environment } = newest
  const earlier = since === undefined ? undefined : parseSignedCheckpoint(utf8.encode(since))
  if (earlier && 'malformed' in earlier)
    return { unusable: `What the audit starts from is no checkpoint: ${earlier.malformed}` }

  const { report, found } = collectFindings()
  // Before the log: what they say must follow from entries that are read after them.
  const shownFirst = parseSignedCheckpoint(utf8.encode((await checkpointBehind(log, 1)) ?? ''))
  const end = 'malformed' in shownFirst ? 0 : Number(shownFirst.checkpoint.size)
  const statuses = await readStatuses(log, end, progress)
  const note = await checkpointBehind(log, statuses.size)
  const signed = parseSignedCheckpoint(utf8.encode(note ?? ''))
  if ('malformed' in signed) return { unusable: 'It shows no checkpoint of all its entries yet' }

  const start = Number(earlier?.checkpoint.size ?? 0n)
  const sizes = [start, ...(await checkpointSizes(log, Number(signed.checkpoint.size)))]
  const walked = await walkShownLog(log, signed, sizes, report, progress)
  const lost = await readLost(log, walked.leaves.length)
  const stored = await log.trust()
  compareRoots(stored.pins, anchors, report)
  const history = trustHistory(stored, environment)
  const asOf = lastInstant(walked, stored)
  const delays = delayActs(stored.accepted)
  const told = toldEvidences(report)
  const records = { leaves: walked.leaves, lost, delays, told, asOf }
  await auditShownRecords(log, records, report, progress)
  const followed = await auditShownDocuments(
    log,
    {
      state: list.state,
      leaves: walked.leaves,
      lost,
      delays,
      history,
      paths: createPathCache(),
      asOf,
      from: start,
    },
    report,
    progress,
  )
  await auditNotes({ signed, earlier, roots: walked.roots }, { state: list.state, history }, report)
  const times = checkpointTimes()
  const cosigned = await auditShownCheckpoints(
    log,
    {
      state: list.state,
      history,
      witnesses: witnesses.map(witnessKey),
      size: walked.leaves.length,
      rootAt: (size) => walked.roots.get(size),
      times,
    },
    report,
  )
  times.tell(
    walked.leaves.map((leaf) => Date.parse(leaf?.at ?? '')),
    report,
  )
  tellUnwitnessed({ cosigned, behind: entriesFrom(walked, cosigned), asOf }, report)
  await auditShownCrls(stored, history, report)
  await auditShownEvidence(stored, { told, history }, report)
  await auditShownLists(log, list, walked, report)
  auditShownStatuses(statuses, followed, report)
  return {
    state: list.state,
    environment,
    entries: walked.leaves.length,
    root: encodeBase64(rootOf(sha256Sync, walked.frontier)),
    signatures: followed.judged,
    lost: {
      ...lostOf(lost, walked),
      ...(followed.untold > 0 && { signatures: followed.untold }),
    },
    revokedLater: followed.revokedLater,
    since: earlier && start,
    asOf: `${asOf.toISOString().slice(0, 19)}Z`,
    checkpoint: note,
    vouched: { signed: walked.leaves.length, cosigned },
    roots: stored.pins.map(({ state, rootSha256: fingerprint }) => ({ state, fingerprint })),
    ...found(),
  }
}

function entriesFrom({ leaves }: WalkedEntries, size: number): EntriesFrom {
  let since = ''
  for (let i = size; i < leaves.length; i++) {
    const at = leaves[i]?.at
    if (at !== undefined && (since === '' || at < since)) since = at
  }
  return { count: Math.max(0, leaves.length - size), since }
}

function lostOf(lost: ShownLost, { leaves }: WalkedEntries) {
  const kinds = [...lost.keys()].map((idx) => leaves[idx]?.kind)
  const administrative = kinds.filter((kind) => kind === 'administrative').length
  return { documents: kinds.length - administrative, administrative }
}

async function newestList(log: ShownLog) {
  const parsed = parseJws((await log.trustList()) ?? '')
  if ('malformed' in parsed) return undefined
  const { data: list } = TrustList.safeParse(parsed.payload)
  return list && { list, environment: parsed.environment }
}

/** A log is signed within seconds; one that is not by then is audited as far as it was. */
const PATIENCE = 30

async function checkpointBehind(log: ShownLog, size: number): Promise<string | undefined> {
  let note = await log.checkpoint()
  for (let n = 0; n < PATIENCE; n++) {
    const signed = parseSignedCheckpoint(utf8.encode(note ?? ''))
    if (!('malformed' in signed) && signed.checkpoint.size >= BigInt(size)) break
    await log.pause()
    note = await log.checkpoint()
  }
  return note
}

async function checkpointSizes(log: ShownLog, newest: number): Promise<number[]> {
  const sizes: number[] = []
  const page = async (after: number) =>
    (await log.checkpoints(after)).flatMap(({ note }) => {
      const signed = parseSignedCheckpoint(utf8.encode(note))
      return 'malformed' in signed ? [] : [Number(signed.checkpoint.size)]
    })
  for await (const size of pagesOf(page, (one) => one)) {
    if (size > newest) break
    sizes.push(size)
  }
  return sizes
}

/** The last moment that is told of by signed or logged times. */
function lastInstant({ leaves }: WalkedEntries, { crls }: StoredTrust): Date {
  let last = 0
  for (const leaf of leaves) if (leaf) last = Math.max(last, Date.parse(leaf.at))
  for (const { der } of crls) {
    const crl = parseCrl(decodeBase64(der) ?? new Uint8Array())
    if (!('malformed' in crl)) last = Math.max(last, crl.thisUpdate.getTime())
  }
  return new Date(last)
}

/** The checkpoint that is audited, and the one that the log has to continue, by the keys of the log. */
async function auditNotes(
  notes: {
    readonly signed: SignedCheckpoint
    readonly earlier: SignedCheckpoint | undefined
    readonly roots: ReadonlyMap<number, Uint8Array>
  },
  { state, history }: { readonly state: string; readonly history: TrustHistory },
  report: Report,
): Promise<void> {
  const { signed, earlier, roots } = notes
  const verdictOf = (one: SignedCheckpoint) =>
    verifyCheckpoint(one, history.logKeys(state, one.checkpoint.origin))
  const verdict = await verdictOf(signed)
  const where = `checkpoint ${signed.checkpoint.size}`
  if (verdict !== 'valid')
    report('checkpoint-differs', where, `the signature of the log is ${verdict}`)
  if (!earlier) return
  const { size, rootHash } = earlier.checkpoint
  const root = roots.get(Number(size))
  const before = `checkpoint ${size}`
  const verdictBefore = await verdictOf(earlier)
  if (verdictBefore !== 'valid')
    report('not-continued', before, `the signature of the log is ${verdictBefore}`)
  if (size === 0n) return
  if (!root) report('not-continued', before, 'the log was longer before')
  else if (!isSameOctets(root, rootHash))
    report('not-continued', before, 'the log had another tree at this size')
}
