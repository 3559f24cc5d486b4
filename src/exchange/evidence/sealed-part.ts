import type { DocumentTyp } from '../../jose/protected-header.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { type AuthenticDocument, authenticate } from '../validation/authenticate.ts'
import type { LoggedPart } from './pack.ts'
import { type WitnessContext, witnessedTime } from './witnessed-time.ts'

export interface SealedPartContext extends WitnessContext {
  readonly paths: PathCache
}

/** What a registry sealed, if it is authentic at the time that its proof shows; without one, now. */
export async function sealedPart(
  part: LoggedPart,
  sha256: string,
  typ: DocumentTyp,
  context: SealedPartContext,
): Promise<AuthenticDocument | undefined> {
  const { trust, paths, now } = context
  const time = await witnessedTime(part, sha256, context)
  const { document } = await authenticate(part.jws, {
    trust,
    paths,
    purpose: 'registry-seal',
    at: 'at' in time ? time.at : now,
    now,
    typs: [typ],
  })
  return document
}
