import { CompiledQuery, type Insertable, type Selectable } from 'kysely'
import { SEARCH_VERSION, type SearchTerm } from '../certificate/search-terms.ts'
import type { CertificateRecord, Effect } from '../exchange/effect.ts'
import type { Alarm } from '../exchange/records.ts'
import type { Tables } from './tables.ts'

type Row<Table extends keyof Tables> = Selectable<Tables[Table]>

// Rows as `Journal.append` and those who write or compare beside it make them alike.

/** `entry` is its place in the log. */
export function certificateRow(
  c: CertificateRecord,
  entry: { readonly idx: number; readonly at: string },
): Row<'certificates'> {
  return {
    sha256: c.sha256,
    state: c.state,
    type: c.type,
    folded_number: c.foldedNumber,
    number: c.number,
    issuer: c.issuer,
    recipients: JSON.stringify(c.recipients),
    origin: c.origin,
    appended_at: entry.at,
    usable_from: c.usableFrom,
    usable_until: c.usableUntil ?? null,
    status: c.status,
    status_uri: c.statusUri,
    status_idx: c.statusIdx,
    idx: entry.idx,
    replaced_by: null,
    search_version: SEARCH_VERSION,
    seal: c.seal ?? null,
    signed_at: c.signedAt ?? null,
  }
}

/**
 * Writes what a certificate is found by, in one statement however many terms there are: D1 limits the
 * parameters. Never collides: what stands there must not keep a certificate from being appended.
 */
export function searchTermsStatement(terms: readonly SearchTerm[], idx: number): CompiledQuery {
  // By kind: to read a value that is itself an array costs twice as much as the rest.
  const byKind: Record<string, string[]> = {}
  for (const [kind, term] of terms) (byKind[kind] ??= []).push(term)
  return CompiledQuery.raw(
    `INSERT OR IGNORE INTO search_terms (kind, term, idx)
      SELECT kinds.key, terms.value, ? FROM json_each(?) AS kinds, json_each(kinds.value) AS terms`,
    [idx, JSON.stringify(byKind)],
  )
}

/** A message that nobody has acknowledged yet. */
export function outgoingRow(recipient: string, seq: number, sha256: string): Row<'outgoing'> {
  const undecided = { outcome: null, findings: null, decided_at: null, receipt: null }
  return { recipient, seq, sha256, received_at: null, ...undecided }
}

export function peerDecisionColumns(
  effect: Extract<Effect, { effect: 'decided-by-peer' }>,
): Pick<Row<'outgoing'>, 'outcome' | 'findings' | 'decided_at' | 'receipt'> {
  return {
    outcome: effect.outcome,
    findings: JSON.stringify(effect.findings),
    decided_at: effect.at,
    receipt: effect.receipt,
  }
}

export function alarmRow({ at, kind, peer, detail }: Alarm): Insertable<Tables['alarms']> {
  return { at, kind, peer: peer ?? null, detail }
}

export function decisionRow(effect: Extract<Effect, { effect: 'decision' }>): Row<'decisions'> {
  return {
    sha256: effect.sha256,
    sender: effect.sender,
    outcome: effect.outcome,
    findings: JSON.stringify(effect.findings),
    at: effect.at,
    receipt: effect.receipt,
  }
}
