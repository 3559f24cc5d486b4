import { formatInstant } from '../../encoding/time.ts'
import { beginning, type Cursor, resume } from './cursor.ts'
import { MAX_BATCH_CHARACTERS } from './deliver.ts'
import { longPoll, type LongPollDependencies } from './long-poll.ts'
import type { Outbox } from './outbox.ts'
import type { PeerStore } from './peer-store.ts'

export interface FeedDependencies extends LongPollDependencies {
  readonly outbox: Outbox
  readonly peers: PeerStore
}

export interface FeedPage {
  readonly messages: readonly { readonly seq: number; readonly document: string }[]
  /** Behind the last message of the page. */
  readonly next: Cursor
  /** Whether more stood behind it when the page was read. */
  readonly hasMore: boolean
}

export type FeedAnswer = FeedPage | { readonly goneRestartAt: Cursor }

/**
 * Gives a peer the messages addressed to it behind a cursor, in order, and none to anybody else. By
 * naming the cursor the peer says that everything up to it is durable on its side: the signed request is
 * the evidence of receipt, as the signed answer to a push is.
 */
export function readFeed(deps: FeedDependencies) {
  const held = longPoll(deps)

  return async (
    peer: string,
    request: { after: Cursor | undefined; limit: number; waitSeconds: number },
  ): Promise<FeedAnswer> => {
    const { after, limit, waitSeconds } = request
    const head = await deps.outbox.feedHead(peer)
    const from = resume(after, head)
    const at = formatInstant(deps.now())
    await deps.peers.called(peer, at)
    if (!from) return { goneRestartAt: beginning(head) }
    if (from.seq > 0) await deps.outbox.markReceivedUpTo(peer, from.seq, at)
    // Looked up before the messages: what comes in between is left to the next page.
    const current = await held({
      caller: peer,
      waitSeconds,
      look: () => deps.outbox.feedHead(peer),
      tells: ({ epoch, lastSeq }) => lastSeq > from.seq || epoch !== from.epoch,
    })
    if (current.epoch !== from.epoch) return { goneRestartAt: beginning(current) }
    const messages = await deps.outbox.feed(peer, from.seq, limit, MAX_BATCH_CHARACTERS)
    const passed = messages.at(-1)?.seq ?? from.seq
    return {
      messages: messages.map(({ seq, jws }) => ({ seq, document: jws })),
      next: { epoch: from.epoch, seq: passed },
      hasMore: passed < current.lastSeq,
    }
  }
}
