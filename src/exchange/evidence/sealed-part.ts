import type { DocumentTyp } from '../../jose/protected-header.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { type AuthenticDocument, authenticate } from '../validation/authenticate.ts'
import { whyDoubted } from './doubted-seal.ts'
import type { LoggedPart } from './pack.ts'
import { type WitnessContext, witnessedTime } from './witnessed-time.ts'

export interface SealedPartContext extends WitnessContext {
  readonly paths: PathCache
  /** The present, where the pack is judged as of before. */
  readonly clock: Date
}

/**
 * What a registry sealed, if it is authentic at the time that its proof shows; without one, now, and if
 * nothing that is known by the clock makes it doubtful who signed.
 */
export async function sealedPart(
  part: LoggedPart,
  sha256: string,
  typ: DocumentTyp,
  context: SealedPartContext,
): Promise<AuthenticDocument | undefined> {
  const { trust, paths, now, clock } = context
  const time = await witnessedTime(part, sha256, context)
  const { document } = await authenticate(part.jws, {
    trust,
    paths,
    purpose: 'registry-seal',
    at: 'at' in time ? time.at : now,
    now,
    typs: [typ],
  })
  if (!document || 'at' in time) return document
  const doubt = await whyDoubted(document, { trust, paths, purpose: 'registry-seal', clock })
  return doubt === undefined ? document : undefined
}
