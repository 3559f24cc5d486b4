import { parseJws } from '../../jose/parse.ts'

/** The state an unverified document claims, only to know whose list would have to be at hand. */
export function claimedState(jws: string): string | undefined {
  const parsed = parseJws(jws)
  const payload = 'malformed' in parsed ? undefined : (parsed.payload as { iss?: unknown })
  return typeof payload?.iss === 'string' ? payload.iss.slice(0, 2) : undefined
}
