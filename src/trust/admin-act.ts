/** What those who run a node may change of it. */
export const ADMIN_ACTS = [
  'node-created',
  'migrated',
  'restored',
  'documents-lost',
  'lost-number-settled',
  'lost-change-settled',
  'client-added',
  'client-disabled',
  'root-proposed',
  'root-pinned',
  'root-withdrawal-proposed',
  'root-withdrawn',
  'additions-proposed',
  'additions-approved',
  /** From when on additions of an accepted list count: what nobody could show otherwise. */
  'additions-delayed',
  'fork-decision-proposed',
  'fork-decided',
  'witness-set-aside-proposed',
  'witness-set-aside',
  'trust-list-published',
  'officials-published',
  'crl-published',
  'ocsp-published',
  'key-added',
  'key-removed',
  'key-revoked',
  'alarms-seen',
  'security-notice-issued',
  /** The node judges by other rules or settings than before; the subject is the digest of their text. */
  'rules-changed',
  /** A process has ended without covering rows that it wrote: until now they could be altered unseen. */
  'rows-left-uncovered',
] as const

/** One change of the node itself, as it is kept for ever beside what it changed. */
export interface AdminAct {
  readonly at: string
  /** `user:NAME` at the command line, `client:ID` over HTTP, `node` itself, `development:…` on throwaway states. */
  readonly actor: string
  readonly act: (typeof ADMIN_ACTS)[number]
  /** What was changed: a client, a state, a key. */
  readonly subject: string
  readonly detail?: string
}
