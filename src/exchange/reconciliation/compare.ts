import { formatInstant } from '../../encoding/time.ts'
import { JsonError, parseStrictJson } from '../../encoding/strict-json.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { findDifferences } from './find-differences.ts'
import { listedAddress } from '../delivery/listed-address.ts'
import type { PeerAnswer } from '../delivery/peer-client.ts'
import { COUNTERPART, rangeOf, Reconciliation, type ReconciledView } from './payload.ts'
import type {
  OpenCheck,
  ReconciliationStore,
  StoredReconciliation,
  StoredVerdict,
  ViewVerdict,
} from './store.ts'
import { isSameSummary, type RowSource, summaryOf } from './reconciled-tree.ts'
import type { AlarmLog } from '../records.ts'
import { payloadOf } from '../registered.ts'

export interface CompareReconciliationDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly reconciliations: ReconciliationStore
  readonly alarms: Pick<AlarmLog, 'raiseOnce'>
  /** A signed GET; the answer only if the peer's signature on it holds. */
  readonly ask: (peer: string, targetUri: string, waitMs: number) => Promise<PeerAnswer>
  readonly pause: () => Promise<void>
}

/** A message or decision may be on its way so long after the document that counts it. */
const GRACE_MS = 15 * 60_000
const HOUR_MS = 3_600_000
/** Views compared in one call, so that no peer keeps a node busy with documents. */
const AT_ONCE = 8
/** What a peer acknowledged so long before its day ended it had, whatever the clocks say. */
const SKEW_MS = 5 * 60_000

/**
 * Compares what is due of a peer's documents with what is here. What differs, and does so still when the
 * peer is asked now, is told to the operators; what cannot be told is compared again. How many views were
 * compared.
 */
export function compareReconciliations(deps: CompareReconciliationDependencies) {
  return async (peer: string): Promise<number> => {
    const due = await deps.reconciliations.due(peer, formatInstant(deps.now()), AT_ONCE)
    const faults: unknown[] = []
    for (const check of due)
      try {
        await compareOne(deps, check)
      } catch (error) {
        // A document that is damaged here must not keep the others from being compared.
        faults.push(error)
        const nextAt = nextCheckAt(check, deps.now())
        await deps.reconciliations.settle(check, { verdict: undefined, nextAt })
      }
    if (faults.length > 0) throw faults[0]
    return due.length
  }
}

async function compareOne(
  deps: CompareReconciliationDependencies,
  check: OpenCheck,
): Promise<void> {
  const { reconciliations: store, alarms } = deps
  const { sha256, view, peer } = check
  const stored = await store.find(sha256)
  if (!stored) throw new Error(`The reconciliation document ${sha256} is missing`)
  const found = await judgeView(deps, stored, view)
  const now = deps.now()
  const at = formatInstant(now)
  const isLate = now.getTime() - Date.parse(check.since) >= GRACE_MS
  const judged: ViewVerdict =
    found.outcome === 'differs' && found.reason === 'rows-differ' && !isLate
      ? { outcome: 'cannot-tell', reason: 'in-flight', differences: [], complete: false }
      : found
  const last = await store.lastVerdict(sha256, view)
  const verdict: StoredVerdict = { ...judged, view, at }
  const nextAt = judged.outcome === 'agrees' ? undefined : nextCheckAt(check, now)
  await store.settle(check, { verdict: isSame(last, verdict) ? undefined : verdict, nextAt })
  if (judged.outcome === 'agrees') await store.closeContradictions(peer, view, stored.until)
  if (judged.outcome !== 'differs') return
  const detail = detailOf(stored, verdict)
  const key = `reconciliation-differs ${sha256} ${view}`
  await alarms.raiseOnce(key, { at, kind: 'reconciliation-differs', peer, detail })
}

/** When what was on its way must have come, then every hour of a day, then every day. */
function nextCheckAt({ since, checks }: OpenCheck, now: Date): string {
  const graceEnds = Date.parse(since) + GRACE_MS
  const next =
    now.getTime() < graceEnds ? graceEnds : now.getTime() + (checks < 24 ? HOUR_MS : 24 * HOUR_MS)
  return formatInstant(new Date(next))
}

function isSame(last: StoredVerdict | undefined, next: StoredVerdict): boolean {
  const shown = ({ outcome, reason, differences, complete }: StoredVerdict) =>
    JSON.stringify([outcome, reason, differences, complete])
  return last !== undefined && shown(last) === shown(next)
}

function detailOf({ sha256, maker, until }: StoredReconciliation, verdict: StoredVerdict): string {
  const { view, reason, differences, complete } = verdict
  const [first] = differences
  const count = `${differences.length}${complete ? '' : ' or more'}`
  const what = first
    ? `${count} rows differ, the first at ${first.key}: here ${first.here?.sha256 ?? 'nothing'}, there ${first.there?.sha256 ?? 'nothing'}`
    : reason
  return `what ${maker} says it ${view} until ${until} (${sha256}) is not what is here: ${what}; /v1/peers/${maker}/reconciliations`
}

const NOTHING = { differences: [], complete: true } as const

async function judgeView(
  deps: CompareReconciliationDependencies,
  stored: StoredReconciliation,
  view: ReconciledView,
): Promise<ViewVerdict> {
  const { reconciliations: store, pause, trust, now } = deps
  const { maker: peer } = stored
  const said = Reconciliation.parse(payloadOf(stored.jws))
  const broken = await continuation(store, stored, said, view)
  if (broken) return broken
  const own: RowSource = { store, view: COUNTERPART[view], peer, pause }
  const stated = rangeOf(said, view)
  // What it acknowledged before and does not count: the end of its list is as good as a hole in it.
  const acknowledged =
    view === 'received' ? await store.lastAcknowledged(peer, minus(said.until, SKEW_MS)) : 0
  const range = { ...stated, upTo: Math.max(stated.upTo, acknowledged) }
  if (isSameSummary(said[view], await summaryOf(own, range)))
    return { outcome: 'agrees', reason: 'as-stated', ...NOTHING }

  const url = await listedAddress({ trust, now }, peer)
  if (url === undefined) return { outcome: 'cannot-tell', reason: 'no-answer', ...NOTHING }
  const found = await findDifferences(own, range, async ({ after, upTo }) => {
    const query = new URLSearchParams({ of: view, after: String(after), upTo: String(upTo) })
    const uri = `${url}/exchange/v1/reconciliation?${query.toString()}`
    const answer = await deps.ask(peer, uri, 0)
    return answer.ok ? jsonIn(answer.body) : undefined
  })
  if ('error' in found) return { outcome: 'cannot-tell', reason: 'no-answer', ...NOTHING }
  const { differences, inFlight, complete } = found
  if (differences.length > 0)
    return { outcome: 'differs', reason: 'rows-differ', differences, complete }
  if (!complete) return { outcome: 'cannot-tell', reason: 'not-finished', differences, complete }
  if (inFlight > 0) return { outcome: 'cannot-tell', reason: 'in-flight', ...NOTHING }
  // What it has sent up to a number never changes; the other views grow by what comes late.
  return view === 'sent'
    ? { outcome: 'differs', reason: 'answers-contradict-document', ...NOTHING }
    : { outcome: 'agrees', reason: 'agreed-since', ...NOTHING }
}

/** Why the document says nothing about its view as part of the whole, if so. */
async function continuation(
  store: ReconciliationStore,
  { sha256, maker, recipient, until }: StoredReconciliation,
  said: Reconciliation,
  view: ReconciledView,
): Promise<ViewVerdict | undefined> {
  const broken = { outcome: 'differs', reason: 'not-continued', ...NOTHING } as const
  const { after } = rangeOf(said, view)
  const { count, total } = said[view]
  if (said.previous === null) {
    const isFirst = (await store.first(maker, recipient))?.sha256 === sha256
    const begins = view === 'sent' || view === 'received' ? after === 0 : true
    return isFirst && begins && total === count ? undefined : broken
  }
  const previous = await store.find(said.previous)
  if (!previous) return { outcome: 'cannot-tell', reason: 'previous-missing', ...NOTHING }
  const before = Reconciliation.parse(payloadOf(previous.jws))
  const isOfIt =
    previous.maker === maker &&
    previous.recipient === recipient &&
    previous.until < until &&
    before.until === said.since &&
    rangeOf(before, view).upTo === after &&
    before[view].total + count === total
  return isOfIt ? undefined : broken
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
