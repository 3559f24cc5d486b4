import type { PathCache } from '../../x509/path-cache.ts'
import { type AuditFinding, firstFindings, isNote } from './finding.ts'
import { type AppendedDocument, judgeDocument } from './judge-document.ts'
import type { TrustHistory } from './log-history.ts'

/** Judgements under way at once: while one waits for a signature, another is read. */
const IN_FLIGHT = 32

export interface LoggedSignature extends AppendedDocument {
  readonly idx: number
  /** NaN: its entry bears no time, which is a finding. */
  readonly at: Date
}

/** How far the signatures were judged, and what was found of them: enough to go on from. */
export interface SignatureProgress {
  readonly next: number
  readonly judged: number
  /** The first of them; `found` is how many there are. */
  readonly findings: readonly AuditFinding[]
  readonly found: number
  /** Those of which nobody can tell whether their key counted; absent: none. */
  readonly untold?: number
  /** Those whose signer was revoked afterwards: notes, and no part of `found`; absent: none. */
  readonly revokedLater?: number
}

/** What a page of documents came to. */
export interface JudgedPage {
  readonly judged: number
  readonly findings: readonly AuditFinding[]
  /** Their key waited by the acts that are here, and that may have ended by one that is lost. */
  readonly untold: number
}

/**
 * Judges the signatures of a page of documents in the order of the log: each by the lists before it, those
 * between two lists together. Documents before `from` are known to hold, their lists count all the same.
 */
export async function judgePage(
  page: readonly LoggedSignature[],
  deps: {
    readonly history: TrustHistory
    readonly paths: PathCache
    readonly asOf: Date
    readonly from: number
    /** By the digest of a trust list: the first entry behind it whose acts are lost. */
    readonly actsLost: ReadonlyMap<string, number>
  },
): Promise<JudgedPage> {
  const { history, paths, asOf, from, actsLost } = deps
  const findings: AuditFinding[] = []
  let [judged, untold] = [0, 0]
  let waiting: LoggedSignature[] = []

  async function settle(): Promise<void> {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    const trust = await history.now()
    let next = 0
    const found: [number, AuditFinding][] = []
    await Promise.all(
      Array.from({ length: Math.min(IN_FLIGHT, batch.length) }, async () => {
        for (let document = batch[next++]; document; document = batch[next++]) {
          const { idx } = document
          const result = await judgeDocument(document, { trust, history, paths, asOf })
          if (result.verdict === 'holds') {
            judged++
            continue
          }
          if (idx > (actsLost.get(result.waitedBy ?? '') ?? Infinity)) {
            untold++
            continue
          }
          judged++
          const detail = `${document.kind} ${document.sha256}: ${result.why}`
          found.push([idx, { code: result.verdict, where: `entry ${idx}`, detail }])
        }
      }),
    )
    // Those that were in flight together end in any order.
    findings.push(...found.toSorted(([a], [b]) => a - b).map(([, finding]) => finding))
  }

  for (const document of page) {
    if (document.kind === 'trust-list') await settle()
    if (document.idx >= from) {
      if (!Number.isNaN(document.at.getTime())) waiting.push(document)
      else findings.push(undated(document))
    }
    if (document.kind !== 'trust-list') continue
    await settle()
    history.takeSigned(document.opened.jws, document.sha256, document.at)
  }
  await settle()
  return { judged, findings, untold }
}

/** As of when it would have to be judged nobody knows. */
function undated({ idx, kind, sha256 }: LoggedSignature): AuditFinding {
  const detail = `${kind} ${sha256}: it bears no time, and its signature is not judged`
  return { code: 'record-differs', where: `entry ${idx}`, detail }
}

/** What a page adds to what was found before it. */
export function advanced(
  before: SignatureProgress,
  next: number,
  { judged, findings, untold }: JudgedPage,
): SignatureProgress {
  const notes = findings.filter(isNote).length
  return {
    next,
    judged: before.judged + judged,
    findings: firstFindings([...before.findings, ...findings]),
    found: before.found + findings.length - notes,
    revokedLater: (before.revokedLater ?? 0) + notes,
    untold: (before.untold ?? 0) + untold,
  }
}
