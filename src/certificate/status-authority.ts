import { isWithin, type PartyId } from './party-id.ts'
import type { ChangeKind, StatusChange } from './status-change.ts'

/** What the state authority above a body may do to the body's certificates (rules.md §8). */
export const AUTHORITY_CHANGES = ['suspend', 'resume'] as const satisfies readonly ChangeKind[]
export type AuthorityChange = (typeof AUTHORITY_CHANGES)[number]

/**
 * Whether a change signed by this party can have effect: the issuing body makes every change, and it
 * alone replaces and annuls (rules.md §2); the authority above it suspends and resumes.
 */
export function mayChange(signer: PartyId, change: ChangeKind, issuer: PartyId): boolean {
  return signer === issuer || (isAuthorityOver(signer, issuer) && isAuthorityChange(change))
}

/**
 * Whether the party may lift the suspension that the changes, in their order, led to: the party that
 * suspended may, and every party above it. A suspension that the document itself tells of is its issuer's.
 */
export function mayResume(
  party: PartyId,
  changes: readonly Pick<StatusChange, 'change' | 'iss'>[],
  issuer: PartyId,
): boolean {
  const suspension = changes.findLast(({ change }) => change === 'suspend')
  return isWithin(suspension?.iss ?? issuer, party)
}

/** Whether the party stands above the body in the tree of organisations. */
export function isAuthorityOver(party: PartyId, body: PartyId): boolean {
  return party !== body && isWithin(body, party)
}

export function isAuthorityChange(change: ChangeKind): change is AuthorityChange {
  return (AUTHORITY_CHANGES as readonly ChangeKind[]).includes(change)
}
