import { encodeBase64url } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import { signJws } from '../../jose/sign.ts'
import type { LogStore } from '../../tlog/log-store.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { Append } from '../journal.ts'
import { storedCheckpoint } from '../log/history.ts'
import type { Outbox } from '../delivery/outbox.ts'
import type { PeerStore } from '../delivery/peer-store.ts'
import { reconciliationEffect } from '../projection.ts'
import {
  Reconciliation,
  RECONCILIATION_SCHEMA,
  type ReconciledView,
  secondsBetween,
} from './payload.ts'
import type { ReconciliationStore, StoredReconciliation } from './store.ts'
import { kindsOf, type RowSource, summaryOf } from './reconciled-tree.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import { payloadOf } from '../registered.ts'
import type { Seals } from '../seals.ts'

export interface MakeReconciliationDependencies {
  readonly state: string
  readonly now: () => Date
  readonly peers: Pick<PeerStore, 'find'>
  readonly outbox: Pick<Outbox, 'feedHead'>
  readonly log: Pick<LogStore, 'checkpoint'>
  readonly seals: Pick<Seals, 'registry' | 'registryParty'>
  readonly reconciliations: ReconciliationStore
  readonly append: Append
  /** Called after something was appended that waits for a peer. */
  readonly outgoing: () => void
  readonly pause: () => Promise<void>
}

/** After midnight, so that what was appended before it is there, and clocks may differ. */
const SETTLED_MS = 10 * 60_000

/**
 * Makes the document for the days that have ended since the last one, if there is none yet: one document,
 * however many days they are. True when one was made; none is while no registry seal is in force.
 */
export function makeReconciliation(deps: MakeReconciliationDependencies) {
  return async (peer: string): Promise<boolean> => {
    const now = deps.now()
    const until = midnightBefore(now)
    if (now.getTime() - Date.parse(until) < SETTLED_MS) return false
    // What was made by a clock that was ahead is none of the days that are over.
    const newest = await deps.reconciliations.newest(deps.state, peer, until)
    if (newest?.until === until) return false
    const { firstHeardAt } = await deps.peers.find(peer)
    // On no day that has ended has there been an exchange.
    if (!newest && (firstHeardAt === undefined || firstHeardAt >= until)) return false
    const seal = await keyOrNone(deps.seals.registry())
    if (seal instanceof NoKeyInForce) return false
    const payload = Reconciliation.parse(await compose(deps, peer, until, newest))
    const jws = await signJws({ typ: 'reconciliation+jwt', payload, seal, signedAt: now })
    const sha256 = await digestOf(jws)
    const effects = [reconciliationEffect(sha256, payload)]
    const appended = await deps.append({
      entries: [{ kind: 'reconciliation', sha256, jws, to: [peer], effects }],
    })
    // Another process was first.
    if (appended === 'duplicate') return false
    deps.outgoing()
    return true
  }
}

/** The last midnight in UTC. */
export function midnightBefore(now: Date): string {
  return `${formatInstant(now).slice(0, 10)}T00:00:00Z`
}

async function compose(
  deps: MakeReconciliationDependencies,
  peer: string,
  until: string,
  newest: StoredReconciliation | undefined,
): Promise<Reconciliation> {
  const { reconciliations: store, seals, outbox, log, pause } = deps
  const before = newest && Reconciliation.parse(payloadOf(newest.jws))
  const since = before?.until ?? null
  const sourceOf = (view: ReconciledView): RowSource & { store: ReconciliationStore } => {
    return { store, view, peer, pause }
  }
  const messages = async (view: 'sent' | 'received') => {
    const after = before?.[view].upTo ?? 0
    // A restored peer numbers what it sends anew from further back: that stands in its own documents.
    const upTo = Math.max(after, await store.lastBefore(view, peer, until))
    const [source, range] = [sourceOf(view), { after, upTo }]
    const summary = await summaryOf(source, range)
    const total = (before?.[view].total ?? 0) + summary.count
    return { ...range, ...summary, total, kinds: await kindsOf(source, range) }
  }
  const decisions = async (view: 'decided' | 'answered') => {
    const range = secondsBetween({ since, until })
    const summary = await summaryOf(sourceOf(view), range)
    const outcomes = Object.fromEntries(await store.outcomes(view, peer, range))
    return { ...summary, total: (before?.[view].total ?? 0) + summary.count, outcomes }
  }
  const checkpoint = await log.checkpoint()
  return {
    schema: RECONCILIATION_SCHEMA,
    iss: seals.registryParty,
    aud: [peer],
    epoch: (await outbox.feedHead(peer)).epoch,
    previous: newest?.sha256 ?? null,
    since,
    until,
    checkpoint: checkpoint ? namedCheckpoint(checkpoint.note) : null,
    sent: await messages('sent'),
    received: await messages('received'),
    decided: await decisions('decided'),
    answered: await decisions('answered'),
  }
}

function namedCheckpoint(note: string) {
  const { origin, size, rootHash } = storedCheckpoint(note)
  return { origin, size: Number(size), root: encodeBase64url(rootHash) }
}
