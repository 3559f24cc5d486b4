import type { Day } from '../../certificate/day.ts'
import type { CertificateLine } from '../../certificate/document-type.ts'
import { withinDeliveryLimit } from '../../certificate/delivery-limit.ts'

/** A line of a goods declaration, as far as a certificate can speak about it. */
export interface DeclarationLine {
  readonly n: number
  readonly hsCode: string
  readonly origin?: string | undefined
  readonly netKg?: number | undefined
  readonly grossKg?: number | undefined
  readonly quantity?: { readonly value: number; readonly unit: string } | undefined
  readonly invoice?: string | undefined
}

export interface Declaration {
  readonly number: string
  readonly date: Day
  readonly lines: readonly DeclarationLine[]
}

export type LineDifference =
  | {
      readonly differs: 'origin' | 'invoice'
      readonly declared: string
      readonly certified: string
    }
  | {
      readonly differs: 'quantity'
      readonly measure: 'net' | 'gross' | 'supplementary'
      readonly declared: number
      readonly certified: number
      readonly unit: string
    }

export interface LineMatch {
  readonly line: number
  /** Number of the certificate's item, or null when none covers the line. */
  readonly item: number | null
  readonly differences: readonly LineDifference[]
  /** What the item certifies, by measure. */
  readonly certified: readonly { measure: string; value: number; unit: string }[]
}

/**
 * Finds for every line of a declaration the certificate's item that covers it: the commodity code that
 * shares the most digits, then the fewest differences. An item covers a line whose code it begins or
 * that begins it.
 */
export function matchDeclaration(
  items: readonly CertificateLine[],
  lines: readonly DeclarationLine[],
  limitPercent: number,
): LineMatch[] {
  return lines.map((line) => {
    let best: { item: CertificateLine; digits: number; differences: LineDifference[] } | undefined
    for (const item of items) {
      const digits = sharedDigits(item, line.hsCode)
      if (digits === 0) continue
      const differences = differencesOf(item, line, limitPercent)
      const better =
        !best ||
        digits > best.digits ||
        (digits === best.digits && differences.length < best.differences.length)
      if (better) best = { item, digits, differences }
    }
    if (!best) return { line: line.n, item: null, differences: [], certified: [] }
    return {
      line: line.n,
      item: best.item.n,
      differences: best.differences,
      certified: best.item.quantities.map(({ measure, value, unit }) => ({ measure, value, unit })),
    }
  })
}

/** Digits of the item's code that covers the line's, 0 if none does. */
function sharedDigits(item: CertificateLine, declared: string): number {
  const lengths = item.hsCodes
    .filter((code) => declared.startsWith(code) || code.startsWith(declared))
    .map((code) => Math.min(code.length, declared.length))
  return Math.max(0, ...lengths)
}

function differencesOf(
  item: CertificateLine,
  line: DeclarationLine,
  limitPercent: number,
): LineDifference[] {
  const differences: LineDifference[] = []
  if (line.origin !== undefined && item.origin !== undefined && line.origin !== item.origin)
    differences.push({ differs: 'origin', declared: line.origin, certified: item.origin })
  if (
    line.invoice !== undefined &&
    item.invoice &&
    normal(line.invoice) !== normal(item.invoice.number)
  )
    differences.push({ differs: 'invoice', declared: line.invoice, certified: item.invoice.number })
  for (const { measure, value, unit } of item.quantities) {
    const declared =
      measure === 'net'
        ? line.netKg
        : measure === 'gross'
          ? line.grossKg
          : line.quantity?.unit === unit
            ? line.quantity.value
            : undefined
    if (declared !== undefined && !withinDeliveryLimit([declared], value, limitPercent))
      differences.push({ differs: 'quantity', measure, declared, certified: value, unit })
  }
  return differences
}

function normal(invoice: string): string {
  return invoice.replaceAll(/\s+/g, '').toUpperCase()
}
