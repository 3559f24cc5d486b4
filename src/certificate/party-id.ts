import * as z from 'zod'

/** An organisation's name in the exchange (wire.md "Names"): dotted, the state first: `BY.CCI.001`. */
export type PartyId = string

/** `BY.CCI`: a state and one to seven further segments of capitals, digits and hyphens. */
export const PartyId = z
  .string()
  .max(64)
  .regex(/^[A-Z]{2}(\.[A-Z0-9][A-Z0-9-]*){1,7}$/)

/** The state in whose tree of organisations the party stands. */
export function stateOf(party: PartyId): string {
  return party.slice(0, 2)
}

/** Whether `child` is `ancestor` or stands below it: headquarters see all of theirs, a branch its own. */
export function isWithin(child: PartyId, ancestor: PartyId): boolean {
  return child === ancestor || child.startsWith(`${ancestor}.`)
}
