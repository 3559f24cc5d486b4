import type { CertificateId } from '../../certificate/certificate-id.ts'
import type { Day } from '../../certificate/day.ts'
import { statusOn } from '../../certificate/certificate-state.ts'
import { mayResume } from '../../certificate/status-authority.ts'
import { STATUS_CHANGE_SCHEMA, type StatusChange } from '../../certificate/status-change.ts'
import { applyStatusChange, isFinal } from '../../certificate/status-transition.ts'
import { signJws } from '../../jose/sign.ts'
import type { Trust } from '../../trust/trust.ts'
import { digestOf } from '../validation/authenticate.ts'
import {
  type ChangeActor,
  type ChangeTarget,
  type ChangeWords,
  findTarget,
  sameChange,
  type TargetRefusal,
  todayOf,
} from './change-target.ts'
import type { IssueDependencies } from './issue.ts'
import { type NewEntry, untilWon } from '../journal.ts'
import { statusChangeEffect } from '../projection.ts'
import { sealInForce, sealObstacle, type SealObstacle } from '../seals.ts'

export type ChangeDependencies = Omit<IssueDependencies, 'positions' | 'reservations'>

/** A change that concerns one certificate alone; a replacement comes with its successor. */
export type ChangeRequest = ChangeWords &
  (
    | { readonly change: 'suspend' | 'resume' | 'archive' }
    | {
        readonly change: 'annul' | 'terminate'
        /** The digest of the certificate that is meant, where it takes no effect for another of its number. */
        readonly displaced?: string
      }
    | { readonly change: 'extend'; readonly validUntil?: Day }
  )

export interface SignedDocument {
  readonly sha256: string
  readonly jws: string
}

export type ChangeOutcome =
  | (SignedDocument & {
      readonly outcome: 'changed' | 'already-changed'
      /** The certificate's status now: others may have changed it after an earlier change. */
      readonly status: string
    })
  | TargetRefusal
  | SealObstacle

/**
 * Every change is judged on all before it, and each of them is kept and sent. Each party has its own
 * allowance: a body that used up its own takes nothing from the authority above it.
 */
export const MAX_CHANGES = 200

/**
 * Signs and appends a status change of one certificate; it goes to every recipient of the certificate.
 * The latest change with the same words again gives the same document.
 */
export function changeStatus(deps: ChangeDependencies) {
  return (id: CertificateId, actor: ChangeActor, request: ChangeRequest): Promise<ChangeOutcome> =>
    untilWon(() => attempt(deps, id, actor, request))
}

async function attempt(
  deps: ChangeDependencies,
  id: CertificateId,
  actor: ChangeActor,
  request: ChangeRequest,
): Promise<ChangeOutcome | 'lost-race'> {
  const { displaced, ...asked } = { displaced: undefined, ...request }
  const target = await findTarget(deps, id, actor, asked.change, displaced)
  if (target.outcome !== 'found') return target
  const same = sameChange(target, asked)
  if (same) return alreadyChanged(deps, target, same.sha256)

  const now = deps.now()
  const trust = await deps.trust()
  const claims = claimsOf(target, asked)
  const checked = checkChange(deps, target, claims, now)
  if (checked.outcome !== 'permitted') return checked
  const sealed = await sealChange(deps, target, claims, { trust, now })
  if ('outcome' in sealed) return sealed
  const { sha256, jws } = sealed
  const entry = changeEntry(target, claims, sealed)
  const appended = await deps.append({ entries: [entry] })
  if (appended === 'duplicate') return 'lost-race'
  return { outcome: 'changed', sha256, jws, status: checked.status }
}

export async function alreadyChanged(
  { certificates }: Pick<ChangeDependencies, 'certificates'>,
  { state }: ChangeTarget,
  sha256: string,
) {
  const jws = await certificates.document(sha256)
  if (jws === undefined) throw new Error(`The bytes of document ${sha256} are missing`)
  return { outcome: 'already-changed', sha256, jws, status: state.status } as const
}

/** What the party signs: to every recipient of the certificate. */
export function claimsOf(
  { stored, signer }: ChangeTarget,
  request: ChangeRequest | (ChangeWords & { change: 'replace'; replacedBy: string }),
): StatusChange {
  return {
    schema: STATUS_CHANGE_SCHEMA,
    iss: signer,
    aud: [...stored.recipients],
    target: stored.sha256,
    ...request,
  }
}

/**
 * Whether the state of the certificate permits the change here and now. It must do so on the day of
 * effect and today: what has expired is neither extended nor replaced by an earlier date.
 */
export function checkChange(
  deps: Pick<ChangeDependencies, 'policy' | 'certificates'>,
  target: ChangeTarget,
  change: StatusChange,
  now: Date,
): { readonly outcome: 'permitted'; readonly status: string } | TargetRefusal {
  const { type, payload, state, stored } = target
  const validity = type.validity(payload.certificate)
  const today = todayOf(deps, target, now)
  const status = statusOn(state, validity, today)
  const refused = (reason: Extract<TargetRefusal, { reason: string }>['reason']) =>
    ({ outcome: 'not-permitted', reason, status }) as const
  const result = applyStatusChange(type, state, change, validity)
  if (result.outcome === 'refused') return refused(result.reason)
  if (change.effectiveFrom > today) return refused('in-the-future')
  if (!type.changes[change.change]?.from.includes(status)) return refused('not-from-this-state')
  const changes = target.changes.map((logged) => logged.change)
  if (change.change === 'resume' && !mayResume(change.iss, changes, stored.issuer))
    return refused('suspended-by-another')
  if (exceedsAllowance(change, changes)) return refused('too-many-changes')
  return { outcome: 'permitted', status: result.state.status }
}

/** Endings that changed nothing, because they were overtaken; one that applies is hardly the tenth. */
const MAX_ENDINGS = 10

/** Whether a party has made too many changes already. It may still end the certificate. */
export function exceedsAllowance(change: StatusChange, earlier: readonly StatusChange[]): boolean {
  const ends = endsForGood(change)
  const like = earlier.filter((one) => one.iss === change.iss && endsForGood(one) === ends)
  return like.length >= (ends ? MAX_ENDINGS : MAX_CHANGES)
}

function endsForGood({ change }: StatusChange): boolean {
  return isFinal(change) || change === 'terminate' || change === 'archive'
}

/**
 * Signs a change with the seal that this node holds of the party. The same words within one second, with
 * an algorithm that has no randomness, would be the same document once more: it is dated a second later.
 */
export async function sealChange(
  deps: Pick<ChangeDependencies, 'state' | 'policy' | 'seals' | 'paths' | 'notices'>,
  { signer, changes }: Pick<ChangeTarget, 'signer' | 'changes'>,
  payload: StatusChange,
  { trust, now }: { trust: Trust; now: Date },
): Promise<SignedDocument | SealObstacle> {
  if (trust.view.body(signer)?.custody === 'body')
    return { outcome: 'body-signs-itself', detail: signer }
  const choice = await sealInForce(deps.seals, signer, {
    trust,
    paths: deps.paths,
    now,
    notices: deps,
  })
  if (!('seal' in choice)) return sealObstacle(choice)
  const { seal } = choice
  for (let signedAt = now; ; signedAt = new Date(signedAt.getTime() + 1000)) {
    const jws = await signJws({ typ: 'status-change+jwt', payload, seal, signedAt })
    const sha256 = await digestOf(jws)
    if (!changes.some((earlier) => earlier.sha256 === sha256)) return { sha256, jws }
  }
}

/** The change on its way into the log; `checkChange` has permitted it. */
export function changeEntry(
  { type, payload, state, stored, changes, isDisplaced }: ChangeTarget,
  claims: StatusChange,
  { sha256, jws }: SignedDocument,
): NewEntry {
  const result = applyStatusChange(type, state, claims, type.validity(payload.certificate))
  if (result.outcome === 'refused') throw new Error(`The change does not apply: ${result.reason}`)
  return {
    kind: 'status-change',
    sha256,
    jws,
    to: stored.recipients,
    effects: isDisplaced
      ? []
      : [
          statusChangeEffect({
            sha256,
            target: stored.sha256,
            earlier: changes.length,
            state: result.state,
          }),
        ],
  }
}
