/**
 * Whether used quantities together stay within the limit, 105 % of the certified one (§7.4, D10).
 * Counted in thousandths, because kilograms have three decimals and sums of decimals drift.
 */
export function withinDeliveryLimit(
  used: readonly number[],
  certified: number,
  limitPercent: number,
): boolean {
  const sum = used.reduce((total, value) => total + thousandths(value), 0)
  return sum * 100 <= thousandths(certified) * limitPercent
}

/** What may still be used, never below zero. */
export function leftToUse(
  used: readonly number[],
  certified: number,
  limitPercent: number,
): number {
  const sum = used.reduce((total, value) => total + thousandths(value), 0)
  const allowed = Math.floor((thousandths(certified) * limitPercent) / 100)
  return Math.max(0, allowed - sum) / 1000
}

function thousandths(value: number): number {
  return Math.round(value * 1000)
}
