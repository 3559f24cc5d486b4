/** What an entry of the log stands for. */
export type EntryKind = 'certificate' | 'status-change' | 'trust-list' | 'receipt' | 'unknown'

export interface Leaf {
  readonly kind: EntryKind
  readonly sha256: string
  /** Recipient state → sequence number of the message to it. */
  readonly to: Readonly<Record<string, number>>
  readonly at: string
}

/** The entry's bytes as text: members in this order, no spaces, recipients sorted. */
export function encodeLeaf({ kind, sha256, to, at }: Leaf): string {
  const sorted = Object.fromEntries(Object.entries(to).sort(([a], [b]) => (a < b ? -1 : 1)))
  return JSON.stringify({ v: 1, kind, sha256, to: sorted, at })
}
