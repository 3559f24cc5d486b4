import {
  administrativeDigest,
  COVERED_TABLES,
  type CoveredTable,
} from '../log/administrative-entry.ts'
import { type LossActs, lossActs, type ShownLost } from './audit-shown-lost.ts'
import type { DelayActs } from './delay-acts.ts'
import type { ShownCovering } from './audit-source.ts'
import type { Report } from './finding.ts'
import { pagesOf, type Progress, type ShownLog, type ShownRow } from './shown-log.ts'
import { tellUncovered, type UncoveredRows } from './tell-uncovered.ts'
import type { ToldEvidences } from './told-evidence.ts'
import type { WalkedEntries, WalkedLeaf } from './walk-shown-log.ts'

/**
 * Every administrative entry over the rows that are shown to stand behind it, each row behind one entry in
 * the order of their numbers. Rows that no entry of the checkpoint covers are told when they are old.
 */
export async function auditShownRecords(
  log: Pick<ShownLog, 'coverings' | 'rows'>,
  {
    leaves,
    lost,
    delays,
    told,
    asOf,
  }: Pick<WalkedEntries, 'leaves'> & {
    readonly lost: ShownLost
    /** Takes the acts that were verified. */
    readonly delays: Pick<DelayActs, 'take'>
    /** Takes the rows about evidence that were verified. */
    readonly told: Pick<ToldEvidences, 'take'>
    readonly asOf: Date
  },
  report: Report,
  progress: Progress,
): Promise<void> {
  const rows = Object.fromEntries(
    COVERED_TABLES.map((table) => [table, rowsInOrder(log, table)]),
  ) as Record<CoveredTable, ReturnType<typeof rowsInOrder>>
  const losses = lossActs()
  const uncovered = new Set(
    leaves.flatMap((leaf, idx) => (isAdministrative(leaf) && !lost.has(idx) ? [idx] : [])),
  )
  for await (const covering of pagesOf(log.coverings, ({ idx }) => idx)) {
    const { idx, rowsOf } = covering
    if (idx >= leaves.length) break
    const where = `entry ${idx}, ${rowsOf} ${covering.first} to ${covering.last}`
    if (!uncovered.delete(idx))
      report('record-differs', where, `entry ${idx} is no administrative one`)
    const flaw = await rows[rowsOf].compare(covering, leaves[idx]?.sha256, [losses, delays], told)
    if (flaw !== undefined) report('record-differs', where, flaw)
    progress('records', idx, leaves.length)
  }
  for (const idx of uncovered)
    report('record-missing', `entry ${idx}`, 'the acts or accesses that it covers are not shown')
  losses.tell(lost, report)
  for (const table of COVERED_TABLES) tellUncovered(await rows[table].uncovered(), asOf, report)
}

function isAdministrative(leaf: WalkedLeaf | undefined): boolean {
  return leaf?.kind === 'administrative'
}

/** A node covers its rows within seconds or a minute; more than this at once are read for nobody. */
const MOST_COVERED = 1_000_000

/** Acts that the audit of something else needs. */
const SAYS_MORE = /"(?:documents-lost|restored|additions-delayed)"/

/** Reads the rows of a table once, in the order in which entries cover them. */
function rowsInOrder(log: Pick<ShownLog, 'rows'>, rowsOf: CoveredTable) {
  const shown = pagesOf(
    (after) => log.rows(rowsOf, Math.max(after, 0)),
    ({ n }) => n,
  )
  let next = 1
  let held: ShownRow | undefined
  return {
    async compare(
      { idx, first, last, nonce }: ShownCovering,
      sha256: string | undefined,
      takers: readonly Pick<LossActs, 'take'>[],
      told: Pick<ToldEvidences, 'take'>,
    ): Promise<string | undefined> {
      if (first !== next || last < first) return `${rowsOf} ${next} would be next`
      if (last - first >= MOST_COVERED) return 'no entry covers so many rows'
      const hashed = administrativeDigest(nonce)
      const acts: string[] = []
      const evidence: ShownRow[] = []
      for (; next <= last; next++) {
        held ??= (await shown.next()).value as ShownRow | undefined
        if (held?.n !== next) return `row ${next} is not shown`
        hashed.add(held.text)
        if (rowsOf === 'admin_acts' && SAYS_MORE.test(held.text)) acts.push(held.text)
        if (rowsOf === 'kept_evidence') evidence.push(held)
        held = undefined
      }
      if (hashed.digest() !== sha256) return 'they are not what was logged'
      for (const text of acts) for (const taker of takers) taker.take(idx, text)
      for (const { n, text } of evidence) told.take(n, readRow(text))
      return undefined
    },
    async uncovered(): Promise<UncoveredRows> {
      const first = next
      let [count, since] = [0, '']
      for (let row = held; ; row = undefined) {
        row ??= (await shown.next()).value as ShownRow | undefined
        if (!row || count >= MOST_COVERED) return { rowsOf, first, rows: count, since }
        const at = writtenAt(row.text)
        if (count++ === 0 || at < since) since = at
      }
    },
  }
}

/** When a row was written, by its own word. */
function writtenAt(text: string): string {
  const { at, created_at, found_at, seen_at, stored_at } = readRow(text)
  const written = at ?? created_at ?? found_at ?? seen_at ?? stored_at
  return typeof written === 'string' ? written : ''
}

function readRow(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {}
  } catch {
    return {}
  }
}
