import { type PartyId, stateOf } from '../certificate/party-id.ts'
import { formatInstant } from '../encoding/time.ts'
import type { Seal } from '../jose/sign.ts'
import type { CountedKey } from '../trust/additions.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import { type CertifiedKey, keyFaults } from './key-in-force.ts'
import { inTurn } from './signing-keys.ts'
import { noticeAgainstSigning, type NoticeDependencies } from './notices/check-notices.ts'

/** Keys that this node holds. Which of them may sign now is for the trust list to say. */
export interface Seals {
  /** Seals of bodies in the node's custody. */
  readonly bodies: readonly Seal[]
  /** The one of today; throws `NoKeyInForce`. */
  readonly registry: () => Promise<Seal>
  /**
   * Why peers do not believe now what a registry seal of this state signed, whenever it did; undefined:
   * nothing speaks against it.
   */
  readonly registryFault: (key: CertifiedKey) => Promise<string | undefined>
  /** PartyId of the registry seal. */
  readonly registryParty: PartyId
  /** Signs status lists and nothing else; throws `NoKeyInForce`. */
  readonly statusSigner: () => Promise<Seal>
}

export type SealChoice =
  | { readonly seal: Seal }
  | { readonly obstacle: string }
  /** The security notice that puts the seal on hold, by digest. */
  | { readonly heldBy: string; readonly detail: string }

/**
 * The seal with which this body may sign at this instant. A seal that receivers would refuse, because it
 * is not registered, removed, expired or revoked, is an obstacle here; what cannot be told is not. Nor does
 * one sign that a security notice puts on hold; another of the same body may.
 */
export async function sealInForce(
  seals: Seals,
  party: PartyId,
  context: { trust: Trust; paths: PathCache; now: Date; notices: NoticeDependencies },
): Promise<SealChoice> {
  const { trust, paths, now, notices } = context
  const faultOf = keyFaults(paths)
  let held: { heldBy: string; detail: string } | undefined
  let obstacle = `this node holds no registered seal of ${party}`
  let waits = false
  const entryOf = ({ x5tS256 }: Seal) => trust.view.key(x5tS256, stateOf(party))
  for (const seal of inTurn(seals.bodies, (of) => entryOf(of)?.key, now)) {
    const known = entryOf(seal)
    if (known?.key.usage !== 'seal' || known.key.body !== party) continue
    const fault = await faultOf(seal, known.key, { purpose: 'document-seal', trust, now })
    if (fault !== undefined) {
      // What waits tells whoever asks more than what it takes over from.
      if (!waits) obstacle = `the seal of ${party} is not in force: ${faultText(fault, known.key)}`
      waits ||= fault === 'pending'
      continue
    }
    const signer = { state: stateOf(party), x5tS256: seal.x5tS256, x5c: seal.x5c }
    const heldBy = await noticeAgainstSigning(notices, signer, formatInstant(now))
    if (heldBy === undefined) return { seal }
    held ??= { heldBy, detail: `the seal of ${party} is on hold` }
  }
  return held ?? { obstacle }
}

/** A fault with the instant that belongs to it and what can be done, where the list tells. */
function faultText(fault: string, { from, until, removedAt, countsFrom }: CountedKey): string {
  switch (fault) {
    case 'removed':
      return removedAt === undefined
        ? `ended before it counted, so that it never does; ${NEEDS_ANOTHER}`
        : `removed from the trust list since ${removedAt}; ${NEEDS_ANOTHER}`
    case 'pending':
      return `pending: it is new in the trust list and counts from ${countsFrom}, or as soon as two persons hasten that version (certex trust hasten)`
    case 'not-yet':
      return `not-yet: it begins at ${from}`
    case 'ended':
      return `ended at ${until}; ${NEEDS_ANOTHER}`
    default:
      return `${fault}; ${NEEDS_ANOTHER}`
  }
}

/** It is said of the last one: if another seal of the body were in force here, that one would sign. */
const NEEDS_ANOTHER =
  'no other seal of the body is in force here, so that its operator has to make one (certex pki renew document-seal)'

/** Why nothing is signed, for whoever asked for it. */
export type SealObstacle =
  | { readonly outcome: 'body-signs-itself' | 'seal-not-available'; readonly detail: string }
  | { readonly outcome: 'seal-on-hold'; readonly detail: string; readonly notice: string }

export function sealObstacle(choice: Exclude<SealChoice, { seal: Seal }>): SealObstacle {
  return 'heldBy' in choice
    ? { outcome: 'seal-on-hold', detail: choice.detail, notice: choice.heldBy }
    : { outcome: 'seal-not-available', detail: choice.obstacle }
}
