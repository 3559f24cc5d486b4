import { decodeBase64url } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import { JsonError, parseStrictJson } from '../../encoding/strict-json.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { listedAddress } from '../delivery/listed-address.ts'
import type { PeerAnswer } from '../delivery/peer-client.ts'
import { mirroredHistory } from '../log/compare-with-mirror.ts'
import { payloadOf } from '../registered.ts'
import {
  type AskRange,
  type Effort,
  findDifferences,
  type FoundDifferences,
} from './find-differences.ts'
import {
  COUNTERPART,
  type KeyRange,
  rangeOf,
  Reconciliation,
  type ReconciledView,
} from './payload.ts'
import { isSameSummary, type RowSource, summariesOf } from './reconciled-tree.ts'
import type { OpenCheck, ReconciliationStore, StoredReconciliation, ViewVerdict } from './store.ts'

export interface JudgeViewDependencies {
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly reconciliations: ReconciliationStore
  readonly mirror: Parameters<typeof mirroredHistory>[0]['mirror']
  /** A signed GET; the answer only if the peer's signature on it holds. */
  readonly ask: (peer: string, targetUri: string, waitMs: number) => Promise<PeerAnswer>
  readonly pause: () => Promise<void>
}

/** A message or decision may be on its way so long after the document that counts it. */
export const GRACE_MS = 15 * 60_000
/** What a peer acknowledged so long before its day ended it had, whatever the clocks say. */
const SKEW_MS = 5 * 60_000
/** Of instants as the tables have them. */
const END_OF_TIME = '9999-12-31T23:59:59Z'

const NOTHING = { differences: [], complete: true } as const

/** `comparedUpTo`: nothing up to it is to be compared again. */
type Judged = ViewVerdict & { readonly comparedUpTo?: number | undefined }

/** What one view of a peer's document comes to, by what is here and what the peer answers now. */
export async function judgeView(
  deps: JudgeViewDependencies,
  stored: StoredReconciliation,
  check: OpenCheck,
  effort: Effort,
): Promise<Judged> {
  const said = Reconciliation.parse(payloadOf(stored.jws))
  const rows = await judgeRows(deps, said, check, effort)
  if (rows.outcome === 'differs') return rows
  const agrees = rows.outcome === 'agrees'
  if (!(await isContinued(deps.reconciliations, stored, said, check.view)))
    // Told whatever becomes of the rows; it is over only when they are the same.
    return {
      ...rows,
      outcome: 'differs',
      reason: 'not-continued',
      differences: [],
      complete: agrees,
    }
  return (agrees && check.view === 'sent' && (await doubtOfCheckpoint(deps, check, said))) || rows
}

/** Whether the rows are the same, from where comparing had come before this document. */
async function judgeRows(
  deps: JudgeViewDependencies,
  said: Reconciliation,
  check: OpenCheck,
  effort: Effort,
): Promise<Judged> {
  const { reconciliations: store, pause, trust, now } = deps
  const { view, peer } = check
  const own: RowSource = { store, view: COUNTERPART[view], peer, pause }
  const stated = rangeOf(said, view)
  // What it acknowledged before and does not count: the end of its list is as good as a hole in it.
  const acknowledged =
    view === 'received' ? await store.lastAcknowledged(peer, minus(said.until, SKEW_MS)) : 0
  const upTo = Math.max(stated.upTo, acknowledged)
  const after = await store.begin(check, await spanOf(store, check, stated))
  // With room left to ask, if there are too many rows for that.
  const room = { rows: effort.rows / 2 }
  const summary = after <= stated.after && (await summariesOf(own, stated.after, [upTo], room))
  effort.rows -= effort.rows / 2 - Math.max(room.rows, 0)
  const isAsStated = summary ? isSameSummary(said[view], summary[0]!) : undefined
  if (isAsStated && after === stated.after)
    return { outcome: 'agrees', reason: 'as-stated', ...NOTHING }

  const range = { after, upTo: isAsStated ? stated.after : upTo }
  const contradicts = view === 'sent' && isAsStated === false
  const url = await listedAddress({ trust, now }, peer)
  if (url === undefined) return { outcome: 'cannot-tell', reason: 'no-answer', ...NOTHING }
  const ask: AskRange = async (asked) => {
    const query = new URLSearchParams({
      of: view,
      after: String(asked.after),
      upTo: String(asked.upTo),
    })
    const uri = `${url}/exchange/v1/reconciliation?${query.toString()}`
    const answer = await deps.ask(peer, uri, 0)
    return answer.ok ? jsonIn(answer.body) : undefined
  }
  const found = await findDifferences(own, range, ask, effort)
  if ('error' in found) return { outcome: 'cannot-tell', reason: 'no-answer', ...NOTHING }
  return verdictOn(found, contradicts, now().getTime() - Date.parse(check.since) >= GRACE_MS)
}

/** What a check stands for from its first comparison on. */
async function spanOf(
  store: ReconciliationStore,
  { view, peer }: OpenCheck,
  stated: KeyRange,
): Promise<KeyRange & { readonly first: number }> {
  if (view === 'decided' || view === 'answered') return { ...stated, first: -1 }
  const own = view === 'sent' ? 'received' : 'sent'
  // Not for numbers that nothing here bears yet, however large those are that a document names.
  const last = await store.lastBefore(own, peer, END_OF_TIME)
  return { after: stated.after, upTo: Math.min(stated.upTo, last), first: 0 }
}

function verdictOn(
  { differences, inFlight, complete, agreedUpTo }: Exclude<FoundDifferences, { error: string }>,
  contradicts: boolean,
  isLate: boolean,
): Judged {
  if (differences.length > 0)
    return isLate
      ? { outcome: 'differs', reason: 'rows-differ', differences, complete }
      : { outcome: 'cannot-tell', reason: 'in-flight', differences: [], complete: false }
  if (!complete) {
    const reason = 'not-finished'
    return { outcome: 'cannot-tell', reason, differences, complete, comparedUpTo: agreedUpTo }
  }
  if (inFlight > 0) return { outcome: 'cannot-tell', reason: 'in-flight', ...NOTHING }
  // What it has sent up to a number never changes; the other views grow by what comes late.
  return contradicts
    ? { outcome: 'differs', reason: 'answers-contradict-document', ...NOTHING }
    : { outcome: 'agrees', reason: 'agreed-since', ...NOTHING }
}

/** Whether the document continues the one that it names; of one that is not here nothing can be held against it. */
async function isContinued(
  store: ReconciliationStore,
  { sha256, maker, recipient, until }: StoredReconciliation,
  said: Reconciliation,
  view: ReconciledView,
): Promise<boolean> {
  const { after } = rangeOf(said, view)
  const { count, total } = said[view]
  if (said.previous === null) {
    const isFirst = (await store.first(maker, recipient))?.sha256 === sha256
    const begins = view === 'sent' || view === 'received' ? after === 0 : true
    return isFirst && begins && total === count
  }
  const previous = await store.find(said.previous)
  if (!previous) return true
  const before = Reconciliation.parse(payloadOf(previous.jws))
  return (
    previous.maker === maker &&
    previous.recipient === recipient &&
    previous.until < until &&
    before.until === said.since &&
    rangeOf(before, view).upTo === after &&
    before[view].total + count === total
  )
}

/** What the mirror says against the checkpoint in the document, if anything: it stands for what was sent. */
async function doubtOfCheckpoint(
  deps: JudgeViewDependencies,
  { peer: state }: OpenCheck,
  { checkpoint }: Reconciliation,
): Promise<Judged | undefined> {
  if (!checkpoint) return undefined
  const { origin, size, root } = checkpoint
  const said = { size: BigInt(size), rootHash: decodeBase64url(root) ?? new Uint8Array() }
  const mirrored = await mirroredHistory(deps, { state, origin }, said)
  if (mirrored === 'ahead') return { outcome: 'cannot-tell', reason: 'not-mirrored', ...NOTHING }
  if (mirrored.history === 'continued') return undefined
  return { outcome: 'differs', reason: 'checkpoint-refuted', ...NOTHING }
}

function minus(instant: string, ms: number): string {
  return formatInstant(new Date(Date.parse(instant) - ms))
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
