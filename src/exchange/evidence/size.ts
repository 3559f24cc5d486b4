import { MAX_EVIDENCE_BYTES, type EvidencePack, type PartKind } from './pack.ts'

export type Parts = Pick<EvidencePack, PartKind>

/** What is left out first where not all has room: what the answer hangs on last. */
const EXPENDABLE: readonly PartKind[] = [
  'rules',
  'receipts',
  'attestations',
  'secondSignatures',
  'ocspResponses',
  'crls',
  'trustLists',
  'securityNotices',
  'statusChanges',
]

/** Room for the statement, which names every part by its digest. */
const STATEMENT_BYTES = 1024 * 1024

/**
 * Parts that fit into a pack beside what it holds anyway, of each kind the first ones; `cut`: kinds of
 * which some are left out.
 */
export function fittingParts(
  parts: Parts,
  beside: unknown,
  maxBytes = MAX_EVIDENCE_BYTES,
): { readonly parts: Parts; readonly cut: readonly PartKind[] } {
  let over = sizeOf(beside) + STATEMENT_BYTES - maxBytes
  for (const kind of EXPENDABLE) for (const part of parts[kind]) over += sizeOf(part)
  const kept: Record<string, readonly unknown[]> = { ...parts }
  const cut: PartKind[] = []
  for (const kind of EXPENDABLE) {
    let left = parts[kind].length
    for (; over > 0 && left > 0; left--) over -= sizeOf(parts[kind][left - 1])
    if (left === parts[kind].length) continue
    kept[kind] = parts[kind].slice(0, left)
    cut.push(kind)
  }
  return { parts: kept as Parts, cut }
}

/** In bytes, with the comma behind it. */
function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length + 1
}
