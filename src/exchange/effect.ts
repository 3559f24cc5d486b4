import type { SearchTerm } from '../certificate/search-terms.ts'
import type { LateReason } from './log/lost-documents.ts'
import type { NoticeRecord } from './notices/store.ts'
import type { Outcome } from './delivery/receipt.ts'
import type { ReconciledView } from './reconciliation/payload.ts'
import type { ReconciliationRecord } from './reconciliation/store.ts'
import type { AttestationRecord, StatementRecord } from './second-signatures/store.ts'
import type { Alarm } from './records.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import type { CoveredTable } from './log/administrative-entry.ts'

export interface CertificateRecord {
  readonly sha256: string
  readonly state: string
  readonly type: string
  readonly foldedNumber: string
  readonly number: string
  readonly issuer: string
  readonly recipients: readonly string[]
  readonly origin: 'issued' | 'received'
  readonly usableFrom: string
  readonly usableUntil: string | undefined
  /** The state's name, e.g. `issued`, `annulled`. */
  readonly status: string
  readonly statusUri: string
  readonly statusIdx: number
  /** Thumbprint of the X.509 certificate of the seal, and when it signed by its own word. */
  readonly seal: string | undefined
  readonly signedAt: string | undefined
}

/**
 * One change of a projection. Effects are written in the same atomic step as the entry that causes them
 * and are functions of the logged documents alone, so that the projections can be rebuilt.
 * An insert that finds its place taken makes the whole step a duplicate.
 */
export type Effect =
  | {
      readonly effect: 'certificate'
      readonly certificate: CertificateRecord
      /** What it is found by. */
      readonly terms: readonly SearchTerm[]
    }
  | {
      readonly effect: 'status-change'
      readonly target: string
      readonly n: number
      readonly sha256: string
      readonly status: string
      /** The successor, by digest, where the change is a replacement. */
      readonly replacedBy?: string
      /** The end of validity where extensions moved it; null: they name no new end. */
      readonly usableUntil?: string | null
    }
  | {
      readonly effect: 'trust-list'
      readonly state: string
      readonly version: number
      readonly sha256: string
    }
  /** The next document in a chain of security notices. */
  | { readonly effect: 'security-notice'; readonly record: NoticeRecord }
  /** What this node or a peer says was sent, received and decided. */
  | { readonly effect: 'reconciliation'; readonly record: ReconciliationRecord }
  /** Working state: one view of a peer's document is to be compared with what is here. */
  | {
      readonly effect: 'compare'
      readonly sha256: string
      readonly view: ReconciledView
      readonly peer: string
      readonly since: string
    }
  | {
      readonly effect: 'officials-register'
      readonly state: string
      readonly version: number
      readonly sha256: string
    }
  /** Working state, kept for ever: when this node counts what a version of a trust list adds. */
  | {
      readonly effect: 'additions-from'
      readonly state: string
      readonly version: number
      readonly sha256: string
      readonly additionsFrom: string
    }
  /**
   * The bytes of a document whose entry has stood in the log without them since a restore, and what it
   * changes from there. Like any insert: a duplicate if it was found before. `arrival`: how it came in, for
   * where that is known no more.
   */
  | {
      readonly effect: 'found'
      readonly sha256: string
      readonly jws: string
      readonly index: number
      readonly at: string
      readonly effects: readonly Effect[]
      readonly arrival:
        | { readonly sender: string; readonly seq: number; readonly target: string | undefined }
        | undefined
    }
  /**
   * Working state: the bytes of such a document, which change nothing here. Nothing, if it was found meanwhile.
   */
  | {
      readonly effect: 'late'
      readonly sha256: string
      readonly jws: string
      readonly reason: LateReason
      /** Of a certificate of this node whose number is taken: the status list that withdraws it from now on. */
      readonly statusUri?: string | undefined
      readonly arrival: Extract<Effect, { readonly effect: 'found' }>['arrival']
    }
  /** A national signature beside a certificate, or what a trust service says of one. */
  | { readonly effect: 'second-signature'; readonly record: StatementRecord }
  | { readonly effect: 'attestation'; readonly record: AttestationRecord }
  /** A peer's decision on a document we sent; the first one counts. */
  | {
      readonly effect: 'decided-by-peer'
      readonly recipient: string
      readonly sha256: string
      readonly outcome: Outcome
      readonly findings: readonly string[]
      readonly at: string
      readonly receipt: string
    }
  /** Our one decision on a document a peer sent. */
  | {
      readonly effect: 'decision'
      readonly sha256: string
      readonly sender: string
      readonly outcome: Outcome
      readonly findings: readonly string[]
      readonly at: string
      readonly receipt: string
    }
  /** The same decisions of ours, signed again: their receipt gives way to this one. Once for a receipt. */
  | {
      readonly effect: 'further-receipt'
      /** The one before, and by digest this one. */
      readonly receipt: string
      readonly sha256: string
      readonly recipient: string
      readonly decided: readonly string[]
    }
  /** Working state: a document came in; `waitsFor` while no decision can be made, told anew as it changes. */
  | {
      readonly effect: 'arrival'
      readonly sha256: string
      readonly jws: string
      readonly sender: string
      readonly seq: number
      readonly arrivedAt: string
      readonly waitsFor: string | undefined
      /** The certificate that a status change claims to change, by digest. */
      readonly target?: string | undefined
    }
  /** Working state: a receipt that the answer to the message could not carry. */
  | { readonly effect: 'late-receipt'; readonly sha256: string; readonly recipient: string }
  /** Working state: a crash after the step must not lose what a person has to look at. */
  | { readonly effect: 'alarm'; readonly alarm: Alarm }
  /** What an administrative entry stands for: acts that are written with it, or rows that are there. */
  | { readonly effect: 'admin-acts'; readonly acts: readonly AdminAct[]; readonly nonce: string }
  | {
      readonly effect: 'rows-covered'
      readonly rowsOf: CoveredTable
      readonly first: number
      readonly last: number
      readonly nonce: string
    }

export type CertificateEffect = Extract<Effect, { readonly effect: 'certificate' }>
