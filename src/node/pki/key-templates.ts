import { EKU } from '../../x509/oids.ts'
import type { KeyPurpose } from '../../x509/profile.ts'

/** What an X.509 certificate of one kind contains (trust profile §1). */
export interface KeyTemplate {
  readonly ca?: { readonly pathLen?: number; readonly constrainedToState?: true }
  readonly keyUsage: readonly ('keyCertSign' | 'cRLSign' | 'digitalSignature' | 'nonRepudiation')[]
  readonly eku?: string
  /** Nobody asks about its own revocation: it is short-lived instead (RFC 6960 §4.2.2.2.1). */
  readonly ocspNoCheck?: true
}

const CA_USAGE = ['keyCertSign', 'cRLSign'] as const
const SEAL_USAGE = ['digitalSignature', 'nonRepudiation'] as const

export const CA_TEMPLATES = {
  root: { ca: {}, keyUsage: CA_USAGE },
  'state-ca': { ca: { pathLen: 1 }, keyUsage: CA_USAGE },
  'body-ca': { ca: { pathLen: 0, constrainedToState: true }, keyUsage: CA_USAGE },
} as const satisfies Record<string, KeyTemplate>

/** Signs OCSP responses in the name of the authority that issued it. */
export const RESPONDER_TEMPLATE = {
  keyUsage: ['digitalSignature'],
  eku: EKU.ocspSigning,
  ocspNoCheck: true,
} as const satisfies KeyTemplate

export const LEAF_TEMPLATES = {
  'document-seal': { keyUsage: SEAL_USAGE, eku: EKU.documentSigning },
  'registry-seal': { keyUsage: SEAL_USAGE, eku: EKU.documentSigning },
  attestation: { keyUsage: SEAL_USAGE, eku: EKU.documentSigning },
  node: { keyUsage: ['digitalSignature'], eku: EKU.exchangeNode },
  'status-signer': { keyUsage: ['digitalSignature'], eku: EKU.statusSigner },
  'trust-list-signer': { keyUsage: ['digitalSignature'], eku: EKU.trustListSigner },
} as const satisfies Record<KeyPurpose, KeyTemplate>
