import { administrativeDigest, type CoveredTable } from '../log/administrative-entry.ts'
import type { ShownCovering } from './audit-source.ts'
import type { Report } from './finding.ts'
import { pagesOf, type Progress, type ShownLog, type ShownRow } from './shown-log.ts'
import type { WalkedEntries, WalkedLeaf } from './walk-shown-log.ts'

/**
 * Every administrative entry over the rows that are shown to stand behind it, each row behind one entry in
 * the order of their numbers. Rows that no entry of the checkpoint covers yet are left alone.
 */
export async function auditShownRecords(
  log: Pick<ShownLog, 'coverings' | 'rows'>,
  { leaves, lost }: Pick<WalkedEntries, 'leaves'> & { readonly lost: ReadonlySet<number> },
  report: Report,
  progress: Progress,
): Promise<void> {
  const rows = {
    admin_acts: rowsInOrder(log, 'admin_acts'),
    accesses: rowsInOrder(log, 'accesses'),
  }
  const uncovered = new Set(
    leaves.flatMap((leaf, idx) => (isAdministrative(leaf) && !lost.has(idx) ? [idx] : [])),
  )
  for await (const covering of pagesOf(log.coverings, ({ idx }) => idx)) {
    const { idx, rowsOf } = covering
    if (idx >= leaves.length) break
    const where = `entry ${idx}, ${rowsOf} ${covering.first} to ${covering.last}`
    if (!uncovered.delete(idx))
      report('record-differs', where, `entry ${idx} is no administrative one`)
    const flaw = await rows[rowsOf].compare(covering, leaves[idx]?.sha256)
    if (flaw !== undefined) report('record-differs', where, flaw)
    progress('records', idx, leaves.length)
  }
  for (const idx of uncovered)
    report('record-missing', `entry ${idx}`, 'the acts or accesses that it covers are not shown')
}

function isAdministrative(leaf: WalkedLeaf | undefined): boolean {
  return leaf?.kind === 'administrative'
}

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
      { first, last, nonce }: ShownCovering,
      sha256: string | undefined,
    ): Promise<string | undefined> {
      if (first !== next || last < first) return `${rowsOf} ${next} would be next`
      const hashed = administrativeDigest(nonce)
      for (; next <= last; next++) {
        held ??= (await shown.next()).value as ShownRow | undefined
        if (held?.n !== next) return `row ${next} is not shown`
        hashed.add(held.text)
        held = undefined
      }
      return hashed.digest() === sha256 ? undefined : 'they are not what was logged'
    },
  }
}
