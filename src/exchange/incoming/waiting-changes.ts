import type { Inbox } from './inbox.ts'

// What a status change waits for, in words by which it is found when that has come.

/** The decision on its certificate. */
export function waitsForTarget(sha256: string): string {
  return `target ${sha256}`
}

/** The decision on a change of the same certificate that its sender made earlier. */
export function waitsForChange(sha256: string): string {
  return `change ${sha256}`
}

/** A message that has not arrived and may be an earlier change. */
export function waitsForMessage(seq: number): string {
  return `message ${seq}`
}

/**
 * A second signature that is attested. Another state may have attached it, so that whose decision it has
 * is not looked for: it is asked again whenever something waits.
 */
export function waitsForSecondSignature(sha256: string): string {
  return `second signature ${sha256}`
}

/** The time at which a document says that it is signed, by the clock of this node. */
export const WAITS_FOR_ITS_TIME = 'its time of signing'

/** It stands in the log; its receipt was lost, and a restore could not bring it back. */
export const WAITS_FOR_ITS_RECEIPT = 'its receipt, which was lost'

/**
 * It stands in the log, and its bytes came only when what stands behind it had taken effect: a restore of
 * this very database puts everything in its order.
 */
export const WAITS_FOR_ITS_PLACE = 'its place in the log, which a restore gives it'

/** A restore brought it back, and nothing is known of it but that it arrived. */
export const WAITS_FOR_A_DECISION = 'a decision'

/** Nothing can be decided where no decision can be signed: `working-key-unusable` tells the operator. */
export const WAITS_FOR_REGISTRY_SEAL = 'a registry seal of this node'

/** The document whose decision is awaited, by digest. */
export function awaitedDocument(waitsFor: string): string | undefined {
  return /^(?:target|change) (.+)$/.exec(waitsFor)?.[1]
}

/** A feed with a hole that nobody fills must not hold back a suspension for ever. */
const PATIENCE_MS = 10 * 60_000
/** How many messages back a hole is looked for: behind so many, what is missing is no longer under way. */
const WINDOW = 10_000

/**
 * What a status change has to wait for so that its sender's order is kept: an earlier change of the same
 * certificate that waits, however long that takes, because it will be decided; else, for a limited time,
 * a message sent after the certificate that has not arrived and may be one.
 */
export async function obstacleBefore(
  inbox: Inbox,
  change: { readonly sender: string; readonly seq: number; readonly arrivedAt: string },
  { target, now }: { target: string; now: Date },
): Promise<string | undefined> {
  const { sender, seq } = change
  const earlier = await inbox.earlierChange({ sender, target, seq })
  if (earlier !== undefined) return waitsForChange(earlier)
  if (now.getTime() - Date.parse(change.arrivedAt) >= PATIENCE_MS) return undefined
  const first = await inbox.seqOf(sender, target)
  if (first === undefined) return undefined
  const between = { after: Math.max(first, seq - WINDOW), before: seq }
  const missing = await inbox.firstMissing(sender, between)
  return missing === undefined ? undefined : waitsForMessage(missing)
}
