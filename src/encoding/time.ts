/** RFC 3339 in UTC, whole seconds: the one form in which the exchange writes an instant. */
export function formatInstant(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}
