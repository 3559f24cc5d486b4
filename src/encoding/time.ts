let last = { second: NaN, text: '' }

/** RFC 3339 in UTC, whole seconds: the one form in which the exchange writes an instant. */
export function formatInstant(at: Date): string {
  const second = Math.floor(at.getTime() / 1000)
  // A document is judged by one instant, which is written again for each thing that is asked of it.
  if (second !== last.second) last = { second, text: `${at.toISOString().slice(0, 19)}Z` }
  return last.text
}
