import type { EntryKind } from '../tlog/leaf.ts'

/** How a node takes the documents of one `typ` that a peer sends. */
export interface DocumentKind {
  readonly kind: EntryKind
  /** The purpose of the key that signs it; none: the kind has a validation of its own. */
  readonly purpose: 'document-seal' | 'registry-seal' | 'attestation' | undefined
  /**
   * When it is judged of what came with it. `first` and `last`: each in a step of its own, in the order in
   * which its sender made them, because it is judged against what was stored before it.
   */
  readonly step: 'first' | 'together' | 'last'
}

const KINDS: Readonly<Record<string, DocumentKind>> = {
  'product-certificate+jwt': {
    kind: 'certificate',
    purpose: 'document-seal',
    step: 'together',
  },
  'status-change+jwt': { kind: 'status-change', purpose: 'document-seal', step: 'last' },
  'second-signature+jwt': { kind: 'second-signature', purpose: 'document-seal', step: 'last' },
  'attestation+jwt': { kind: 'attestation', purpose: 'attestation', step: 'last' },
  'trust-list+jwt': { kind: 'trust-list', purpose: undefined, step: 'first' },
  'officials-register+jwt': { kind: 'officials-register', purpose: undefined, step: 'last' },
  'reconciliation+jwt': { kind: 'reconciliation', purpose: 'registry-seal', step: 'last' },
  // Before what came with it: that may be signed with a key that it puts on hold.
  'security-notice+jwt': { kind: 'security-notice', purpose: 'registry-seal', step: 'first' },
}

/** Of a kind this node does not know yet it cannot know who has to sign it either. */
const UNKNOWN: DocumentKind = { kind: 'unknown', purpose: 'document-seal', step: 'together' }

/** The kind of a `typ`; undefined stands for a document whose form is broken. */
export function documentKind(typ: string | undefined): DocumentKind {
  return (typ !== undefined && Object.hasOwn(KINDS, typ) && KINDS[typ]) || UNKNOWN
}
