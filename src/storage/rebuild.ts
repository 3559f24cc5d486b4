import type { Selectable } from 'kysely'
import type { Effect } from '../exchange/effect.ts'
import { type OpenedDocument, openDocument } from '../exchange/validation/opened-document.ts'
import {
  type LoggedDocument,
  type LostDocument,
  type ReadCertificate,
  replayLog,
} from '../exchange/rebuild.ts'
import { WAITS_FOR_ITS_PLACE } from '../exchange/incoming/waiting-changes.ts'
import { readStored } from '../exchange/registered.ts'
import { encodeLeaf, type EntryKind } from '../tlog/leaf.ts'
import { noticeRow } from './notices.ts'
import { certificateRow, decisionRow, outgoingRow, peerDecisionColumns } from './rows.ts'
import { attestationRow } from './second-signatures.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** Primary keys of the projections: what can be made again from the log. */
export const KEYS = {
  certificates: ['sha256'],
  search_terms: ['kind', 'term', 'idx'],
  status_changes: ['target', 'n'],
  security_notices: ['notice', 'n'],
  second_signatures: ['target', 'n'],
  attestations: ['target', 'n'],
  outgoing: ['recipient', 'seq'],
  recipients: ['state'],
  decisions: ['sha256', 'sender'],
  further_receipts: ['receipt'],
  trust_lists: ['state', 'version'],
  officials_registers: ['state', 'version'],
  reconciliations: ['sha256'],
} as const satisfies { [T in keyof Tables]?: readonly (keyof Tables[T])[] }

export type Projection = keyof typeof KEYS

/** Rows of every projection by their key. */
export type ProjectedRows = {
  readonly [T in Exclude<Projection, 'certificates'>]: Map<string, Readonly<Selectable<Tables[T]>>>
} & {
  readonly certificates: Map<string, Readonly<Selectable<Tables['certificates']>> | ChangingColumns>
}

const PAGE = 500

/** Columns of a certificate that later documents may change. */
export type ChangingColumns = Pick<
  Selectable<Tables['certificates']>,
  'sha256' | 'status' | 'replaced_by' | 'usable_until'
>

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

/**
 * The projections as the log tells them, and what is wrong with the log itself. `contradictions`: receipts of
 * this node that say otherwise than one before. Whoever lost the first had to decide anew; else it must not be.
 */
export async function rebuildProjections(
  entries: AsyncIterable<ReadEntry>,
  state: string,
): Promise<{
  rows: ProjectedRows
  size: number
  differences: string[]
  contradictions: readonly string[]
}> {
  const projections = emptyProjections()
  const differences: string[] = []
  const replay = replayLog(state)
  const lastSeq: Record<string, number> = {}
  let size = 0
  for await (const entry of entries) {
    const { idx, sha256, to, document, compared } = entry
    const name = `entry ${idx}`
    if (idx !== size) differences.push(`${name}: ${size} would be next`)
    size = idx + 1
    if (!to) differences.push(`${name}: its leaf is not that of the entry`)
    for (const [recipient, seq] of Object.entries(to ?? {})) {
      if (seq !== (lastSeq[recipient] ?? 0) + 1)
        differences.push(`${name}: message ${seq} to ${recipient} is out of sequence`)
      lastSeq[recipient] = seq
      send(projections, recipient, seq, sha256)
    }
    // What stands behind it is no document: `administrativeDifferences` looks into that.
    if (!document) continue
    if (compared) projections.rows.certificates.set(sha256, compared)
    if ('wasLost' in document && entry.kind === 'receipt') projections.wereLost.add(sha256)
    if ('fault' in document) differences.push(`${name}: document ${sha256}${document.fault}`)
    else
      try {
        for (const effect of replay(document)) applyEffect(projections, effect, entry)
      } catch (error) {
        differences.push(`${name}: document ${sha256}: ${reasonOf(error)}`)
      }
  }
  const { rows, contradictions } = projections
  return { rows, size, differences, contradictions }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

interface Projections {
  readonly rows: ProjectedRows
  /** Recipient and document → key of the message. */
  readonly messages: Map<string, string>
  /** Receipts that a restore could not bring back at first. */
  readonly wereLost: Set<string>
  readonly contradictions: string[]
}

function emptyProjections(): Projections {
  return {
    rows: {
      certificates: new Map(),
      search_terms: new Map(),
      status_changes: new Map(),
      security_notices: new Map(),
      second_signatures: new Map(),
      attestations: new Map(),
      outgoing: new Map(),
      recipients: new Map(),
      decisions: new Map(),
      further_receipts: new Map(),
      trust_lists: new Map(),
      officials_registers: new Map(),
      reconciliations: new Map(),
    },
    messages: new Map(),
    wereLost: new Set(),
    contradictions: [],
  }
}

function send({ rows, messages }: Projections, recipient: string, seq: number, sha256: string) {
  const row = outgoingRow(recipient, seq, sha256)
  rows.outgoing.set(keyOf('outgoing', row), row)
  messages.set(`${recipient} ${sha256}`, keyOf('outgoing', row))
  rows.recipients.set(recipient, { state: recipient, last_seq: seq })
}

/** What the statements of `Journal.append` do, on rows in memory. */
function applyEffect(
  { rows, messages, wereLost, contradictions }: Projections,
  effect: Effect,
  entry: { readonly idx: number; readonly at: string },
): void {
  switch (effect.effect) {
    case 'certificate':
      rows.certificates.set(effect.certificate.sha256, certificateRow(effect.certificate, entry))
      for (const [kind, term] of effect.terms) {
        const row = { kind, term, idx: entry.idx }
        rows.search_terms.set(keyOf('search_terms', row), row)
      }
      return
    case 'status-change': {
      const { target, n, sha256, status, replacedBy, usableUntil } = effect
      const row = { target, n, sha256 }
      rows.status_changes.set(keyOf('status_changes', row), row)
      rows.certificates.set(target, {
        ...rows.certificates.get(target)!,
        status,
        replaced_by: replacedBy ?? null,
        ...(usableUntil !== undefined && { usable_until: usableUntil }),
      })
      return
    }
    case 'security-notice': {
      const row = noticeRow(effect.record, entry)
      rows.security_notices.set(keyOf('security_notices', row), row)
      return
    }
    case 'second-signature': {
      const row = { ...effect.record }
      rows.second_signatures.set(keyOf('second_signatures', row), row)
      return
    }
    case 'attestation': {
      const row = attestationRow(effect.record)
      rows.attestations.set(keyOf('attestations', row), row)
      return
    }
    case 'trust-list': {
      const { state, version, sha256 } = effect
      const row = { state, version, sha256 }
      rows.trust_lists.set(keyOf('trust_lists', row), row)
      return
    }
    case 'officials-register': {
      const { state, version, sha256 } = effect
      const row = { state, version, sha256 }
      rows.officials_registers.set(keyOf('officials_registers', row), row)
      return
    }
    case 'decided-by-peer': {
      const key = messages.get(`${effect.recipient} ${effect.sha256}`)
      const message = key === undefined ? undefined : rows.outgoing.get(key)
      if (message?.outcome === null)
        rows.outgoing.set(key!, { ...message, ...peerDecisionColumns(effect) })
      return
    }
    case 'decision': {
      const row = decisionRow(effect)
      const key = keyOf('decisions', row)
      const before = rows.decisions.get(key)
      const isSame = before?.outcome === row.outcome && before.findings === row.findings
      if (before && !isSame && !wereLost.has(before.receipt))
        contradictions.push(
          `entry ${entry.idx}: document ${row.receipt}: it decides again on ${row.sha256}, otherwise than ${before.receipt}`,
        )
      // What the node did since follows the last one.
      rows.decisions.set(key, row)
      return
    }
    case 'further-receipt': {
      const { receipt, sha256, recipient, decided } = effect
      const row = { receipt, sha256 }
      rows.further_receipts.set(keyOf('further_receipts', row), row)
      for (const document of decided) {
        const key = keyOf('decisions', { sha256: document, sender: recipient })
        const decision = rows.decisions.get(key)
        if (decision?.receipt === receipt) rows.decisions.set(key, { ...decision, receipt: sha256 })
      }
      return
    }
    case 'reconciliation': {
      const row = { ...effect.record }
      rows.reconciliations.set(keyOf('reconciliations', row), row)
      return
    }
    case 'additions-from':
    case 'found':
    case 'arrival':
    case 'compare':
    case 'late-receipt':
    case 'alarm':
    case 'admin-acts':
    case 'rows-covered':
      throw new Error('Working state does not follow from the log')
  }
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
  /** Its bytes came too late to take effect. */
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
  if (lost && (!opened || late)) return { kind: 'lost-document', sha256, of: kind }
  if (!opened) return { fault: ' is missing' }
  if (opened.sha256 !== sha256) return { fault: ' has other bytes' }
  if (kind === 'unknown') return { kind, sha256, payload: undefined, signature: UNREAD }
  try {
    const read = { kind: kind as EntryKind, sha256, ...readStored(opened.parsed) }
    return lost ? { ...read, wasLost: true } : read
  } catch (error) {
    return { fault: `: ${reasonOf(error)}` }
  }
}

const UNREAD = { seal: undefined, signedAt: undefined }

/** Every entry of the log in its order. */
export async function* readEntries(database: SqlDatabase): AsyncGenerator<ReadEntry> {
  let after = -1
  for (;;) {
    const page = await database.query(
      entriesWithDocuments().where('idx', '>', after).limit(PAGE).compile(),
    )
    for (const stored of page)
      yield readEntry(stored, stored.jws === null ? undefined : await openDocument(stored.jws))
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
          selectFrom('inbox')
            .select('sha256')
            .whereRef('inbox.sha256', '=', 'entries.sha256')
            .where('waits_for', '=', WAITS_FOR_ITS_PLACE),
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

export function keyOf(table: Projection, row: Readonly<Record<string, unknown>>): string {
  return KEYS[table].map((column) => String(row[column])).join(' ')
}
