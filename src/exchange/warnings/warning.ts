import type { Text } from '../../certificate/wording.ts'

export const WARNING_KINDS = [
  'trust-list-missing',
  'trust-list-due',
  'trust-list-long',
  'trust-list-forked',
  'trust-frozen-by-log',
  'trust-additions-pending',
  'trust-proposal-open',
  'crl-missing',
  'crl-due',
  'key-ends',
  'authority-ends',
  'root-not-pinned',
  'former-root-undecided',
  'tls-ends',
  'peer-lag',
  'peer-silent',
  'peer-clock',
  'log-not-witnessed',
  'witness-behind',
  'log-policy-weak',
  'log-forked',
  'log-unconfirmed',
  'log-altered',
  'log-key-missing',
  'working-key-unusable',
  'no-seal-in-force',
  'mirror-behind',
  'witness-recalling',
  'checkpoint-overdue',
  'reconciliation-differs',
  'reconciliation-overdue',
  'numbers-unsettled',
  'changes-unsettled',
  'disk-low',
] as const

/** What will go wrong unless somebody does something, or has begun to. */
export interface Warning {
  readonly kind: (typeof WARNING_KINDS)[number]
  /** What it is about: a state, a key, an authority. */
  readonly subject: string
  /** It has happened: not only will it. */
  readonly overdue: boolean
  /** When it happens or happened. */
  readonly at: string | undefined
  readonly message: Text
}

/** What only the machine can tell. */
export interface HostFacts {
  /** When the X.509 certificate of the node's own TLS server ends. */
  readonly tlsEndsAt?: Date | undefined
  /** Of the volume that holds the database. */
  readonly disk?: { readonly freeBytes: number; readonly totalBytes: number } | undefined
}
