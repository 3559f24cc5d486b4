import { dayAt } from '../../certificate/day.ts'
import type { Policy } from '../../certificate/policy.ts'
import { zoneOffset } from '../../certificate/zone.ts'
import type { CertificateContent } from '../validation/certificate-content.ts'
import type { Check } from '../validation/check.ts'
import { explainNotFound } from '../validation/not-found.ts'
import type { PeerStore } from '../delivery/peer-store.ts'
import { checkStatusList } from '../status-lists/check.ts'
import type { StatusListSource } from '../status-lists/source.ts'
import type { VerifiedStatusList } from '../status-lists/token.ts'

export interface UnknownDependencies {
  readonly state: string
  readonly policy: Policy
  readonly peers: PeerStore
  readonly statusLists: StatusListSource
}

export interface JudgedUnknown {
  readonly identity: Check
  /** What the status list of its state says; absent: no list is at hand. */
  readonly listed?: { readonly status: Check; readonly by: VerifiedStatusList }
}

/**
 * What of a genuine certificate that this node never received? The status list of its state tells
 * whether it is in force. But positions that were never given away are VALID too: where everything due
 * by now has arrived, the absence of the certificate outweighs the list.
 */
export async function judgeUnknown(
  deps: UnknownDependencies,
  { type, payload, id }: CertificateContent,
  { signedAt, now }: { signedAt: Date; now: Date },
): Promise<JudgedUnknown> {
  const unknown: Check = { check: 'identity', outcome: 'unknown', code: 'unknown-here' }
  // What this node's own bodies issued is in its own register or nowhere.
  if (id.state === deps.state) return { identity: unknown }
  const { uri, idx } = payload.status.status_list
  const by = await deps.statusLists.find(uri, id.state)
  if (!by) return { identity: unknown }

  const status = checkStatusList(by, idx, now)
  const listed = { status, by }
  if (status.outcome === 'unknown') return { identity: unknown, listed }
  const { conclusive, detail } = explainNotFound(
    {
      ...type.identity(payload.certificate),
      type: type.type,
      issuedOn: dayAt(signedAt, zoneOffset(deps.policy, id.state) ?? 0),
    },
    { self: deps.state, policy: deps.policy, peer: await deps.peers.find(id.state), now },
  )
  const identity: Check = conclusive
    ? { check: 'identity', outcome: 'unknown', code: 'absent-from-feed', detail }
    : { check: 'identity', outcome: 'warning', code: 'not-received' }
  return { identity, listed }
}
