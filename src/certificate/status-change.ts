import * as z from 'zod'
import { Country, DaySchema, DocRef, lines, Sha256 } from './fields.ts'
import { PartyId } from './party-id.ts'

export const STATUS_CHANGE_SCHEMA = 'status-change/1'

const common = {
  schema: z.literal(STATUS_CHANGE_SCHEMA),
  iss: PartyId,
  aud: z.array(Country).min(1).max(32),
  /** The changed certificate, by the digest of its exact bytes. */
  target: Sha256,
  effectiveFrom: DaySchema,
  reason: lines(1000).min(1),
  /** The order or decision behind the change. */
  basis: z.exactOptional(DocRef),
}

/**
 * The payload of a `status-change+jwt` (wire.md "Signed documents"), closed. `replacedBy` exists only
 * on `replace`, `validUntil` only on `extend`, where wire.md has no place for the new end of validity.
 */
export const StatusChange = z.discriminatedUnion('change', [
  z.strictObject({ ...common, change: z.literal('suspend') }),
  z.strictObject({ ...common, change: z.literal('resume') }),
  z.strictObject({
    ...common,
    change: z.literal('extend'),
    validUntil: z.exactOptional(DaySchema),
  }),
  z.strictObject({ ...common, change: z.literal('annul') }),
  z.strictObject({ ...common, change: z.literal('replace'), replacedBy: Sha256 }),
  z.strictObject({ ...common, change: z.literal('terminate') }),
  z.strictObject({ ...common, change: z.literal('archive') }),
])
export type StatusChange = z.infer<typeof StatusChange>

export type ChangeKind = StatusChange['change']
