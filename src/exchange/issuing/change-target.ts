import type { CertificateId } from '../../certificate/certificate-id.ts'
import { dayAt, type Day } from '../../certificate/day.ts'
import type { DocRef } from '../../certificate/fields.ts'
import { isWithin, type PartyId } from '../../certificate/party-id.ts'
import type { Policy } from '../../certificate/policy.ts'
import { isAuthorityChange, isAuthorityOver } from '../../certificate/status-authority.ts'
import type { ChangeKind, StatusChange } from '../../certificate/status-change.ts'
import type { ChangeRefusal } from '../../certificate/status-transition.ts'
import { zoneOffset } from '../../certificate/zone.ts'
import { canonical } from './admit.ts'
import type { LostDocuments } from '../log/lost-documents.ts'
import { displacedCertificate } from './displaced-target.ts'
import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import { loadCertificate, type LoadedCertificate, type LoadedChange } from '../registered.ts'

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
  /** Another party suspended it, and this one is not above that one. */
  | 'suspended-by-another'
  /** This party has made as many as one certificate takes; what ends it for good is still taken. */
  | 'too-many-changes'
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
  readonly state: string
  readonly policy: Policy
  readonly certificates: CertificateStore
  readonly lost: Pick<LostDocuments, 'displaced'>
}

/** A certificate to be changed, and the party in whose name. */
export interface ChangeTarget extends LoadedCertificate {
  readonly outcome: 'found'
  readonly signer: PartyId
  /** It takes no effect here, and no change of it does. */
  readonly isDisplaced: boolean
}

/**
 * The certificate with this identity, if this client may make this kind of change of it.
 *
 * @param displaced the digest of the one with this identity that takes no effect here, if that is meant
 */
export async function findTarget(
  deps: TargetDependencies,
  id: CertificateId,
  actor: ChangeActor,
  change: ChangeKind,
  displaced?: string,
): Promise<ChangeTarget | TargetRefusal> {
  const { certificates } = deps
  const isDisplaced = displaced !== undefined
  const found = isDisplaced ? await displacedCertificate(deps, id, displaced) : undefined
  const stored = isDisplaced ? found?.stored : await certificates.find(id)
  if (!stored || (actor.role === 'issuer' && !isOwn(stored, actor.party)))
    return { outcome: 'certificate-unknown' }
  const reason = actor.role === 'authority' ? authorityObstacle(stored, actor, change) : undefined
  if (reason) return { outcome: 'not-permitted', reason, status: stored.status }
  const signer = actor.role === 'authority' ? actor.party : stored.issuer
  const loaded = found ?? (await loadCertificate(certificates, stored))
  return { outcome: 'found', ...loaded, signer, isDisplaced }
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

/** Today, where the certificate was issued. */
export function todayOf(
  { policy }: Pick<TargetDependencies, 'policy'>,
  { stored }: LoadedCertificate,
  now: Date,
): Day {
  return dayAt(now, zoneOffset(policy, stored.state) ?? 0)
}

/**
 * The latest change, if it says the same in the name of the same party: the request came twice. An
 * earlier one is not meant: what was undone since is to be done again.
 */
export function sameChange(
  { changes, signer }: ChangeTarget,
  asked: ChangeWords & Pick<StatusChange, 'change'> & { readonly validUntil?: Day },
): LoadedChange | undefined {
  const last = changes.at(-1)
  if (last?.change.iss !== signer) return undefined
  return canonical(said(last.change)) === canonical(said(asked)) ? last : undefined
}

function said(change: ChangeWords & { change: ChangeKind; validUntil?: Day }) {
  const { effectiveFrom, reason, basis, validUntil } = change
  return { change: change.change, effectiveFrom, reason, basis, validUntil }
}
