import { sha256Sync } from '../../crypto/suite.ts'
import { decodeBase64url, encodeBase64url } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import { appendLeaves, EMPTY_FRONTIER, type Frontier, rootOf } from '../../tlog/frontier.ts'
import { textLeafHash } from '../../tlog/merkle.ts'
import { type KeyRange, MAX_KINDS, type ReconciledView } from './payload.ts'
import type { ReconciledRow, ReconciliationStore } from './store.ts'

/** How many rows there are, and the root hash of the tree over them (RFC 6962 §2.1), base64url. */
export interface Summary {
  readonly count: number
  readonly root: string
}

/** Where rows of one view come from; `pause` lets others have their turn. */
export interface RowSource {
  readonly store: Pick<ReconciliationStore, 'rows'>
  readonly view: ReconciledView
  readonly peer: string
  readonly pause: () => Promise<void>
}

const PAGE = 2048

/** The rows of a range, page by page. */
export async function* pagesOf(
  { store, view, peer, pause }: RowSource,
  range: KeyRange,
): AsyncGenerator<readonly ReconciledRow[]> {
  let behind: ReconciledRow | undefined
  for (;;) {
    const rows = await store.rows(view, peer, { ...range, behind, limit: PAGE })
    if (rows.length > 0) yield rows
    if (rows.length < PAGE) return
    behind = rows.at(-1)
    await pause()
  }
}

/** Of all rows of a range; reads each once and holds one page. */
export async function summaryOf(source: RowSource, { after, upTo }: KeyRange): Promise<Summary> {
  const [summary] = (await summariesOf(source, after, [upTo], { rows: Infinity }))!
  return summary!
}

/**
 * Of the parts of a range that end at these keys, each behind the one before it: every row is read once.
 * What is read is taken from `left`; undefined: that was not enough.
 */
export async function summariesOf(
  source: RowSource,
  after: number,
  ends: readonly number[],
  left: { rows: number },
): Promise<Summary[] | undefined> {
  const frontiers = ends.map(() => EMPTY_FRONTIER)
  let part = 0
  for await (const page of pagesOf(source, { after, upTo: ends.at(-1)! })) {
    left.rows -= page.length
    if (left.rows < 0) return undefined
    for (let start = 0; start < page.length;) {
      while (page[start]!.key > ends[part]!) part++
      let end = start + 1
      while (end < page.length && page[end]!.key <= ends[part]!) end++
      frontiers[part] = withRows(frontiers[part]!, page.slice(start, end))
      start = end
    }
  }
  return frontiers.map(summaryAt)
}

export function summaryOfRows(rows: readonly ReconciledRow[]): Summary {
  return summaryAt(withRows(EMPTY_FRONTIER, rows))
}

export function isSameSummary(a: Summary, b: Summary): boolean {
  return a.count === b.count && a.root === b.root
}

function withRows(frontier: Frontier, rows: readonly ReconciledRow[]): Frontier {
  const leaves = rows.map((row) => textLeafHash(sha256Sync, leafOf(row)))
  return appendLeaves(sha256Sync, frontier, leaves).frontier
}

function summaryAt(frontier: Frontier): Summary {
  return {
    count: Number(frontier.size),
    root: encodeBase64url(rootOf(sha256Sync, frontier)),
  }
}

/** The leaf of a row: JSON with its members in this order and no spaces. */
export function leafOf({ key, sha256, receipt }: ReconciledRow): string {
  return receipt === undefined
    ? JSON.stringify({ seq: key, sha256 })
    : JSON.stringify({ at: formatInstant(new Date(key * 1000)), sha256, receipt })
}

/** Documents counted by their kind, the rarest kinds together where there are too many. */
export async function kindsOf(
  source: RowSource & { readonly store: Pick<ReconciliationStore, 'rows' | 'heads'> },
  range: KeyRange,
): Promise<Record<string, number>> {
  const kinds = new Map<string, number>()
  const count = (kind: string, n: number) => kinds.set(kind, (kinds.get(kind) ?? 0) + n)
  for await (const rows of pagesOf(source, range))
    for (const head of await source.store.heads(rows.map(({ sha256 }) => sha256)))
      count(kindIn(head), 1)
  const sorted = [...kinds].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  for (const [kind, n] of sorted.splice(MAX_KINDS - 1)) {
    kinds.delete(kind)
    count('other', n)
  }
  return Object.fromEntries([...kinds].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The `typ` of a document without `+jwt`, from the beginning of its header; `other` where it is not there. */
export function kindIn(head: string): string {
  const [header = ''] = head.split('.', 1)
  const octets = decodeBase64url(header.slice(0, header.length - (header.length % 4)))
  const typ = octets && /"typ":"([a-z0-9-]{1,60})\+jwt"/.exec(new TextDecoder().decode(octets))
  return typ?.[1] ?? 'other'
}
