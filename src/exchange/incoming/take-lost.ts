import { openDocument } from '../validation/opened-document.ts'
import { claimedTarget } from '../audit/judge-document.ts'
import type { Incoming } from './examine.ts'
import { findLost, type FindDependencies } from './find-lost.ts'
import { WAITS_FOR_ITS_PLACE, WAITS_FOR_ITS_RECEIPT } from './waiting-changes.ts'

/**
 * Puts those of a peer's documents into their place that stand in the log and that a restore gave up: no
 * further entry is made of them. Left to decide on are those that are new, and the receipts of the others.
 */
export async function takeLost(
  deps: FindDependencies,
  documents: readonly Incoming[],
): Promise<readonly Incoming[]> {
  const entries = await findLost(deps, documents[0]!.sender, documents)
  if (entries.size === 0) return documents
  const left: Incoming[] = []
  for (const document of documents) {
    const entry = entries.get(document.sha256)
    if (!entry) left.push(document)
    else if (entry.standing === 'found')
      left.push({ ...document, waitsFor: WAITS_FOR_ITS_RECEIPT, loggedAs: entry.kind })
    else if (document.waitsFor !== WAITS_FOR_ITS_PLACE) await keepLate(deps, document)
  }
  return left
}

/** Without a decision it waits until a restore has put it into its place. */
async function keepLate({ append }: FindDependencies, document: Incoming): Promise<void> {
  const { sha256, jws, sender, seq, arrivedAt } = document
  const target = claimedTarget(await openDocument(jws))
  const arrival = { sha256, jws, sender, seq, arrivedAt, target, waitsFor: WAITS_FOR_ITS_PLACE }
  await append({ entries: [], effects: [{ effect: 'arrival', ...arrival }] })
}
