import type { CoveredTable } from '../log/administrative-entry.ts'

/** What the log of this node holds, page by page, for those who audit it from outside. */
export interface AuditSource {
  /** Documents of the log behind an entry, in its order: at most so many of about so many characters. */
  documents(after: number, limit: { count: number; characters: number }): Promise<LoggedBytes[]>
  /** Checkpoints larger than `after`, smallest first, with all that was signed under them. */
  checkpoints(after: number, limit: number): Promise<ShownCheckpoint[]>
  /** Administrative entries behind `after`: the rows that each covers. */
  coverings(after: number, limit: number): Promise<ShownCovering[]>
  /** Where certificates behind `after` stand, in the order of the log, read at one moment. */
  statuses(after: number, limit: number): Promise<ShownStatuses>
}

export interface LoggedBytes {
  readonly idx: number
  readonly sha256: string
  readonly jws: string
  /** It is that of a certificate. */
  readonly isCertificate: boolean
}

export interface ShownCheckpoint {
  /** As the log key signed it first, without cosignatures. */
  readonly note: string
  readonly signedAt: string
  /** Signature lines of later log keys. */
  readonly signatures: { readonly keyId: number; readonly line: string }[]
  readonly cosignatures: {
    /** Empty: the operator has chosen the witness. */
    readonly state: string
    readonly witness: string
    readonly keyId: number
    readonly line: string
    readonly cosignedAt: string
  }[]
}

/** Rows `first` to `last` stand behind entry `idx`, under a nonce (`administrativeDigest`). */
export interface ShownCovering {
  readonly idx: number
  readonly rowsOf: CoveredTable
  readonly first: number
  readonly last: number
  readonly nonce: string
}

export interface ShownStatuses {
  /** Entries in the log when they were read. */
  readonly size: number
  readonly certificates: ShownStatus[]
}

export interface ShownStatus {
  readonly idx: number
  readonly sha256: string
  readonly status: string
  readonly replacedBy?: string
  readonly usableUntil?: string
}
