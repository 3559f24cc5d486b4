import type { AdminAct } from './admin-act.ts'

export interface TrustPin {
  readonly state: string
  /** SHA-256 of the root's DER, base64url: the fingerprint that was compared out of band. */
  readonly rootSha256: string
  readonly pinnedAt: string
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

/** Pinned roots, accepted versions of the trust lists, CRLs. */
export interface TrustStore {
  pins(): Promise<TrustPin[]>
  /** Pins a root once; another root under the same state is refused. */
  pin(
    pin: TrustPin,
    /** Written in the same step, if it pins. */
    acts?: readonly AdminAct[],
  ): Promise<'pinned' | 'already-pinned' | 'other-root-pinned'>
  /** The newest accepted list of every state, as signed. */
  newest(): Promise<{ state: string; version: number; sha256: string; jws: string }[]>
  version(state: string, version: number): Promise<string | undefined>
  versions(state: string): Promise<{ version: number; sha256: string }[]>
  crls(): Promise<StoredCrl[]>
  crl(state: string, ski: string): Promise<StoredCrl | undefined>
  /** Keeps of two CRLs of one CA the one with the higher number. */
  putCrl(
    crl: StoredCrl,
    storedAt: string,
    /** Written in the same step. */
    acts?: readonly AdminAct[],
  ): Promise<'stored' | 'not-newer'>
  /** Grows with every pin, list and CRL; cheap. */
  revision(): Promise<number>
}
