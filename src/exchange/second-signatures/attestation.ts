import * as z from 'zod'
import { Country, Instant, line, Sha256 } from '../../certificate/fields.ts'
import { PartyId, stateOf } from '../../certificate/party-id.ts'
import type { Effect } from '../effect.ts'

export const ATTESTATION_SCHEMA = 'attestation/1'

/** How many one state makes of one second signature at most. */
export const MAX_ATTESTATIONS = 20

/**
 * The payload of an `attestation+jwt`, closed: a trust service has verified a national signature and says
 * what it found. Indications are those of ETSI EN 319 102-1 §5.1.
 */
export const Attestation = z
  .strictObject({
    schema: z.literal(ATTESTATION_SCHEMA),
    iss: PartyId,
    aud: z.array(Country).min(1).max(32),
    /** The second signature, by the digest of its exact bytes. */
    target: Sha256,
    /** SHA-256 of the national bytes that were verified: they, not a copy like them. */
    original: Sha256,
    indication: z.enum(['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE']),
    subIndication: z.exactOptional(
      z
        .string()
        .max(64)
        .regex(/^[A-Z0-9_]+$/),
    ),
    /** When it was verified. */
    at: Instant,
    /** From then on the service no longer stands by it. */
    expires: z.exactOptional(Instant),
    /** The service by its name, for people. */
    service: line(300).min(1),
  })
  .refine(({ at, expires }) => expires === undefined || at < expires, 'it ends before it begins')
export type Attestation = z.infer<typeof Attestation>

/** An attestation in its place, for the live path and for `replayLog` alike. */
export function attestationEffect(
  { target, iss, at }: Attestation,
  { sha256, n }: { readonly sha256: string; readonly n: number },
): Effect {
  const record = { target, n, sha256, issuer: stateOf(iss), verifiedAt: at }
  return { effect: 'attestation', record }
}
