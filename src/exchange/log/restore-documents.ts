import { digestOf } from '../validation/authenticate.ts'
import type { ClaimedDocument, OwnLogSource } from './own-log-source.ts'
import { RestoreRefused } from './proven-checkpoint.ts'

/** The documents of a log that is put together again; nobody else works on it. */
export interface RestoringDocuments {
  /** Digests without bytes behind one of them, in an order of their own: of entries, or of what own receipts name. */
  missing(after: string, limit: number): Promise<string[]>
  /** Keeps documents whose digests were verified, and that the peer has them. */
  keep(peer: string, documents: readonly ClaimedDocument[]): Promise<void>
}

const PAGE = 500

/**
 * Fetches from the peers, one after the other, the documents that are missing here; how many came.
 *
 * @throws {RestoreRefused} a peer gives other bytes than it was asked for
 * @throws {SourceUnusable} a peer does not answer
 */
export function restoreDocuments(documents: RestoringDocuments, progress?: (came: number) => void) {
  return async (sources: readonly OwnLogSource[]): Promise<number> => {
    let came = 0
    for (const source of sources)
      for (let after = ''; ;) {
        const asked = await documents.missing(after, PAGE)
        const found = await source.documents(asked)
        await Promise.all(found.map((document) => assertGenuine(source.peer, document)))
        await documents.keep(source.peer, found)
        came += found.length
        progress?.(came)
        const last = asked.at(-1)
        if (last === undefined || asked.length < PAGE) break
        after = last
      }
    return came
  }
}

async function assertGenuine(peer: string, { sha256, document }: ClaimedDocument): Promise<void> {
  if ((await digestOf(document)) === sha256) return
  throw new RestoreRefused(
    'document-altered',
    `${peer} gives other bytes than those of document ${sha256}. Nothing was replaced: its database is damaged, or it lies`,
  )
}
