import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { sha256Sync } from '../../crypto/suite.ts'
import { encodeBase64 } from '../../encoding/base64url.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import { appendLeaves, EMPTY_FRONTIER, type Frontier, rootOf } from '../../tlog/frontier.ts'
import { parseLeaf } from '../../tlog/leaf.ts'
import { TILE_WIDTH } from '../../tlog/tile.ts'
import { encodeHashes, hashOfLeaf } from '../log-tree.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import { cosignedFlaws } from './audit-cosigned.ts'
import { flawOfPeerNote, type PeerLogContext, sizeIn } from './peer-notes.ts'
import { type AuditRow, linesOf, rowsOf } from './read-table.ts'

const utf8 = new TextEncoder()

/** What this node has witnessed: signed by the log that it names, numbered without gaps, growing. */
export async function auditWitnessed(
  database: SqlDatabase,
  { state, history }: PeerLogContext,
  report: Report,
): Promise<void> {
  const flawOfCosigned = await cosignedFlaws(database, { state, history })
  let last: AuditRow<'witnessed'> | undefined
  for await (const row of rowsOf(database, 'witnessed', ['origin', 'n'])) {
    const where = `witnessed ${row.state} ${row.origin} ${row.n}`
    const before = last?.origin === row.origin ? last : undefined
    last = row
    if (row.n !== (before?.n ?? 0) + 1)
      report('record-missing', where, `${(before?.n ?? 0) + 1} would be next`)
    if (before && before.state !== row.state)
      report('peer-log-differs', where, `the origin belongs to ${before.state}`)
    const isEarlier = before && Date.parse(row.at) < Date.parse(before.at) - CLOCK_SKEW_MS
    if (before && (row.size <= before.size || isEarlier))
      report('peer-log-differs', where, 'it is not behind the one before it')
    const flaw = await flawOfPeerNote(row, history.logKeys(row.state, row.origin), row.size)
    if (flaw !== undefined) report('peer-log-differs', where, flaw)
    else if (encodeBase64(rootIn(row.note)!) !== row.root)
      report('peer-log-differs', where, 'the root beside it is not its own')
    const cosigned = await flawOfCosigned(row)
    if (cosigned && 'flaw' in cosigned) report('peer-log-differs', where, cosigned.flaw)
    else if (cosigned) report('signature-undecided', where, cosigned.unknown)
  }
}

function rootIn(note: string): Uint8Array | undefined {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  return 'malformed' in signed ? undefined : signed.checkpoint.rootHash
}

/** Every mirror: its leaves make up its right edge, and its edge the checkpoint that its log signed. */
export async function auditMirrors(
  database: SqlDatabase,
  context: PeerLogContext,
  report: Report,
): Promise<void> {
  for await (const mirror of rowsOf(database, 'mirrors', ['state', 'origin']))
    await auditMirror(database, mirror, context, report)
  for (const line of await linesOf(database, STRAY_BUNDLES))
    report('peer-log-differs', `mirrored_bundles ${line}`, 'it belongs to no mirror')
  for (const line of await linesOf(database, STRAY_MESSAGES))
    report('peer-log-differs', `addressed ${line}`, 'it belongs to no mirror')
}

const STRAY_BUNDLES = `SELECT state, origin, n FROM mirrored_bundles
  WHERE (state, origin) NOT IN (SELECT state, origin FROM mirrors)`
const STRAY_MESSAGES = `SELECT sender, origin, idx FROM addressed
  WHERE (sender, origin) NOT IN (SELECT state, origin FROM mirrors)
    OR idx >= (SELECT size FROM mirrors WHERE state = sender AND mirrors.origin = addressed.origin)`

async function auditMirror(
  database: SqlDatabase,
  mirror: AuditRow<'mirrors'>,
  { state: self, history }: PeerLogContext,
  report: Report,
): Promise<void> {
  const { state, origin, size, seen_size: seen } = mirror
  const where = `mirror ${state} ${origin}`
  const whole = sizeIn(mirror.whole_note)
  let wholeRoot: Uint8Array | undefined
  let frontier: Frontier = EMPTY_FRONTIER
  const messages = { addressed: 0, lastSeq: 0 }
  let n = 0
  for (;;) {
    const held = await bundle(database, mirror, n)
    if (!held) break
    const first = Number(frontier.size)
    if (first !== n * TILE_WIDTH || !isRootOf(held))
      report('peer-log-differs', `${where} bundle ${n}`, 'it is not whole, or its root is another')
    const hashes = held.leaves.map(hashOfLeaf)
    if (whole !== undefined && whole > first && whole <= first + hashes.length)
      wholeRoot = rootAt(frontier, hashes.slice(0, whole - first))
    frontier = appendLeaves(sha256Sync, frontier, hashes).frontier
    await auditAddressed(database, { state, origin, self, ...held, first, messages }, report)
    n++
  }
  const [count] = await database.query(
    sql
      .selectFrom('mirrored_bundles')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('state', '=', state)
      .where('origin', '=', origin)
      .compile(),
  )
  if (count?.n !== n) report('record-missing', where, `bundle ${n} is missing`)
  if (Number(frontier.size) !== size || encodeHashes(frontier.hashes) !== mirror.frontier)
    report('peer-log-differs', where, 'its leaves do not make up its right edge')
  if (messages.addressed !== mirror.addressed || messages.lastSeq !== mirror.last_seq)
    report('peer-log-differs', where, 'it counts other messages than its leaves name')
  if (seen < size) report('peer-log-differs', where, 'it holds more than its checkpoint')
  const rootHash = seen === size ? rootOf(sha256Sync, frontier) : undefined
  const keys = history.logKeys(state, origin)
  const flaw = await flawOfPeerNote(mirror, keys, seen, rootHash)
  if (flaw !== undefined) report('peer-log-differs', where, flaw)
  if (seen === size && whole !== size)
    report('peer-log-differs', where, 'it is whole, and its last whole checkpoint is another')
  if (mirror.whole_note === null) return
  const note = { origin, note: mirror.whole_note }
  const flawOfWhole = wholeRoot
    ? await flawOfPeerNote(note, keys, whole ?? 0, wholeRoot)
    : 'it is of more entries than are held'
  if (flawOfWhole !== undefined)
    report('peer-log-differs', where, `the checkpoint at which it was whole: ${flawOfWhole}`)
}

function rootAt(frontier: Frontier, hashes: readonly Uint8Array[]): Uint8Array {
  return rootOf(sha256Sync, appendLeaves(sha256Sync, frontier, hashes).frontier)
}

/** Whether the hash beside a bundle is that of its subtree; one that is not full has none. */
function isRootOf({ leaves, root }: Bundle): boolean {
  if (leaves.length < TILE_WIDTH) return root === ''
  return root === encodeBase64(rootAt(EMPTY_FRONTIER, leaves.map(hashOfLeaf)))
}

interface Bundle {
  readonly leaves: readonly string[]
  readonly root: string
}

async function bundle(
  database: SqlDatabase,
  { state, origin }: AuditRow<'mirrors'>,
  n: number,
): Promise<Bundle | undefined> {
  const [row] = await database.query(
    sql
      .selectFrom('mirrored_bundles')
      .select(['leaves', 'root'])
      .where('state', '=', state)
      .where('origin', '=', origin)
      .where('n', '=', n)
      .compile(),
  )
  return row && { leaves: row.leaves.split('\n'), root: row.root }
}

/** The messages that a bundle says were sent here, against those that are kept as such, and when they came. */
async function auditAddressed(
  database: SqlDatabase,
  part: {
    state: string
    origin: string
    self: string
    leaves: readonly string[]
    first: number
    messages: { addressed: number; lastSeq: number }
  },
  report: Report,
): Promise<void> {
  const { state, origin, self, leaves, first, messages } = part
  const rows = await database.query(
    sql
      .selectFrom('addressed')
      .leftJoin('inbox', (join) =>
        join
          .onRef('inbox.sha256', '=', 'addressed.sha256')
          .onRef('inbox.sender', '=', 'addressed.sender')
          .onRef('inbox.seq', '=', 'addressed.seq'),
      )
      .select(['idx', 'addressed.seq', 'addressed.sha256', 'arrived_at'])
      .where('addressed.sender', '=', state)
      .where('origin', '=', origin)
      .where('idx', '>=', first)
      .where('idx', '<', first + leaves.length)
      .compile(),
  )
  const kept = new Map(rows.map(({ idx, seq, sha256 }) => [idx, `${seq} ${sha256}`]))
  const came = new Map(rows.map(({ idx, arrived_at: at }) => [idx, Date.parse(at ?? '')]))
  for (const [i, text] of leaves.entries()) {
    const leaf = parseLeaf(text)
    const seq = leaf?.to[self]
    if (seq !== undefined) {
      messages.addressed++
      messages.lastSeq = seq
    }
    const right = leaf && seq !== undefined ? `${seq} ${leaf.sha256}` : undefined
    if (kept.get(first + i) !== right)
      report(
        'peer-log-differs',
        `addressed ${state} ${origin} ${first + i}`,
        'not as the leaf says',
      )
    // Two clocks, each right to a minute.
    const isEarly = leaf && came.get(first + i)! < Date.parse(leaf.at) - 2 * CLOCK_SKEW_MS
    if (isEarly && (await isBorneOut(database, { state, origin, index: first + i, at: leaf.at })))
      report('arrival-early', `inbox ${leaf.sha256} ${state}`, `it was sent later, at ${leaf.at}`)
  }
}

/**
 * Whether a leaf of a peer is dated no later than this node says that it saw it. What a peer dates ahead
 * says nothing of the records here.
 */
async function isBorneOut(
  database: SqlDatabase,
  leaf: { state: string; origin: string; index: number; at: string },
): Promise<boolean> {
  const [cosigned] = await database.query(
    sql
      .selectFrom('witnessed')
      .select('at')
      .where('state', '=', leaf.state)
      .where('origin', '=', leaf.origin)
      .where('size', '>', leaf.index)
      .orderBy('size')
      .limit(1)
      .compile(),
  )
  return cosigned !== undefined && Date.parse(leaf.at) <= Date.parse(cosigned.at) + CLOCK_SKEW_MS
}
