import type { AdminAct } from './admin-act.ts'
import type { OcspStore } from './ocsp-store.ts'
import type { TrustDecisions } from './trust-decisions.ts'

export interface TrustPin {
  readonly state: string
  /** SHA-256 of the root's DER, base64url: the fingerprint that was compared out of band. */
  readonly rootSha256: string
  readonly pinnedAt: string
  /** The instant from which on two persons do not believe it any more. */
  readonly withdrawnFrom?: string
}

export interface StoredCrl {
  /** Subject key identifier of the issuing CA, lower-case hex. */
  readonly ski: string
  readonly state: string
  readonly der: string
  /** CRLNumber (RFC 5280 §5.2.3) as 40 hexadecimal digits: it grows with every list of a CA. */
  readonly number: string
  readonly thisUpdate: string
  readonly nextUpdate: string
}

/** A CRL with the instant since when it is here. */
export interface HeldCrl extends StoredCrl {
  readonly storedAt: string
}

/** A version of a trust list as this node accepted it. */
export interface AcceptedVersion {
  readonly state: string
  readonly version: number
  readonly sha256: string
  /** When what it adds counts, unless people decided otherwise; absent: at once. */
  readonly additionsFrom: string | undefined
}

/** An accepted version with the instant at which it was; undefined: its entry of the log is missing. */
export interface HeldVersion extends AcceptedVersion {
  readonly acceptedAt: string | undefined
}

/** Pinned roots, accepted versions of the trust lists, evidence of revocation, and what people decided. */
export interface TrustStore extends TrustDecisions, OcspStore {
  /** A state may have several: its old root and the one that follows it. Only `approve` adds one. */
  pins(): Promise<TrustPin[]>
  /** The newest accepted list of every state, as signed. */
  newest(): Promise<{ state: string; version: number; sha256: string; jws: string }[]>
  version(state: string, version: number): Promise<string | undefined>
  versions(state: string): Promise<{ version: number; sha256: string }[]>
  /** Every version of every state, oldest first. */
  accepted(): Promise<HeldVersion[]>
  crls(): Promise<HeldCrl[]>
  crl(state: string, ski: string): Promise<HeldCrl | undefined>
  /** Keeps of two CRLs of one CA the one with the higher number. */
  putCrl(
    crl: StoredCrl,
    storedAt: string,
    /** Written in the same step. */
    acts?: readonly AdminAct[],
  ): Promise<'stored' | 'not-newer'>
  /** Grows with every pin, list, CRL and OCSP response; cheap. */
  revision(): Promise<number>
}
