import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type Generated,
} from 'kysely'
import type { CoveredTable } from '../exchange/log/administrative-entry.ts'

type Outcome = 'accepted' | 'accepted-with-findings' | 'refused' | 'not-readable'
type ReconciledView = 'sent' | 'received' | 'decided' | 'answered'
type TrustDecision = 'root' | 'root-withdrawn' | 'additions' | 'fork' | 'witness'

/** Rows as SQL holds them; they never leave this folder. */
export interface Tables {
  node: {
    id: number
    state: string
    epoch: string
    trust_revision: number
    environment: 'production' | 'training'
  }
  documents: { sha256: string; jws: string }
  rule_texts: { sha256: string; text: string }
  entries: { idx: number; sha256: string; kind: string; at: string; leaf: string }
  log_head: { id: number; size: number; frontier: string }
  log_tiles: { level: number; n: number; hashes: string; root: string }
  checkpoints: { size: number; note: string; signed_at: string }
  checkpoint_signatures: { size: number; key_id: number; line: string; signed_at: string }
  cosignatures: {
    size: number
    state: string
    witness: string
    key_id: number
    line: string
    cosigned_at: string
  }
  log_doubts: { id: number; since: string; reason: 'restored' | 'contradicted' }
  log_doubt_answers: {
    state: string
    witness: string
    key_id: number
    answer: 'accepted' | 'contradicted'
    size: number
    at: string
  }
  witnessed: {
    origin: string
    n: number
    state: string
    size: number
    root: string
    note: string
    at: string
    /** NULL: of before version 0007 of the tables. */
    cosignature: string | null
  }
  mirrors: {
    state: string
    origin: string
    n: number
    size: number
    frontier: string
    seen_size: number
    note: string
    whole_note: string | null
    addressed: number
    last_seq: number
    at: string
  }
  mirrored_bundles: { state: string; origin: string; n: number; leaves: string; root: string }
  mirror_looks: {
    state: string
    first_at: string
    whole_at: string | null
    failure: string | null
    compared_until: string
    newer_than: string | null
  }
  addressed: {
    sender: string
    origin: string
    idx: number
    seq: number
    sha256: string
    mirrored_at: string
    settled: number
  }
  alarms_once: { key: string; at: string }
  log_forks: {
    n: Generated<number>
    state: string
    origin: string
    found_at: string
    first: string
    second: string
    proof: string
  }
  unproven_checkpoints: {
    state: string
    origin: string
    size: number
    root: string
    note: string
    seen_at: string
  }
  witness_recalls: { epoch: string; origin: string; at: string }
  peer_log_bytes: { state: string; store: 'mirror' | 'witness'; day: string; bytes: number }
  log_rollbacks: {
    n: Generated<number>
    state: string
    origin: string
    size: number
    found_at: string
    before: string
    shown: string
  }
  reconciliations: {
    sha256: string
    maker: string
    recipient: string
    epoch: string
    until: string
  }
  reconciliation_checks: {
    sha256: string
    view: ReconciledView
    peer: string
    since: string
    checks: number
    next_at: string
    compared_after: number | null
  }
  reconciled_up_to: { peer: string; view: ReconciledView; up_to: number }
  reconciliation_verdicts: {
    n: Generated<number>
    sha256: string
    view: ReconciledView
    at: string
    outcome: 'agrees' | 'differs' | 'cannot-tell'
    reason: string
    differences: string
    complete: number
  }
  certificates: {
    sha256: string
    state: string
    type: string
    folded_number: string
    number: string
    issuer: string
    recipients: string
    origin: 'issued' | 'received'
    appended_at: string
    usable_from: string
    usable_until: string | null
    status: string
    status_uri: string
    status_idx: number
    idx: number
    replaced_by: string | null
    search_version: number
    seal: string | null
    signed_at: string | null
  }
  lost_documents: { sha256: string; idx: number | null; kind: string; epoch: string }
  lost_numbers: {
    sha256: string
    type: string | null
    folded_number: string | null
    settled_at: string
  }
  late_documents: { sha256: string; reason: 'order' | 'taken' }
  settled_changes: { sha256: string; settled_at: string }
  search_terms: { kind: string; term: string; idx: number }
  reservations: {
    type: string
    folded_number: string
    issuer: string
    status_uri: string
    status_idx: number
    claims: string
    reserved_at: string
  }
  status_changes: { target: string; n: number; sha256: string }
  second_signatures: { target: string; n: number; sha256: string }
  attestations: {
    target: string
    n: number
    sha256: string
    issuer: string
    verified_at: string
  }
  security_notices: {
    notice: string
    n: number
    sha256: string
    idx: number
    change: 'declare' | 'narrow' | 'release'
    issuer: string | null
    subject_state: string | null
    subject_body: string | null
    seal: string | null
    ski: string | null
    measure: 'hold' | 'inform' | null
    from_at: string | null
    until_at: string | null
  }
  outgoing: {
    recipient: string
    seq: number
    sha256: string
    received_at: string | null
    outcome: Outcome | null
    findings: string | null
    decided_at: string | null
    receipt: string | null
  }
  recipients: { state: string; last_seq: number }
  inbox: {
    sha256: string
    sender: string
    seq: number
    arrived_at: string
    waits_for: string | null
    target: string | null
  }
  decisions: {
    sha256: string
    sender: string
    outcome: Outcome
    findings: string
    at: string
    receipt: string
  }
  late_receipts: { sha256: string; recipient: string; delivered_at: string | null }
  /** `receipt` is the one that `sha256` takes the place of. */
  further_receipts: { receipt: string; sha256: string }
  peers: {
    state: string
    attempts: number
    next_attempt_at: string | null
    last_error: string | null
    last_sent_at: string | null
    first_heard_at: string | null
    last_heard_at: string | null
    complete_at: string | null
    trust_checked_at: string | null
    feed_epoch: string | null
    feed_seq: number
    clock_ahead_ms: number | null
  }
  status_lists: { id: number; permutation_key: string; size: number; next: number }
  status_list_revisions: { uri: string; revision: number }
  trust_pins: { state: string; root_sha256: string; pinned_at: string }
  trust_lists: { state: string; version: number; sha256: string }
  officials_registers: { state: string; version: number; sha256: string }
  trust_proposals: {
    n: Generated<number>
    kind: TrustDecision
    state: string
    subject: string
    proposed_at: string
    proposed_by: string
  }
  trust_approvals: {
    kind: TrustDecision
    state: string
    subject: string
    proposed_by: string
    approved_at: string
    approved_by: string
  }
  trust_list_delays: { sha256: string; state: string; version: number; additions_from: string }
  trust_forks: {
    n: Generated<number>
    sha256: string
    part: number
    state: string
    version: number
    seen_at: string
    jws: string
  }
  crls: {
    ski: string
    state: string
    der: string
    number: string
    this_update: string
    next_update: string
    stored_at: string
  }
  ocsp_responses: {
    state: string
    ski: string
    serial: string
    der: string
    status: 'good' | 'on-hold' | 'revoked'
    this_update: string
    next_update: string
    stored_at: string
  }
  kept_evidence: {
    n: Generated<number>
    state: string
    ski: string
    /** NULL: it is a CRL. */
    serial: string | null
    number: string | null
    status: 'good' | 'on-hold' | 'revoked' | null
    this_update: string
    sha256: string
    stored_at: string
  }
  revocation_fetches: {
    url: string
    state: string
    succeeded_at: string | null
    failed_at: string | null
    failure: string | null
    attempts: number
    next_attempt_at: string | null
  }
  clients: {
    id: string
    role: 'issuer' | 'customs' | 'authority' | 'auditor'
    party: string
    jwk: string
    registered_at: string
    disabled_at: string | null
    person: string | null
  }
  access_tokens: { sha256: string; client: string; expires_at: string }
  used_once: { scope: string; value: string; expires_at: string }
  reports: {
    n: Generated<number>
    id: string
    client: string
    party: string
    created_at: string
    body: string
  }
  accesses: {
    n: Generated<number>
    at: string
    client: string
    party: string
    role: string
    operation: string
    certificate: string
    context: string | null
  }
  alarms: { n: Generated<number>; at: string; kind: string; peer: string | null; detail: string }
  admin_acts: {
    n: Generated<number>
    at: string
    actor: string
    act: string
    subject: string
    detail: string | null
  }
  administrative_records: {
    idx: number
    rows_of: CoveredTable
    first: number
    last: number
    nonce: string
  }
  exchange_archive: {
    n: Generated<number>
    at: string
    peer: string
    direction: 'sent' | 'received'
    message_id: string
    request: string
    response: string | null
    part: number
  }
}

/** Builds SQL, runs nothing: the statements go to a `SqlDatabase`. */
export const sql = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/**
 * An insert whose text is made once: making it anew costs more than the insert itself. `ifAbsent`: a row
 * that is there by this key stays as it is.
 */
export function insertOf<T extends keyof Tables, C extends keyof Tables[T] & string>(
  table: T,
  columns: readonly C[],
  { ifAbsent }: { readonly ifAbsent?: C | readonly C[] } = {},
): (row: { readonly [K in C]: Tables[T][K] }) => CompiledQuery {
  const empty = Object.fromEntries(columns.map((column) => [column, null]))
  const insert = sql.insertInto(table).values(empty as never)
  const key = typeof ifAbsent === 'string' ? [ifAbsent] : ifAbsent
  const template = (
    key === undefined ? insert : insert.onConflict((conflict) => conflict.columns(key).doNothing())
  ).compile()
  return (row) => ({ ...template, parameters: columns.map((column) => row[column]) })
}

/** Tells every process that trust has changed; part of the same atomic step as the change. */
export function growTrustRevision(): CompiledQuery {
  return sql
    .updateTable('node')
    .set(({ eb }) => ({ trust_revision: eb('trust_revision', '+', 1) }))
    .compile()
}
