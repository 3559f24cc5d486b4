import type { CertificateStore } from '../certificate-store.ts'
import { listedAddress } from '../delivery/listed-address.ts'
import { findLost, type FindDependencies } from '../incoming/find-lost.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { LostDocuments, LostEntry } from './lost-documents.ts'
import { ownLogAt } from './own-log-source.ts'

export interface AskForLostDependencies extends Omit<FindDependencies, 'lost'> {
  readonly trust: Parameters<typeof listedAddress>[0]['trust']
  readonly certificates: Pick<CertificateStore, 'documents'>
  readonly lost: LostDocuments
  readonly askLog: Parameters<typeof ownLogAt>[0]
}

const PAGE = 500
/** A peer that was not there may be by then. */
const ASK_EVERY_MS = 10 * 60_000

/**
 * Asks a peer for what this state had sent it and a restore could not bring back: it takes effect from its
 * place, as if a restore had found it. Other documents come with the feed and the receipts of their senders.
 * How many took effect; undefined: the peer was asked a while ago.
 *
 * @throws {SourceUnusable} the peer does not answer
 */
export function askForLost(deps: AskForLostDependencies) {
  const askedAt = new Map<string, number>()

  return async (peer: string): Promise<number | undefined> => {
    const now = deps.now().getTime()
    if (now < (askedAt.get(peer) ?? -Infinity) + ASK_EVERY_MS) return undefined
    if ((await deps.lost.count()).documents === 0) return 0
    const url = await listedAddress(deps, peer)
    if (url === undefined) return 0
    askedAt.set(peer, now)
    const source = ownLogAt(deps.askLog, { peer, url })
    let found = 0
    let page: LostEntry[]
    let last: LostEntry | undefined
    do {
      page = await deps.lost.list(last && { index: last.index ?? -1, sha256: last.sha256 }, PAGE)
      last = page.at(-1)
      const sent = page.filter(({ to, late }) => to[peer] !== undefined && late !== 'taken')
      const gone = sent.filter(({ late }) => !late).map(({ sha256 }) => sha256)
      const claimed = gone.length === 0 ? [] : await source.documents(gone)
      const digests = await Promise.all(claimed.map(({ document }) => digestOf(document)))
      // What came too early before may have its place now.
      const here = await deps.certificates.documents(
        sent.flatMap(({ late, sha256 }) => (late ? [sha256] : [])),
      )
      const arrived = [
        ...claimed.map(({ document }, i) => ({ sha256: digests[i]!, jws: document })),
        ...[...here].map(([sha256, jws]) => ({ sha256, jws })),
      ].filter(({ sha256 }) => sent.some((entry) => entry.sha256 === sha256))
      const entries = arrived.length === 0 ? [] : (await findLost(deps, peer, arrived)).values()
      for (const { standing } of entries) if (standing === 'found') found++
    } while (page.length === PAGE)
    return found
  }
}
