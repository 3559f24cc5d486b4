import type { Insertable, Selectable } from 'kysely'
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
    search_version: 0,
  }
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
