import type { Warning } from './warning.ts'

const AGAIN_MS = 24 * 3600_000

/** Tells every warning when it appears and once a day while it lasts. */
export function tellWarnings(
  deps: { readonly now: () => Date; readonly warnings: () => Promise<readonly Warning[]> },
  tell: (warning: Warning) => void,
): () => Promise<void> {
  const told = new Map<string, number>()
  return async () => {
    const now = deps.now().getTime()
    const current = new Map(
      (await deps.warnings()).map((one) => [`${one.kind} ${one.subject} ${one.overdue}`, one]),
    )
    for (const key of told.keys()) if (!current.has(key)) told.delete(key)
    for (const [key, warning] of current) {
      if (now - (told.get(key) ?? -Infinity) < AGAIN_MS) continue
      told.set(key, now)
      tell(warning)
    }
  }
}
