import type { CertificateId } from '../../certificate/certificate-id.ts'
import type { EntryKind } from '../../tlog/leaf.ts'
import type { AdminAct } from '../../trust/admin-act.ts'
import { digestOf } from '../validation/authenticate.ts'

/**
 * Listed in the place of the entries behind the end of the log, where this log had signed more than anybody
 * had mirrored: by the digest of the checkpoint that proves them.
 */
export const UNMIRRORED = 'unmirrored'

/** Listed with no place in the log: what a database had issued whose history a restore has given up. */
export const REPLACED = 'replaced'
/** The same of a status change: what it changed may stand here as if nothing had happened. */
export const REPLACED_CHANGE = 'replaced-change'

/** An entry of the log whose document or records a restore could not bring back. */
export interface LostEntry {
  readonly sha256: string
  /** Its place in the log; none: a document that was refused, which own receipts name, `UNMIRRORED` or `REPLACED…`. */
  readonly index: number | undefined
  readonly kind: string
  /** When it was appended, and the messages that its leaf names. */
  readonly at: string | undefined
  readonly to: Readonly<Record<string, number>>
  /** Of the restore that listed it. */
  readonly epoch: string
  /** Of a certificate: when people said which number it bore; of an own change: that it is made up for. */
  readonly settledAt: string | undefined
  /** Why it is without effect although its bytes are here; undefined: they are not. */
  readonly late: LateReason | undefined
  /** What people still have to say of it. */
  readonly awaits: readonly ('number' | 'change')[]
}

/**
 * Why a document takes no effect whose bytes came after all. `order`: what stands behind it in the log had
 * taken effect already, and a restore puts it into its place. `taken`: another document has its number.
 */
export type LateReason = 'order' | 'taken'

/** Behind which entry a page begins. */
export interface LostPlace {
  readonly index: number
  readonly sha256: string
}

export interface LostCount {
  readonly documents: number
  /** Of acts and readings: what stood behind them was never sent to anybody. */
  readonly administrative: number
  /** Certificates, and ends of the log, of which nobody has said what numbers they bore. */
  readonly unsettled: number
  /** Status changes of this state, and ends of the log, of which nobody has said what became of them. */
  readonly changes: number
  /** Documents whose bytes are here and whose number another document has. */
  readonly taken: number
}

/** An entry that a restore listed, and what became of it. */
export interface ListedEntry {
  readonly sha256: string
  readonly index: number
  readonly kind: EntryKind
  readonly at: string
  /** `late`: its bytes are here, and it takes no effect. */
  readonly standing: 'lost' | 'late' | 'found'
  readonly late?: LateReason | undefined
}

/** A document of the log as it stands there. */
export interface PlacedDocument {
  readonly sha256: string
  readonly index: number
  readonly kind: EntryKind
  readonly jws: string
}

/** Where in the log documents belong that come in after all. */
export interface LostPlaces {
  /** Those of these documents that a restore listed and whose entries stand in the log. */
  listed(sha256s: readonly string[]): Promise<ListedEntry[]>
  /** What was said of a target in documents of this kind, and the target itself, in the order of the log. */
  family(
    kind: 'status-change' | 'second-signature' | 'attestation' | 'security-notice',
    target: string,
  ): Promise<PlacedDocument[]>
  /** Whether something in the log is about this document and changed nothing, because that was lost. */
  isFollowed(sha256: string): Promise<boolean>
}

/** A certificate of this state that takes no effect, because another one came to its number. */
export interface Displaced {
  readonly sha256: string
  readonly jws: string
  readonly index: number
  readonly at: string
  /** Of it, in the order of the log; they have changed nothing here. */
  readonly changes: readonly {
    readonly sha256: string
    readonly jws: string
    readonly at: string
  }[]
}

/** What restores could not bring back, and the numbers that are not to be used again because of it. */
export interface LostDocuments extends LostPlaces {
  /** In the order of the log; those without a place come first. */
  list(after: LostPlace | undefined, limit: number): Promise<LostEntry[]>
  count(): Promise<LostCount>
  /**
   * Whether a certificate may be issued under a number. `used`: a lost one bore it. `unsettled`: of a lost
   * certificate nobody has said which number it bore, so that it may be this one.
   */
  numberState(id: CertificateId): Promise<'free' | 'used' | 'unsettled'>
  /**
   * Digests of lost changes, and ends of the log, that may be about a certificate of this state and of which
   * nobody has said what became of them; at most a few.
   */
  changesOf(certificate: { readonly sha256: string }): Promise<readonly string[]>
  /** Undefined: the document is no such certificate. */
  displaced(sha256: string): Promise<Displaced | undefined>
  /** Keeps that a lost change of this state is made up for, or may be; `acts` are written in the same step. */
  settleChange(
    sha256: string,
    at: string,
    acts: readonly AdminAct[],
  ): Promise<'settled' | 'settled-before' | 'not-lost'>
  /** Keeps what number a lost certificate bore; `acts` are written in the same step, if it does. */
  settle(
    certificate: {
      readonly sha256: string
      /** None: the bodies answer for not using it again; of an end of the log they alone can. */
      readonly id: Pick<CertificateId, 'type' | 'number'> | undefined
    },
    at: string,
    acts: readonly AdminAct[],
  ): Promise<'settled' | 'settled-before' | 'not-lost'>
}

/** What the act of a restore says of the list that it made: altered rows show. */
export function lostListDigest(
  entries: readonly {
    readonly sha256: string
    readonly idx: number | null
    readonly kind: string
  }[],
): Promise<string> {
  const lines = entries.map(({ sha256, idx, kind }) => `${sha256} ${idx ?? '-'} ${kind}\n`)
  return digestOf(lines.sort().join(''))
}
