import type { LoggedDocument, LostDocument, ReadCertificate } from '../exchange/rebuild.ts'
import { readStored } from '../exchange/registered.ts'
import { type OpenedDocument, openDocument } from '../exchange/validation/opened-document.ts'
import { encodeLeaf, type EntryKind } from '../tlog/leaf.ts'
import type { ChangingColumns } from './projected-rows.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

const PAGE = 500

/** An entry of the log, and what the document behind it says. */
export interface ReadEntry {
  readonly idx: number
  readonly sha256: string
  readonly kind: string
  readonly at: string
  /** The messages that its leaf names; absent: the leaf is not that of the entry. */
  readonly to?: Readonly<Record<string, number>>
  /** Absent: what stands behind it is no document. */
  readonly document?: LoggedDocument | ReadCertificate | LostDocument | { readonly fault: string }
  /** Of a certificate that was compared where it was read: all that is left to compare. */
  readonly compared?: ChangingColumns
}

export interface StoredEntry {
  readonly idx: number
  readonly sha256: string
  readonly kind: string
  readonly at: string
  readonly leaf: string
  readonly jws: string | null
  /** Listed by a restore that could not bring it back. */
  readonly lost: 0 | 1
  /** It was lost, its bytes are here again, and it takes no effect. */
  readonly late: 0 | 1
}

/** What an entry and the document behind it say; `opened`: that document, if it is here. */
export function readEntry(stored: StoredEntry, opened: OpenedDocument | undefined): ReadEntry {
  const { idx, sha256, kind, at } = stored
  const to = recipientsIn(stored)
  const entry = { idx, sha256, kind, at, ...(to && { to }) }
  return kind === 'administrative' ? entry : { ...entry, document: readDocument(stored, opened) }
}

function readDocument(
  { sha256, kind, lost, late }: StoredEntry,
  opened: OpenedDocument | undefined,
): LoggedDocument | LostDocument | { fault: string } {
  const without: LostDocument = { kind: 'lost-document', sha256, of: kind }
  if (!opened) return lost ? without : { fault: ' is missing' }
  if (opened.sha256 !== sha256) return { fault: ' has other bytes' }
  if (late) return without
  if (kind === 'unknown') return { kind, sha256, payload: undefined, signature: UNREAD }
  try {
    const read = { kind: kind as EntryKind, sha256, ...readStored(opened.parsed) }
    return lost ? { ...read, wasLost: true } : read
  } catch (error) {
    return { fault: `: ${reasonOf(error)}` }
  }
}

const UNREAD = { seal: undefined, signedAt: undefined }

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Every entry of the log in its order; `late`: those documents take no effect, instead of those that the database names. */
export async function* readEntries(
  database: SqlDatabase,
  late?: ReadonlySet<string>,
): AsyncGenerator<ReadEntry> {
  let after = -1
  for (;;) {
    const page = await database.query(
      entriesWithDocuments().where('idx', '>', after).limit(PAGE).compile(),
    )
    for (const entry of page) {
      const stored = late ? ({ ...entry, late: late.has(entry.sha256) ? 1 : 0 } as const) : entry
      yield readEntry(stored, stored.jws === null ? undefined : await openDocument(stored.jws))
    }
    if (page.length < PAGE) return
    after = page.at(-1)!.idx
  }
}

/** Entries beside the bytes of their documents, in their order. */
export function entriesWithDocuments() {
  return sql
    .selectFrom('entries')
    .leftJoin('documents', 'documents.sha256', 'entries.sha256')
    .selectAll('entries')
    .select('documents.jws')
    .select(({ exists, selectFrom, cast }) =>
      cast<0 | 1>(
        exists(
          selectFrom('lost_documents')
            .select('sha256')
            .whereRef('lost_documents.sha256', '=', 'entries.sha256'),
        ),
        'integer',
      ).as('lost'),
    )
    .select(({ exists, selectFrom, cast }) =>
      cast<0 | 1>(
        exists(
          selectFrom('late_documents')
            .select('sha256')
            .whereRef('late_documents.sha256', '=', 'entries.sha256'),
        ),
        'integer',
      ).as('late'),
    )
    .orderBy('idx')
}

/** The messages that an entry's leaf names, if the leaf is that of the entry to the byte. */
function recipientsIn({ kind, sha256, at, leaf }: StoredEntry): Record<string, number> | undefined {
  try {
    const { to } = JSON.parse(leaf) as { to: Record<string, number> }
    return encodeLeaf({ kind: kind as EntryKind, sha256, to, at }) === leaf ? to : undefined
  } catch {
    return undefined
  }
}
