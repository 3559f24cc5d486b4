import type { Inbox } from './inbox.ts'

/** What a status change waits for that came before its certificate. */
export function waitsForTarget(sha256: string): string {
  return `target ${sha256}`
}

/** What a status change waits for while one that its sender made earlier has, or may have, no effect yet. */
export const EARLIER_MESSAGE = 'an earlier message'

/** A feed with a hole that nobody fills must not hold back a suspension for ever. */
const PATIENCE_MS = 10 * 60_000
/** How many messages back a hole is looked for: behind so many, what is missing is no longer under way. */
const WINDOW = 10_000

/**
 * What a status change has to wait for so that its sender's order is kept: an earlier change of the same
 * certificate that waits, or a message sent after the certificate that has not arrived and may be one.
 * A change that does not even apply yet waits for an earlier one however long that takes.
 */
export async function obstacleBefore(
  inbox: Inbox,
  change: { readonly sender: string; readonly seq: number; readonly arrivedAt: string },
  { target, applies, now }: { target: string; applies: boolean; now: Date },
): Promise<typeof EARLIER_MESSAGE | undefined> {
  const { sender, seq } = change
  const patient = now.getTime() - Date.parse(change.arrivedAt) < PATIENCE_MS
  if ((patient || !applies) && (await inbox.earlierChangeWaits({ sender, target, seq })))
    return EARLIER_MESSAGE
  if (!patient) return undefined
  const first = await inbox.seqOf(sender, target)
  if (first === undefined) return undefined
  const between = { after: Math.max(first, seq - WINDOW), before: seq }
  return (await inbox.lacksMessage(sender, between)) ? EARLIER_MESSAGE : undefined
}
