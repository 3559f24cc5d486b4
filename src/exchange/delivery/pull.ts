import { formatInstant } from '../../encoding/time.ts'
import { digestOf } from '../validation/authenticate.ts'
import { type Cursor, formatCursor } from './cursor.ts'
import { MAX_BATCH_MESSAGES } from './deliver.ts'
import { parseFeedPage, parseRestart, type PulledPage } from './feed-page.ts'
import type { Outbox } from './outbox.ts'
import { listedAddress } from './listed-address.ts'
import type { PeerAnswer } from './peer-client.ts'
import { type ReceiveDependencies, receiveMessages } from '../incoming/receive.ts'
import type { AlarmLog } from '../records.ts'

export interface PullDependencies extends ReceiveDependencies {
  readonly outbox: Pick<Outbox, 'sendReceipts'>
  readonly alarms: AlarmLog
  /** A signed GET; the answer only if the peer's signature on it holds. */
  readonly ask: (peer: string, targetUri: string, waitMs: number) => Promise<PeerAnswer>
  /** Called when receipts wait for a peer. */
  readonly outgoing: () => void
  /** Called when a document waits for something that a peer's trust data may bring. */
  readonly waiting: (peer: string) => void
}

export type PullOutcome = { readonly pulled: number } | PullFailure

interface PullFailure {
  readonly error: string
  /** As the peer asks, itself and signed. */
  readonly retryAfterMs?: number
}

/** Pages of one call, so that a stream of new messages cannot hold it for ever. */
const MAX_PAGES = 10_000

/**
 * Fetches everything that stands in a peer's feed for us and takes it as if it had been pushed: the same
 * documents get the same decisions, whichever way they come and how often. Ends with an empty page,
 * because asking for it tells the peer that all before is durable here.
 */
export function pullFrom(deps: PullDependencies) {
  const receive = receiveMessages(deps, { pulled: true })

  /** @param waitSeconds how long the peer may hold an empty page back */
  return async (peer: string, waitSeconds = 0): Promise<PullOutcome> => {
    let pulled = 0
    let restarted = false
    let complete = true
    for (let n = 0; n < MAX_PAGES; n++) {
      const askedAt = formatInstant(deps.now())
      const { feed } = await deps.peers.find(peer)
      const page = await askFor(peer, feed, waitSeconds)
      if ('error' in page) return page
      if ('restartAt' in page) {
        if (restarted || !(await restart(peer, feed, page.restartAt)))
          return { error: 'its feed is gone from where it says it begins' }
        restarted = true
        continue
      }
      if (page.messages.length > 0 && !(await take(peer, page)))
        return { error: 'too many of its documents wait here for a decision' }
      // Only now: a crash before repeats the page, and nothing is acknowledged that is not durable.
      if (feed) await deps.peers.advanceFeed(peer, page.next)
      else await deps.peers.startFeed(peer, page.next)
      if (page.gaps.length > 0) complete = false
      if (!page.hasMore) await deps.peers.heard(peer, askedAt, complete)
      if (page.messages.length === 0) return { pulled }
      pulled += page.messages.length
    }
    return { pulled }
  }

  async function askFor(
    peer: string,
    after: Cursor | undefined,
    waitSeconds: number,
  ): Promise<PulledPage | { restartAt: Cursor } | PullFailure> {
    const url = await listedAddress(deps, peer)
    if (url === undefined) return { error: `no address of ${peer} is known` }
    const query = new URLSearchParams({
      ...(after && { after: formatCursor(after) }),
      limit: String(MAX_BATCH_MESSAGES),
      ...(waitSeconds > 0 && { wait: String(waitSeconds) }),
    })
    const uri = `${url}/exchange/v1/feed?${query.toString()}`
    const answer = await deps.ask(peer, uri, waitSeconds * 1_000)
    if (answer.ok) return parseFeedPage(answer.body, after)
    const restartAt = answer.gone && parseRestart(answer.gone)
    return restartAt ? { restartAt } : answer
  }

  /** False when not everything of the page could be kept: it has to be asked for again. */
  async function take(peer: string, { messages, gaps }: PulledPage): Promise<boolean> {
    const { receipts, full, newlyWaiting } = await receive(peer, messages)
    if (full || newlyWaiting) deps.waiting(peer)
    // Nothing answers a page. Receipts known before go again: the answer that had them may be lost, or
    // the peer may have been restored to before it came.
    if (receipts.length > 0) {
      await deps.outbox.sendReceipts(peer, await Promise.all(receipts.map(digestOf)))
      deps.outgoing()
    }
    if (full) return false
    const at = formatInstant(deps.now())
    for (const [first, last] of gaps) {
      const which = first === last ? `message ${first}` : `messages ${first} to ${last}`
      const detail = `its feed leaves out ${which}`
      await deps.alarms.raise({ at, kind: 'sequence-gap', peer, detail })
    }
    return true
  }

  /** Follows the feed from where the peer says it begins; false if that is where we are. */
  async function restart(peer: string, from: Cursor | undefined, to: Cursor): Promise<boolean> {
    if (!from || (from.epoch === to.epoch && from.seq <= to.seq)) return false
    await deps.alarms.raise({
      at: formatInstant(deps.now()),
      kind: 'feed-restarted',
      peer,
      detail: `its feed no longer knows ${formatCursor(from)} and starts again at ${formatCursor(to)}`,
    })
    await deps.peers.startFeed(peer, to)
    return true
  }
}
