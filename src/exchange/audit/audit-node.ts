import { sha256Sync } from '../../crypto/suite.ts'
import { encodeBase64 } from '../../encoding/base64url.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { parseJws } from '../../jose/parse.ts'
import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
} from '../../tlog/checkpoint.ts'
import { parseEntryBundle } from '../../tlog/entry-bundle.ts'
import { appendLeaves, EMPTY_FRONTIER, type Frontier, rootOf } from '../../tlog/frontier.ts'
import { parseLeaf } from '../../tlog/leaf.ts'
import { HASH_LENGTH, leafHash } from '../../tlog/merkle.ts'
import { formatTilePath, TILE_WIDTH } from '../../tlog/tile.ts'
import { parseVerifierKey, type VerifierKey } from '../../tlog/verifier-key.ts'
import { TrustList } from '../../trust/trust-list.ts'
import { digestOf } from '../authenticate.ts'
import type { AuditFinding, Report } from './finding.ts'
import { listOf } from './log-history.ts'

/** What a node shows of its log to an auditor; undefined: it has no such thing. */
export interface ShownLog {
  checkpoint(): Promise<string | undefined>
  tile(path: string): Promise<Uint8Array | undefined>
  /** The newest trust list of its state, and any version of it. */
  trustList(version?: number): Promise<string | undefined>
}

export interface NodeAudit {
  readonly state: string
  readonly environment: string
  readonly entries: number
  readonly root: string
  readonly signatures: number
  readonly since: number | undefined
  readonly checkpoint: string | undefined
  readonly findings: readonly AuditFinding[]
  readonly found: number
}

const MAX_FINDINGS = 2000
const utf8 = new TextEncoder()

/**
 * Audits what a node shows of its log over HTTP: the checkpoint and its signature, every entry, the tree,
 * the full tiles, sequences, and that the trust lists stand in it. Documents are not shown to auditors:
 * they are audited in the database. What the node says of its own keys is believed as its list says it.
 */
export async function auditShownLog(
  log: ShownLog,
  since: string | undefined,
  progress: (step: string, done: number, all: number) => void,
): Promise<NodeAudit | { readonly unusable: string }> {
  const jws = await log.trustList()
  const shown = parseJws(jws ?? '')
  const list = 'malformed' in shown ? undefined : TrustList.safeParse(shown.payload).data
  const note = await log.checkpoint()
  if (!list || 'malformed' in shown || note === undefined)
    return { unusable: 'It shows no trust list or no checkpoint yet' }
  const findings: AuditFinding[] = []
  let found = 0
  const report: Report = (code, where, detail) => {
    found++
    if (findings.length < MAX_FINDINGS) findings.push({ code, where, detail })
  }

  const signed = parseSignedCheckpoint(utf8.encode(note))
  if ('malformed' in signed) return { unusable: `Its checkpoint is none: ${signed.malformed}` }
  const earlier = since === undefined ? undefined : parseSignedCheckpoint(utf8.encode(since))
  if (earlier && 'malformed' in earlier)
    return { unusable: `What the audit starts from is no checkpoint: ${earlier.malformed}` }
  await auditSignature(signed, list, 'checkpoint-differs', report)
  if (earlier) await auditSignature(earlier, list, 'not-continued', report)

  const walked = await walk(log, { signed, earlier }, report, progress)
  await auditLists(log, list, walked.lists, report)
  return {
    state: list.state,
    environment: shown.environment,
    entries: Number(walked.frontier.size),
    root: encodeBase64(rootOf(sha256Sync, walked.frontier)),
    signatures: 0,
    since: earlier && Number(earlier.checkpoint.size),
    checkpoint: note,
    findings,
    found,
  }
}

async function auditSignature(
  signed: SignedCheckpoint,
  { logs }: TrustList,
  code: 'checkpoint-differs' | 'not-continued',
  report: Report,
): Promise<void> {
  const keys = logs.flatMap(({ key }): VerifierKey<'ed25519'>[] => {
    const parsed = parseVerifierKey(key, 'ed25519')
    return 'malformed' in parsed ? [] : [parsed]
  })
  const verdict = await verifyCheckpoint(signed, keys)
  const where = `checkpoint ${signed.checkpoint.size}`
  if (verdict !== 'valid') report(code, where, `the signature of the log is ${verdict}`)
}

interface Walked {
  readonly frontier: Frontier
  /** Digests of the trust lists in the log. */
  readonly lists: ReadonlySet<string>
}

/** Reads every entry and compares tree, tiles and sequences with what is shown of them. */
async function walk(
  log: ShownLog,
  { signed, earlier }: { signed: SignedCheckpoint; earlier: SignedCheckpoint | undefined },
  report: Report,
  progress: (step: string, done: number, all: number) => void,
): Promise<Walked> {
  const { size, rootHash } = signed.checkpoint
  const lists = new Set<string>()
  const lastSeq = new Map<string, number>()
  let frontier: Frontier = EMPTY_FRONTIER
  const width = BigInt(TILE_WIDTH)
  for (let index = 0n; index * width < size; index++) {
    const left = size - index * width
    const place = { index, width: Number(left < width ? left : width) }
    const leaves = await bundle(log, place, report)
    if (!leaves) break
    const hashes = leaves.map((leaf) => leafHash(sha256Sync, leaf))
    const shown = await log.tile(formatTilePath({ level: 0, ...place }))
    if (!shown || !isSameOctets(shown, joined(hashes)))
      report('tree-differs', `tile 0/${index}`, 'its hashes are not those of the entries')
    const before = frontier
    frontier = appendLeaves(sha256Sync, frontier, hashes).frontier
    if (earlier) compareEarlier(earlier, { before, hashes }, report)
    for (const [i, leaf] of leaves.entries())
      auditLeaf(leaf, Number(index * width) + i, { lastSeq, lists }, report)
    progress('entries', Number(frontier.size), Number(size))
  }
  if (frontier.size !== size || !isSameOctets(rootOf(sha256Sync, frontier), rootHash))
    report('checkpoint-differs', `checkpoint ${size}`, 'its root is not that of the entries')
  if (earlier && earlier.checkpoint.size > size)
    report('not-continued', `checkpoint ${size}`, 'the log was longer before')
  return { frontier, lists }
}

function compareEarlier(
  { checkpoint }: SignedCheckpoint,
  { before, hashes }: { before: Frontier; hashes: readonly Uint8Array[] },
  report: Report,
): void {
  const more = checkpoint.size - before.size
  if (more <= 0n || more > BigInt(hashes.length)) return
  const { frontier } = appendLeaves(sha256Sync, before, hashes.slice(0, Number(more)))
  if (!isSameOctets(rootOf(sha256Sync, frontier), checkpoint.rootHash))
    report(
      'not-continued',
      `checkpoint ${checkpoint.size}`,
      'the log had another tree at this size',
    )
}

async function bundle(
  log: ShownLog,
  place: { index: bigint; width: number },
  report: Report,
): Promise<Uint8Array[] | undefined> {
  const path = formatTilePath({ level: 'entries', ...place })
  const bytes = await log.tile(path)
  const entries = bytes ? parseEntryBundle(bytes, place.width) : { malformed: 'it is not there' }
  if (!('malformed' in entries)) return entries
  report('tree-differs', path, entries.malformed)
  return undefined
}

function auditLeaf(
  bytes: Uint8Array,
  idx: number,
  { lastSeq, lists }: { lastSeq: Map<string, number>; lists: Set<string> },
  report: Report,
): void {
  const leaf = parseLeaf(new TextDecoder().decode(bytes))
  if (!leaf) return report('differs-from-log', `entry ${idx}`, 'it is no leaf of an exchange log')
  if (leaf.kind === 'trust-list') lists.add(leaf.sha256)
  for (const [recipient, seq] of Object.entries(leaf.to)) {
    if (seq !== (lastSeq.get(recipient) ?? 0) + 1)
      report(
        'differs-from-log',
        `entry ${idx}`,
        `message ${seq} to ${recipient} is out of sequence`,
      )
    lastSeq.set(recipient, seq)
  }
}

/** Every version of the node's own trust list stands in its log and follows the one before it. */
async function auditLists(
  log: ShownLog,
  newest: TrustList,
  logged: ReadonlySet<string>,
  report: Report,
): Promise<void> {
  let previous: string | null = null
  for (let version = 1; version <= newest.version; version++) {
    const jws = await log.trustList(version)
    const where = `trust list ${version}`
    if (jws === undefined) {
      report('record-missing', where, 'the node does not show it')
      continue
    }
    const sha256 = await digestOf(jws)
    const list = listOf(jws)
    if (list?.version !== version || list.previous !== previous)
      report('record-differs', where, 'it does not follow the version before it')
    // The newest may have been published after the checkpoint was read.
    if (!logged.has(sha256) && version < newest.version)
      report('document-differs', where, 'it does not stand in the log')
    previous = sha256
  }
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(hashes.length * HASH_LENGTH)
  for (const [i, hash] of hashes.entries()) octets.set(hash, i * HASH_LENGTH)
  return octets
}
