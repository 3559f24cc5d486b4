/** The latest of several dates. */
export function latest(dates: readonly Date[]): Date {
  let time = -Infinity
  for (const date of dates) time = Math.max(time, date.getTime())
  return new Date(time)
}

/** The earliest of several dates. */
export function earliest(dates: readonly Date[]): Date {
  let time = Infinity
  for (const date of dates) time = Math.min(time, date.getTime())
  return new Date(time)
}

/** The last instant before another. */
export function justBefore(date: Date): Date {
  return new Date(date.getTime() - 1)
}
