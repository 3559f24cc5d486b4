import { z } from 'zod'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import { formatInstant } from '../encoding/time.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import { acceptReceipt, type ReceiptDependencies } from './accept-receipts.ts'
import { listedAddress } from './listed-address.ts'
import type { OutgoingMessage } from './outbox.ts'
import type { PeerAnswer } from './peer-client.ts'
import type { PeerStore } from './peer-store.ts'
import type { AlarmLog } from './records.ts'
import { Sha256 } from './receipt.ts'

export interface DeliverDependencies extends ReceiptDependencies {
  readonly trust: CurrentTrust
  readonly peers: PeerStore
  readonly alarms: AlarmLog
  readonly send: (peer: string, targetUri: string, json: object) => Promise<PeerAnswer>
  /** 0 … 1, for the jitter. */
  readonly random: () => number
  /** A peer that cannot bring us the decisions it makes late: it is asked for them now and then. */
  readonly asksAgain?: (peer: string) => boolean
}

interface Failure {
  readonly error: string
  readonly retryAfterMs?: number
}

/** Answer to a push of messages. */
export const ReceptionBody = z.strictObject({
  received: z
    .array(z.strictObject({ sha256: Sha256, state: z.enum(['decided', 'received']) }))
    .max(1000),
  receipts: z.array(z.string().max(512 * 1024)).max(1000),
})

export const MAX_BATCH_MESSAGES = 100
export const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024
const HEARTBEAT_MS = 60_000
const BACKOFF_MS = { first: 1_000, most: 5 * 60_000 }
/** Rounds of one call, so that a stream of new messages cannot hold it for ever. */
const MAX_ROUNDS = 10_000

/**
 * Brings a peer everything that waits for it: decisions made late, then messages in order, and a word
 * now and then when there is nothing. When to call again at the latest.
 */
export function deliverTo(deps: DeliverDependencies) {
  const accept = acceptReceipt(deps)
  /** Peers that this process has reached: the first word tells one that waits that we are back. */
  const greeted = new Set<string>()
  /** Up to which message a peer was last asked again for its decisions. */
  const askedUpTo = new Map<string, number>()

  return async (peer: string): Promise<{ delivered: number; nextAt: Date }> => {
    let delivered = 0
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const now = deps.now()
      const { nextAttemptAt, attempts, lastSentAt } = await deps.peers.find(peer)
      // An instant that no waiting can have set is of a clock that was ahead: it holds nothing back.
      const nextAt = new Date(nextAttemptAt ?? 0)
      if (nextAt > now && nextAt.getTime() <= now.getTime() + BACKOFF_MS.most)
        return { delivered, nextAt }
      const result = await deliverOnce(peer, now, lastSentAt)
      if ('error' in result) {
        const asked = Math.min(result.retryAfterMs ?? 0, BACKOFF_MS.most)
        const nextAt = new Date(now.getTime() + Math.max(backoff(attempts), asked))
        await deps.peers.sendFailed(peer, {
          attempts: attempts + 1,
          nextAttemptAt: nextAt.toISOString(),
          error: result.error,
        })
        return { delivered, nextAt }
      }
      if (result.sent === 'nothing') return { delivered, nextAt: result.nextAt }
      delivered += result.sent
      await deps.peers.sendSucceeded(peer, formatInstant(now))
    }
    return { delivered, nextAt: deps.now() }
  }

  async function deliverOnce(
    peer: string,
    now: Date,
    lastSentAt: string | undefined,
  ): Promise<Failure | { sent: number } | { sent: 'nothing'; nextAt: Date }> {
    const url = await listedAddress(deps.trust, peer)
    // Polling brings the list and wakes the delivery: nothing has failed yet.
    if (url === undefined)
      return { sent: 'nothing', nextAt: new Date(now.getTime() + HEARTBEAT_MS) }

    const late = await deps.outbox.lateReceipts(peer, MAX_BATCH_MESSAGES, MAX_BATCH_CHARACTERS)
    if (late.length > 0) return deliverReceipts(peer, `${url}/exchange/v1/receipts`, late, now)

    const messages = await deps.outbox.unreceived(peer, MAX_BATCH_MESSAGES, MAX_BATCH_CHARACTERS)
    const sentAt = Date.parse(lastSentAt ?? '1970-01-01T00:00:00Z')
    const heartbeatAt = new Date(sentAt > now.getTime() ? 0 : sentAt + HEARTBEAT_MS)
    if (messages.length === 0 && heartbeatAt > now && greeted.has(peer))
      return { sent: 'nothing', nextAt: heartbeatAt }
    if (messages.length === 0 && deps.asksAgain?.(peer)) {
      const failure = await push(peer, url, await undecided(peer), now)
      if (failure) return failure
    }
    const failure = await push(peer, url, messages, now)
    if (failure) return failure
    greeted.add(peer)
    return { sent: messages.length }
  }

  /** The next page of messages that the peer has and has not decided on; round and round. */
  async function undecided(peer: string): Promise<OutgoingMessage[]> {
    const after = askedUpTo.get(peer) ?? 0
    const found = await deps.outbox.undecided(peer, after, MAX_BATCH_MESSAGES, MAX_BATCH_CHARACTERS)
    askedUpTo.set(peer, found.at(-1)?.seq ?? 0)
    return found
  }

  async function push(
    peer: string,
    url: string,
    messages: readonly OutgoingMessage[],
    now: Date,
  ): Promise<Failure | undefined> {
    const answer = await deps.send(peer, `${url}/exchange/v1/messages`, {
      messages: messages.map(({ seq, jws }) => ({ seq, document: jws })),
    })
    if (!answer.ok) return answer
    const reception = readReception(answer.body)
    if (!reception) return { error: 'the answer does not follow its schema' }
    for (const receipt of reception.receipts) {
      const result = await accept(peer, receipt)
      // Not acknowledged, so sent again: the peer will answer with the same receipts.
      if (result.outcome === 'cannot-tell')
        return { error: `a receipt cannot be taken: ${result.detail}` }
      // Asked again the peer could only answer with these bytes: what waits behind must not wait for that.
      if (result.outcome === 'refused')
        await deps.alarms.raise({
          at: formatInstant(now),
          kind: 'receipt-not-believed',
          peer,
          detail: result.detail,
        })
    }
    const acknowledged = new Set(reception.received.map(({ sha256 }) => sha256))
    const received = messages.filter(({ sha256 }) => acknowledged.has(sha256))
    if (received.length < messages.length) return { error: 'the answer leaves out messages' }
    await deps.outbox.markReceived(
      peer,
      received.map(({ sha256 }) => sha256),
      formatInstant(now),
    )
    return undefined
  }

  async function deliverReceipts(
    peer: string,
    url: string,
    late: readonly { sha256: string; jws: string }[],
    now: Date,
  ): Promise<Failure | { sent: number }> {
    const answer = await deps.send(peer, url, { receipts: late.map(({ jws }) => jws) })
    if (!answer.ok && !answer.refused) return answer
    if (!answer.ok && late.length > 1) {
      // One of them is not taken; which one shows when each goes by itself.
      for (const receipt of late) {
        const result = await deliverReceipts(peer, url, [receipt], now)
        if ('error' in result) return result
      }
      return { sent: late.length }
    }
    const at = formatInstant(now)
    // A peer that was restored does not know what it sent; what waits behind must not wait for that.
    if (!answer.ok)
      await deps.alarms.raise({
        at,
        kind: 'receipt-refused-by-peer',
        peer,
        detail: `${late[0]!.sha256}: ${answer.error}`,
      })
    const delivered = late.map(({ sha256 }) => sha256)
    await deps.outbox.markReceiptsDelivered(delivered, at)
    return { sent: late.length }
  }

  function backoff(attempts: number): number {
    const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(attempts, 20))
    return most / 2 + (deps.random() * most) / 2
  }
}

function readReception(body: Uint8Array): z.infer<typeof ReceptionBody> | undefined {
  try {
    const parsed = ReceptionBody.safeParse(parseStrictJson(body))
    return parsed.success ? parsed.data : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
