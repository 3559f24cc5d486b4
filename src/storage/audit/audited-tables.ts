import type { Tables } from '../tables.ts'

/** What an audit makes sure of in a table, or why an altered value there deceives nobody. */
export type Coverage =
  | {
      readonly checkedBy: Check
      /** Columns that nothing signed speaks of, with the reason why that does no harm. */
      readonly unproven?: Readonly<Record<string, string>>
      /** Why a row that was taken away may go unnoticed. */
      readonly mayMissRows?: string
      /** Why two rows may have changed places. */
      readonly mayBeReordered?: string
    }
  | { readonly workingState: string }

/** Names of the checks, as a report counts them. */
export type Check =
  | 'log'
  | 'administrative'
  | 'tree'
  | 'checkpoints'
  | 'peer-logs'
  | 'evidence'
  | 'decisions'
  | 'records'
  | 'archive'
  | 'schema'

const WHEN_STORED = 'says only since when it is here; what it is signed with names its own times'
const OF_OTHERS =
  'the last of them may be missing: the log of whoever asked for it holds the cosignature'

export const AUDITED: Readonly<Record<keyof Tables | 'migrations' | 'sqlite_sequence', Coverage>> =
  {
    node: {
      checkedBy: 'log',
      unproven: {
        epoch: 'names the numbering of cursors: with another one peers read again from the start',
        trust_revision: 'a counter by which processes notice that they have to read again',
      },
    },
    documents: { checkedBy: 'log' },
    entries: { checkedBy: 'log' },
    log_head: { checkedBy: 'tree' },
    log_tiles: { checkedBy: 'tree' },
    checkpoints: {
      checkedBy: 'checkpoints',
      unproven: {
        signed_at:
          'chooses the log keys that may have signed; a cosignature bears a time of its own',
      },
      mayMissRows: 'a later checkpoint vouches for everything that an earlier one did',
    },
    checkpoint_signatures: {
      checkedBy: 'checkpoints',
      unproven: {
        signed_at: 'the signature under the checkpoint is the same whenever it was made',
      },
      mayMissRows: 'the first signature under the checkpoint stands in its note',
    },
    cosignatures: {
      checkedBy: 'checkpoints',
      mayMissRows: 'the witness keeps what it cosigned; without it evidence counts as incomplete',
    },
    witnessed: {
      checkedBy: 'peer-logs',
      unproven: { at: 'the cosignature that went to the peer bears the time' },
      mayMissRows: OF_OTHERS,
    },
    mirrors: {
      checkedBy: 'peer-logs',
      unproven: { n: 'counts steps', at: WHEN_STORED },
      mayMissRows: 'a mirror that is missing is made again from the log of the peer',
    },
    mirrored_bundles: { checkedBy: 'peer-logs' },
    addressed: {
      checkedBy: 'peer-logs',
      unproven: {
        mirrored_at: 'delays an alarm by minutes',
        settled: 'decides whether an alarm is raised again; what did not come is found here',
      },
    },
    log_forks: {
      checkedBy: 'peer-logs',
      unproven: { found_at: 'the notes are the proof, whenever they were found' },
      mayMissRows: 'the alarm stays in a numbered table, the log shows its fork to everybody else',
    },
    log_rollbacks: {
      checkedBy: 'peer-logs',
      unproven: { found_at: 'the notes are the proof, whenever they were found' },
      mayMissRows: 'the alarm stays in a numbered table',
    },
    reconciliations: { checkedBy: 'log' },
    reconciliation_checks: {
      workingState: 'when a document of a peer is compared again; what it came to is a verdict',
    },
    reconciliation_verdicts: {
      checkedBy: 'records',
      unproven: Object.fromEntries(
        ['view', 'at', 'outcome', 'reason', 'differences', 'complete'].map((column) => [
          column,
          'compared from signed documents and the tables beside it, and can be compared again',
        ]),
      ),
    },
    lost_documents: { checkedBy: 'records' },
    lost_numbers: { checkedBy: 'records' },
    certificates: {
      checkedBy: 'log',
      unproven: { search_version: 'decides whether search terms are made again after a start' },
    },
    search_terms: { checkedBy: 'log' },
    status_changes: { checkedBy: 'log' },
    second_signatures: { checkedBy: 'log' },
    attestations: { checkedBy: 'log' },
    security_notices: { checkedBy: 'log' },
    outgoing: {
      checkedBy: 'log',
      unproven: {
        received_at: 'decides what is sent again; whoever has it answers that it is known',
      },
    },
    recipients: { checkedBy: 'log' },
    decisions: { checkedBy: 'log' },
    trust_lists: { checkedBy: 'log' },
    officials_registers: { checkedBy: 'log' },
    administrative_records: { checkedBy: 'administrative' },
    admin_acts: { checkedBy: 'administrative' },
    accesses: { checkedBy: 'administrative' },
    inbox: {
      checkedBy: 'records',
      unproven: {
        arrived_at: 'orders what waits; the time that counts is that of the entry',
        seq: 'orders what waits; where the log of the sender is mirrored, it is compared with that',
        waits_for: 'words for operators; whatever they say, it is judged again until it is decided',
      },
      mayMissRows: 'one without a decision: its sender has no receipt and sends it again',
    },
    late_receipts: {
      checkedBy: 'records',
      unproven: { delivered_at: 'decides whether a receipt is sent again' },
      mayMissRows: 'the receipt stands in the log; its peer asks for it again',
    },
    status_lists: {
      checkedBy: 'records',
      unproven: {
        next: 'one that is too low is found; one that is too high leaves positions unused',
        permutation_key: 'found as soon as a certificate stands in the list',
      },
      mayMissRows: 'found as soon as a certificate stands in the list',
    },
    trust_pins: { checkedBy: 'decisions' },
    trust_proposals: { checkedBy: 'decisions' },
    trust_approvals: { checkedBy: 'decisions' },
    trust_list_delays: { checkedBy: 'decisions' },
    trust_forks: {
      checkedBy: 'evidence',
      unproven: { seen_at: WHEN_STORED },
      mayMissRows: 'the alarm stays in a numbered table',
    },
    crls: {
      checkedBy: 'evidence',
      unproven: { stored_at: WHEN_STORED },
      mayMissRows: 'signatures that need it are told as undecided',
    },
    ocsp_responses: {
      checkedBy: 'evidence',
      unproven: { stored_at: WHEN_STORED },
      mayMissRows: 'the CRL of the same authority says the same, a day later at most',
    },
    clients: { checkedBy: 'decisions' },
    reports: {
      checkedBy: 'records',
      unproven: {
        client: 'decides who may read the report again',
        party: 'decides who may read the report again',
        body: 'unsigned: what it answers can be asked again of the documents',
      },
      mayMissRows: 'what it answers can be asked again of the documents',
    },
    alarms: {
      checkedBy: 'records',
      unproven: {
        at: 'words for operators',
        kind: 'words for operators',
        peer: 'words for operators',
        detail: 'words for operators',
      },
    },
    exchange_archive: {
      checkedBy: 'archive',
      unproven: { at: 'of what was received: within minutes of what the request itself says' },
      mayBeReordered: 'when it was asked and answered both nodes have signed',
    },
    migrations: {
      checkedBy: 'schema',
      unproven: { applied_at: 'the act stands in the record of administrative acts' },
    },
    sqlite_sequence: { checkedBy: 'records' },
    reservations: {
      workingState: 'numbers held for a while; the document that comes is judged for itself',
    },
    log_doubts: {
      workingState:
        'keeps an old database from signing; witnesses refuse to cosign one all the same',
    },
    log_doubt_answers: { workingState: 'what witnesses answered; they are asked again' },
    mirror_looks: { workingState: 'when the log of a peer was read last' },
    unproven_checkpoints: {
      workingState:
        'what is still to be compared with the log of a peer; each is signed by that log',
    },
    peer_log_bytes: { workingState: 'how much the log of a peer has filled today' },
    alarms_once: { workingState: 'keeps an alarm from being raised twice' },
    peers: { workingState: 'when a peer was last heard and is to be called again' },
    status_list_revisions: {
      workingState: 'a counter by which processes notice that a list has to be made again',
    },
    revocation_fetches: { workingState: 'when a CRL or OCSP response is to be fetched again' },
    access_tokens: {
      workingState: 'lasts minutes; the client that it names stands in the accesses',
    },
    used_once: { workingState: 'lasts minutes: nonces that were seen' },
  }

/** What no check makes sure of, in words for a report. */
export function notCovered(): { what: string; why: string }[] {
  return Object.entries(AUDITED).flatMap(([table, coverage]) => {
    if ('workingState' in coverage) return [{ what: table, why: coverage.workingState }]
    const columns = Object.entries(coverage.unproven ?? {})
    const [rows, order] = [coverage.mayMissRows, coverage.mayBeReordered]
    return [
      ...columns.map(([column, why]) => ({ what: `${table}.${column}`, why })),
      ...(rows === undefined ? [] : [{ what: `rows taken from ${table}`, why: rows }]),
      ...(order === undefined ? [] : [{ what: `the order of ${table}`, why: order }]),
    ]
  })
}
