import type { Text } from '../../certificate/wording.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Warning } from './warning.ts'

const DAY_MS = 86_400_000

/** A warning about an end that is near enough or past. */
export function ending(
  warning: { kind: Warning['kind']; subject: string; message: Text },
  endsAt: Date,
  days: number,
  now: Date,
): Warning[] {
  if (endsAt.getTime() - now.getTime() > days * DAY_MS) return []
  return [{ ...warning, overdue: endsAt <= now, at: formatInstant(endsAt) }]
}
