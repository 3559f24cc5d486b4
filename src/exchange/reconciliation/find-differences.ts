import type { KeyRange, ReconciledView } from './payload.ts'
import { RangeBody } from './range.ts'
import type { Difference, ReconciledRow } from './store.ts'
import { isSameSummary, pagesOf, type RowSource, summariesOf } from './reconciled-tree.ts'

/** What comparing a range with a peer's live answers came to. */
export type FoundDifferences =
  | {
      /** What neither side takes for being on its way. */
      readonly differences: readonly Difference[]
      /** Rows that may be on their way. */
      readonly inFlight: number
      /** Everything was compared and every difference is named. */
      readonly complete: boolean
      /** Everything up to this key is the same on both sides. */
      readonly agreedUpTo: number
    }
  | { readonly error: string }

/** Asks the peer for a range of its view; undefined: it gave no answer that can be used. */
export type AskRange = (range: KeyRange) => Promise<unknown>

/** What comparing may still cost; it is used up, whatever the peer answers. */
export interface Effort {
  calls: number
  /** Own rows read. */
  rows: number
}

/** Of some comparisons together; enough for half a million messages a day. */
export const newEffort = (): Effort => ({ calls: 128, rows: 2 ** 19 })

export const MAX_DIFFERENCES = 200

/**
 * Finds what differs between the own rows of a range and those of a peer, by asking for ever smaller ranges
 * whose roots differ. Whatever the peer answers, the calls, the rows read and the list are bounded.
 */
export async function findDifferences(
  own: RowSource,
  range: KeyRange,
  ask: AskRange,
  effort: Effort,
): Promise<FoundDifferences> {
  const differences: Difference[] = []
  let [inFlight, isHidden, agreedUpTo] = [0, false, range.after]
  const left = range.after < range.upTo ? [range] : []
  const found = (isFinished: boolean): FoundDifferences => ({
    differences: differences.slice(0, MAX_DIFFERENCES),
    inFlight,
    complete: isFinished && !isHidden && differences.length <= MAX_DIFFERENCES,
    agreedUpTo,
  })
  for (let asked = left.shift(); asked; asked = left.shift()) {
    if (differences.length === 0 && inFlight === 0 && !isHidden) agreedUpTo = asked.after
    if (effort.calls-- <= 0 || differences.length >= MAX_DIFFERENCES) return found(false)
    const answer = readAnswer(await ask(asked), own, asked)
    if ('error' in answer) return answer
    const { upTo, entries, truncated } = answer
    if (upTo < asked.upTo) left.unshift({ after: upTo, upTo: asked.upTo })
    if (truncated || !entries) {
      const parts = truncated ? [answer] : answer.parts!
      const differing = await differingParts(own, asked.after, parts, effort)
      if (!differing) return found(false)
      // More rows of one key than an answer has, and not the same: what differs behind it is found still.
      if (truncated) isHidden ||= differing.length > 0
      else left.unshift(...differing)
      continue
    }
    const covered = { after: asked.after, upTo }
    const { rows, readUpTo } = await readUpToMany(own, covered, entries.length)
    effort.rows -= rows.length
    if (readUpTo < upTo) left.unshift({ after: readUpTo, upTo })
    const there = entries.filter(({ key }) => key <= readUpTo).map(rowOf)
    for (const difference of compareRows(rows, there, own.view))
      if ('inFlight' in difference) inFlight++
      else differences.push(difference)
  }
  if (differences.length === 0 && inFlight === 0 && !isHidden) agreedUpTo = range.upTo
  return found(true)
}

/** The parts whose rows are other ones here; undefined: there are more than may be read. */
async function differingParts(
  own: RowSource,
  after: number,
  parts: readonly NonNullable<RangeBody['parts']>[number][],
  effort: Effort,
): Promise<KeyRange[] | undefined> {
  const ends = parts.map(({ upTo }) => upTo)
  const here = await summariesOf(own, after, ends, effort)
  if (!here) return undefined
  const ranges = ends.map((upTo, i) => ({ after: i === 0 ? after : ends[i - 1]!, upTo }))
  return ranges.filter((_, i) => !isSameSummary(parts[i]!, here[i]!))
}

/** The own rows of a range, or of as much of it as has many more rows than the other side has. */
async function readUpToMany(
  own: RowSource,
  range: KeyRange,
  expected: number,
): Promise<{ rows: ReconciledRow[]; readUpTo: number }> {
  const rows: ReconciledRow[] = []
  for await (const page of pagesOf(own, range)) {
    rows.push(...page)
    const last = rows.at(-1)!.key - 1
    // The last key may go on on the next page.
    if (rows.length > expected + MAX_DIFFERENCES && last > range.after)
      return { rows: rows.filter(({ key }) => key <= last), readUpTo: last }
  }
  return { rows, readUpTo: range.upTo }
}

/** The answer, if it is one to what was asked and can be true by itself. */
function readAnswer(
  body: unknown,
  { view }: RowSource,
  { after, upTo }: KeyRange,
): RangeBody | { error: string } {
  const parsed = RangeBody.safeParse(body)
  if (!parsed.success) return { error: 'the answer does not follow its schema' }
  const answer = parsed.data
  if (answer.after !== after || answer.upTo <= after || answer.upTo > upTo)
    return { error: 'the answer is of another range' }
  if ((answer.parts === undefined) === (answer.entries === undefined))
    return { error: 'the answer has neither parts nor entries, or both' }
  const { parts = [], entries = [] } = answer
  if (!isAscending([after, ...parts.map((part) => part.upTo)]))
    return { error: 'the parts are out of order' }
  if (parts.length > 0 && parts.at(-1)!.upTo !== answer.upTo)
    return { error: 'the parts are not those of the answer' }
  const isDecision = view === 'decided' || view === 'answered'
  if (
    entries.some(
      ({ key, receipt }) =>
        key <= after || key > answer.upTo || (receipt !== undefined) !== isDecision,
    )
  )
    return { error: 'the entries are not of the range' }
  const names = entries.map(({ key, sha256 }) => `${String(key).padStart(16, '0')} ${sha256}`)
  if (names.some((name, i) => i > 0 && name <= names[i - 1]!))
    return { error: 'the entries are out of order' }
  return answer
}

function isAscending(keys: readonly number[]): boolean {
  return keys.every((key, i) => i === 0 || key > keys[i - 1]!)
}

function rowOf(entry: NonNullable<RangeBody['entries']>[number]): ReconciledRow {
  const { key, sha256, receipt, open } = entry
  return { key, sha256, ...(receipt !== undefined && { receipt }), open: open === true }
}

/**
 * What two lists of rows do not have in common, by keys. Whoever made a row knows whether the other side has
 * acknowledged it: what it misses until then may be on its way. `view` is what the rows here are called here.
 */
export function compareRows(
  here: readonly ReconciledRow[],
  there: readonly ReconciledRow[],
  view: ReconciledView,
): (Difference | { readonly inFlight: true })[] {
  const [onlyHere, onlyThere] = [without(here, there), without(there, here)]
  const isMadeHere = view === 'sent' || view === 'decided'
  const keys = [...new Set([...onlyHere.keys(), ...onlyThere.keys()])]
  return keys
    .sort((a, b) => a - b)
    .flatMap((key) => {
      const [mine, theirs] = [onlyHere.get(key) ?? [], onlyThere.get(key) ?? []]
      return Array.from({ length: Math.max(mine.length, theirs.length) }, (_, i) => {
        const [a, b] = [mine[i], theirs[i]]
        const made = isMadeHere ? a : b
        const isMissing = isMadeHere ? !b : !a
        if (made?.open && isMissing) return { inFlight: true as const }
        return { key, ...(a && { here: shown(a) }), ...(b && { there: shown(b) }) }
      })
    })
}

/** Rows of the first list that the second has not, by key. */
function without(
  rows: readonly ReconciledRow[],
  others: readonly ReconciledRow[],
): Map<number, ReconciledRow[]> {
  const nameOf = ({ key, sha256, receipt }: ReconciledRow) => `${key} ${sha256} ${receipt ?? ''}`
  const known = new Set(others.map(nameOf))
  const left = new Map<number, ReconciledRow[]>()
  for (const row of rows)
    if (!known.has(nameOf(row))) {
      const ofKey = left.get(row.key)
      if (ofKey) ofKey.push(row)
      else left.set(row.key, [row])
    }
  return left
}

function shown({ sha256, receipt }: ReconciledRow) {
  return { sha256, ...(receipt !== undefined && { receipt }) }
}
