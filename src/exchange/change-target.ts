import type { CertificateId } from '../certificate/certificate-id.ts'
import { dayAt, type Day } from '../certificate/day.ts'
import type { DocRef } from '../certificate/fields.ts'
import { isWithin, type PartyId } from '../certificate/party-id.ts'
import type { Policy } from '../certificate/policy.ts'
import { isAuthorityChange, isAuthorityOver } from '../certificate/status-authority.ts'
import type { ChangeKind, StatusChange } from '../certificate/status-change.ts'
import type { ChangeRefusal } from '../certificate/status-transition.ts'
import { zoneOffset } from '../certificate/zone.ts'
import { canonical } from './admit.ts'
import type { CertificateStore, StoredCertificate } from './certificate-store.ts'
import { loadCertificate, type LoadedCertificate, type LoadedChange } from './registered.ts'

/** A client that asks for a change: of an issuing body, or of the authority above it. */
export interface ChangeActor {
  readonly role: 'issuer' | 'authority'
  readonly party: PartyId
}

/** What every change says. */
export interface ChangeWords {
  readonly effectiveFrom: Day
  readonly reason: string
  readonly basis?: DocRef
}

export type ChangeObstacle =
  | ChangeRefusal
  /** It would take effect after today, and nothing at this node could make it do so then. */
  | 'in-the-future'
  /** The authority suspends and resumes, nothing else. */
  | 'reserved-to-issuer'
  | 'not-issued-here'
  | 'not-above-issuer'

export type TargetRefusal =
  /** Nobody whose certificate it is not is told that it exists. */
  | { readonly outcome: 'certificate-unknown' }
  | {
      readonly outcome: 'not-permitted'
      readonly reason: ChangeObstacle
      readonly status: string
    }

interface TargetDependencies {
  readonly policy: Policy
  readonly certificates: CertificateStore
}

/** A certificate to be changed, and the party in whose name. */
export interface ChangeTarget extends LoadedCertificate {
  readonly outcome: 'found'
  readonly signer: PartyId
}

/** The certificate with this identity, if this client may make this kind of change of it. */
export async function findTarget(
  { certificates }: TargetDependencies,
  id: CertificateId,
  actor: ChangeActor,
  change: ChangeKind,
): Promise<ChangeTarget | TargetRefusal> {
  const stored = await certificates.find(id)
  if (!stored || (actor.role === 'issuer' && !isOwn(stored, actor.party)))
    return { outcome: 'certificate-unknown' }
  const reason = actor.role === 'authority' ? authorityObstacle(stored, actor, change) : undefined
  if (reason) return { outcome: 'not-permitted', reason, status: stored.status }
  const signer = actor.role === 'authority' ? actor.party : stored.issuer
  return { outcome: 'found', ...(await loadCertificate(certificates, stored)), signer }
}

function isOwn({ origin, issuer }: StoredCertificate, party: PartyId): boolean {
  return origin === 'issued' && isWithin(issuer, party)
}

function authorityObstacle(
  { origin, issuer }: StoredCertificate,
  { party }: ChangeActor,
  change: ChangeKind,
): ChangeObstacle | undefined {
  if (origin !== 'issued') return 'not-issued-here'
  if (!isAuthorityChange(change)) return 'reserved-to-issuer'
  return isAuthorityOver(party, issuer) ? undefined : 'not-above-issuer'
}

/** Whether the day of effect has not come yet where the certificate was issued. */
export function isInFuture(
  { policy }: TargetDependencies,
  { stored }: LoadedCertificate,
  effectiveFrom: Day,
  now: Date,
): boolean {
  return effectiveFrom > dayAt(now, zoneOffset(policy, stored.state) ?? 0)
}

/** The change that says the same of the same certificate in the name of the same party. */
export function sameChange(
  { changes, signer }: ChangeTarget,
  asked: ChangeWords & Pick<StatusChange, 'change'> & { readonly validUntil?: Day },
): LoadedChange | undefined {
  return changes.find(
    ({ change }) => change.iss === signer && canonical(said(change)) === canonical(said(asked)),
  )
}

function said(change: ChangeWords & { change: ChangeKind; validUntil?: Day }) {
  const { effectiveFrom, reason, basis, validUntil } = change
  return { change: change.change, effectiveFrom, reason, basis, validUntil }
}
