import { readFile } from 'node:fs/promises'
import { addDays, addMonths, type Day } from '../../certificate/day.ts'

const EXAMPLES = new URL('../../../openapi/examples/', import.meta.url)

/** The day on which everything in the examples happens. */
const EXAMPLE_DAY = '2026-03-02'

export interface DemoCertificate {
  readonly type: string
  readonly number: string
  readonly [member: string]: unknown
}

/** An example certificate moved to a day, under a number of its own. */
export async function demoCertificate(
  name: string,
  day: Day,
  serial: number,
): Promise<DemoCertificate> {
  const text = await readFile(new URL(`${name}.json`, EXAMPLES), 'utf8')
  const moved = JSON.parse(text.replaceAll(EXAMPLE_DAY, day)) as DemoCertificate
  const number =
    moved.type === 'origin.ct1'
      ? originNumber(moved.number, day, serial)
      : numbered(moved.number, serial, 5)
  const end = addMonths(day, 12)
  if (moved.type === 'origin.ct1') return { ...moved, number, usableUntil: end }
  return { ...moved, number, validUntil: addDays(end, -1) }
}

/** `BYUZ6001000301`: the year's last digit, the body, six digits of a serial. */
function originNumber(number: string, day: Day, serial: number): string {
  return numbered(number.slice(0, 4) + day.slice(3, 4) + number.slice(5), serial, 6)
}

function numbered(number: string, serial: number, digits: number): string {
  return number.slice(0, -digits) + String(serial % 10 ** digits).padStart(digits, '0')
}
