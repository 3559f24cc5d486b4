import type { AdminAct } from './admin-act.ts'
import type { TrustPin } from './trust-store.ts'

/**
 * What takes two persons. `root`: pins a root, the subject is its SHA-256. `additions`: what a version
 * of a trust list adds counts before its delay is over, the subject is the SHA-256 of the list. `fork`:
 * the branch that this node accepted stands, the subject is the SHA-256 of the refused list.
 * `root-withdrawn`: a pinned root is not believed from an instant on, the subject names both.
 */
export const TRUST_DECISIONS = ['root', 'root-withdrawn', 'additions', 'fork'] as const

export interface TrustQuestion {
  readonly kind: (typeof TRUST_DECISIONS)[number]
  readonly state: string
  /** SHA-256, base64url; of a withdrawal followed by `@` and the instant. */
  readonly subject: string
}

export interface TrustProposal extends TrustQuestion {
  readonly proposedAt: string
  readonly proposedBy: string
}

export interface TrustApproval extends TrustQuestion {
  readonly proposedBy: string
  readonly approvedAt: string
  readonly approvedBy: string
}

/** A list that the signer of a state signed in the place of one that was accepted here. */
export interface TrustFork {
  readonly state: string
  readonly version: number
  readonly sha256: string
  readonly seenAt: string
}

/** Proposals, approvals and the evidence of forks: only ever added to. */
export interface TrustDecisions {
  /** In the order in which they were made. */
  proposals(): Promise<TrustProposal[]>
  approvals(): Promise<TrustApproval[]>
  /** The act is written in the same step. */
  propose(proposal: TrustProposal, acts: readonly AdminAct[]): Promise<void>
  /**
   * Approves a question once, and pins the root that it is about, in one step with the acts. The
   * database itself refuses one person for both.
   */
  approve(
    approval: TrustApproval,
    pin: TrustPin | undefined,
    acts: readonly AdminAct[],
  ): Promise<'approved' | 'already-approved'>
  forks(): Promise<TrustFork[]>
  /** Keeps a refused list as evidence, once. */
  keepFork(fork: TrustFork, jws: string): Promise<'kept' | 'known'>
  /** The refused list as it was signed. */
  forkedList(sha256: string): Promise<string | undefined>
}
