/** The latest of several dates. */
export function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map(Number)))
}

/** The earliest of several dates. */
export function earliest(dates: readonly Date[]): Date {
  return new Date(Math.min(...dates.map(Number)))
}

/** The last instant before another. */
export function justBefore(date: Date): Date {
  return new Date(date.getTime() - 1)
}
