import { decideIncoming, type DecideDependencies } from './decide-incoming.ts'
import type { WaitingDocument } from './inbox.ts'
import { EARLIER_MESSAGE } from './waiting-changes.ts'

const PAGE = 200

/** Decides what can be decided by now of the documents that wait; how many were. */
export function decideWaiting(deps: DecideDependencies) {
  return async (): Promise<number> => {
    let decided = 0
    let page = await deps.inbox.waiting(undefined, PAGE)
    while (page.length > 0) {
      for (const sender of new Set(page.map((document) => document.sender)))
        decided += await decideLate(
          deps,
          sender,
          page.filter((document) => document.sender === sender),
        )
      page = await deps.inbox.waiting(page.at(-1), PAGE)
    }
    return decided
  }
}

/**
 * Decides the changes that waited for what has arrived: for a certificate, for an earlier change of
 * one, or for the message that was missing. An annulment must not lag behind.
 */
export async function decideFollowers(
  deps: DecideDependencies,
  sender: string,
  arrived: readonly { readonly sha256: string }[],
): Promise<void> {
  if (arrived.length === 0) return
  const targets = arrived.map(({ sha256 }) => sha256)
  const which = { targets, waitsFor: EARLIER_MESSAGE }
  // Of a longer queue the schedule takes care.
  const followers = await deps.inbox.waitingChanges(sender, which, PAGE)
  if (followers.length > 0) await decideLate(deps, sender, followers)
}

/** How many of one peer's waiting documents were decided. */
async function decideLate(
  deps: DecideDependencies,
  sender: string,
  documents: readonly WaitingDocument[],
): Promise<number> {
  // Decided elsewhere in the meantime: the next call sees what is left.
  if (!(await decideIncoming(deps, documents, 'late'))) return 0
  const after = await deps.inbox.find(
    sender,
    documents.map(({ sha256 }) => sha256),
  )
  return [...after.values()].filter(({ decision }) => decision).length
}
