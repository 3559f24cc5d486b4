import { z } from 'zod'
import { Instant, Sha256 } from '../../certificate/fields.ts'
import { PartyId } from '../../certificate/party-id.ts'
import { formatInstant } from '../../encoding/time.ts'
import { signJws } from '../../jose/sign.ts'
import { MOST_PARTS, PART_KINDS, type PartDigests, type PartKind } from './pack.ts'
import type { Seals } from '../seals.ts'

export const EVIDENCE_STATEMENT_TYP = 'evidence+jwt'
export const EVIDENCE_STATEMENT_SCHEMA = 'evidence-statement/1'

const digests = Object.fromEntries(
  PART_KINDS.map((kind) => [kind, z.array(Sha256).max(MOST_PARTS[kind])]),
) as Record<PartKind, z.ZodArray<typeof Sha256>>

/**
 * Payload of an `evidence+jwt`, signed by the registry seal: at `asOf` these were all parts that the node
 * knew of for a document. A log proves what stands in it; that nothing else does, its node has to say.
 */
export const EvidenceStatement = z.strictObject({
  schema: z.literal(EVIDENCE_STATEMENT_SCHEMA),
  iss: PartyId,
  document: Sha256,
  asOf: Instant,
  parts: z.strictObject({ ...digests, policy: Sha256, missing: Sha256 }),
})
export type EvidenceStatement = z.infer<typeof EvidenceStatement>

/** Signs that these are all parts. */
export async function stateEvidence(
  seals: Pick<Seals, 'registry' | 'registryParty'>,
  statement: { readonly document: string; readonly parts: PartDigests; readonly now: Date },
): Promise<string> {
  const { document, parts, now } = statement
  const payload = {
    schema: EVIDENCE_STATEMENT_SCHEMA,
    iss: seals.registryParty,
    document,
    asOf: formatInstant(now),
    parts,
  }
  const seal = await seals.registry()
  return signJws({ typ: EVIDENCE_STATEMENT_TYP, payload, seal, signedAt: now })
}
