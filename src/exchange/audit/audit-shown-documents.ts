import type { EntryKind } from '../../tlog/leaf.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import type { Effect } from '../effect.ts'
import { openDocument } from '../validation/opened-document.ts'
import { readCertificate, replayLog } from '../rebuild.ts'
import { readStored } from '../registered.ts'
import type { DelayActs } from './delay-acts.ts'
import type { ShownLost } from './audit-shown-lost.ts'
import type { ShownStatus } from './audit-source.ts'
import { isNote, type Report } from './finding.ts'
import type { TrustHistory } from './log-history.ts'
import type { Progress, ShownDocument, ShownLog } from './shown-log.ts'
import { judgePage, type LoggedSignature } from './signatures.ts'
import type { WalkedLeaf } from './walk-shown-log.ts'

/** Where certificates stood, by what their documents say. */
export interface FollowedStatuses {
  readonly judged: number
  /** Signatures of which nobody can tell, because acts are lost. */
  readonly untold: number
  /** Those whose signer was revoked afterwards. */
  readonly revokedLater: number
  /** The certificate at this place when the log had so many entries. */
  at(idx: number, size: number): ShownStatus | undefined
  certificates(): Iterable<Pick<ShownStatus, 'idx' | 'sha256'>>
}

interface Context {
  readonly state: string
  readonly leaves: readonly (WalkedLeaf | undefined)[]
  /** Places of entries that are listed as lost. */
  readonly lost: ShownLost
  readonly delays: Pick<DelayActs, 'isGuessed'>
  readonly history: TrustHistory
  readonly paths: PathCache
  readonly asOf: Date
  /** Signatures before this entry were judged before. */
  readonly from: number
}

/** Documents that are judged together. */
const PAGE = 128

/**
 * Every document of the log by its digest, its signature by the lists before it, and what all of them make
 * of the certificates. Ends where the entries do, however much more is shown.
 */
export async function auditShownDocuments(
  log: Pick<ShownLog, 'documents'>,
  context: Context,
  report: Report,
  progress: Progress,
): Promise<FollowedStatuses> {
  const { leaves, lost, delays, history, paths, asOf, from } = context
  const statuses = followStatuses(context.state)
  let next = 0
  let [judged, untold, revokedLater] = [0, 0, 0]
  const actsLost = lostActsBehindLists(leaves, lost, delays)
  let page: LoggedSignature[] = []

  async function settle(): Promise<void> {
    const found = await judgePage(page, { history, paths, asOf, from, actsLost })
    judged += found.judged
    untold += found.untold
    revokedLater += found.findings.filter(isNote).length
    page = []
    for (const { code, where, detail } of found.findings) report(code, where, detail)
    progress('documents', next, leaves.length)
  }
  const missing = (until: number) => {
    for (; next < until; next++) {
      const leaf = leaves[next]
      if (!leaf || leaf.kind === 'administrative') continue
      if (lost.has(next)) statuses.lose(leaf)
      else report('record-missing', `entry ${next}`, `document ${leaf.sha256} is not shown`)
    }
  }

  for await (const { idx, jws } of ascending(log.documents(-1))) {
    if (idx >= leaves.length) break
    missing(idx)
    next = idx + 1
    const leaf = leaves[idx]
    if (!leaf) continue
    const opened = await openDocument(jws)
    if (opened.sha256 !== leaf.sha256) {
      report(
        'document-differs',
        `entry ${idx}`,
        `document ${leaf.sha256} is shown with other bytes`,
      )
      continue
    }
    const { sha256 } = leaf
    // One that nobody knows is the kind of no document.
    const kind = leaf.kind as EntryKind
    page.push({ idx, kind, sha256, opened, at: new Date(leaf.at) })
    const flaw = statuses.take(idx, page.at(-1)!)
    if (flaw !== undefined) report('differs-from-log', `entry ${idx}`, flaw)
    if (page.length === PAGE) await settle()
  }
  missing(leaves.length)
  await settle()
  const { at, certificates } = statuses
  return { judged, untold, revokedLater, at, certificates }
}

/**
 * By the digest of a trust list: the first entry behind it whose acts are listed as lost; the list itself,
 * where its delay is only guessed.
 */
function lostActsBehindLists(
  leaves: Context['leaves'],
  lost: ShownLost,
  delays: Context['delays'],
): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  let first: number | undefined
  for (let idx = leaves.length - 1; idx >= 0; idx--) {
    const leaf = leaves[idx]
    if (leaf?.kind === 'administrative' && lost.has(idx)) first = idx
    if (leaf?.kind !== 'trust-list') continue
    const from = delays.isGuessed(idx, leaf.sha256) ? idx : first
    if (from !== undefined) found.set(leaf.sha256, from)
  }
  return found
}

async function* ascending(documents: AsyncIterable<ShownDocument>): AsyncGenerator<ShownDocument> {
  let last = -1
  for await (const document of documents) {
    if (!(document.idx > last)) return
    last = document.idx
    yield document
  }
}

type Changed = Omit<ShownStatus, 'idx' | 'sha256'>

interface Followed {
  readonly idx: number
  readonly sha256: string
  /** From these entries on, oldest first. */
  readonly steps: { readonly idx: number; readonly status: Changed }[]
}

function followStatuses(state: string) {
  const replay = replayLog(state)
  const certificates = new Map<string, Followed>()
  const places = new Map<number, Followed>()

  function apply(idx: number, effect: Effect): void {
    if (effect.effect !== 'status-change') return
    const { status, replacedBy, usableUntil, target } = effect
    const { steps } = certificates.get(target)!
    const until = usableUntil === undefined ? steps.at(-1)!.status.usableUntil : usableUntil
    steps.push({
      idx,
      status: {
        status,
        ...(replacedBy !== undefined && { replacedBy }),
        ...(typeof until === 'string' && { usableUntil: until }),
      },
    })
  }
  return {
    /** What is about it leads nowhere, and is no fault. */
    lose({ sha256, kind: of }: WalkedLeaf): void {
      replay({ kind: 'lost-document', sha256, of })
    },
    /** What cannot stand at this place of the log. */
    take(idx: number, { kind, sha256, opened }: LoggedSignature): string | undefined {
      if (kind === 'administrative' || kind === 'unknown') return undefined
      try {
        const document = { kind, sha256, ...readStored(opened.parsed) }
        if (kind === 'certificate') {
          const { certificate, effect } = readCertificate(document, state)
          const { status, usableUntil } = effect.certificate
          const first = { status, ...(usableUntil !== undefined && { usableUntil }) }
          const followed = { idx, sha256, steps: [{ idx, status: first }] }
          certificates.set(sha256, followed)
          places.set(idx, followed)
          replay(certificate)
        } else for (const effect of replay(document)) apply(idx, effect)
        return undefined
      } catch (error) {
        return `document ${sha256}: ${error instanceof Error ? error.message : String(error)}`
      }
    },
    at(idx: number, size: number): ShownStatus | undefined {
      const found = places.get(idx)
      const step = found?.steps.findLast((one) => one.idx < size)
      return step && { idx, sha256: found!.sha256, ...step.status }
    },
    certificates: () => certificates.values(),
  }
}
