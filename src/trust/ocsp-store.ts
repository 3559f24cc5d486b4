import type { AdminAct } from './admin-act.ts'

/** What is known of a kept OCSP response without reading it. */
export interface HeldOcspResponse {
  readonly state: string
  /** Subject key identifier of the issuing CA, lower-case hex. */
  readonly ski: string
  /** As `X509Certificate.serialNumber` gives it. */
  readonly serial: string
  /** `revoked` is for good: nothing later takes it back (RFC 5280 §5.3.1). */
  readonly status: 'good' | 'on-hold' | 'revoked'
  readonly thisUpdate: string
  readonly nextUpdate: string
  readonly storedAt: string
}

export interface StoredOcspResponse extends HeldOcspResponse {
  /** Base64. */
  readonly der: string
}

/**
 * Whether a response takes the place of the one that is held. A revocation is for good, whichever came first;
 * within one second what says more against it counts.
 */
export function isOutdone(held: Standing, by: Standing): boolean {
  if ((held.status === 'revoked') !== (by.status === 'revoked')) return by.status === 'revoked'
  if (held.thisUpdate !== by.thisUpdate) return held.thisUpdate < by.thisUpdate
  return held.status === 'good' && by.status === 'on-hold'
}
type Standing = Pick<HeldOcspResponse, 'status' | 'thisUpdate'>

/** OCSP responses that were verified (RFC 6960 §3.2), the newest about each X.509 certificate. */
export interface OcspStore {
  ocspResponses(): Promise<StoredOcspResponse[]>
  heldOcspResponses(): Promise<HeldOcspResponse[]>
  ocspResponse(state: string, serial: string): Promise<StoredOcspResponse[]>
  /**
   * Keeps, in one step, each response that is newer than the one it has. A revocation for good takes the place
   * of everything else, newer or not, and gives it to a newer revocation alone. How many of them it took.
   */
  putOcspResponses(
    responses: readonly StoredOcspResponse[],
    /** Written in the same step. */
    acts?: readonly AdminAct[],
  ): Promise<number>
}
