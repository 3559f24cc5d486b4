import type { CertificateId } from '../certificate/certificate-id.ts'
import { isWithin, type PartyId } from '../certificate/party-id.ts'
import { STATUS_CHANGE_SCHEMA, type StatusChange } from '../certificate/status-change.ts'
import { applyStatusChange, type ChangeRefusal } from '../certificate/status-transition.ts'
import { signJws } from '../jose/sign.ts'
import { digestOf } from './authenticate.ts'
import type { IssueDependencies } from './issue.ts'
import { statusChangeEffect } from './projection.ts'
import { loadCertificate } from './registered.ts'
import { sealInForce } from './seals.ts'

export type ChangeDependencies = Omit<IssueDependencies, 'policy' | 'positions'>

export interface ChangeInput {
  readonly id: CertificateId
  readonly change: 'annul'
  readonly effectiveFrom: string
  readonly reason: string
  readonly actor: PartyId
}

export type ChangeOutcome =
  | { readonly outcome: 'changed'; readonly sha256: string; readonly jws: string }
  | { readonly outcome: 'already-changed'; readonly sha256: string; readonly jws: string }
  | { readonly outcome: 'certificate-unknown' | 'not-your-certificate' }
  | { readonly outcome: 'not-permitted'; readonly reason: ChangeRefusal; readonly status: string }
  | { readonly outcome: 'seal-not-available'; readonly detail: string }

const MAX_RACES = 5

/**
 * Signs and appends a status change of one's own certificate; it goes to every recipient of the
 * certificate. The same change with the same words again gives the same document.
 */
export function changeStatus(deps: ChangeDependencies) {
  return async (input: ChangeInput): Promise<ChangeOutcome> => {
    for (let race = 0; race < MAX_RACES; race++) {
      const outcome = await attempt(deps, input)
      if (outcome !== 'lost-race') return outcome
    }
    throw new Error(`Status changes of one certificate collided ${MAX_RACES} times`)
  }
}

async function attempt(
  deps: ChangeDependencies,
  { id, change, effectiveFrom, reason, actor }: ChangeInput,
): Promise<ChangeOutcome | 'lost-race'> {
  const stored = await deps.certificates.find(id)
  if (!stored) return { outcome: 'certificate-unknown' }
  if (stored.origin !== 'issued' || !isWithin(stored.issuer, actor))
    return { outcome: 'not-your-certificate' }
  const { type, payload, changes, state } = await loadCertificate(deps.certificates, stored)

  const same = changes.find(
    ({ change: earlier }) =>
      earlier.change === change &&
      earlier.effectiveFrom === effectiveFrom &&
      earlier.reason === reason,
  )
  if (same) {
    const jws = await deps.certificates.document(same.sha256)
    if (jws === undefined) throw new Error(`The bytes of document ${same.sha256} are missing`)
    return { outcome: 'already-changed', sha256: same.sha256, jws }
  }
  const claims: StatusChange = {
    schema: STATUS_CHANGE_SCHEMA,
    iss: stored.issuer,
    aud: [...stored.recipients],
    target: stored.sha256,
    change,
    effectiveFrom,
    reason,
  }
  const validity = type.validity(payload.certificate)
  const result = applyStatusChange(type, state, claims, validity)
  if (result.outcome === 'refused')
    return { outcome: 'not-permitted', reason: result.reason, status: state.status }

  const now = deps.now()
  const trust = await deps.trust()
  const choice = await sealInForce(deps.seals, stored.issuer, { trust, paths: deps.paths, now })
  if ('obstacle' in choice) return { outcome: 'seal-not-available', detail: choice.obstacle }
  const jws = await signJws({
    typ: 'status-change+jwt',
    payload: claims,
    seal: choice.seal,
    signedAt: now,
  })
  const sha256 = await digestOf(jws)
  const appended = await deps.append({
    entries: [
      {
        kind: 'status-change',
        sha256,
        jws,
        to: stored.recipients,
        effects: [
          statusChangeEffect({
            sha256,
            target: stored.sha256,
            earlier: changes.length,
            state: result.state,
          }),
        ],
      },
    ],
  })
  return appended === 'duplicate' ? 'lost-race' : { outcome: 'changed', sha256, jws }
}
