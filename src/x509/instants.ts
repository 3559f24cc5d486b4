/** Whether one instant is before another; `<` between dates calls two methods of each. */
export function isBefore(one: Date, other: Date): boolean {
  return one.getTime() < other.getTime()
}

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

/**
 * The span of time in which nothing begins or ends of what certificates, lists and responses say: they speak
 * in whole seconds, so that the instant of a second is one span and what is between two seconds another.
 */
export function timeSpan(now: Date): number {
  const seconds = now.getTime() / 1000
  return Math.floor(seconds) + Math.ceil(seconds)
}
