import { z } from 'zod'
import { Sha256 } from '../../certificate/fields.ts'
import { type KeyRange, RECONCILED_VIEWS } from './payload.ts'
import type { ReconciledRow } from './store.ts'
import { pagesOf, type RowSource, summaryOfRows } from './reconciled-tree.ts'

const Key = z.int().min(-1)
const Count = z.int().min(0)

/** Rows read for one answer. */
const MAX_ROWS = 16_384
/** So many rows are named one by one. */
const MAX_ENTRIES = 512
/** Of one key, which no part can divide. */
const MAX_ENTRIES_OF_A_KEY = 2048
const PARTS = 32

/** What a node has of one view in a range of keys, as it answers a peer. */
export const RangeBody = z.strictObject({
  of: z.enum(RECONCILED_VIEWS).meta({ description: 'The view as who answers calls it' }),
  after: Key,
  upTo: Key.meta({ description: 'Up to where the answer goes; there may be more behind it' }),
  count: Count,
  root: Sha256.meta({ description: 'Over the rows of this answer (RFC 6962 §2.1)' }),
  parts: z
    .array(z.strictObject({ upTo: Key, count: Count, root: Sha256 }))
    .min(2)
    .max(PARTS * 2)
    .optional()
    .meta({ description: 'Each behind the one before it; together they are the answer' }),
  entries: z
    .array(
      z.strictObject({
        key: Key.meta({ description: 'The number of a message, the second of a decision' }),
        sha256: Sha256,
        receipt: Sha256.optional(),
        open: z.literal(true).optional().meta({ description: 'Not acknowledged by the caller' }),
      }),
    )
    .max(MAX_ENTRIES_OF_A_KEY)
    .optional(),
  truncated: z
    .literal(true)
    .optional()
    .meta({ description: 'There are more rows of this one key than fit' }),
})
export type RangeBody = z.infer<typeof RangeBody>

/** Answers a peer for a range, or for as much of it from its beginning as fits one answer. */
export async function answerRange(source: RowSource, range: KeyRange): Promise<RangeBody> {
  const read: ReconciledRow[] = []
  for await (const rows of pagesOf(source, range)) {
    read.push(...rows)
    if (read.length > MAX_ROWS) break
  }
  const of = source.view
  const { after } = range
  const cut = read.length > MAX_ROWS ? read[MAX_ROWS]!.key : undefined
  const rows = cut === undefined ? read : read.filter(({ key }) => key < cut)
  if (cut !== undefined && rows.length === 0) {
    const first = read.slice(0, MAX_ENTRIES_OF_A_KEY)
    return { of, after, upTo: cut, ...summaryOfRows(first), entries: [], truncated: true }
  }
  const upTo = cut === undefined ? range.upTo : cut - 1
  const answer = { of, after, upTo, ...summaryOfRows(rows) }
  const parts = rows.length > MAX_ENTRIES ? partsOf(rows, upTo) : []
  if (parts.length > 1) return { ...answer, parts }
  return rows.length > MAX_ENTRIES_OF_A_KEY
    ? { ...answer, entries: [], truncated: true }
    : { ...answer, entries: rows.map(entryOf) }
}

/** About as many rows in each; rows of one key stay together. */
function partsOf(rows: readonly ReconciledRow[], upTo: number): NonNullable<RangeBody['parts']> {
  const size = Math.ceil(rows.length / PARTS)
  const parts: NonNullable<RangeBody['parts']> = []
  for (let start = 0; start < rows.length;) {
    let end = Math.min(start + size, rows.length)
    while (end < rows.length && rows[end]!.key === rows[end - 1]!.key) end++
    const last = end === rows.length ? upTo : rows[end - 1]!.key
    parts.push({ upTo: last, ...summaryOfRows(rows.slice(start, end)) })
    start = end
  }
  return parts
}

function entryOf({ open, ...row }: ReconciledRow): NonNullable<RangeBody['entries']>[number] {
  return { ...row, ...(open && { open }) }
}
