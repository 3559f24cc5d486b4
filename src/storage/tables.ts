import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type Generated,
} from 'kysely'

type Outcome = 'accepted' | 'accepted-with-findings' | 'refused' | 'not-readable'

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
  entries: { idx: number; sha256: string; kind: string; at: string; leaf: string }
  log_head: { id: number; size: number; frontier: string }
  log_tiles: { level: number; n: number; hashes: string; root: string }
  checkpoints: { size: number; note: string; signed_at: string }
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
  }
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
  crls: {
    ski: string
    state: string
    der: string
    number: string
    this_update: string
    next_update: string
    stored_at: string
  }
  clients: {
    id: string
    role: 'issuer' | 'customs' | 'authority' | 'auditor'
    party: string
    jwk: string
    registered_at: string
    disabled_at: string | null
  }
  access_tokens: { sha256: string; client: string; expires_at: string }
  used_once: { scope: string; value: string; expires_at: string }
  reports: { id: string; client: string; party: string; created_at: string; body: string }
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

/** Tells every process that trust has changed; part of the same atomic step as the change. */
export function growTrustRevision(): CompiledQuery {
  return sql
    .updateTable('node')
    .set(({ eb }) => ({ trust_revision: eb('trust_revision', '+', 1) }))
    .compile()
}
