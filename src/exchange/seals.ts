import { type PartyId, stateOf } from '../certificate/party-id.ts'
import type { Seal } from '../jose/sign.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import { validatePath } from './authenticate.ts'

/** Keys that this node holds. Which of them may sign now is for the trust list to say. */
export interface Seals {
  /** Seals of bodies in the node's custody. */
  readonly bodies: readonly Seal[]
  readonly registry: Seal
  /** PartyId of the registry seal. */
  readonly registryParty: PartyId
  /** Signs status lists and nothing else. */
  readonly statusSigner: Seal
}

export type SealChoice = { readonly seal: Seal } | { readonly obstacle: string }

/**
 * The seal with which this body may sign at this instant. A seal that receivers would refuse, because it
 * is not registered, removed, expired or revoked, is an obstacle here; what cannot be told is not.
 */
export async function sealInForce(
  seals: Seals,
  party: PartyId,
  context: { trust: Trust; paths: PathCache; now: Date },
): Promise<SealChoice> {
  const { trust, paths, now } = context
  let obstacle = `this node holds no registered seal of ${party}`
  for (const seal of seals.bodies) {
    const known = trust.view.key(seal.x5tS256, stateOf(party))
    if (known?.key.usage !== 'seal' || known.key.body !== party) continue
    const ended = keyObstacle(known.key, now)
    if (ended) {
      obstacle = `the seal of ${party} is registered but ${ended}`
      continue
    }
    const at = { trust, paths, purpose: 'document-seal', at: now, now } as const
    const { path } = await validatePath(seal.path, at)
    if (path.result !== 'invalid') return { seal }
    obstacle = `the seal of ${party} is not valid: ${path.code}`
  }
  return { obstacle }
}
