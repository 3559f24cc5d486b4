import {
  administrativeDigest,
  type CoveredTable,
  COVERED_TABLES,
  newNonce,
  rowsAtOnce,
  rowsEntry,
} from './administrative-entry.ts'
import type { Append } from '../journal.ts'

/** Rows that come to stand behind entries of the log after they were written. */
export interface CoverableRows {
  /** The number of the first row that stands behind no entry yet, whether it is there or not. */
  uncovered(rowsOf: CoveredTable): Promise<number>
  /** Rows from this number on, oldest first, as they are hashed. */
  rows(rowsOf: CoveredTable, from: number, limit: number): Promise<{ n: number; text: string }[]>
}

interface CoverDependencies {
  readonly coverable: CoverableRows
  readonly append: Append
  /** Lets others do something between two pages. */
  readonly pause: () => Promise<void>
}

/** Read and hashed for one entry; of what goes beyond, the next entry takes more. */
export const COVERED_AT_ONCE = 100_000

/**
 * Puts one entry into the log for the rows that none covers yet; how many there were. Whoever reads the
 * log does not learn the number. What another writer covers first is left to it.
 */
export async function coverRows(
  { coverable, append, pause }: CoverDependencies,
  rowsOf: CoveredTable,
): Promise<number> {
  const nonce = newNonce()
  const hashed = administrativeDigest(nonce)
  const atOnce = rowsAtOnce(rowsOf)
  let next = await coverable.uncovered(rowsOf)
  let first: number | undefined
  let count = 0
  for (;;) {
    const page = await coverable.rows(rowsOf, next, atOnce)
    for (const { text } of page) hashed.add(text)
    first ??= page[0]?.n
    next = (page.at(-1)?.n ?? next - 1) + 1
    count += page.length
    if (page.length < atOnce || count >= COVERED_AT_ONCE) break
    await pause()
  }
  if (first === undefined) return 0
  const rows = { rowsOf, first, last: next - 1, nonce }
  await append({ entries: [rowsEntry(hashed.digest(), rows)] })
  return count
}

/** The same for every table whose rows come to stand behind entries; acts do when they are written. */
export async function coverEveryTable(deps: CoverDependencies): Promise<number> {
  let count = 0
  for (const rowsOf of COVERED_TABLES)
    if (rowsOf !== 'admin_acts') count += await coverRows(deps, rowsOf)
  return count
}
