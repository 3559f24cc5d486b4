import type { Day } from '../../certificate/day.ts'
import type { SearchTerm, SearchTermKind } from '../../certificate/search-terms.ts'
import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import type { SignatureFacts } from '../projection.ts'

/** The certificates that exist for a reader; to him there are no others. */
export type Visibility =
  | { readonly sees: 'all' }
  | { readonly sees: 'received' }
  /** What this party and those below it issued. */
  | { readonly sees: 'issued-by'; readonly party: string }

/** The certificate has a term of this kind that is, or begins with, one of these. */
export interface TermCondition {
  readonly kind: SearchTermKind
  readonly anyOf: readonly { readonly term: string; readonly whole: boolean }[]
}

/** Both ends included; an absent one is open. */
export interface Between {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** What a certificate must satisfy, all of it. */
export interface SearchConditions {
  readonly terms: readonly TermCondition[]
  readonly state?: string | undefined
  readonly type?: string | undefined
  /** As the last change left it. */
  readonly status?: string | undefined
  /** This party or one below it. */
  readonly issuer?: string | undefined
  readonly usableFrom?: Between | undefined
  readonly validOn?: Day | undefined
  readonly appended?: Between | undefined
}

export interface SearchPage {
  /** Only certificates that stand before this place in the log. */
  readonly before: number | undefined
  readonly limit: number
}

/** Terms of one certificate, by its place in the log. */
export interface IndexedTerms {
  readonly idx: number
  readonly terms: readonly SearchTerm[]
  readonly signature: SignatureFacts
}

/** Finds certificates by what is in them. `Journal.append` writes the terms with the certificate. */
export interface SearchIndex {
  /** The newest first, by their place in the log; only what the reader sees is looked at. */
  find(
    conditions: SearchConditions,
    visibility: Visibility,
    page: SearchPage,
  ): Promise<StoredCertificate[]>
  /** Certificates whose terms an older version of the folding made; the oldest first. */
  outdated(limit: number): Promise<Pick<StoredCertificate, 'idx' | 'sha256'>[]>
  /** Puts these in place of the terms and signers there are. Atomic for all of them. */
  rewrite(certificates: readonly IndexedTerms[]): Promise<void>
}

export interface SearchDependencies {
  readonly certificates: Pick<CertificateStore, 'findByDigest' | 'documents'>
  readonly search: SearchIndex
}
