import type { AuditFinding } from '../../exchange/audit/finding.ts'
import { storedTrust, trustHistory } from '../../exchange/audit/log-history.ts'
import { judgePage, type LoggedSignature } from '../../exchange/audit/signatures.ts'
import { type OpenedDocument, openDocument } from '../../exchange/validation/opened-document.ts'
import { readCertificate } from '../../exchange/rebuild.ts'
import type { EntryKind } from '../../tlog/leaf.ts'
import { readNodeIdentity } from '../node-store.ts'
import {
  entriesWithDocuments,
  type ReadEntry,
  readEntry,
  type StoredEntry,
} from '../read-entries.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sqlTrustStore } from '../trust-store.ts'
import {
  compareCertificates,
  EVERYWHERE,
  type LoggedCertificate,
  type Stretch,
} from './compare-certificates.ts'
import { lostActsBehindLists, takeLists } from './take-lists.ts'

/** Documents that are in memory at once as they were parsed: what lives long is copied twice. */
const PAGE = 16

export interface StretchQuestion extends Stretch {
  /** Signatures from this place on are judged. */
  readonly judgeFrom: number
}

/** A stretch of the log after it was read: what was found, and what those need who go on with it. */
export interface StretchAnswer {
  readonly entries: readonly ReadEntry[]
  readonly differences: readonly string[]
  readonly judged: number
  readonly signatures: readonly AuditFinding[]
  /** Signatures of which nobody can tell, because acts are lost. */
  readonly untold: number
}

/** Reads stretches of one log, asked for in their order; some may be left to others. Plain data in and out. */
export type StretchReader = (question: StretchQuestion) => Promise<StretchAnswer>

/** As of when it is judged, and the paths that were validated already. */
export type StretchMoment = Pick<Parameters<typeof judgePage>[1], 'paths' | 'asOf'>

/**
 * Does in one reading of the documents all that needs nothing but them and the trust lists before them:
 * digests, signatures, the certificates and their search terms. One state of the database is read.
 */
export async function stretchReader(
  database: SqlDatabase,
  { paths, asOf }: StretchMoment,
): Promise<StretchReader> {
  const node = await readNodeIdentity(database)
  if (!node) throw new Error('The database belongs to no node')
  const history = trustHistory(await storedTrust(sqlTrustStore(database)), node.environment)
  const actsLost = await lostActsBehindLists(database)
  let listsBefore = EVERYWHERE.from
  async function read({ from, to, judgeFrom }: StretchQuestion): Promise<StretchAnswer> {
    await takeLists(database, history, { from: listsBefore, to: from })
    listsBefore = to
    const stored = await database.query(
      entriesWithDocuments().where('idx', '>=', from).where('idx', '<', to).compile(),
    )
    const certificates: LoggedCertificate[] = []
    const entries: ReadEntry[] = []
    const signatures: AuditFinding[] = []
    let [judged, untold] = [0, 0]
    while (stored.length > 0) {
      const page = await Promise.all(stored.splice(0, PAGE).map(opened))
      const signed = page.flatMap(toJudge)
      const found = await judgePage(signed, {
        history,
        paths,
        asOf,
        from: judgeFrom,
        actsLost,
      })
      judged += found.judged
      untold += found.untold
      signatures.push(...found.findings)
      for (const one of page) entries.push(abridged(one, node!.state, certificates))
    }
    const differences = await compareCertificates(database, { from, to }, certificates)
    return { entries, differences, judged, signatures, untold }
  }

  // One after the other, however many are asked for at once: each goes on with the lists before it.
  let before: Promise<unknown> = Promise.resolve()
  return (question) => {
    const answer = before.then(() => read(question))
    before = answer.catch(() => undefined)
    return answer
  }
}

interface Opened {
  readonly stored: StoredEntry
  readonly document: OpenedDocument | undefined
}

async function opened(stored: StoredEntry): Promise<Opened> {
  return { stored, document: stored.jws === null ? undefined : await openDocument(stored.jws) }
}

function toJudge({ stored, document }: Opened): LoggedSignature[] {
  const { idx, kind, sha256, at } = stored
  // That a document is missing is found with the bytes of all others.
  return document && kind !== 'administrative'
    ? [{ idx, kind: kind as EntryKind, sha256, opened: document, at: new Date(at) }]
    : []
}

/** The entry without what was compared here: a certificate is told by what changes of it need. */
function abridged(
  { stored, document: opened }: Opened,
  node: string,
  certificates: LoggedCertificate[],
): ReadEntry {
  const entry = readEntry(stored, opened)
  const { document, idx, at, sha256 } = entry
  if (!document || 'fault' in document || document.kind !== 'certificate') return entry
  try {
    const { certificate, effect } = readCertificate(document, node)
    certificates.push({ idx, at, effect })
    const { status, usableUntil } = effect.certificate
    const row = { sha256, status, replaced_by: null, usable_until: usableUntil ?? null }
    return { ...entry, document: certificate, compared: row }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ...entry, document: { fault: `: ${why}` } }
  }
}
