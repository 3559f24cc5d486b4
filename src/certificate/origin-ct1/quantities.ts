import type { LineQuantity } from '../document-type.ts'
import type { Item, OriginCt1 } from './schema.ts'

/** What box 9 (2009: 10) certifies for one item; masses in kilograms (rules.md §4.1). */
export function quantitiesOf(item: Item): LineQuantity[] {
  const quantities: LineQuantity[] = []
  if (item.netKg !== undefined) quantities.push({ measure: 'net', value: item.netKg, unit: 'KGM' })
  if (item.grossKg !== undefined)
    quantities.push({ measure: 'gross', value: item.grossKg, unit: 'KGM' })
  if (item.supplementary)
    quantities.push({
      measure: 'supplementary',
      value: item.supplementary.quantity,
      unit: item.supplementary.unit,
    })
  return quantities
}

/** What the totals certify for all items together. */
export function totalQuantities({ totals }: OriginCt1): LineQuantity[] {
  const quantities: LineQuantity[] = []
  if (totals?.netKg !== undefined)
    quantities.push({ measure: 'net', value: totals.netKg, unit: 'KGM' })
  if (totals?.grossKg !== undefined)
    quantities.push({ measure: 'gross', value: totals.grossKg, unit: 'KGM' })
  return quantities
}

/** How messages name an item, or the totals. */
export function ruPlace(n: number | undefined): string {
  return n === undefined ? 'Итого' : `Товар ${n}`
}

export function enPlace(n: number | undefined): string {
  return n === undefined ? 'Totals' : `Item ${n}`
}
