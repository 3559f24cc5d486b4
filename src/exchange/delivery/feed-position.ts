import type { PeerContact, PeerStore } from './peer-store.ts'

/**
 * A push moves the place in the sender's feed as well, so that pulling does not carry everything again.
 * It names no epoch: it counts in the one that was followed when it arrived, if it is followed still.
 *
 * @param before what was known of the sender before the messages were taken
 * @param seqs of messages that are durable by now
 * @returns `behind`: something before these messages has not come yet
 */
export async function followPush(
  peers: PeerStore,
  { state, feed }: PeerContact,
  seqs: readonly number[],
): Promise<'in-step' | 'behind'> {
  if (seqs.length === 0) return 'in-step'
  if (!feed) return 'behind'
  const { epoch } = feed
  let { seq } = feed
  let behind = false
  for (const next of seqs.toSorted((a, b) => a - b))
    if (next === seq + 1) seq = next
    else if (next > seq) behind = true
  if (seq > feed.seq) await peers.advanceFeed(state, { epoch, seq })
  return behind ? 'behind' : 'in-step'
}
