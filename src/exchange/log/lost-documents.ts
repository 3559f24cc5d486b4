import type { CertificateId } from '../../certificate/certificate-id.ts'
import type { AdminAct } from '../../trust/admin-act.ts'
import { digestOf } from '../validation/authenticate.ts'

/** An entry of the log whose document or records a restore could not bring back. */
export interface LostEntry {
  readonly sha256: string
  /** Its place in the log; none: a document that was refused, which own receipts name. */
  readonly index: number | undefined
  readonly kind: string
  /** When it was appended, and the messages that its leaf names. */
  readonly at: string | undefined
  readonly to: Readonly<Record<string, number>>
  /** Of the restore that listed it. */
  readonly epoch: string
  /** Of a certificate: when people said which number it bore, or that it will not be used again. */
  readonly settledAt: string | undefined
}

/** Behind which entry a page begins. */
export interface LostPlace {
  readonly index: number
  readonly sha256: string
}

export interface LostCount {
  readonly documents: number
  /** Of acts and readings: what stood behind them was never sent to anybody. */
  readonly administrative: number
  /** Certificates of which nobody has said what number they bore. */
  readonly unsettled: number
}

/** What restores could not bring back, and the numbers that are not to be used again because of it. */
export interface LostDocuments {
  /** In the order of the log; those without a place come first. */
  list(after: LostPlace | undefined, limit: number): Promise<LostEntry[]>
  count(): Promise<LostCount>
  /**
   * Whether a certificate may be issued under a number. `used`: a lost one bore it. `unsettled`: of a lost
   * certificate nobody has said which number it bore, so that it may be this one.
   */
  numberState(id: CertificateId): Promise<'free' | 'used' | 'unsettled'>
  /** Keeps what number a lost certificate bore; `acts` are written in the same step, if it does. */
  settle(
    certificate: {
      readonly sha256: string
      /** None: the bodies answer for not using it again. */
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
