import { z } from 'zod'
import { Instant, Sha256, State } from '../../certificate/fields.ts'

export const OUTCOMES = ['accepted', 'accepted-with-findings', 'refused', 'not-readable'] as const
export type Outcome = (typeof OUTCOMES)[number]

export const Decision = z.strictObject({
  sha256: Sha256,
  outcome: z.enum(OUTCOMES),
  findings: z.array(z.string().max(64)).max(200),
  at: Instant,
})
export type Decision = z.infer<typeof Decision>

/** Payload of a `receipt+jwt`: the one decision on each of its documents, signed by the registry seal. */
export const ReceiptPayload = z.strictObject({
  schema: z.literal('receipt/1'),
  iss: z.string().max(64),
  aud: z.array(State).length(1),
  decisions: z.array(Decision).min(1).max(1000),
})
export type ReceiptPayload = z.infer<typeof ReceiptPayload>
