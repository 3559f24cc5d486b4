/** A calendar day `YYYY-MM-DD` in the issuing country (rules.md §9). Days compare as strings. */
export type Day = string

const DAY_MS = 86_400_000

/** The calendar day that clocks show at `instant` where the offset from UTC is `offsetMinutes`. */
export function dayAt(instant: Date, offsetMinutes: number): Day {
  return new Date(instant.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 10)
}

/** The instant at which `day` begins where the offset from UTC is `offsetMinutes`. */
export function startOfDay(day: Day, offsetMinutes: number): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) - offsetMinutes * 60_000)
}

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/**
 * The same day `months` later, or the last day of that month where it has no such day (D3):
 * twelve months after 29 February end on 28 February.
 */
export function addMonths(day: Day, months: number): Day {
  const count = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months
  const year = Math.floor(count / 12)
  const month = (count % 12) + 1
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const date = Math.min(Number(day.slice(8, 10)), last)
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}`
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
