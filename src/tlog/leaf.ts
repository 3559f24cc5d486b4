/** What an entry of the log stands for. */
export type EntryKind =
  | 'certificate'
  | 'status-change'
  | 'trust-list'
  | 'officials-register'
  | 'receipt'
  | 'security-notice'
  | 'second-signature'
  | 'attestation'
  | 'reconciliation'
  /** What was done to this node or read at it: never a document, and it reveals neither. */
  | 'administrative'
  | 'unknown'

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

/** Reads a leaf; `undefined` for any text that `encodeLeaf` would not write, of whatever kind. */
export function parseLeaf(
  text: string,
): (Omit<Leaf, 'kind'> & { readonly kind: string }) | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, sha256, to, at } = value as Record<string, unknown>
  if (typeof kind !== 'string' || typeof sha256 !== 'string' || typeof at !== 'string')
    return undefined
  if (typeof to !== 'object' || to === null || !Object.values(to).every(isSequenceNumber))
    return undefined
  const leaf = { kind, sha256, to: to as Record<string, number>, at }
  return encodeLeaf({ ...leaf, kind: kind as EntryKind }) === text ? leaf : undefined
}

function isSequenceNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}
