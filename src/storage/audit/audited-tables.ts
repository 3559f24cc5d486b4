import type { Tables } from '../tables.ts'

/** What an audit makes sure of in a table, or why an altered value there deceives nobody. */
export type Coverage =
  | {
      readonly checkedBy: Check
      /** Columns that nothing signed speaks of, with the reason why that does no harm. */
      readonly unproven?: Readonly<Record<string, string>>
      /** Columns that are proven but in some case, and why that does no harm. */
      readonly partly?: Readonly<Record<string, string>>
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
const UNTOLD =
  'of evidence that was kept before version 0008 and not replaced since: nothing tells whether it is the newest that was here, or that one is missing'
const FEED = 'where its feed is read on; what is left out the mirror of its log names as missing'
const CALLS = 'when the peer is called again'
const OF_OTHERS =
  'the last of them may be missing, or all: a witness has no record of them elsewhere, so that it may have forgotten what it cosigned; the log of whoever asked for it holds the cosignature'

export const AUDITED: Readonly<Record<keyof Tables | 'migrations' | 'sqlite_sequence', Coverage>> =
  {
    node: {
      checkedBy: 'log',
      unproven: {
        trust_revision: 'a counter by which processes notice that they have to read again',
      },
      partly: {
        epoch:
          'of a database that was made before version 0007 and never restored: with another one peers read again from the start',
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
      mayMissRows:
        'a later checkpoint vouches for everything that an earlier one did; entries under none are told',
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
      mayMissRows:
        'the witness keeps what it cosigned; entries that no other state has cosigned are told',
    },
    witnessed: {
      checkedBy: 'peer-logs',
      partly: {
        at: 'of cosignatures of before version 0007: the line that went to the peer bears the time',
      },
      mayMissRows: OF_OTHERS,
    },
    mirrors: {
      checkedBy: 'peer-logs',
      unproven: { n: 'counts steps', at: WHEN_STORED },
      partly: {
        whole_note:
          'while the mirror catches up nothing says that it was whole before; until it is again, checkpoints are not compared with it. Of a whole mirror it is proven',
      },
      mayMissRows: 'a mirror that is missing is made again from the log of the peer',
    },
    mirrored_bundles: { checkedBy: 'peer-logs' },
    addressed: {
      checkedBy: 'peer-logs',
      partly: {
        settled: 'of messages of the last quarter of an hour: the node compares them again',
      },
      unproven: {
        mirrored_at:
          'decides from when on a message that has not come is told, here and by an alarm',
      },
    },
    log_forks: { checkedBy: 'administrative' },
    log_rollbacks: { checkedBy: 'administrative' },
    reconciliations: { checkedBy: 'log' },
    reconciliation_checks: {
      workingState: 'when a document of a peer is compared again; what it came to is a verdict',
    },
    reconciled_up_to: {
      workingState: 'behind what the next document of a peer is compared',
    },
    reconciliation_verdicts: { checkedBy: 'administrative' },
    lost_documents: { checkedBy: 'records' },
    lost_numbers: { checkedBy: 'records' },
    late_documents: {
      checkedBy: 'records',
      unproven: { reason: 'says whether a restore helps; a restore finds that out anew' },
      mayMissRows: 'without its row it is to be in force, and is not',
    },
    settled_changes: { checkedBy: 'records' },
    certificates: { checkedBy: 'log' },
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
        arrived_at:
          'orders what waits; to two minutes no sooner than the mirrored log of its sender has it, where this node cosigned that in time, and no later than its decision',
        seq: 'orders what waits; where the log of the sender is mirrored, it is compared with that',
        waits_for:
          'what it waits for; one that stands in the log waits for its receipt alone, every other one is judged before it is decided, and one that waits for nothing that comes stays without a receipt, which its sender asks for',
      },
      mayMissRows: 'one without a decision: its sender has no receipt and sends it again',
    },
    further_receipts: { checkedBy: 'log' },
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
    trust_forks: { checkedBy: 'administrative' },
    crls: { checkedBy: 'evidence', partly: { stored_at: UNTOLD } },
    ocsp_responses: {
      checkedBy: 'evidence',
      unproven: {
        stored_at: `${WHEN_STORED}; proven where it says something against a key, and was kept since version 0008`,
      },
      mayMissRows:
        'of a key against which nothing was said since version 0008: it is fetched again',
    },
    kept_evidence: { checkedBy: 'administrative' },
    clients: { checkedBy: 'decisions' },
    rule_texts: { checkedBy: 'decisions' },
    reports: { checkedBy: 'administrative' },
    alarms: { checkedBy: 'administrative' },
    exchange_archive: {
      checkedBy: 'archive',
      unproven: { at: 'of what was received: within minutes of what the request itself says' },
      mayBeReordered: 'when it was asked and answered both nodes have signed',
    },
    migrations: {
      checkedBy: 'schema',
      partly: { applied_at: 'where no act tells of it, or before version 0007, to a minute' },
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
    witness_recalls: {
      workingState: 'keeps a restored witness from cosigning before it has read back what it had',
    },
    peer_log_bytes: { workingState: 'how much the log of a peer has filled today' },
    alarms_once: { workingState: 'keeps an alarm from being raised twice' },
    peers: {
      checkedBy: 'archive',
      unproven: {
        first_heard_at:
          'not before the first archived exchange with that peer; one that is later makes an answer about a certificate that nobody knows say less ("before the feed")',
        last_heard_at:
          'not after the last archived exchange with that peer; one that is earlier makes such an answer say less ("the peer is dark")',
        complete_at:
          'from this time on such an answer speaks against the certificate; within two minutes of an archived exchange in which the peer says that everything was sent',
        feed_epoch: FEED,
        feed_seq: FEED,
        attempts: CALLS,
        next_attempt_at: CALLS,
        last_error: CALLS,
        last_sent_at: CALLS,
        trust_checked_at: CALLS,
        clock_ahead_ms: 'words for operators',
      },
      mayMissRows: 'such an answer says that nothing was heard of that state yet',
    },
    status_list_revisions: {
      workingState: 'a counter by which processes notice that a list has to be made again',
    },
    revocation_fetches: { workingState: 'when a CRL or OCSP response is to be fetched again' },
    access_tokens: {
      workingState: 'lasts minutes; the client that it names stands in the accesses',
    },
    used_once: { workingState: 'lasts minutes: nonces that were seen' },
  }
