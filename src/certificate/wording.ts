import type { Day } from './day.ts'

/** A sentence in the two working languages. */
export interface Text {
  readonly ru: string
  readonly en: string
}

export function text(ru: string, en: string): Text {
  return { ru, en }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** How a Russian reader writes what messages quote: `10.02.2026`, `46 100 кг`. */
export const ru = {
  day: (day: Day): string => `${day.slice(8, 10)}.${day.slice(5, 7)}.${day.slice(0, 4)}`,
  number: (value: number): string => grouped(value, '\u00a0', ','),
  kg: (value: number): string => `${grouped(value, '\u00a0', ',')}\u00a0кг`,
} as const

/** How an English reader writes the same: `10 Feb 2026`, `46,100 kg`. */
export const en = {
  day: (day: Day): string =>
    `${Number(day.slice(8, 10))} ${MONTHS[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`,
  number: (value: number): string => grouped(value, ',', '.'),
  kg: (value: number): string => `${grouped(value, ',', '.')}\u00a0kg`,
} as const

/** Digits in threes, written here and not by the runtime, whose language data differ by build. */
function grouped(value: number, separator: string, point: string): string {
  const text = String(value)
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text
  const [whole = '', fraction] = text.split('.')
  const threes = whole.replace(/\B(?=(\d{3})+$)/g, separator)
  return fraction === undefined ? threes : `${threes}${point}${fraction}`
}
