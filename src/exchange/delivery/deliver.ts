import { z } from 'zod'
import { Sha256 } from '../../certificate/fields.ts'
import { JsonError, parseStrictJson } from '../../encoding/strict-json.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { acceptReceipt, type ReceiptDependencies } from './accept-receipts.ts'
import { renewReceipt, type RenewReceiptDependencies } from './renew-receipt.ts'
import { listedAddress } from './listed-address.ts'
import type { OutgoingMessage } from './outbox.ts'
import { holdsBack, type Pause, pauseAfter } from '../pause.ts'
import type { PeerAnswer } from './peer-client.ts'
import type { PeerStore } from './peer-store.ts'
import type { AlarmLog } from '../records.ts'

export interface DeliverDependencies extends ReceiptDependencies, RenewReceiptDependencies {
  readonly paths: ReceiptDependencies['paths']
  readonly trust: CurrentTrust
  readonly peers: PeerStore
  readonly alarms: AlarmLog
  readonly send: (peer: string, targetUri: string, json: object) => Promise<PeerAnswer>
  /** 0 … 1, for the jitter. */
  readonly random: () => number
}

interface Failure {
  readonly error: string
  readonly retryAfterMs?: number
  /** The peer itself says so: that it is heard of changes nothing about it. */
  readonly answered?: true
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
/** Between two questions for decisions, and how long a peer has for one before it is asked. */
const ASK_AGAIN_MS = 60_000
/** Asked again every minute and archived every time: less than what is sent once. */
const MAX_ASKED_CHARACTERS = 512 * 1024
/** Failures in a row after which a person is told that decisions are not taken. */
const TOLD_AFTER = 6
/** Rounds of one call, so that a stream of new messages cannot hold it for ever. */
const MAX_ROUNDS = 10_000

/**
 * Brings a peer everything that waits for it: decisions made late, then messages in order, and a word
 * now and then when there is nothing. What it has received and not decided on it is sent again, slowly:
 * the answer that had its decision may be lost, or it may be unable to bring one. When to call again at
 * the latest.
 */
export function deliverTo(deps: DeliverDependencies) {
  const accept = acceptReceipt(deps)
  const renew = renewReceipt(deps)
  /** Peers that this process has reached: the first word tells one that waits that we are back. */
  const greeted = new Set<string>()
  /** When and up to which message a peer was last asked again for its decisions. */
  const asked = new Map<string, { at: number; upTo: number }>()
  /** After what a peer answered; kept here because a word of the peer ends what the store holds. */
  const pauses = new Map<string, Pause>()
  /** Of the decisions for a peer only. */
  const receiptPauses = new Map<string, Pause>()
  /** Peers whose receipts cannot be judged, which a person was told. */
  const told = new Set<string>()

  return async (peer: string): Promise<{ delivered: number; nextAt: Date }> => {
    let delivered = 0
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const now = deps.now()
      const { nextAttemptAt, attempts, lastSentAt } = await deps.peers.find(peer)
      const own = pauses.get(peer)
      const held = [Date.parse(nextAttemptAt ?? '1970-01-01T00:00:00Z'), own?.until ?? 0]
      const until = held.find((instant) => holdsBack(instant, now))
      if (until !== undefined) return { delivered, nextAt: new Date(until) }
      const result = await deliverOnce(peer, now, lastSentAt)
      if ('error' in result) {
        const next = pause(result, Math.max(attempts, own?.failures ?? 0), now)
        if (result.answered) pauses.set(peer, next)
        const nextAt = new Date(next.until)
        await deps.peers.sendFailed(peer, {
          attempts: next.failures,
          nextAttemptAt: nextAt.toISOString(),
          error: result.error,
        })
        return { delivered, nextAt }
      }
      if (result.sent === 'nothing') return { delivered, nextAt: result.nextAt }
      delivered += result.sent
      pauses.delete(peer)
      await deps.peers.sendSucceeded(peer, formatInstant(now))
    }
    return { delivered, nextAt: deps.now() }
  }

  async function deliverOnce(
    peer: string,
    now: Date,
    lastSentAt: string | undefined,
  ): Promise<Failure | { sent: number } | { sent: 'nothing'; nextAt: Date }> {
    const url = await listedAddress(deps, peer)
    // Polling brings the list and wakes the delivery: nothing has failed yet.
    if (url === undefined)
      return { sent: 'nothing', nextAt: new Date(now.getTime() + HEARTBEAT_MS) }

    const late = holdsBack(receiptPauses.get(peer)?.until ?? 0, now)
      ? []
      : await deps.outbox.lateReceipts(peer, MAX_BATCH_MESSAGES, MAX_BATCH_CHARACTERS)
    if (late.length > 0) {
      const result = await deliverReceipts(peer, `${url}/exchange/v1/receipts`, late, now)
      if (!('error' in result)) receiptPauses.delete(peer)
      if (!('error' in result) || !result.answered) return result
      // It cannot judge them now, say: messages, of which one may be an annulment, do not wait for that.
      await holdReceipts(peer, result, now)
    }

    const messages = await deps.outbox.unreceived(peer, MAX_BATCH_MESSAGES, MAX_BATCH_CHARACTERS)
    const sentAt = Date.parse(lastSentAt ?? '1970-01-01T00:00:00Z')
    const heartbeatAt = new Date(sentAt > now.getTime() ? 0 : sentAt + HEARTBEAT_MS)
    const askedAt = asked.get(peer)?.at ?? 0
    const asks = askedAt > now.getTime() || askedAt + ASK_AGAIN_MS <= now.getTime()
    if (messages.length === 0 && heartbeatAt > now && greeted.has(peer) && !asks)
      return { sent: 'nothing', nextAt: heartbeatAt }
    const failure = await push(peer, url, messages, now)
    if (failure) return failure
    greeted.add(peer)
    const undecided = asks ? await nextUndecided(peer, now) : []
    const failed = undecided.length > 0 && (await push(peer, url, undecided, now))
    return failed || { sent: messages.length }
  }

  /** The next page of messages that the peer has and has not decided on; round and round. */
  async function nextUndecided(peer: string, now: Date): Promise<OutgoingMessage[]> {
    const found = await deps.outbox.undecided(peer, {
      after: asked.get(peer)?.upTo ?? 0,
      receivedUntil: formatInstant(new Date(now.getTime() - ASK_AGAIN_MS)),
      limit: MAX_BATCH_MESSAGES,
      maxCharacters: MAX_ASKED_CHARACTERS,
    })
    asked.set(peer, { at: now.getTime(), upTo: found.at(-1)?.seq ?? 0 })
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
    if (!reception) return { error: 'the answer does not follow its schema', answered: true }
    for (const receipt of reception.receipts) {
      const result = await accept(peer, receipt)
      if (result.outcome === 'taken') told.delete(peer)
      // The messages are durable there in any case; for the decision the peer is asked again.
      if (result.outcome === 'cannot-tell' && !told.has(peer)) {
        told.add(peer)
        await deps.alarms.raise({
          at: formatInstant(now),
          kind: 'receipt-undecidable',
          peer,
          detail: `${result.detail}; it is asked for again until it can be judged`,
        })
      }
      // It is asked for again as well, and what waits behind does not wait for that.
      if (result.outcome === 'refused') await tellNotBelieved(peer, result.detail, now)
    }
    const acknowledged = new Set(reception.received.map(({ sha256 }) => sha256))
    const received = messages.filter(({ sha256 }) => acknowledged.has(sha256))
    await deps.outbox.markReceived(
      peer,
      received.map(({ sha256 }) => sha256),
      formatInstant(now),
    )
    if (received.length < messages.length)
      return { error: 'the answer leaves out messages', answered: true }
    return undefined
  }

  /** Once a day: the peer is asked again every minute, until it gives one that can be believed. */
  async function tellNotBelieved(peer: string, detail: string, now: Date): Promise<void> {
    const at = formatInstant(now)
    const key = `receipt-not-believed ${peer} ${at.slice(0, 10)} ${detail}`
    await deps.alarms.raiseOnce(key, { at, kind: 'receipt-not-believed', peer, detail })
  }

  async function holdReceipts(peer: string, failure: Failure, now: Date): Promise<void> {
    const next = pause(failure, receiptPauses.get(peer)?.failures ?? 0, now)
    receiptPauses.set(peer, next)
    if (next.failures === TOLD_AFTER)
      await deps.alarms.raise({
        at: formatInstant(now),
        kind: 'receipt-refused-by-peer',
        peer,
        detail: `decisions are not taken for now and are brought again: ${failure.error}`,
      })
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
    const became = answer.ok ? 'stands' : await renew(late[0]!, 'late')
    if (became === 'renewed') return { sent: 1 }
    if (became === 'no-seal')
      return { error: `${late[0]!.sha256} can only be brought under a new seal`, answered: true }
    const at = formatInstant(now)
    // A peer that was restored does not know what it sent; what waits behind must not wait for that.
    // For what is superseded it is given the one that counts.
    if (!answer.ok && became === 'stands')
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

  function pause({ retryAfterMs }: Failure, failures: number, now: Date): Pause {
    return pauseAfter(failures, { now, random: deps.random(), askedMs: retryAfterMs })
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
