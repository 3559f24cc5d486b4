import { decideIncoming, type DecideDependencies } from './decide.ts'
import type { WaitingDocument } from './inbox.ts'
import {
  awaitedDocument,
  waitsForChange,
  waitsForMessage,
  waitsForSecondSignature,
  waitsForTarget,
} from './waiting-changes.ts'

const PAGE = 200
/** Pages of one peer a pass reads, and documents of them that it judges: it lasts seconds. */
const MOST = { pages: 50, judged: 1000 }

/**
 * Decides what can be decided by now of the documents that wait; how many were. Of a long queue each
 * call takes a part, each peer's in the order of arrival, and the next one goes on behind it.
 */
export function decideWaiting(
  deps: DecideDependencies,
  most: { readonly pages: number; readonly judged: number } = MOST,
) {
  const behind = new Map<string, WaitingDocument>()
  return async (): Promise<number> => {
    let decided = 0
    for (const { state } of await deps.peers.all()) {
      let judged = 0
      for (let pages = 0; pages < most.pages && judged < most.judged; pages++) {
        const limit = Math.min(PAGE, most.judged - judged)
        const page = await deps.inbox.waiting(behind.get(state), limit, state)
        const last = page.at(-1)
        if (last && page.length === limit) behind.set(state, last)
        else behind.delete(state)
        const due = await mayBeDue(deps, state, page)
        judged += due.length
        decided += await decideWithFollowers(deps, state, due)
        if (!behind.has(state)) break
      }
    }
    return decided
  }
}

/** Whoever waits for a document that has no decision yet waits on: no signature need be verified again. */
async function mayBeDue(
  { inbox }: DecideDependencies,
  sender: string,
  documents: readonly WaitingDocument[],
): Promise<WaitingDocument[]> {
  const awaited = documents.map(({ waitsFor }) => awaitedDocument(waitsFor))
  const found = await inbox.find(sender, [...new Set(awaited.filter((one) => one !== undefined))])
  return documents.filter((_, i) => {
    const sha256 = awaited[i]
    return sha256 === undefined || found.get(sha256)?.decision !== undefined
  })
}

/**
 * Decides the changes that waited for what has arrived: for a certificate, for an earlier change of
 * one, or for the message that was missing. An annulment must not lag behind.
 */
export async function decideFollowers(
  deps: DecideDependencies,
  sender: string,
  arrived: readonly { readonly sha256: string; readonly seq: number }[],
): Promise<void> {
  if (arrived.length === 0 || !(await deps.inbox.hasWaiting(sender, 1))) return
  const decided = await decidedOf(deps, sender, arrived)
  const awaited = [...arrived.map(({ seq }) => waitsForMessage(seq)), ...wordsFor(decided)]
  const followers = await deps.inbox.waitingFor(sender, awaited, PAGE)
  await decideWithFollowers(deps, sender, followers)
}

/** Decides these documents, then what waited for them, and so on; how many were decided. */
async function decideWithFollowers(
  deps: DecideDependencies,
  sender: string,
  documents: readonly WaitingDocument[],
): Promise<number> {
  let count = 0
  let woken = 0
  for (let next = documents; next.length > 0;) {
    // Decided elsewhere in the meantime: the next call sees what is left.
    if (!(await decideIncoming(deps, next, 'late'))) return count
    const decided = await decidedOf(deps, sender, next)
    count += decided.length
    // Of a longer queue the schedule takes care.
    next = await deps.inbox.waitingFor(sender, wordsFor(decided), PAGE - woken)
    woken += next.length
  }
  return count
}

async function decidedOf(
  { inbox }: DecideDependencies,
  sender: string,
  documents: readonly { readonly sha256: string }[],
): Promise<string[]> {
  const found = await inbox.find(
    sender,
    documents.map(({ sha256 }) => sha256),
  )
  return [...found.values()].filter(({ decision }) => decision).map(({ sha256 }) => sha256)
}

function wordsFor(decided: readonly string[]): string[] {
  return decided.flatMap((sha256) => [
    waitsForTarget(sha256),
    waitsForChange(sha256),
    waitsForSecondSignature(sha256),
  ])
}
