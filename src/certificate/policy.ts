import * as z from 'zod'
import { Code, Country, DaySchema, line, TypeName } from './fields.ts'

/** A party or a whole state, `BY.CCI.001` or `BY`. */
const Issuer = z
  .string()
  .max(64)
  .regex(/^[A-Z]{2}(\.[A-Z0-9][A-Z0-9-]*){0,7}$/)

const Offset = z.string().regex(/^[+-](0\d|1[0-4]):[0-5]\d$/)

/**
 * How an issuer writes its numbers (rules.md §14, D12): a regular expression whose named groups
 * `issuer`, `destination`, `year`, `body`, `serial` the ORI-NUM rules read, where it has them.
 */
export const NumberFormat = z.strictObject({
  issuer: Issuer,
  type: TypeName,
  /** CERTIFICATE or DECLARATION, where the two differ. */
  kind: z.exactOptional(line(20)),
  pattern: z.string().max(500).refine(compiles, 'Not a regular expression'),
  /** Whether the pattern meets the number as written or folded. */
  on: z.enum(['as-written', 'folded']),
})
export type NumberFormat = z.infer<typeof NumberFormat>

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}

/** A rule set and the form printed for it, in force for a while, for all or for one partner state. */
export const OriginForm = z.strictObject({
  ruleSet: z.enum(['CIS-1993', 'CIS-2000', 'CIS-2009']),
  layout: z.enum(['CT1-1993', 'CT1-2009']),
  /** The state on either side; its records of a rule set take the place of the general ones. */
  partner: z.exactOptional(Country),
  from: DaySchema,
  until: z.exactOptional(DaySchema),
})
export type OriginForm = z.infer<typeof OriginForm>

/** What the parties may configure without code: code lists, number formats, forms in force, zones. */
export const Policy = z.strictObject({
  /** ISO 3166-1 alpha-2. */
  countries: z.array(Country).max(1000),
  /** Transit through these asks for no proof of customs control (ORI-DIRECT). */
  cisCountries: z.array(Country).max(100),
  /** Offset from UTC in which a state's calendar days run. */
  zones: z.record(Country, Offset),
  numberFormats: z.array(NumberFormat).max(1000),
  /** The first that fits is the default (D1). */
  originForms: z.array(OriginForm).min(1).max(1000),
  /** Rec 20. */
  units: z.array(Code).max(5000),
  packages: z.array(z.strictObject({ code: Code, bulk: z.boolean() })).max(5000),
  /** Delivered or used quantity in per cent of the certified one (D10). */
  deliveryLimitPercent: z.int().min(100).max(200),
  /** How long this node waits before it counts what a trust list adds; 0: not at all. */
  trustAdditionDelayHours: z.number().min(0).max(8760),
  /** How long after `nextUpdate` a trust list is still answered by, with a warning. */
  trustListGraceHours: z.number().min(0).max(8760),
  /** Whether a security notice puts what it concerns on hold, or is only told. */
  securityHold: z.enum(['hold', 'warn']),
  /** States whose certificates count here only with a national signature that is confirmed. */
  nationalSignatureOf: z.array(Country).max(250),
  /** Status codes of a type and the states each may stand for (rules.md §7, §8). */
  statusCodes: z.record(TypeName, z.record(Code, z.array(line(20)).max(20))),
})
export type Policy = z.infer<typeof Policy>
