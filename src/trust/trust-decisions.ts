import { sha256Sync } from '../crypto/suite.ts'
import { encodeBase64url } from '../encoding/base64url.ts'
import type { AdminAct } from './admin-act.ts'
import type { TrustPin } from './trust-store.ts'

/**
 * What takes two persons. `root`: pins a root, the subject is its SHA-256. `additions`: what a version
 * of a trust list adds counts before its delay is over, the subject is the SHA-256 of the list. `fork`:
 * the branch that this node accepted stands, the subject is the SHA-256 of the refused list; or the
 * contradiction of a log was cleared up, the subject is its `logForkSubject`.
 * `root-withdrawn`: a pinned root is not believed from an instant on, the subject names both. `witness`:
 * what a witness says against the own log counts for nothing, the subject names its key and the epoch.
 */
export const TRUST_DECISIONS = ['root', 'root-withdrawn', 'additions', 'fork', 'witness'] as const

export interface TrustQuestion {
  readonly kind: (typeof TRUST_DECISIONS)[number]
  readonly state: string
  /** SHA-256, base64url; of a withdrawal followed by `@` and the instant; of a witness see above. */
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

/**
 * Proof that a state, or whoever has its keys, says one thing here and another elsewhere: additions to its
 * trust list wait until two persons settle it.
 */
export type TrustFork = ForkedList | ForkedLog

/** A list that the signer of a state signed in the place of one that was accepted here. */
export interface ForkedList {
  readonly of: 'list'
  readonly state: string
  readonly version: number
  readonly sha256: string
  readonly seenAt: string
}

/** A log that signed two histories, or that was shown without what it had signed before. */
export interface ForkedLog {
  readonly of: 'log'
  readonly state: string
  readonly origin: string
  readonly proof: 'forked' | 'rolled-back'
  /** What people settle: `logForkSubject`. */
  readonly sha256: string
  readonly seenAt: string
}

const utf8 = new TextEncoder()

/**
 * The one name of all proofs that a log is forked, however many there are: once is enough, and when it is
 * settled further ones say nothing new. A rollback is named by the size that the log had had.
 */
export function logForkSubject(
  { state, origin }: { readonly state: string; readonly origin: string },
  rolledBackFrom?: number,
): string {
  const words =
    rolledBackFrom === undefined
      ? ['log-forked', state, origin]
      : ['log-rolled-back', state, origin, rolledBackFrom]
  return encodeBase64url(sha256Sync(utf8.encode(JSON.stringify(words))))
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
  /** Of lists and of logs, by the instant at which they were seen. */
  forks(): Promise<TrustFork[]>
  /** Keeps a refused list as evidence, once. */
  keepFork(fork: Omit<ForkedList, 'of'>, jws: string): Promise<'kept' | 'known'>
  /** The refused list as it was signed. */
  forkedList(sha256: string): Promise<string | undefined>
}
