import type { Policy } from './policy.ts'

/** Minutes ahead of UTC in which a state's calendar days run (rules.md §9), where it is configured. */
export function zoneOffset(policy: Policy, state: string): number | undefined {
  const zone = policy.zones[state]
  if (zone === undefined) return undefined
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return zone.startsWith('-') ? -minutes : minutes
}
