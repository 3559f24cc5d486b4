import * as z from 'zod'

/** No control characters, lone surrogates or writing-direction overrides, which show what is not there. */
const LINE = /^[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u
const LINES =
  /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\p{Cs}\u202a-\u202e\u2066-\u2069]*$/u

/** Text on one line; blank passes, because the rules, not the schema, say which box may be blank. */
export function line(max: number): z.ZodString {
  return z.string().max(max).regex(LINE)
}

/** Text that may run over several lines. */
export function lines(max: number): z.ZodString {
  return z.string().max(max).regex(LINES)
}

/** A number of a document as written (rules.md §14): the raw string is the identity. */
export const DocumentNumber = line(100).min(1)

/** Two capitals; whether such a country exists is for ORI-CTRY-CODE to say. */
export const Country = z
  .string()
  .length(2)
  .regex(/^[A-Z]{2}$/)

/** The state of a node, of an issuer or of an addressee. */
export const State = Country.meta({ description: 'ISO 3166-1 alpha-2' })

/** RFC 3339 in UTC, whole seconds: the one form in which the exchange writes an instant that there is. */
export const Instant = z.iso.datetime({ precision: 0 }).length(20)

/** A real calendar day of the years 1900 to 2999. */
export const DaySchema = z.iso
  .date()
  .max(10)
  .regex(/^(19|2\d)\d\d-/)
  .meta({ format: 'date' })

/** A code of a list; whether the list has it is for a rule to say. */
export const Code = line(16)

/** A JSON number small enough that 105 % of it, in thousandths, is still exact. */
export const Quantity = z.number().min(-1e10).max(1e10)

/** A whole number of packages, sheets or pages. */
export const Count = z.int().min(0).max(1_000_000_000)

/** SHA-256 in base64url, the identity of a document (wire.md "Names"). */
export const Sha256 = z
  .string()
  .length(43)
  .regex(/^[A-Za-z0-9_-]{43}$/)

/** The name of a document type, also of one that this node cannot read. */
export const TypeName = z
  .string()
  .max(40)
  .regex(/^[a-z]+\.[a-z0-9-]+$/)

export const DocRef = z.strictObject({
  number: line(100),
  date: DaySchema,
  kind: z.exactOptional(line(200)),
  sha256: z.exactOptional(Sha256),
})
export type DocRef = z.infer<typeof DocRef>

export const DocLink = z.strictObject({ type: TypeName, number: DocumentNumber })
export type DocLink = z.infer<typeof DocLink>

export const Party = z.strictObject({
  country: Country,
  name: line(500),
  address: line(500),
  taxId: z.exactOptional(
    z.strictObject({
      scheme: z.enum(['BY-UNP', 'UZ-STIR', 'UZ-PINFL', 'OTHER']),
      value: line(40),
    }),
  ),
})
export type Party = z.infer<typeof Party>
