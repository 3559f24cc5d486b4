import { formatInstant } from '../../encoding/time.ts'
import { digestOf } from '../validation/authenticate.ts'
import { decideIncoming, type DecideDependencies } from './decide.ts'
import { decideFollowers } from './decide-waiting.ts'
import { renewReceipt } from '../delivery/renew-receipt.ts'
import type { Incoming } from './examine.ts'
import { findLost } from './find-lost.ts'
import { tellRepeated } from './repeated-numbers.ts'

export type ReceiveDependencies = DecideDependencies

export interface Message {
  readonly seq: number
  readonly document: string
}

export interface Reception {
  /** Every document of the batch is durable; `decided` ones have their receipt below. */
  readonly received: readonly { sha256: string; state: 'decided' | 'received' }[]
  readonly receipts: readonly string[]
  /** Documents of the batch are left out of `received`, because too many of the sender's wait already. */
  readonly full: boolean
  /** What waits now and did not before. */
  readonly newlyWaiting: boolean
}

const MAX_RACES = 10

/**
 * Takes a batch from a peer. Whatever the batch looks like and however often it comes, every document
 * gets one decision, and that decision always has the same bytes: unless the sender asks again for one
 * that it cannot believe any more, which is signed again. `pulled`: the sender has not asked.
 */
export function receiveMessages(deps: ReceiveDependencies, { pulled = false } = {}) {
  return async (sender: string, messages: readonly Message[]): Promise<Reception> => {
    const arrivedAt = formatInstant(deps.now())
    const batch = new Map<string, Incoming>()
    const digests = await Promise.all(messages.map(({ document }) => digestOf(document)))
    for (const [i, { seq, document }] of messages.entries()) {
      const sha256 = digests[i]!
      if (!batch.has(sha256)) batch.set(sha256, { sha256, jws: document, sender, arrivedAt, seq })
    }
    // All at once, what is decided already as well: a change finds its place behind what it changes.
    await findLost(deps, sender, [...batch.values()])
    let left = batch.size + 1
    let firstKnown: ReadonlySet<string> | undefined
    for (let race = 0; race < MAX_RACES; race++) {
      const known = await deps.inbox.find(sender, [...batch.keys()])
      firstKnown ??= new Set(known.keys())
      const fresh = [...batch.values()].filter(({ sha256 }) => !known.has(sha256))
      // The same documents may come by push and by pull at once, and each change is a race: as long as
      // they become fewer, whoever wins it, nothing stands still.
      if (fresh.length < left) race = 0
      left = fresh.length
      if (await decideIncoming(deps, fresh, 'with-answer')) {
        await tellRepeated(deps, sender, fresh)
        await decideFollowers(deps, sender, fresh)
        await deps.peers.heard(sender, arrivedAt, messages.length === 0)
        return answer(deps, sender, [...batch.keys()], { knownBefore: firstKnown, pulled })
      }
    }
    throw new Error(`Decisions on one batch collided ${MAX_RACES} times`)
  }
}

async function answer(
  deps: ReceiveDependencies,
  sender: string,
  sha256s: readonly string[],
  { knownBefore, pulled }: { knownBefore: ReadonlySet<string>; pulled: boolean },
): Promise<Reception> {
  const asked = pulled ? [] : sha256s.filter((sha256) => knownBefore.has(sha256))
  const withheld = asked.length > 0 ? await renewAsked(deps, sender, asked) : NONE
  const known = await deps.inbox.find(sender, sha256s)
  const receipts = new Set<string>()
  const durable = sha256s.filter((sha256) => known.has(sha256))
  const received = durable.map((sha256) => {
    const decided = known.get(sha256)?.decision
    const decision = decided && !withheld.has(decided.receipt) ? decided : undefined
    if (decision) receipts.add(decision.receipt)
    return { sha256, state: decision ? ('decided' as const) : ('received' as const) }
  })
  const documents = await deps.certificates.documents([...receipts])
  const full = durable.length < sha256s.length
  const newlyWaiting = received.some(
    ({ sha256, state }) => state === 'received' && !knownBefore.has(sha256),
  )
  return { received, receipts: [...documents.values()], full, newlyWaiting }
}

const NONE: ReadonlySet<string> = new Set()

/**
 * Renews the receipts that the sender lacks, or it would not send these documents again, and cannot
 * believe; those of them that cannot be renewed now, so that there is nothing to give it.
 */
async function renewAsked(
  deps: ReceiveDependencies,
  sender: string,
  sha256s: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = await deps.inbox.find(sender, sha256s)
  const digests = [...known.values()].flatMap(({ decision }) => decision?.receipt ?? [])
  const receipts = await deps.certificates.documents([...new Set(digests)])
  const renew = renewReceipt(deps)
  const withheld = new Set<string>()
  for (const [sha256, jws] of receipts)
    if ((await renew({ sha256, jws }, 'with-answer')) === 'no-seal') withheld.add(sha256)
  return withheld
}
